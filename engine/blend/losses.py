"""Losses of blends, as fast as choosing them needs: hundreds of blends are scored for one choice."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.blend.link import link_to_prediction
from engine.tasks.metric import Metric
from engine.tasks.task import Task

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]
Next = Callable[[Floats, Positions], Floats]

SQUARED = frozenset({"rmse", "r2"})
"""Metrics that the mean squared error decides alone: whatever has less of it is better."""
LARGEST = 80.0  # what single precision can still raise e to


def score_loss(y: NDArray[np.generic], task: Task, metric: Metric, weight: Floats | None) -> Callable[[Floats], float]:
    """Return the metric's loss of link-scale scores [N, n_outputs]; infinite where the metric is not defined."""

    def loss(scores: Floats) -> float:
        value = metric.loss(metric.score(y, link_to_prediction(scores, task), weight))
        return value if np.isfinite(value) else float("inf")

    return loss


def next_losses(stack: Floats, y: NDArray[np.generic], task: Task, metric: Metric, weight: Floats | None) -> Next:
    """Return a function of a blend that gives its loss after each of some candidates [M, N, n_outputs] was added to it.

    The blend is how often each candidate was added so far [M]. Losses put blends in the order that the metric puts them
    in; their values may be others.
    """
    if metric.key in SQUARED:
        return _squared(stack[:, :, 0], y, weight)
    if metric.key == "log_loss":
        return _surprise(stack, y.astype(np.int64), _shares(len(y), weight))
    loss = score_loss(y, task, metric, weight)

    def losses(counts: Floats, candidates: Positions) -> Floats:
        total, n = np.tensordot(counts, stack, axes=1), counts.sum() + 1
        return np.array([loss((total + stack[each]) / n) for each in candidates])

    return losses


def _squared(candidates: Floats, y: NDArray[np.generic], weight: Floats | None) -> Next:
    """Take the mean squared error from the products of the candidates' errors: no row is looked at again."""
    errors = candidates - y.astype(np.float64)
    products = (errors * _shares(len(y), weight)) @ errors.T

    def losses(counts: Floats, candidates: Positions) -> Floats:
        added = counts @ products @ counts + 2 * (products @ counts)[candidates] + np.diag(products)[candidates]
        return np.asarray(added / (counts.sum() + 1) ** 2)

    return losses


def _surprise(stack: Floats, y: Positions, shares: Floats) -> Next:
    """Take the log loss in single precision from how far each class lies above the right one, which blends linearly."""
    single, n_outputs = shares.astype(np.float32), stack.shape[2]
    # One candidate after the other: of many classes all of them at once would be several times the scores.
    distances = np.empty((len(stack), max(1, n_outputs - 1), len(y)), np.float32)
    for scores, distance in zip(stack, distances, strict=True):
        if n_outputs == 1:
            above = np.where(y == 1, -1.0, 1.0) * scores[:, 0]
        else:
            others = np.arange(n_outputs) != y[:, None]
            above = (scores - np.take_along_axis(scores, y[:, None], axis=1))[others].reshape(len(y), -1).T
        distance[...] = np.clip(above, -LARGEST, LARGEST)

    def losses(counts: Floats, candidates: Positions) -> Floats:
        total, n = np.tensordot(counts.astype(np.float32), distances, axes=1), np.float32(counts.sum() + 1)
        odds = (np.exp((total + distances[each]) / n).sum(axis=0) for each in candidates)
        return np.array([float(np.log(1 + each) @ single) for each in odds])

    return losses


def _shares(n_rows: int, weight: Floats | None) -> Floats:
    return np.full(n_rows, 1.0 / n_rows) if weight is None else weight / weight.sum()
