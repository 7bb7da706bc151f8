"""Puts the levels of categories in the order of what the target is like there, for trees that only know numbers."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine.families.family import Floats, Rows
from engine.tasks.task import Task, TaskKind

# So many rows of the average are added to each level.
SMOOTHING = 10.0

Order = Mapping[int, NDArray[np.float32]]


def order_of_levels(rows: Rows, task: Task) -> Order:
    """Return the rank of each level, by column of codes.

    With several classes the levels lie along the direction in which their shares of the classes differ most.
    """
    answers = _answers(rows.y, task)
    weight = np.ones(len(answers)) if rows.weight is None else rows.weight
    return {
        column: _ranks(rows.X.values[:, column].astype(np.int64), rows.X.columns[column].n_levels or 1, answers, weight)
        for column in rows.X.codes
    }


def ordered(values: NDArray[np.float32], order: Order) -> NDArray[np.float32]:
    """Return features with ranks in place of codes."""
    if not order:
        return values
    made = np.array(values)
    for column, ranks in order.items():
        made[:, column] = ranks[values[:, column].astype(np.int64)]
    return made


def _answers(y: NDArray[np.generic], task: Task) -> Floats:
    if task.kind is TaskKind.MULTICLASS:
        return np.asarray(y[:, None] == np.arange(len(task.classes)), np.float64)
    return np.asarray(y, np.float64)[:, None]


def _ranks(codes: NDArray[np.int64], n_levels: int, answers: Floats, weight: Floats) -> NDArray[np.float32]:
    n_rows = np.bincount(codes, weight, n_levels)
    sums = np.column_stack([np.bincount(codes, weight * column, n_levels) for column in answers.T])
    average = sums.sum(axis=0) / max(weight.sum(), 1e-9)
    means = (sums + SMOOTHING * average) / (n_rows + SMOOTHING)[:, None] - average
    _, _, directions = np.linalg.svd(np.sqrt(n_rows)[:, None] * means, full_matrices=False)
    return np.argsort(np.argsort(means @ directions[0], kind="stable"), kind="stable").astype(np.float32)
