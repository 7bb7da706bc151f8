"""How close the probabilities are to what happened."""

import numpy as np
from numpy.typing import NDArray

from engine.tasks.metric import Floats, Metric
from engine.tasks.task import TaskKind

_SMALLEST = float(np.finfo(np.float64).eps)
_CLASSIFICATION = frozenset({TaskKind.BINARY, TaskKind.MULTICLASS})


def log_loss(y: NDArray[np.generic], predicted: Floats, weight: Floats | None) -> float:
    """Return the mean surprise: minus the logarithm of the probability that the right class was given.

    >>> round(log_loss(np.array([0, 1]), np.array([[0.5, 0.5], [0.0, 1.0]]), None), 4)
    0.3466
    """
    given = predicted[np.arange(len(y)), y.astype(np.int64)]
    return float(np.average(-np.log(np.clip(given, _SMALLEST, 1.0)), weights=weight))


def brier(y: NDArray[np.generic], predicted: Floats, weight: Floats | None) -> float:
    """Return the mean squared distance between probabilities and what happened; of the positive class if binary."""
    happened = y.astype(np.int64)[:, None] == np.arange(predicted.shape[1])
    squared = (predicted - happened) ** 2
    return float(np.average(squared[:, 1] if predicted.shape[1] == 2 else squared.sum(axis=1), weights=weight))


LOG_LOSS = Metric(
    key="log_loss",
    title="Surprise at the answers (log loss)",
    tasks=_CLASSIFICATION,
    greater_is_better=False,
    score=log_loss,
    default_for=frozenset({TaskKind.MULTICLASS}),
)
BRIER = Metric(
    key="brier",
    title="Squared error of the probabilities (Brier)",
    tasks=_CLASSIFICATION,
    greater_is_better=False,
    score=brier,
)
