"""From the link scale, on which models are blended, to what people read: probabilities or values."""

import numpy as np
from numpy.typing import NDArray

from engine.tasks.task import Task, TaskKind

Floats = NDArray[np.float64]


def link_to_prediction(raw: Floats, task: Task) -> Floats:
    """Return probabilities [N, K] from log-odds [N, 1] or class scores [N, K]; a regression's values [N] as they are.

    >>> from engine.tasks.task import Task, TaskKind
    >>> link_to_prediction(np.array([[0.0]]), Task(kind=TaskKind.BINARY, targets=("y",), classes=("no", "yes")))
    array([[0.5, 0.5]])
    """
    from scipy.special import expit

    if task.kind is TaskKind.REGRESSION:
        return raw.reshape(len(raw))
    if task.kind is TaskKind.MULTICLASS:
        # Class by class in a row of memory each: twice as fast as along short rows.
        scores = np.ascontiguousarray(raw.T)
        sizes = np.exp(scores - scores.max(axis=0))
        return np.ascontiguousarray((sizes / sizes.sum(axis=0)).T)
    odds = raw.reshape(len(raw))
    return np.column_stack([expit(-odds), expit(odds)])
