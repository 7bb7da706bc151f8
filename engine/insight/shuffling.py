"""How much worse the score gets when one column is shuffled among the rows (Breiman 2001), asked of the file itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.blend.views import views_of
from engine.figures import chance
from engine.insight.asking import Asked, sample
from engine.insight.positions import with_cells
from engine.messages import Message, phrase
from engine.outcomes import Importance
from engine.tasks.metric import Metric

N_TIMES = 5
MOST_ROWS = 600
MOST_ASKED = 60_000  # rows in all
FEWEST_ROWS = 50
LEADING = 3
MUCH = 0.1  # of all movement
LITTLE = 0.03

MOVES_WITHOUT_HELPING = phrase(
    "importance_moves_without_helping",
    "{column} moves the prediction ({share} of all movement), but the score is hardly worse when its values are "
    "shuffled: other columns say the same, or it does not help on these rows.",
)
HELPS_WITHOUT_MOVING = phrase(
    "importance_helps_without_moving",
    "{column} moves the prediction little ({share} of all movement), but the score suffers when its values are "
    "shuffled: it matters for few rows, or together with other columns.",
)


@dataclass(frozen=True, kw_only=True)
class Shuffled:
    """What shuffling a column costs: the mean loss of score over the times, and its standard deviation."""

    column: str
    loss: float
    spread: float

    @property
    def is_felt(self) -> bool:
        """Whether the loss stands out from the noise of shuffling."""
        return self.loss > 2 * self.spread and self.loss > 0

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Shuffled":
        """Rebuild what was stored."""
        return Shuffled(**data)


def shuffled(
    asked: Asked, rows: pd.DataFrame, y: NDArray[np.generic], metric: Metric, names: Sequence[str], *, seed: int = 0
) -> tuple[Shuffled, ...]:
    """Return what shuffling each column costs, the dearest first. `y`: as the metric takes it.

    At most 60,000 rows are asked, one call a column; empty where the score is not defined on these rows.
    """
    n_rows = max(FEWEST_ROWS, min(MOST_ROWS, MOST_ASKED // (N_TIMES * max(1, len(names)))))
    chosen = sample(rows, n_rows, seed)
    seen, truth = rows.iloc[chosen].reset_index(drop=True), np.asarray(y)[chosen]
    if seen.empty:
        return ()
    (said,) = asked.said([seen])

    def loss(said: pd.DataFrame) -> float:
        return metric.loss(float(metric.score(truth, views_of(said, asked.task).of(metric), None)))

    before = loss(said)
    if not np.isfinite(before):
        return ()
    random = np.random.default_rng(seed)
    orders = [random.permutation(len(seen)) for _time in range(N_TIMES)]
    found = []
    for name in names:
        column = asked.column(name)
        cells = seen[name].to_numpy(dtype=object)
        after = asked.said([with_cells(seen, column, cells[order]) for order in orders])
        losses = [loss(each) - before for each in after]
        found.append(Shuffled(column=name, loss=float(np.mean(losses)), spread=float(np.std(losses, ddof=1))))
    return tuple(sorted(found, key=lambda each: -each.loss))


def disagreements(moved: Sequence[Importance], lost: Sequence[Shuffled]) -> tuple[Message, ...]:
    """Say of which columns the two ways of measuring importance speak differently.

    >>> from engine.messages import render
    >>> moved = (Importance(column="a", value=1.0, share=0.6), Importance(column="b", value=1.0, share=0.4))
    >>> lost = (Shuffled(column="b", loss=0.1, spread=0.01), Shuffled(column="a", loss=0.0, spread=0.01))
    >>> [message.parameters["column"] for message in disagreements(moved, lost)]
    ['a']
    """
    losses = {each.column: each for each in lost}
    shares = {each.column: each.share for each in moved}
    strongest = sorted(moved, key=lambda each: -each.share)[:LEADING]
    idle = [
        MOVES_WITHOUT_HELPING(column=each.column, share=chance(each.share))
        for each in strongest
        if each.share >= MUCH and each.column in losses and not losses[each.column].is_felt
    ]
    quiet = [
        HELPS_WITHOUT_MOVING(column=each.column, share=chance(shares[each.column]))
        for each in sorted(lost, key=lambda each: -each.loss)[:LEADING]
        if each.is_felt and shares.get(each.column, 1.0) < LITTLE
    ]
    return (*idle, *quiet)
