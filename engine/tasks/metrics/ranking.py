"""How well probabilities put the right rows first; no threshold is involved."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.tasks.metric import Floats, LooksAt, Metric
from engine.tasks.task import TaskKind


def area_under_roc(y: NDArray[np.generic], predicted: Floats, weight: Floats | None) -> float:
    """Return the chance that a row of a class gets a higher probability than one of another; averaged over classes.

    NaN when only one class is there.

    >>> area_under_roc(np.array([0, 1, 1]), np.array([[0.8, 0.2], [0.4, 0.6], [0.9, 0.1]]), None)
    0.5
    """
    return _averaged(_area, y, predicted, weight)


def average_precision(y: NDArray[np.generic], predicted: Floats, weight: Floats | None) -> float:
    """Return the share of hits among the first rows, averaged over the hits; the mean over classes if several."""
    return _averaged(_precision, y, predicted, weight)


def _averaged(
    score: Callable[[Floats, Floats], float], y: NDArray[np.generic], predicted: Floats, weight: Floats | None
) -> float:
    weights = np.ones(len(y)) if weight is None else weight
    classes = range(1, 2) if predicted.shape[1] == 2 else range(predicted.shape[1])
    scores = [score(*_levels(y == position, predicted[:, position], weights)) for position in classes]
    known = [value for value in scores if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")


def _levels(hit: NDArray[np.bool_], score: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return the weight of hits and of misses at each distinct score, the highest first."""
    order = np.argsort(-score)
    ordered = score[order]
    last = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), len(score) - 1)
    hits = np.cumsum((weight * hit)[order])[last]
    misses = np.cumsum((weight * ~hit)[order])[last]
    return np.diff(hits, prepend=0.0), np.diff(misses, prepend=0.0)


def _area(hits: Floats, misses: Floats) -> float:
    all_hits, all_misses = hits.sum(), misses.sum()
    if all_hits <= 0 or all_misses <= 0:
        return float("nan")
    return float(hits @ (all_misses - np.cumsum(misses) + misses / 2) / (all_hits * all_misses))


def _precision(hits: Floats, misses: Floats) -> float:
    found = np.cumsum(hits)
    seen = found + np.cumsum(misses)
    if hits.sum() <= 0:
        return float("nan")
    precision = np.divide(found, seen, out=np.zeros(len(seen)), where=seen > 0)
    return float(hits @ precision / found[-1])


AUC = Metric(
    key="auc",
    title="Ranking quality (AUC)",
    tasks=frozenset({TaskKind.BINARY, TaskKind.MULTICLASS}),
    greater_is_better=True,
    score=area_under_roc,
    looks_at=LooksAt.ORDER,
    default_for=frozenset({TaskKind.BINARY}),
)
AVERAGE_PRECISION = Metric(
    key="average_precision",
    title="Average precision of the first hits",
    tasks=frozenset({TaskKind.BINARY, TaskKind.MULTICLASS}),
    greater_is_better=True,
    score=average_precision,
    looks_at=LooksAt.ORDER,
)
