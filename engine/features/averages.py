"""How average answers are told to models: numbers in standard deviations, shares of classes as log-odds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.features.statistics import answer_columns, answer_titles
from engine.features.step import Answers

Floats = NDArray[np.float64]

MOST_CLASSES = 6
_EDGE = 1e-6


@dataclass(frozen=True, kw_only=True)
class Averages:
    """Which averages are told: the positions in `answer_columns`, and what each is called.

    `overall`: the log-odds of all rows, from which those of a level are told; None for numbers.
    """

    positions: NDArray[np.int64]
    titles: tuple[str, ...]
    overall: Floats | None

    def told(self, means: Floats) -> NDArray[np.float32]:
        """Turn average answers [.., K] into what models see [.., told]."""
        chosen = means[:, self.positions]
        return (chosen if self.overall is None else _log_odds(chosen) - self.overall).astype(np.float32)


def averages_of(answers: Answers) -> Averages:
    """Return what can be told of these answers: of very many classes only the most frequent ones."""
    task, mean = answers.task, answer_columns(answers).mean(axis=0)
    if not task.classes:
        return Averages(positions=np.zeros(1, np.int64), titles=(f"average {task.target}",), overall=None)
    frequent = np.argsort(-mean, kind="stable")[:MOST_CLASSES]
    positions = np.sort(frequent[mean[frequent] > 0])
    labels = [answer_titles(answers)[position] or str(task.classes[-1]) for position in positions]
    return Averages(
        positions=positions,
        titles=tuple(f"share of {label}" for label in labels),
        overall=_log_odds(mean[positions]),
    )


def _log_odds(share: Floats) -> Floats:
    inside = np.clip(share, _EDGE, 1 - _EDGE)
    return np.asarray(np.log(inside / (1 - inside)))
