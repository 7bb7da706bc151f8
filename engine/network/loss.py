"""What training makes small: log loss of one logit, log loss of several scores, or the squared error."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.families.baseline import prior
from engine.network.activations import sigmoid
from engine.network.layout import Single
from engine.tasks.task import Task, TaskKind

if TYPE_CHECKING:
    from engine.network.training import Sample


@dataclass(frozen=True, kw_only=True)
class Loss:
    """The loss of a task."""

    task: Task

    def wanted(self, y: NDArray[np.generic]) -> Single:
        """Return what the outputs should say [N, n_outputs]: shares of the classes, or the standardised target."""
        if self.task.kind is TaskKind.MULTICLASS:
            return np.asarray(y[:, None] == np.arange(self.task.n_outputs), np.float32)
        return np.asarray(y, np.float32)[:, None]

    def prior(self, y: NDArray[np.generic], weight: NDArray[np.float64] | None) -> Single:
        """Return the outputs of guessing without looking."""
        return np.asarray(prior(self.task, y, weight), np.float32)

    def slope(self, outputs: Single, wanted: Single, smoothing: float) -> Single:
        """Return the slopes of each row's loss; `smoothing`: the share of each answer given to all classes alike."""
        if self.task.kind is TaskKind.REGRESSION:
            return outputs - wanted
        alike = np.float32(smoothing / max(2, self.task.n_outputs))
        smooth = wanted * np.float32(1.0 - smoothing) + alike
        if self.task.kind is TaskKind.BINARY:
            return sigmoid(outputs) - smooth
        shares: Single = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        return shares - smooth

    def mean(self, outputs: Single, sample: "Sample") -> float:
        """Return the mean loss of rows."""
        scores, wanted = outputs.astype(np.float64), sample.wanted.astype(np.float64)
        if self.task.kind is TaskKind.REGRESSION:
            losses = ((scores - wanted) ** 2)[:, 0]
        elif self.task.kind is TaskKind.BINARY:
            losses = (np.logaddexp(0.0, scores) - wanted * scores)[:, 0]
        else:
            shifted = scores - scores.max(axis=1, keepdims=True)
            losses = np.log(np.exp(shifted).sum(axis=1)) - (wanted * shifted).sum(axis=1)
        return float(np.average(losses, weights=sample.weight))
