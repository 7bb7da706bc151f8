"""Checks whether one column alone gives the answer away, which usually means that it is written down afterwards.

Each column predicts the target by the mean answer of similar rows, out of sample; the power of that prediction is its
normalised Gini coefficient: 0 for guessing, 1 for perfect. The limits are those that DataRobot uses.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.checks.check import NO_TARGET, Case, Check, Finding, Severity, leave_out
from engine.messages import phrase
from engine.registry import Skip
from engine.table.dataset import Dataset
from engine.table.schema import Cells, ColumnSchema, Kind
from engine.tasks.detection import encode_target
from engine.tasks.task import Task, TaskKind

LEAKS = phrase(
    "leak",
    "{column} alone predicts the target almost perfectly ({power} of 1). It is probably known only afterwards.",
    "Leave it out unless you know its value at the moment of predicting.",
)
MAY_LEAK = phrase(
    "may_leak",
    "{column} alone predicts the target very well ({power} of 1).",
    "Ask when its value is known; if only afterwards, leave it out.",
)

ASK, LEAVE_OUT = 0.85, 0.975
_MOST_ROWS = 10_000
_MOST_BINS = 200
_ROWS_PER_BIN = 20
_PRIOR_ROWS = 2.0
_SEED = 0

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


def _look(case: Case) -> tuple[Finding, ...] | Skip:
    dataset, task = case.dataset, case.task
    if task is None:
        return Skip(NO_TARGET())
    found = []
    for name, power in single_column_powers(dataset, task).items():
        if power < ASK:
            continue
        sure = power >= LEAVE_OUT
        message = (LEAKS if sure else MAY_LEAK)(column=name, power=f"{power:.3f}")
        severity = Severity.PLEASE_LOOK if sure else Severity.HANDLED
        found.append(Finding(severity=severity, message=message, columns=(name,), remedies=(leave_out([name]),)))
    return tuple(found)


def single_column_powers(dataset: Dataset, task: Task) -> dict[str, float]:
    """Return how well each feature alone predicts the target out of sample, 0 to 1; on at most 10,000 rows."""
    encoded = encode_target(dataset, task)
    known = np.flatnonzero(~np.isnan(encoded) if encoded.dtype == np.float64 else np.greater_equal(encoded, 0))
    rows = np.random.default_rng(_SEED).permutation(known)[:_MOST_ROWS]
    answers = _answers(encoded[rows], task)
    frame = dataset.frame.iloc[rows]
    powers = {}
    for column in dataset.schema.features:
        if column.name == task.target or column.kind.is_words:
            continue
        values = _values(frame[column.name], column)
        codes = _levels(frame[column.name]) if values is None else _bins(values)
        power = _power(codes, answers)
        if values is not None and task.kind is TaskKind.REGRESSION:
            # Bins blur a copy of the answers; its own order does not.
            power = max(power, _power_of_order(values, answers[:, 0]))
        powers[column.name] = power
    return powers


def _answers(encoded: NDArray[np.generic], task: Task) -> Floats:
    """Return what is to be predicted [N, K]: a number, or for each class whether it is the one."""
    if task.kind is TaskKind.REGRESSION:
        return np.asarray(encoded, np.float64)[:, None]
    columns = range(1, 2) if task.kind is TaskKind.BINARY else range(len(task.classes))
    return np.column_stack([(encoded == position).astype(np.float64) for position in columns])


def _values(cells: pd.Series, column: ColumnSchema) -> Floats | None:
    """Return what has an order as numbers, missing as NaN; None for levels."""
    if column.kind is Kind.DATE and column.date_formats:
        parsed = pd.to_datetime(cells, format=column.date_formats[0], errors="coerce")
        return np.asarray(parsed.astype("int64").astype("float64").where(parsed.notna()), np.float64)
    if column.cells is Cells.NUMBER or column.kind.is_number:
        return np.asarray(pd.to_numeric(cells, errors="coerce"), np.float64)
    return None


def _levels(cells: pd.Series) -> Codes:
    codes, levels = pd.factorize(cells)
    return np.where(codes < 0, len(levels), codes).astype(np.int64)


def _bins(values: Floats) -> Codes:
    """Put rows of similar values into one bin; missing values have a bin of their own, the last."""
    edges = np.unique(values[~np.isnan(values)])
    n_bins = int(np.clip(len(values) // _ROWS_PER_BIN, 2, _MOST_BINS))
    if len(edges) > n_bins:
        ordered = np.sort(values[~np.isnan(values)])
        edges = np.unique(ordered[np.linspace(0, len(ordered) - 1, n_bins).astype(np.int64)])
    codes = np.searchsorted(edges, values, side="right")
    return np.where(np.isnan(values), len(edges) + 1, codes).astype(np.int64)


def _power_of_order(values: Floats, answers: Floats) -> float:
    known = ~np.isnan(values)
    return abs(_normalised_gini(answers[known], values[known])) * float(known.mean()) if known.any() else 0.0


def _power(codes: Codes, answers: Floats) -> float:
    """Cross-predict two halves and return the normalised Gini coefficient, classes weighted by their size."""
    middle = len(codes) // 2
    halves = (slice(0, middle), slice(middle, None))
    n_codes = int(codes.max()) + 1 if len(codes) else 1
    weights = answers.mean(axis=0) if answers.shape[1] > 1 else np.ones(1)
    powers = []
    for fit, score in (halves, halves[::-1]):
        counts = np.bincount(codes[fit], minlength=n_codes)
        each = []
        for k in range(answers.shape[1]):
            prior = answers[fit, k].mean()
            sums = np.bincount(codes[fit], weights=answers[fit, k], minlength=n_codes)
            means = (sums + _PRIOR_ROWS * prior) / (counts + _PRIOR_ROWS)
            each.append(_normalised_gini(answers[score, k], means[codes[score]]))
        powers.append(float(np.average(each, weights=weights) if weights.sum() else 0.0))
    return max(min(powers), 0.0)


def _normalised_gini(answers: Floats, predicted: Floats) -> float:
    best = _gini(answers, answers)
    return _gini(answers, predicted) / best if best else 0.0


def _gini(answers: Floats, predicted: Floats) -> float:
    """Return the covariance of answers with the ranks of predictions; ties share their mean rank."""
    ranks = pd.Series(predicted).rank().to_numpy(np.float64)
    return float(np.dot(answers - answers.mean(), ranks - ranks.mean()))


SINGLE_COLUMN_LEAKAGE = Check(key="leakage", title="Columns that give the answer away", look=_look)
