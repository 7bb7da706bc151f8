"""Draws the rows that a run on a large table searches with, and sets others aside for its score, from all rows.

A rare answer is drawn with a larger chance, all of its rows where they are few; in return each of them weighs less, so
that probabilities stay those of the table (the weights of Horvitz and Thompson 1952).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.chosen import chosen_dataset
from engine.config import ExperimentConfig
from engine.features.dates import days_of
from engine.features.numbers import numbers_of
from engine.search.folds import default_holdout
from engine.table.dataset import Dataset
from engine.table.fingerprint import row_hashes
from engine.table.large.blocks import Block, blocks
from engine.table.large.chances import Floats, chances, mixed
from engine.table.large.drawn import Drawn
from engine.table.large.figures import changed_cells
from engine.table.large.whole import Group, Whole
from engine.table.schema import ColumnSchema, Role

RARE = 0.2  # of the rows: answers with a smaller share are drawn with a larger chance
SHARE_OF_RARE = 0.5  # of the sample, at most
MOST_HELD, LEAST_HELD_SHARE = 50_000, 0.02


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Which rows of a table are drawn for what; it says so of any row without having seen the others.

    `levels`: the different answers as they stand in the table; empty where the answer is a number. `counts`: their
    rows. `held_share`: of the rows, which is set aside for the score; as many rows before them are for comparing.
    `chance`: of a row with each answer to be drawn for the search, and `held_chance` to be drawn from those two.
    `times`: in order, of a sample, where rows are divided by time.
    """

    levels: tuple[str | float, ...]
    counts: tuple[int, ...]
    seed: int
    held_share: float
    chance: Floats
    held_chance: Floats
    times: Floats | None = None


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Rows of a block that have an answer, and what they are for.

    `marks`: which rows of the block they are. `level`: the place of their answer in the plan, 0 for numbers.
    `is_held`, `is_compared`: set aside. `is_drawn`: for the search, or of those set aside to be looked at.
    """

    marks: NDArray[np.bool_]
    rows: NDArray[np.int64]
    level: NDArray[np.int64]
    is_held: NDArray[np.bool_]
    is_compared: NDArray[np.bool_]
    is_drawn: NDArray[np.bool_]

    @property
    def is_free(self) -> NDArray[np.bool_]:
        """Rows that are neither set aside nor drawn for the search."""
        return ~(self.is_held | self.is_compared | self.is_drawn)


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """The rows of a large table seen through a run's settings.

    `dataset`: as it was read, with the sample of reading. `of_classes`: the answer is no number.
    """

    dataset: Dataset
    config: ExperimentConfig
    target: str
    of_classes: bool

    @property
    def whole(self) -> Whole:
        """All rows."""
        assert self.dataset.whole is not None
        return self.dataset.whole

    @property
    def dividing(self) -> tuple[str, ...]:
        """The columns that say which rows are for what."""
        schema = self.config.apply(self.dataset.schema)
        others = [c.name for role in (Role.TIME, Role.GROUP) for c in schema.with_role(role)]
        return (self.target, *(name for name in others if name != self.target))

    def plan(self, n_rows: int) -> Plan:
        """Count the answers of all rows and settle who is drawn; `n_rows`: for the search."""
        counted: dict[str | float, int] = {}
        for block in blocks(self.whole, self.dataset.schema, [self.target]):
            answers = self._answers(self._bare(block, (self.target,)))
            found = answers.value_counts() if self.of_classes else {"": len(answers)}
            for level, n in found.items():
                counted[level] = counted.get(level, 0) + int(n)
        levels = sorted(counted, key=lambda level: (-counted[level], str(level)))
        counts = np.array([counted[level] for level in levels], np.float64)
        share, again = self._held_share(int(counts.sum())), self.config.again
        return Plan(
            levels=tuple(levels) if self.of_classes else (),
            counts=tuple(int(n) for n in counts),
            seed=self.config.seed if again is None else again.split_seed,
            held_share=share,
            chance=rates(counts * (1 - 2 * share), n_rows),
            held_chance=rates(counts * share, MOST_HELD) if share else np.ones(len(counts)),
            times=self._times(),
        )

    def draw(self, plan: Plan) -> Dataset:
        """Return the rows drawn: first those for the search, then those for comparing, then those for the score."""
        kept: list[tuple[Seen, pd.DataFrame]] = []
        for block, seen in self.seen(plan):
            drawn = seen.marks.copy()
            drawn[seen.marks] = seen.is_drawn
            kept.append((seen, block.cells(drawn)))
        frame = pd.concat([cells for _seen, cells in kept], ignore_index=True)

        def all_of(what: str) -> NDArray[Any]:
            return np.concatenate([getattr(seen, what)[seen.is_drawn] for seen, _cells in kept])

        is_held, is_compared = all_of("is_held"), all_of("is_compared")
        order = np.argsort(is_held * 2 + is_compared, kind="stable")
        level = all_of("level")
        chance = np.where(is_held | is_compared, plan.held_chance[level], plan.chance[level])
        weight = even_weights(1 / chance, is_held, is_compared)[order]
        drawn_rows = Drawn(
            weight=None if (weight == 1).all() else weight,
            rows=all_of("rows")[order],
            level=level[order],
            n_held=int(is_held.sum()),
            n_compared=int(is_compared.sum()),
        )
        return replace(self.dataset, frame=frame.iloc[order].reset_index(drop=True), drawn=drawn_rows)

    def seen(
        self, plan: Plan, groups: Sequence[Group] | None = None, names: Sequence[str] | None = None
    ) -> Iterator[tuple[Block, Seen]]:
        """Go through the rows, or those of some groups, with what each is for; blocks hold the columns `names`, too."""
        wanted = None if names is None else [*names, *self.dividing]
        for block in blocks(self.whole, self.dataset.schema, wanted, groups):
            yield block, self._seen(plan, block)

    def _seen(self, plan: Plan, block: Block) -> Seen:
        bare = self._bare(block, self.dividing)
        answers = self._answers(bare)
        marks = np.zeros(len(bare.frame), bool)
        marks[answers.index] = True
        rows = block.rows[marks]
        level = pd.Index(plan.levels).get_indexer(pd.Index(answers)) if plan.levels else np.zeros(len(rows), np.int64)
        where = self._where(plan, bare, block.rows)[marks]
        is_held = where >= 1 - plan.held_share
        is_compared = (where >= 1 - 2 * plan.held_share) & ~is_held
        rate = np.where(is_held | is_compared, plan.held_chance[level], plan.chance[level])
        drawn = _chances_at(rows, plan.seed, "draw") < rate
        return Seen(marks=marks, rows=rows, level=level, is_held=is_held, is_compared=is_compared, is_drawn=drawn)

    def _bare(self, block: Block, names: Sequence[str]) -> Dataset:
        """Return some columns of a block as a small table of their own, with the person's changes."""
        kept = [i for i, column in enumerate(block.columns) if column.name in names]
        leaves, columns = tuple(block.leaves[i] for i in kept), tuple(block.columns[i] for i in kept)
        cells = replace(block, leaves=leaves, columns=columns).cells()
        schema = self.config.apply(self.dataset.schema).with_target(self.target)
        return Dataset(frame=changed_cells(cells, self.dataset, self.config), schema=schema, name="", fingerprint="")

    def _answers(self, bare: Dataset) -> pd.Series:
        """Return the answers of the rows that have one."""
        cells = bare.frame[self.target]
        if self.of_classes:
            return cells.dropna()
        numbers = numbers_of(bare.frame, (bare.schema[self.target],))[:, 0]
        return pd.Series(numbers, index=cells.index).dropna()

    def _where(self, plan: Plan, bare: Dataset, rows: NDArray[np.int64]) -> Floats:
        """Return for each row a number from 0 to 1: the last ones are set aside."""
        groups, ordering = bare.schema.with_role(Role.GROUP), bare.schema.with_role(Role.TIME)
        if ordering and plan.times is not None:
            return _places(plan.times, _times_of(bare, ordering))
        if groups:
            names = bare.frame[[groups[0].name]]
            own = mixed(row_hashes(names) + np.uint64(plan.seed))
            return np.where(names.iloc[:, 0].isna(), _chances_at(rows, plan.seed, "hold"), own)
        return _chances_at(rows, plan.seed, "hold")

    def _held_share(self, n_rows: int) -> float:
        if self.config.holdout is not None:
            return min(self.config.holdout, 0.4)
        return min(max(LEAST_HELD_SHARE, MOST_HELD / max(n_rows, 1)), default_holdout(1))

    def _times(self) -> Floats | None:
        chosen = chosen_dataset(self.dataset, self.config)
        ordering = chosen.schema.with_role(Role.TIME)
        if not ordering:
            return None
        times = _times_of(chosen, ordering)
        return np.sort(times[np.isfinite(times)])


def rates(counts: NDArray[Any], n_rows: int) -> Floats:
    """Return with which chance rows of each class are drawn so that about `n_rows` are.

    >>> rates(np.array([99_000, 1_000]), 10_000).round(3).tolist()
    [0.091, 1.0]
    >>> rates(np.array([60_000, 40_000]), 10_000).tolist()
    [0.1, 0.1]
    """
    counts = np.maximum(counts.astype(np.float64), 1e-9)
    total = counts.sum()
    if total <= n_rows:
        return np.ones(len(counts))
    rare = counts < RARE * total / max(1, len(counts) / 2)
    if not rare.any() or rare.all():
        return np.full(len(counts), n_rows / total)
    taken = np.where(rare, _filled(counts, rare, SHARE_OF_RARE * n_rows), 0.0)
    taken = np.maximum(taken, np.where(rare, counts * n_rows / total, 0.0))
    taken = np.where(rare, taken, counts * max(n_rows - taken.sum(), 0) / counts[~rare].sum())
    found: Floats = np.minimum(taken / counts, 1.0)
    return found


def _filled(counts: Floats, rare: NDArray[np.bool_], room: float) -> Floats:
    """Share some room among rare classes: the smallest ones whole, the others equally."""
    taken, left = np.zeros(len(counts)), room
    order = [i for i in np.argsort(counts, kind="stable") if rare[i]]
    for n_done, position in enumerate(order):
        taken[position] = min(counts[position], left / (len(order) - n_done))
        left -= taken[position]
    return taken


def even_weights(weight: Floats, is_held: NDArray[np.bool_], is_compared: NDArray[np.bool_]) -> Floats:
    """Return weights that are 1 on average among the rows of each purpose."""
    made = weight.astype(np.float64)
    for rows in (is_held, is_compared, ~(is_held | is_compared)):
        if rows.any():
            made[rows] /= made[rows].mean()
    same = np.allclose(made, 1.0, rtol=1e-9)
    return np.ones(len(made)) if same else made


def _chances_at(rows: NDArray[np.int64], seed: int, purpose: str) -> Floats:
    if not len(rows):
        return np.zeros(0)
    found: Floats = chances(int(rows[0]), int(rows[-1] - rows[0]) + 1, seed, purpose)[rows - rows[0]]
    return found


def _places(times: Floats, own: Floats) -> Floats:
    """Return where times stand among others, from 0 to 1; rows of one time at one place, those without one first."""
    found: Floats = np.searchsorted(times, own, side="left") / max(len(times), 1)
    found[~np.isfinite(own)] = 0.0
    return found


def _times_of(bare: Dataset, ordering: tuple[ColumnSchema, ...]) -> Floats:
    read = days_of if ordering[0].date_formats else numbers_of
    return np.asarray(read(bare.frame, ordering)[:, 0], np.float64)
