"""How each group is treated: the figures of its rows, by the names that Fairlearn gives them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.insight.quality.groups import Group
from engine.insight.quality.judged import Judged
from engine.insight.quality.shares import mean_of, share_of
from engine.outcomes import Estimate
from engine.tasks.task import TaskKind

Hits = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Treated:
    """The figures of a group's rows, with 95 % intervals; None where they do not apply or there is no such row.

    `value`: what the rows have in the column; empty for none. Of classes: `accuracy`, the share of right answers. Of
    two answers: `base_rate`, how many have the one that is looked for; `selection_rate`, how many are called so;
    `true_positive_rate`, of those that have it; `false_positive_rate`, of those that have not; `mean_probability`, what
    it says on average, to be compared with the base rate. Of numbers: `mean_error`, the distance; `mean_bias`, above 0
    where predictions are too high.
    """

    value: str
    n_rows: int
    base_rate: Estimate | None = None
    selection_rate: Estimate | None = None
    true_positive_rate: Estimate | None = None
    false_positive_rate: Estimate | None = None
    mean_probability: float | None = None
    accuracy: Estimate | None = None
    mean_error: Estimate | None = None
    mean_bias: Estimate | None = None


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Of each group, in order: of how many rows a share is taken, and how many of these it counts."""

    of: NDArray[np.int64]
    hits: NDArray[np.int64]

    @property
    def rates(self) -> NDArray[np.float64]:
        """The shares."""
        return np.asarray(self.hits / np.maximum(self.of, 1))


def treated(judged: Judged, group: Group) -> Treated:
    """Return the figures of one group."""
    rows = group.rows
    if judged.task.kind is TaskKind.REGRESSION:
        apart = judged.predicted[rows] - judged.y[rows].astype(np.float64)
        error, bias = mean_of(np.abs(apart), lowest=0.0), mean_of(apart)
        return Treated(value=group.value, n_rows=len(rows), mean_error=error, mean_bias=bias)
    right = share_of(int((judged.named[rows] == judged.y[rows]).sum()), len(rows))
    if judged.task.kind is TaskKind.MULTICLASS:
        return Treated(value=group.value, n_rows=len(rows), accuracy=right)
    hit, named = judged.hit[rows], judged.named[rows] == 1
    n_hits = int(hit.sum())
    return Treated(
        value=group.value,
        n_rows=len(rows),
        base_rate=share_of(n_hits, len(rows)),
        selection_rate=share_of(int(named.sum()), len(rows)),
        true_positive_rate=share_of(int((hit & named).sum()), n_hits) if n_hits else None,
        false_positive_rate=share_of(int((~hit & named).sum()), len(rows) - n_hits) if n_hits < len(rows) else None,
        mean_probability=float(judged.chance[rows].mean()),
        accuracy=right,
    )


def counts_of(judged: Judged, groups: Sequence[Group]) -> dict[str, Counted]:
    """Return what each share is made of, by its name."""
    if judged.task.kind is TaskKind.REGRESSION:
        return {}
    every = np.ones(len(judged.y), dtype=bool)
    right = np.asarray(judged.named == judged.y)
    if judged.task.kind is TaskKind.MULTICLASS:
        return {"accuracy": _counted(groups, every, right)}
    hit, named = judged.hit, np.asarray(judged.named == 1)
    parts = {
        "selection_rate": (every, named),
        "true_positive_rate": (hit, named),
        "false_positive_rate": (~hit, named),
        "accuracy": (every, right),
    }
    return {name: _counted(groups, of, marked) for name, (of, marked) in parts.items()}


def _counted(groups: Sequence[Group], of: Hits, marked: Hits) -> Counted:
    return Counted(
        of=np.array([int(of[group.rows].sum()) for group in groups], np.int64),
        hits=np.array([int((of & marked)[group.rows].sum()) for group in groups], np.int64),
    )
