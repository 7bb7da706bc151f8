"""How sure a score is: the interval in which it would fall for other rows of the same kind.

DeLong's for the area under the ROC curve of two answers, the percentile bootstrap for everything else; where rows
belong together in groups, whole groups are left out or drawn.
"""

from collections.abc import Iterable
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from engine.insight.delong import area_interval
from engine.insight.draws import Draws
from engine.insight.grouped_area import grouped_area_interval
from engine.outcomes import Estimate
from engine.tasks.metric import Metric
from engine.tasks.task import Task

Floats = NDArray[np.float64]

N_RESAMPLES = 200
_ENDS = (0.025, 0.975)
AREA = "auc"
ROOTS = frozenset({"rmse", "rmsle"})
_MOST_LEAN = 0.2


def estimate(
    metric: Metric,
    y: NDArray[np.generic],
    predicted: Floats,
    weight: Floats | None = None,
    *,
    groups: NDArray[np.generic] | None = None,
    seed: int = 0,
    n_resamples: int = N_RESAMPLES,
) -> Estimate:
    """Return the metric on all rows with its 95 % interval, which always contains it.

    `groups`: of rows that belong together. Draws of a single class only, without any weight or without a finite score,
    are left out.
    """
    draws = Draws(n_rows=len(y), groups=groups)
    return _estimates((metric,), y, predicted, weight, draws, seed=seed, n_resamples=n_resamples)[metric.key]


def gain(
    metric: Metric,
    y: NDArray[np.generic],
    before: Floats,
    now: Floats,
    weight: Floats | None = None,
    *,
    groups: NDArray[np.generic] | None = None,
    seed: int = 0,
    n_resamples: int = N_RESAMPLES,
) -> Estimate:
    """Return by how much one prediction is better than another of the same rows, whichever way the metric goes.

    Both are scored on the same draws (the paired bootstrap): what both find hard says nothing about either.

    >>> from engine.tasks.metric import metric_named
    >>> y = np.arange(50.0)
    >>> found = gain(metric_named("rmse"), y, y + 3, y + 1)
    >>> found.value, found.low
    (2.0, 2.0)
    """
    both = np.stack([before, now], axis=-1)
    return estimate(_difference(metric), y, both, weight, groups=groups, seed=seed, n_resamples=n_resamples)


def _difference(metric: Metric) -> Metric:
    """Return a measure of two predictions [..., 2]: by how much the second is better."""
    sign = 1.0 if metric.greater_is_better else -1.0

    def apart(y: NDArray[np.generic], both: Floats, weight: Floats | None) -> float:
        if len(np.unique(y)) < 2:
            return float("nan")
        return sign * (metric.score(y, both[..., 1], weight) - metric.score(y, both[..., 0], weight))

    return Metric(key="gain", title=metric.title, tasks=metric.tasks, greater_is_better=False, score=apart)


def estimates(
    metrics: Iterable[Metric],
    y: NDArray[np.generic],
    predicted: Floats,
    weight: Floats | None = None,
    *,
    groups: NDArray[np.generic] | None = None,
    seed: int = 0,
) -> dict[str, Estimate]:
    """Return the estimates of several metrics, by key; those that are not defined on these rows are left out."""
    draws = Draws(n_rows=len(y), groups=groups)
    found = _estimates(tuple(metrics), y, predicted, weight, draws, seed=seed, n_resamples=N_RESAMPLES)
    return {key: value for key, value in found.items() if np.isfinite(value.value)}


def _estimates(
    metrics: tuple[Metric, ...],
    y: NDArray[np.generic],
    predicted: Floats,
    weight: Floats | None,
    draws: Draws,
    *,
    seed: int,
    n_resamples: int,
) -> dict[str, Estimate]:
    """Draw once for all metrics that need it."""
    values = {metric.key: float(metric.score(y, predicted, weight)) for metric in metrics}
    areas = {metric.key: _area(metric, values[metric.key], y, predicted, weight, draws.codes) for metric in metrics}
    known = {key: area for key, area in areas.items() if area is not None}
    left = tuple(metric for metric in metrics if metric.key not in known)
    if not left:
        return known
    drawn = np.array([scores_of_draw(left, y, predicted, weight, rows) for rows in draws.rows(seed, n_resamples)])
    found = {metric.key: _estimate(metric, values[metric.key], drawn[:, i], draws) for i, metric in enumerate(left)}
    return {metric.key: known.get(metric.key) or found[metric.key] for metric in metrics}


def _area(
    metric: Metric,
    value: float,
    y: NDArray[np.generic],
    predicted: Floats,
    weight: Floats | None,
    codes: NDArray[np.int64] | None,
) -> Estimate | None:
    """Return the interval of an area; None for other metrics, for weighted rows, and where it has too few rows."""
    if metric.key != AREA or weight is not None or predicted.ndim != 2 or predicted.shape[1] != 2:
        return None
    hit = y.astype(np.int64) == 1
    if codes is not None:
        return grouped_area_interval(value, hit, predicted[:, 1], codes)
    return area_interval(value, hit, predicted[:, 1])


def _estimate(metric: Metric, value: float, drawn: Floats, draws: Draws) -> Estimate:
    scores = drawn[np.isfinite(drawn)]
    if not len(scores):
        return Estimate(value=value, low=value, high=value)
    if draws.scale != 1.0:
        # Stretched beyond what the metric can be, an end stands where the metric ends.
        least = 0.0 if scores.min() >= 0.0 else -np.inf
        most = 1.0 if metric.greater_is_better else np.inf
        scores = np.clip(value + (scores - scores.mean()) * draws.scale, least, most)
    # Places among the draws as among one more: without it 200 draws cut off 3 % on either side, not 2.5 %.
    ends = _leaning_ends(scores) if metric.key in ROOTS else _ENDS
    low, high = np.quantile(scores, ends, method="weibull")
    if metric.greater_is_better and value == 1.0 and low == 1.0:
        # Without a single mistake no draw makes one; the rule of three says how many could still hide
        # (Hanley and Lippman-Hand 1983, "If nothing goes wrong, is everything all right?").
        low = max(0.0, 1.0 - 3.0 / draws.n_units)
    return Estimate(value=value, low=min(float(low), value), high=max(float(high), value))


def _leaning_ends(scores: Floats) -> tuple[float, ...]:
    """Return the shares of draws to cut off for roots of mean squares, which a few large errors make lean.

    Where no large error was drawn, the score and its spread are both too small: the ends move up, by the BCa rule of
    Efron 1987, "Better bootstrap confidence intervals" (doi:10.1080/01621459.1987.10478410), whose bias and
    acceleration are both a sixth of the skewness for a mean.
    """
    apart = scores**2 - (scores**2).mean()
    spread = float(apart.std())
    lean = float(np.clip((apart**3).mean() / spread**3 / 6, -_MOST_LEAN, _MOST_LEAN)) if spread > 0 else 0.0
    normal = NormalDist()
    steps = [lean + normal.inv_cdf(end) for end in _ENDS]
    return tuple(normal.cdf(lean + step / (1 - lean * step)) for step in steps)


def scores_of_draw(
    metrics: tuple[Metric, ...],
    y: NDArray[np.generic],
    predicted: Floats,
    weight: Floats | None,
    rows: NDArray[np.int64],
) -> list[float]:
    """Return the scores on some of the rows; nan where they lack all classes but one of several, or have no weight."""
    answers, made = y[rows], predicted[rows]
    drawn = None if weight is None else weight[rows]
    one_sided = predicted.ndim == 2 and (answers == answers[0]).all() and not (y == y[0]).all()
    if one_sided or (drawn is not None and not drawn.any()):
        return [float("nan")] * len(metrics)
    return [float(metric.score(answers, made, drawn)) for metric in metrics]


def baseline_prediction(y_train: NDArray[np.generic], task: Task, n_rows: int, weight: Floats | None = None) -> Floats:
    """Predict the same for every row: the shares of the classes [n_rows, K], or the mean [n_rows].

    >>> from engine.tasks.task import Task, TaskKind
    >>> baseline_prediction(np.array([0, 1, 1, 1]), Task(kind=TaskKind.BINARY, targets=("y",), classes=(0, 1)), 1)
    array([[0.25, 0.75]])
    """
    if not task.classes:
        return np.full(n_rows, float(np.average(y_train.astype(np.float64), weights=weight)))
    shares = np.bincount(y_train.astype(np.int64), weights=weight, minlength=len(task.classes)).astype(np.float64)
    return np.tile(shares / shares.sum(), (n_rows, 1))
