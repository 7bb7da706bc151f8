"""The proof that a file is the model: what it predicts is compared with what the libraries themselves predict."""

import hashlib
from collections.abc import Mapping
from importlib.metadata import version

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.blend.final import FinalModel
from engine.errors import CertificateError
from engine.events import Certificate
from engine.graph.probes import probe_rows
from engine.graph.row_times import RowTimes, row_times
from engine.graph.session import open_session, run
from engine.messages import phrase
from engine.tasks.task import PREDICTION, PROBABILITIES, TaskKind

TOLERANCE = 1e-5
N_PROBES = 200
LIBRARIES = ("catboost", "lightgbm", "numpy", "onnx", "onnxruntime", "pandas", "scikit-learn")

DIFFERENT = phrase(
    "certificate_refused",
    "The model file differs from the trained model by up to {difference}; at most {tolerance} is allowed.",
    "The run goes on with the next best model.",
)


def certify(
    model: FinalModel, file: bytes, rows: pd.DataFrame, *, seed: int, times: RowTimes | None = None
) -> Certificate:
    """Compare a file with its model on canonical rows of the table and on made-up ones.

    The difference is max |d| / max(1, |y|, sd(y)): absolute for probabilities, relative for large numbers.
    `times`: of single rows through this file; None measures them. Raises CertificateError when the difference is above
    1e-5.
    """
    probes = probe_rows(rows, model.columns, n_rows=N_PROBES, seed=seed)
    checked = pd.concat([rows, probes], ignore_index=True)
    session = open_session(file)
    output = PREDICTION if model.task.kind is TaskKind.REGRESSION else PROBABILITIES
    found = np.asarray(run(session, checked, model.columns, [output])[0], dtype=np.float64)
    expected = model.predict(checked)
    difference = largest_difference(expected.reshape(found.shape), found, len(rows))
    if not difference <= TOLERANCE:
        raise CertificateError(DIFFERENT(difference=f"{difference:.2g}", tolerance=f"{TOLERANCE:.0e}"))
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


def library_versions() -> Mapping[str, str]:
    """Return the versions of the libraries that made a model."""
    return {name: version(name) for name in LIBRARIES}
