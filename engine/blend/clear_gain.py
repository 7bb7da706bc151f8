"""Whether one way of predicting is clearly better than another on the same rows, or might be so by luck."""

import numpy as np
from numpy.typing import NDArray

from engine.insight.draws import Draws
from engine.insight.intervals import N_RESAMPLES, scores_of_draw
from engine.tasks.metric import Metric

Floats = NDArray[np.float64]

SURE = 1.0  # standard errors: luck alone comes so far in one of six cases


def is_clearly_better(
    metric: Metric,
    y: NDArray[np.generic],
    new: Floats,
    old: Floats,
    weight: Floats | None = None,
    *,
    groups: NDArray[np.generic] | None = None,
    seed: int = 0,
) -> bool:
    """Say whether `new` predictions are better than `old` ones by more than other rows of the same kind would undo.

    Both are judged on the same draws of rows (the paired bootstrap), or of groups where rows belong together.

    >>> from engine.tasks.metric import metric_named
    >>> y, rmse = np.arange(100.0), metric_named("rmse")
    >>> is_clearly_better(rmse, y, y + 1, y + 2), is_clearly_better(rmse, y, y + 1, y - 1)
    (True, False)
    """
    draws = Draws(n_rows=len(y), groups=groups)

    def gain(rows: NDArray[np.int64]) -> float:
        after, before = (scores_of_draw((metric,), y, each, weight, rows)[0] for each in (new, old))
        return metric.loss(before) - metric.loss(after)

    in_all = gain(np.arange(len(y)))
    if not in_all > 0:
        return False
    gains = np.array([gain(rows) for rows in draws.rows(seed, N_RESAMPLES)])
    gains = gains[np.isfinite(gains)]
    return len(gains) > 1 and in_all > SURE * draws.scale * float(gains.std(ddof=1))
