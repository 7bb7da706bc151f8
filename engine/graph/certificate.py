"""The proof that a file is the model: what it says is compared with what the libraries and the decision say."""

import hashlib
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.blend.decision import Decision
from engine.blend.final import FinalModel
from engine.errors import CertificateError
from engine.graph.probes import probe_rows
from engine.graph.row_times import RowTimes, row_times
from engine.graph.session import open_session, run
from engine.installed import XGBOOST, installed_versions
from engine.messages import phrase
from engine.outcomes import Certificate
from engine.tasks.task import INTERVAL, POSSIBLE, PREDICTION, PROBABILITIES, UNLIKE

TOLERANCE = 1e-5
NEAR = 1e-6  # where a probability is as good as equal to another one, or to a threshold
N_PROBES = 200
LIBRARIES = ("catboost", "lightgbm", "numpy", "onnx", "onnxruntime", "pandas", "scikit-learn", *XGBOOST)

DIFFERENT = phrase(
    "certificate_refused",
    "The model file differs from the trained model by up to {difference}; at most {tolerance} is allowed.",
    "The run goes on with the next best model.",
)
OTHER_DECISIONS = phrase(
    "certificate_decides_otherwise",
    "The model file names other classes than the trained model in {n} of {n_rows} rows.",
    "The run goes on with the next best model.",
)
OTHER_MARKS = phrase(
    "certificate_marks_otherwise",
    "The model file calls other cells unlike its training rows than the trained model does.",
    "The run goes on with the next best model.",
)


def certify(
    model: FinalModel, file: bytes, rows: pd.DataFrame, *, seed: int, times: RowTimes | None = None
) -> Certificate:
    """Compare a file with its model on canonical rows of the table and on made-up ones.

    The difference is max |d| / max(1, |y|, sd(y)): absolute for probabilities, relative for large numbers.
    `times`: of single rows through this file; None measures them. Raises CertificateError when the difference is above
    1e-5, of predictions or of intervals, or when other classes are named or possible than was decided.
    """
    probes = probe_rows(rows, model.columns, n_rows=N_PROBES, seed=seed)
    checked = pd.concat([rows, probes], ignore_index=True)
    session = open_session(file)
    wanted = _outputs(model)
    said = dict(zip(wanted, run(session, checked, model.columns, wanted), strict=True))
    found = np.asarray(said[PROBABILITIES if model.task.classes else PREDICTION], dtype=np.float64)
    expected = model.predict(checked)
    difference = largest_difference(expected.reshape(found.shape), found, len(rows))
    if model.decision is not None and not model.task.classes:
        difference = max(difference, _interval_difference(model.decision, found[:, 0], said[INTERVAL], len(rows)))
    if not difference <= TOLERANCE:
        raise CertificateError(DIFFERENT(difference=f"{difference:.2g}", tolerance=f"{TOLERANCE:.0e}"))
    if model.task.classes:
        position = {label: i for i, label in enumerate(model.task.classes)}
        named = np.array([position.get(label, -1) for label in said[PREDICTION][:, 0].tolist()])
        n_wrong = n_decided_otherwise(model.decision or Decision(), found, named, said.get(POSSIBLE))
        if n_wrong:
            raise CertificateError(OTHER_DECISIONS(n=n_wrong, n_rows=len(checked)))
    if model.familiar is not None and not np.array_equal(said[UNLIKE], model.familiar.unlike(checked, model.columns)):
        raise CertificateError(OTHER_MARKS())
    times = times or row_times(file, model.columns, rows)
    return Certificate(
        max_abs_diff=difference,
        rows_checked=len(checked),
        n_generated=len(probes),
        sha256=hashlib.sha256(file).hexdigest(),
        bytes=len(file),
        row_microseconds=times.usual_microseconds,
        row_p99_microseconds=times.slow_microseconds,
        versions=library_versions(),
    )


def largest_difference(expected: NDArray[np.float64], found: NDArray[np.float64], n_real: int) -> float:
    """Return max |d| / max(1, |y|, sd(y)); infinity where only one side is a number. sd(y) is that of the real rows.

    >>> largest_difference(np.array([[0.5], [2e6]]), np.array([[0.5], [2e6 + 1.0]]), 2)
    5e-07
    """
    if not np.array_equal(np.isfinite(expected), np.isfinite(found)):
        return float("inf")
    spread = float(np.std(expected[:n_real])) if n_real else 0.0
    with np.errstate(invalid="ignore"):
        size = np.maximum(np.maximum(1.0, np.abs(expected)), spread)
        relative = np.abs(expected - found) / size
    return float(np.nanmax(relative, initial=0.0))


def n_decided_otherwise(
    decision: Decision,
    probabilities: NDArray[np.float64],
    named: NDArray[np.int64],
    possible: NDArray[np.generic] | None,
) -> int:
    """Return in how many rows other classes are named or possible than the decision says of these probabilities.

    What is as good as equal may be decided either way. `possible`: None where a file does not tell.

    >>> n_decided_otherwise(Decision(), np.array([[0.2, 0.8], [0.5, 0.5]]), np.array([0, 1]), None)
    1
    """
    costs = probabilities @ np.array(decision.costs) if decision.costs else -probabilities
    each = np.arange(len(named))
    near = NEAR * max(1.0, float(np.max(decision.costs, initial=0.0)))
    wrong = (costs[each, named] > costs.min(axis=1) + near) | (named < 0)
    if possible is not None:
        least = decision.least_possible(probabilities)
        other = (possible != (probabilities >= least)) & (np.abs(probabilities - least) > NEAR)
        wrong |= other.any(axis=1) & (named == decision.named(probabilities))
    return int(wrong.sum())


def _outputs(model: FinalModel) -> list[str]:
    outputs = [PREDICTION, PROBABILITIES] if model.task.classes else [PREDICTION]
    if model.decision is not None:
        outputs.append(POSSIBLE if model.task.classes else INTERVAL)
    return outputs if model.familiar is None else [*outputs, UNLIKE]


def _interval_difference(
    decision: Decision, values: NDArray[np.float64], found: NDArray[np.generic], n_real: int
) -> float:
    """Return how far the ends are from those of these values; a value may be as good as equal to the one decided on."""
    near = NEAR * np.maximum(np.maximum(1.0, np.abs(values)), np.std(values[:n_real]) if n_real else 0.0)
    with np.errstate(invalid="ignore"):
        ends = [decision.interval(values + shift) for shift in (-near, np.zeros_like(near), near)]
    said = np.asarray(found, dtype=np.float64)
    # Where widths change steeply, the last digit of a prediction moves the ends of its interval.
    return largest_difference(np.clip(said, np.min(ends, axis=0), np.max(ends, axis=0)), said, n_real)


def library_versions() -> Mapping[str, str]:
    """Return the versions of the libraries that made a model."""
    return installed_versions(LIBRARIES)
