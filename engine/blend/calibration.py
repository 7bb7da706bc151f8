"""Makes probabilities as sure as they deserve: one division of the link-scale scores.

Temperature scaling: Guo et al. 2017, "On calibration of modern neural networks". It never changes the order of rows.
"""

import numpy as np
from numpy.typing import NDArray

from engine.tasks.task import Task, TaskKind

Floats = NDArray[np.float64]

# Below this many rows the estimate costs more than it brings.
FEWEST_ROWS = {TaskKind.BINARY: 3_000, TaskKind.MULTICLASS: 100}
# Of few rows none may have been a sure mistake, though the next one is: half a row more is imagined, with every answer
# in equal parts. With more rows that would only take away what they have proved; see benchmarks/calibrating.
FEW_ROWS, IMAGINED_ROWS = 500, 0.5
COLDEST, HOTTEST = 0.25, 4.0


def temperature(
    raw: Floats, y: NDArray[np.generic], task: Task, weight: Floats | None = None, *, n_rows: int | None = None
) -> float:
    """Return what to divide link-scale scores [N, n_outputs] by; 1 for a regression and where there are few rows.

    It minimises the log loss on these rows, between 0.25 (surer) and 4 (less sure), and is never worse than 1.
    `n_rows`: of how many these are a part, which is treated as the whole is; None: they are all.
    """
    n_rows = len(y) if n_rows is None else n_rows
    if n_rows < FEWEST_ROWS.get(task.kind, n_rows + 1):
        return 1.0
    n_imagined = IMAGINED_ROWS if n_rows < FEW_ROWS else 0.0
    return best_temperature(raw, y.astype(np.int64), weight, n_imagined=n_imagined)


def best_temperature(raw: Floats, y: NDArray[np.int64], weight: Floats | None, *, n_imagined: float) -> float:
    """Return what minimises the log loss on these rows and on so many imagined ones, whose answers are in equal parts.

    >>> sure_and_right = np.array([[9.0], [-9.0]])
    >>> best_temperature(sure_and_right, np.array([1, 0]), None, n_imagined=0.5) > 1
    True
    """
    from scipy.optimize import minimize_scalar

    scores = raw.reshape(len(y), -1).astype(np.float64)

    def loss(log_temperature: float) -> float:
        scaled = scores / np.exp(log_temperature)
        return _log_loss(scaled, y, weight) + n_imagined / len(y) * _loss_of_any_answer(scaled)

    found = minimize_scalar(loss, bounds=(np.log(COLDEST), np.log(HOTTEST)), method="bounded")
    return float(np.clip(np.exp(found.x), COLDEST, HOTTEST)) if found.fun < loss(0.0) else 1.0


def _log_loss(scores: Floats, y: NDArray[np.int64], weight: Floats | None) -> float:
    from scipy.special import logsumexp

    if scores.shape[1] == 1:
        losses = np.logaddexp(0.0, np.where(y == 1, -1.0, 1.0) * scores[:, 0])
    else:
        losses = logsumexp(scores, axis=1) - scores[np.arange(len(y)), y]
    return float(np.average(losses, weights=weight))


def _loss_of_any_answer(scores: Floats) -> float:
    """Return the log loss of a usual row whose answer is each one in equal parts."""
    from scipy.special import logsumexp

    if scores.shape[1] == 1:
        return float(np.mean(np.logaddexp(0.0, scores[:, 0]) - scores[:, 0] / 2))
    return float(np.mean(logsumexp(scores, axis=1) - scores.mean(axis=1)))
