"""What metrics look at, of predictions whose rows had no say in them: themselves, their order, or the named classes."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.insight.intervals import estimates
from engine.outcomes import Estimate
from engine.tasks.metric import LooksAt, Metric, metrics_for
from engine.tasks.task import PREDICTION, Task

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Views:
    """Probabilities [N, K], or values [N] of a regression, as each sort of metric is to judge them.

    `ordered`: for those that look at the order of rows; None: that of `predicted`. `named`: for those that look at
    named classes, such that the named one is the most probable; None: it is so in `predicted`.
    """

    predicted: Floats
    ordered: Floats | None = None
    named: Floats | None = None

    def of(self, metric: Metric) -> Floats:
        """Return what a metric is to judge."""
        if metric.looks_at is LooksAt.ORDER and self.ordered is not None:
            return self.ordered
        if metric.looks_at is LooksAt.NAMED and self.named is not None:
            return self.named
        return self.predicted

    def estimates(
        self,
        task: Task,
        y: NDArray[np.generic],
        weight: Floats | None,
        *,
        groups: NDArray[np.generic] | None = None,
        seed: int,
    ) -> dict[str, Estimate]:
        """Return the estimates of all metrics of the task, the default first; what cannot be scored is left out."""
        metrics, found = metrics_for(task.kind), dict[str, Estimate]()
        together: dict[int, list[Metric]] = {}  # the same draws of rows serve all metrics that look at the same
        for metric in metrics:
            together.setdefault(id(self.of(metric)), []).append(metric)
        for each in together.values():
            found |= estimates(each, y, self.of(each[0]), weight, groups=groups, seed=seed)
        return {metric.key: found[metric.key] for metric in metrics if metric.key in found}


def views_of(said: pd.DataFrame, task: Task) -> Views:
    """Return what metrics are to judge of a file's answers: the class that it names may not be the most probable.

    >>> from engine.tasks.task import TaskKind
    >>> said = pd.DataFrame({"prediction": ["ill"], "probability_well": [0.8], "probability_ill": [0.2]})
    >>> views = views_of(said, Task(kind=TaskKind.BINARY, targets=("state",), classes=("well", "ill")))
    >>> views.predicted.tolist(), views.named.tolist()
    ([[0.8, 0.2]], [[0.0, 1.0]])
    """
    if not task.classes:
        return Views(predicted=np.asarray(said[PREDICTION], np.float64))
    labels = np.array([str(label) for label in task.classes])
    named = said[PREDICTION].astype(str).to_numpy()[:, None] == labels
    probabilities = said[[f"probability_{label}" for label in labels]]
    return Views(predicted=np.asarray(probabilities, np.float64), named=named.astype(np.float64))
