"""What the file decides besides its prediction: which class to name, which classes cannot be ruled out, how far off.

Everything is fitted on scores of rows that had no say in the models or their weights. Intervals and sets of classes
are those of split conformal prediction: Lei et al. 2018, "Distribution-free predictive inference for regression", and
Sadinle et al. 2019, "Least ambiguous set-valued classifiers with bounded error levels".
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.blend.decisions import USUAL_COVERAGE, DecisionSettings
from engine.search.even_parts import even_parts
from engine.tasks.metric import LooksAt, Metric
from engine.tasks.task import Task, TaskKind

Floats = NDArray[np.float64]

FEWEST_TO_TUNE = 10_000  # rows: below, a threshold that looks better is mostly luck
FEWEST_PER_STEP = 200  # rows: with fewer the error at a size of prediction is not known
MOST_STEPS = 10
AT_END, FEWEST_AT_END = 0.01, 10  # of the values, and of rows, at the very end: a scale that ends there
WORTH = 0.98  # widths that follow the prediction are kept when they are narrower than this part of the one width


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Fitted decisions.

    `costs`: of answering a class (across) when another is true (down) [K, K]; empty names the most probable class.
    `threshold`: a class at least this probable is not ruled out, nor one as probable as the named one. `knots`,
    `widths`: how far above and below the prediction its interval reaches, in straight lines between knots, level beyond
    them; for a regression alone. `lowest`, `highest`: no interval reaches further; None: there is no such end.
    `coverage`: how often the truth shall be within; `found`: how often it was, on rows that did not fit the decision.
    """

    costs: tuple[tuple[float, ...], ...] = ()
    threshold: float = 0.0
    knots: tuple[float, ...] = ()
    widths: tuple[float, ...] = ()
    lowest: float | None = None
    highest: float | None = None
    coverage: float = USUAL_COVERAGE
    found: float | None = None

    def named(self, probabilities: Floats) -> NDArray[np.int64]:
        """Return the position of the class to name, for probabilities [N, K]."""
        if not self.costs:
            return np.asarray(probabilities.argmax(axis=1), dtype=np.int64)
        return np.asarray((probabilities @ np.array(self.costs)).argmin(axis=1), dtype=np.int64)

    def judged(self, probabilities: Floats) -> Floats:
        """Return what metrics of named classes are to judge: certainty of the named ones where costs decide."""
        return np.eye(probabilities.shape[1])[self.named(probabilities)] if self.costs else probabilities

    def possible(self, probabilities: Floats) -> NDArray[np.bool_]:
        """Return which classes are not ruled out [N, K]: the named one never is, nor what is as probable as that.

        Costs may have a class named that is less probable than others, of which nobody could be sure then.
        """
        return np.asarray(probabilities >= self.least_possible(probabilities))

    def least_possible(self, probabilities: Floats) -> Floats:
        """Return how probable a class has to be in each row so as not to be ruled out [N, 1]."""
        of_named = np.take_along_axis(probabilities, self.named(probabilities)[:, None], axis=1)
        return np.minimum(self.threshold, of_named)

    def interval(self, values: Floats) -> Floats:
        """Return the ends of the intervals [N, 2] around predicted values [N]."""
        widths = np.interp(values, self.knots, self.widths)
        ends: Floats = np.column_stack([values - widths, values + widths])
        ends = ends if self.lowest is None else np.maximum(ends, self.lowest)
        return ends if self.highest is None else np.minimum(ends, self.highest)

    def holds(self, y: NDArray[np.generic], predicted: Floats) -> NDArray[np.bool_]:
        """Mark the rows whose truth lies within the interval, or among the possible classes."""
        if predicted.ndim == 2:
            return np.asarray(self.possible(predicted)[np.arange(len(y)), y.astype(np.int64)])
        low, high = self.interval(predicted).T
        return np.asarray((y >= low) & (y <= high))

    def to_json(self) -> dict[str, object]:
        """Return plain data for the file's metadata."""
        return {**vars(self), "costs": [list(row) for row in self.costs]}


def decide(
    task: Task,
    y: NDArray[np.generic],
    predicted: Floats,
    weight: Floats | None,
    metric: Metric,
    settings: DecisionSettings,
    *,
    seed: int,
    groups: NDArray[np.generic] | None = None,
) -> tuple[Decision, Floats]:
    """Fit decisions to predictions of rows that had no say in them: probabilities [N, K], or values [N].

    Returns also what metrics of named classes are to judge: probabilities in which the named class is the most
    probable one, named without the row's own say.
    """
    halves = even_parts(y, task, 2, np.random.default_rng(seed), groups)
    costs = cost_matrix(task, settings) or _tuned(task, y, predicted, weight, metric)
    whole = _fitted(task, y, predicted, weight, costs, settings)
    judged, within, within_plainly = predicted, np.zeros(len(y), dtype=bool), np.zeros(len(y), dtype=bool)
    for half in (0, 1):
        rest, held = np.flatnonzero(halves != half), np.flatnonzero(halves == half)
        others = None if weight is None else weight[rest]
        own = cost_matrix(task, settings) or _tuned(task, y[rest], predicted[rest], others, metric, FEWEST_TO_TUNE // 2)
        plain = _fitted(task, y[rest], predicted[rest], others, (), settings)
        fitted = _fitted(task, y[rest], predicted[rest], others, own, settings) if costs else plain
        within_plainly[held] = plain.holds(y[held], predicted[held])
        within[held] = fitted.holds(y[held], predicted[held])
        if costs:
            judged = judged.copy() if judged is predicted else judged
            judged[held] = fitted.judged(predicted[held])
    if costs and settings.costs is None and _loss(metric, y, judged, weight) >= _loss(metric, y, predicted, weight):
        whole, judged, within = _fitted(task, y, predicted, weight, (), settings), predicted, within_plainly
    found = float(np.average(within, weights=weight))
    return Decision(**{**vars(whole), "found": found}), judged


def cost_matrix(task: Task, settings: DecisionSettings) -> tuple[tuple[float, ...], ...]:
    """Return the costs by positions of classes; empty when a person gave none.

    >>> from engine.tasks.task import Task, TaskKind
    >>> task = Task(kind=TaskKind.BINARY, targets=("y",), classes=("well", "ill"))
    >>> cost_matrix(task, DecisionSettings(costs={"ill": {"well": 20.0}}))
    ((0.0, 1.0), (20.0, 0.0))
    """
    if settings.costs is None or not task.classes:
        return ()
    names = [str(label) for label in task.classes]
    return tuple(tuple(0.0 if a == b else float(settings.costs.get(a, {}).get(b, 1.0)) for b in names) for a in names)


def _tuned(
    task: Task,
    y: NDArray[np.generic],
    predicted: Floats,
    weight: Floats | None,
    metric: Metric,
    fewest_rows: int = FEWEST_TO_TUNE,
) -> tuple[tuple[float, ...], ...]:
    """Return costs that suit a metric of named classes: one over the share of each class, or a threshold tried out."""
    if metric.looks_at is not LooksAt.NAMED or len(y) < fewest_rows:
        return ()
    if task.kind is TaskKind.MULTICLASS:
        if metric.key != "balanced_accuracy":
            return ()
        shares = np.bincount(y.astype(np.int64), weight, minlength=predicted.shape[1])
        each = shares.sum() / np.maximum(shares, 1e-9)
        return tuple(tuple(0.0 if a == b else float(each[a]) for b in range(len(each))) for a in range(len(each)))
    tried = np.unique(np.quantile(predicted[:, 1], np.linspace(0.01, 0.99, 99)))
    losses = [_loss(metric, y, _cut(predicted, at), weight) for at in tried]
    at = float(np.clip(tried[int(np.argmin(losses))], 1e-6, 1 - 1e-6))
    return ((0.0, at), (1.0 - at, 0.0))  # naming the second class costs less from this probability on


def _cut(predicted: Floats, at: float) -> Floats:
    return np.eye(2)[(predicted[:, 1] >= at).astype(np.int64)]


def _loss(metric: Metric, y: NDArray[np.generic], predicted: Floats, weight: Floats | None) -> float:
    return metric.loss(metric.score(y, predicted, weight))


def _fitted(
    task: Task,
    y: NDArray[np.generic],
    predicted: Floats,
    weight: Floats | None,
    costs: tuple[tuple[float, ...], ...],
    settings: DecisionSettings,
) -> Decision:
    if task.classes:
        truth = y.astype(np.int64)
        # A class as probable as the named one is never ruled out, so its rows are covered whatever the threshold is.
        chances = predicted[np.arange(len(y)), truth]
        always = Decision(costs=costs, threshold=1.0).possible(predicted)[np.arange(len(y)), truth]
        doubt = np.where(always, 0.0, 1.0 - chances)
        threshold = 1.0 - upper_quantile(doubt, settings.coverage, weight)
        return Decision(costs=costs, threshold=max(0.0, threshold), coverage=settings.coverage)
    values = y.astype(np.float64)
    knots, widths = _widths(np.abs(values - predicted), predicted, weight, settings.coverage)
    lowest, highest = ends_of_scale(values)
    return Decision(knots=knots, widths=widths, lowest=lowest, highest=highest, coverage=settings.coverage)


def ends_of_scale(values: Floats) -> tuple[float | None, float | None]:
    """Return what values cannot fall below and rise above, as far as they show it; None where there is no such end.

    Many rows at the very end, such as full marks, say that the scale ends there; 0 is the end where none is below it.

    >>> ends_of_scale(np.array([*range(60, 100), *[100] * 10]))
    (0.0, 100.0)
    """
    many = max(FEWEST_AT_END, AT_END * len(values))
    least, most = float(values.min()), float(values.max())
    lowest = least if np.count_nonzero(values == least) >= many else 0.0 if least >= 0 else None
    return lowest, most if np.count_nonzero(values == most) >= many else None


def _widths(
    errors: Floats, predicted: Floats, weight: Floats | None, coverage: float
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return widths that follow the size of the prediction, where that makes them narrower, or one width for all."""
    one = upper_quantile(errors, coverage, weight)
    n_steps = min(MOST_STEPS, len(errors) // FEWEST_PER_STEP)
    plain = ((0.0,), (one,))
    if n_steps < 2:
        return plain
    parts = np.array_split(np.argsort(predicted, kind="stable"), n_steps)
    middles = np.array([np.median(predicted[part]) for part in parts])
    if (np.diff(middles) <= 0).any():
        return plain
    local = np.array([upper_quantile(errors[p], coverage, None if weight is None else weight[p]) for p in parts])
    local = np.maximum(local, 1e-3 * max(one, np.finfo(np.float64).tiny))
    # Stretched once more by the quantile over all rows, so that straight lines between knots cost no coverage.
    expected = np.interp(predicted, middles, local)
    stretch = upper_quantile(errors / expected, coverage, weight)
    if np.average(stretch * expected, weights=weight) >= WORTH * one:
        return plain
    return tuple(map(float, middles)), tuple(map(float, stretch * local))


def upper_quantile(values: Floats, share: float, weight: Floats | None) -> float:
    """Return the value that this share of rows stays below, one row not yet seen included.

    >>> upper_quantile(np.arange(1.0, 10.0), 0.9, None)
    9.0
    """
    order = np.argsort(values, kind="stable")
    weights = np.ones(len(values)) if weight is None else weight[order]
    reached = np.cumsum(weights) / (weights.sum() + weights.mean())
    position = int(np.searchsorted(reached, share - 1e-12))
    return float(values[order[min(position, len(values) - 1)]])


def measured(
    decision: Decision, y: NDArray[np.generic], predicted: Floats, weight: Floats | None
) -> Mapping[str, float]:
    """Return how the decisions do on rows that no part of the model has seen."""
    facts = {"coverage": float(np.average(decision.holds(y, predicted), weights=weight)), "n_rows": float(len(y))}
    if predicted.ndim == 2:
        return {**facts, "unsure": float(np.average(decision.possible(predicted).sum(axis=1) > 1, weights=weight))}
    low, high = decision.interval(predicted).T
    return {**facts, "width": float(np.average(high - low, weights=weight))}
