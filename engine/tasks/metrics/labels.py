"""How often the most probable class is the right one, counted in several fair ways."""

import numpy as np
from numpy.typing import NDArray

from engine.tasks.metric import Floats, LooksAt, Metric
from engine.tasks.task import TaskKind

_CLASSIFICATION = frozenset({TaskKind.BINARY, TaskKind.MULTICLASS})


def confusion(y: NDArray[np.generic], predicted: Floats, weight: Floats | None) -> Floats:
    """Return the weight of rows by true class (down) and most probable class (across).

    >>> confusion(np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]), None)
    array([[1., 0.],
           [1., 1.]])
    """
    n_classes = predicted.shape[1]
    cell = y.astype(np.int64) * n_classes + predicted.argmax(axis=1)
    return np.bincount(cell, weight, n_classes**2).reshape(n_classes, n_classes).astype(np.float64)


def accuracy(y: NDArray[np.generic], predicted: Floats, weight: Floats | None) -> float:
    """Return the share of rows whose class is named right."""
    return float(np.average(predicted.argmax(axis=1) == y, weights=weight))


def balanced_accuracy(y: NDArray[np.generic], predicted: Floats, weight: Floats | None) -> float:
    """Return the share named right within each class, averaged over the classes that are there."""
    table = confusion(y, predicted, weight)
    there = table.sum(axis=1) > 0
    return float(np.mean(table.diagonal()[there] / table.sum(axis=1)[there]))


def f1(y: NDArray[np.generic], predicted: Floats, weight: Floats | None) -> float:
    """Return the harmonic mean of precision and recall: of the positive class, or averaged over several classes."""
    table = confusion(y, predicted, weight)
    named = table.sum(axis=0) + table.sum(axis=1)
    scores = np.divide(2 * table.diagonal(), named, out=np.zeros(len(table)), where=named > 0)
    return float(scores[1] if len(table) == 2 else scores[named > 0].mean())


def matthews(y: NDArray[np.generic], predicted: Floats, weight: Floats | None) -> float:
    """Return the correlation between true and named classes: 0 for guessing, 1 for perfect."""
    table = confusion(y, predicted, weight)
    true, named, total = table.sum(axis=1), table.sum(axis=0), table.sum()
    spread = (total**2 - named @ named) * (total**2 - true @ true)
    return float((table.trace() * total - true @ named) / np.sqrt(spread)) if spread > 0 else 0.0


ACCURACY = Metric(
    key="accuracy",
    title="Share named right",
    tasks=_CLASSIFICATION,
    greater_is_better=True,
    score=accuracy,
    looks_at=LooksAt.NAMED,
)
BALANCED_ACCURACY = Metric(
    key="balanced_accuracy",
    title="Share named right, each class counting the same",
    tasks=_CLASSIFICATION,
    greater_is_better=True,
    score=balanced_accuracy,
    looks_at=LooksAt.NAMED,
)
F1 = Metric(
    key="f1",
    title="Balance of precision and recall (F1)",
    tasks=_CLASSIFICATION,
    greater_is_better=True,
    score=f1,
    looks_at=LooksAt.NAMED,
)
MCC = Metric(
    key="mcc",
    title="Agreement beyond chance (Matthews)",
    tasks=_CLASSIFICATION,
    greater_is_better=True,
    score=matthews,
    looks_at=LooksAt.NAMED,
)
