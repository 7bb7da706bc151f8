"""How the success of predictions is measured."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from engine.registry import part, parts
from engine.tasks.task import TaskKind

Floats = NDArray[np.float64]
Score = Callable[[NDArray[np.generic], Floats, Floats | None], float]


class LooksAt(StrEnum):
    """What of the predictions a metric looks at: how large they are, the order of the rows, or which class is named."""

    SIZE = "size"
    ORDER = "order"
    NAMED = "named"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One way of scoring.

    `score(y, predicted, weight)`: for classification `y` holds class positions (int, shape [N]) and `predicted`
    probabilities [N, K] (K = 2 for a binary task, the positive class second); for regression both are [N].
    `weight` is None for equal weights. `looks_at`: `ORDER` where only the order of the rows' probabilities counts, and
    `NAMED` where only the most probable class does, which a decision may then replace. `default_for`: tasks that use
    this metric unless told otherwise.
    """

    key: str
    title: str
    tasks: frozenset[TaskKind]
    greater_is_better: bool
    score: Score
    looks_at: LooksAt = LooksAt.SIZE
    default_for: frozenset[TaskKind] = frozenset()

    def loss(self, value: float) -> float:
        """Return how far a score is from a perfect one, which is 1 where more is better and 0 where less is."""
        return 1.0 - value if self.greater_is_better else value


def metrics_for(kind: TaskKind) -> tuple[Metric, ...]:
    """Return the metrics of a task, its default first."""
    fitting = [metric for metric in parts("engine.tasks.metrics", Metric) if kind in metric.tasks]
    return tuple(sorted(fitting, key=lambda metric: kind not in metric.default_for))


def metric_named(key: str) -> Metric:
    """Return the metric with this key; raises ConfigError when there is none."""
    return part("engine.tasks.metrics", Metric, key)
