"""How well each column alone predicts the target: out of fold, with an interval.

A column predicts the target by the mean answer of similar rows in the other folds. Its power is the normalised Gini
coefficient of that prediction: 0 for guessing, 1 for perfect; for two classes it is 2 AUC - 1.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from engine.checks.cells import Codes, Floats, Rows, level_codes, ordered_values
from engine.checks.word_lists import telling_words, word_rows
from engine.table.dataset import Dataset
from engine.tasks.detection import encode_target
from engine.tasks.task import Task, TaskKind

MOST_ROWS = 10_000
_MOST_CELLS = 8_000_000  # a table of thousands of columns is judged by fewer rows
_LEAST_ROWS = 2_000
_FOLDS = 5
_STUDENT = 2.776  # the 97.5 % point of Student's t with 4 degrees of freedom
_MOST_BINS = 200
_ROWS_PER_BIN = 20
_PRIOR_ROWS = 2.0
_MOST_CLASSES = 20  # of more, the largest are looked at
_ORDER_FROM = 0.7
_REPEATING = 0.5
_FEW_WORDS, _MOST_WORDS = 4, 40
_SETTLED = 0.975
_SEED = 0


@dataclass(frozen=True, kw_only=True)
class Power:
    """How well a column alone predicts: the mean of the folds and its 95 % interval, from 0 to 1.

    `same_order`: in every fold the rows stand in the order of the target, or in its reverse.
    `words`: of a text, those by which it was measured. `several`: it takes a number of them, as in honest texts.
    """

    value: float
    low: float
    high: float
    same_order: bool = False
    words: tuple[str, ...] = ()
    several: bool = False


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The known answers of a sample of rows, divided into folds. `rows`: positions in the table, in order.

    `shown` [N, K]: the number to predict, or for each class whether it is the one. `weights` [K]: what each counts.
    """

    rows: Rows
    shown: Floats
    weights: Floats
    folds: Codes
    regression: bool


def answers_of(dataset: Dataset, task: Task) -> Answers:
    """Draw the rows that columns are judged by: the same ones each time."""
    encoded = encode_target(dataset, task)
    regression = task.kind is TaskKind.REGRESSION
    known = np.flatnonzero(np.isfinite(encoded) if regression else np.greater_equal(encoded, 0))
    most = int(np.clip(_MOST_CELLS // max(len(dataset.schema.columns), 1), _LEAST_ROWS, MOST_ROWS))
    rows = known if len(known) <= most else np.sort(np.random.default_rng(_SEED).permutation(known)[:most])
    answers = encoded[rows]
    folds = np.empty(len(rows), np.int64)
    mixed = np.random.default_rng(_SEED).permutation(len(rows))
    # Answers are spread over the folds, so that none lacks a class or has all the large numbers.
    folds[mixed[np.argsort(answers[mixed], kind="stable")]] = np.arange(len(rows)) % _FOLDS
    if regression:
        return Answers(
            rows=rows, shown=answers.astype(np.float64)[:, None], weights=np.ones(1), folds=folds, regression=True
        )
    counts = np.bincount(answers.astype(np.int64), minlength=len(task.classes))
    classes = [1] if task.kind is TaskKind.BINARY else np.argsort(-counts, kind="stable")[:_MOST_CLASSES].tolist()
    shown = np.column_stack([(answers == position).astype(np.float64) for position in classes])
    weights = np.ones(1) if len(classes) == 1 else counts[classes].astype(np.float64)
    return Answers(rows=rows, shown=shown, weights=weights, folds=folds, regression=False)


def powers_of(dataset: Dataset, task: Task, answers: Answers) -> dict[str, Power]:
    """Return how well each feature alone predicts the target; texts that hardly come again by a few of their words."""
    measure = power_meter(answers)
    frame = dataset.frame
    powers = {}
    for column in dataset.schema.features:
        if column.name == task.target:
            continue
        cells = frame[column.name].iloc[answers.rows]
        measured = []
        # Counted in the judged rows: they are what is measured.
        if not column.kind.is_words or cells.nunique() <= _REPEATING * len(cells):
            values = ordered_values(cells, column)
            measured.append(measure(level_codes(cells)) if values is None else measure(bins_of(values), values))
        if column.kind.is_words:
            measured += _powers_of_words(cells, answers, measure)
        if measured:
            powers[column.name] = max(measured, key=lambda power: (power.low, power.value))
    return powers


def _powers_of_words(cells: pd.Series, answers: Answers, measure: Callable[[Codes], Power]) -> Iterator[Power]:
    """Measure texts by one word for each class but one, and if that does not settle it by a few."""
    texts = word_rows(cells)
    single = max(1, answers.shown.shape[1] - 1)
    for most in (single, _FEW_WORDS * single):
        words, codes = telling_words(texts, answers.shown, min(most, _MOST_WORDS))
        if not words:
            return
        power = replace(measure(codes), words=tuple(words), several=most > single)
        yield power
        if power.low >= _SETTLED:
            return


def power_meter(answers: Answers) -> Callable[..., Power]:
    """Return a function that measures the power of codes, and of the values behind them where those have an order."""
    folds = [np.flatnonzero(answers.folds == fold) for fold in range(_FOLDS)]
    folds = [rows for rows in folds if len(rows) > 1]
    best = np.array([[_gini(column[rows], column[rows]) for column in answers.shown.T] for rows in folds])

    def measure(codes: Codes, values: Floats | None = None) -> Power:
        binned = _summed(_fold_ginis(codes, answers), best, answers.weights)
        if values is None or not answers.regression or binned.value < _ORDER_FROM:
            return binned
        # Bins blur a copy of the answers; its own order does not.
        known = ~np.isnan(values)
        y = answers.shown[:, 0]
        kept = [rows[known[rows]] for rows in folds]
        signed = np.array([[_gini(y[rows], values[rows]) if len(rows) > 1 else 0.0] for rows in kept])
        own_best = np.array([[_gini(y[rows], y[rows]) if len(rows) > 1 else 0.0] for rows in kept])
        by_order = _summed(abs(signed.sum()) / (signed.sum() or 1.0) * signed, own_best, answers.weights)
        share = float(known.mean())
        by_order = Power(
            value=by_order.value * share, low=by_order.low * share, high=by_order.high, same_order=by_order.low > 0.9999
        )
        return max(binned, by_order, key=lambda power: (power.low, power.value))

    return measure


def bins_of(values: Floats) -> Codes:
    """Put rows of similar values into one bin; missing values have a bin of their own, the last."""
    known = np.sort(values[~np.isnan(values)])
    edges = known[np.append(True, known[1:] != known[:-1])] if len(known) else known
    n_bins = int(np.clip(len(values) // _ROWS_PER_BIN, 2, _MOST_BINS))
    if len(edges) > n_bins:
        edges = np.unique(known[np.linspace(0, len(known) - 1, n_bins).astype(np.int64)])
    codes = np.searchsorted(edges, values, side="right")
    return np.where(np.isnan(values), len(edges) + 1, codes).astype(np.int64)


def _fold_ginis(codes: Codes, answers: Answers) -> Floats:
    """Predict each fold from the others by the mean answer of each code; return the Gini coefficients [folds, K]."""
    n_codes = int(codes.max()) + 1 if len(codes) else 1
    cells = answers.folds * n_codes + codes
    counts = np.bincount(cells, minlength=_FOLDS * n_codes).reshape(_FOLDS, n_codes)
    used = np.flatnonzero(counts.sum(axis=1) > 1)
    others = counts.sum(axis=0) - counts
    ginis = np.zeros((len(used), answers.shown.shape[1]))
    for k, shown in enumerate(answers.shown.T):
        sums = np.bincount(cells, weights=shown, minlength=_FOLDS * n_codes).reshape(_FOLDS, n_codes)
        elsewhere = sums.sum(axis=0) - sums
        priors = elsewhere.sum(axis=1) / np.maximum(others.sum(axis=1), 1)
        means = (elsewhere + _PRIOR_ROWS * priors[:, None]) / (others + _PRIOR_ROWS)
        for place, fold in enumerate(used):
            ginis[place, k] = _gini_of_groups(means[fold], counts[fold], sums[fold])
    return ginis


def _gini_of_groups(predicted: Floats, counts: Codes, sums: Floats) -> float:
    """Return what `_gini` returns for rows that come in groups of one prediction each."""
    order = np.argsort(predicted, kind="stable")
    ordered = predicted[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    n_rows = np.add.reduceat(counts[order], starts)
    answers = np.add.reduceat(sums[order], starts)
    middles = np.cumsum(n_rows) - n_rows / 2
    return float(np.dot(answers - n_rows * (answers.sum() / n_rows.sum()), middles))


def _gini(answers: Floats, predicted: Floats) -> float:
    """Return the covariance of answers with the ranks of predictions; ties share their mean rank."""
    levels, codes = np.unique(predicted, return_inverse=True)
    sums = np.asarray(np.bincount(codes, weights=answers), np.float64)
    return _gini_of_groups(levels, np.bincount(codes).astype(np.int64), sums)


def _summed(ginis: Floats, best: Floats, weights: Floats) -> Power:
    """Average normalised coefficients over what is predicted, and then over the folds."""
    counted = np.where(best > 0, weights, 0.0)
    totals = counted.sum(axis=1)
    usable = totals > 0
    if not usable.any():
        return Power(value=0.0, low=0.0, high=0.0)
    shares = np.divide(ginis, best, out=np.zeros_like(ginis), where=best > 0)
    each = (shares * counted).sum(axis=1)[usable] / totals[usable]
    value = float(each.mean())
    wide = _STUDENT * float(each.std(ddof=1)) / len(each) ** 0.5 if len(each) > 1 else 1.0
    low, value, high = (float(np.clip(each, 0.0, 1.0)) for each in (value - wide, value, value + wide))
    return Power(value=value, low=low, high=high)
