"""How far predicted numbers are from the true ones."""

import numpy as np
from numpy.typing import NDArray

from engine.tasks.metric import Floats, Metric
from engine.tasks.task import TaskKind

_REGRESSION = frozenset({TaskKind.REGRESSION})


def rmse(y: NDArray[np.generic], predicted: Floats, weight: Floats | None) -> float:
    """Return the root of the mean squared error.

    >>> rmse(np.array([1.0, 2.0]), np.array([1.0, 4.0]), np.array([3.0, 1.0]))
    1.0
    """
    return float(np.sqrt(np.average((_numbers(y) - predicted) ** 2, weights=weight)))


def mae(y: NDArray[np.generic], predicted: Floats, weight: Floats | None) -> float:
    """Return the mean absolute error."""
    return float(np.average(np.abs(_numbers(y) - predicted), weights=weight))


def r2(y: NDArray[np.generic], predicted: Floats, weight: Floats | None) -> float:
    """Return the share of the target's variance that is explained; NaN when the target does not vary."""
    target = _numbers(y)
    variance = np.average((target - np.average(target, weights=weight)) ** 2, weights=weight)
    if variance <= 0:
        return float("nan")
    return float(1 - np.average((target - predicted) ** 2, weights=weight) / variance)


def median_absolute_error(y: NDArray[np.generic], predicted: Floats, weight: Floats | None) -> float:
    """Return the error that half of the rows (by weight) stay within."""
    errors = np.abs(_numbers(y) - predicted)
    if weight is None:
        return float(np.median(errors))
    order = np.argsort(errors[weight > 0])
    ordered, reached = errors[weight > 0][order], np.cumsum(weight[weight > 0][order])
    half = reached[-1] / 2
    first = int(np.searchsorted(reached, half))
    # Exactly half of the weight up to here: the median lies between this error and the next.
    after = min(first + 1, len(ordered) - 1) if reached[first] == half else first
    return float((ordered[first] + ordered[after]) / 2)


def rmsle(y: NDArray[np.generic], predicted: Floats, weight: Floats | None) -> float:
    """Return the root mean squared error of log(1 + value); NaN when a true value is below 0.

    A prediction below 0 counts as 0.
    """
    target = _numbers(y)
    if (target < 0).any():
        return float("nan")
    return rmse(np.log1p(target), np.log1p(np.maximum(predicted, 0.0)), weight)


def _numbers(y: NDArray[np.generic]) -> Floats:
    return y.astype(np.float64)


RMSE = Metric(
    key="rmse",
    title="Typical error, large ones counting more (RMSE)",
    tasks=_REGRESSION,
    greater_is_better=False,
    score=rmse,
    default_for=_REGRESSION,
)
MAE = Metric(key="mae", title="Average error (MAE)", tasks=_REGRESSION, greater_is_better=False, score=mae)
R2 = Metric(key="r2", title="Share of variance explained (R²)", tasks=_REGRESSION, greater_is_better=True, score=r2)
MEDIAN_ABSOLUTE_ERROR = Metric(
    key="median_absolute_error",
    title="Median error",
    tasks=_REGRESSION,
    greater_is_better=False,
    score=median_absolute_error,
)
RMSLE = Metric(
    key="rmsle",
    title="Typical error in proportion (RMSLE)",
    tasks=_REGRESSION,
    greater_is_better=False,
    score=rmsle,
)
