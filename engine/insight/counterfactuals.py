"""The nearest changes to a row that would change what is said of it, within limits, and the best that they can reach.

A beam search over cells of the table, asked of the model's file: first every single change, then the best of these with
a second one, and so on; few changed columns come before short ways (as Mothilal et al. 2020 ask of counterfactuals).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.insight.allowed import Allowed, Limits, as_cell, candidates, cost_of, position_of, usual_width
from engine.insight.asking import Asked, answers_of
from engine.insight.positions import as_taken, has_positions
from engine.table.schema import ColumnSchema
from engine.tasks.task import PREDICTION

BEAM = 8
MOST_ASKED = 4_000  # rows in one step
HALVINGS = 8
SHOWN = 3

Row = Mapping[str, object]
Changes = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Goal:
    """What is wanted: another `answer`, or a number: of at least `number` where `upwards`, else of at most that."""

    answer: str = ""
    number: float | None = None
    upwards: bool = True


@dataclass(frozen=True, kw_only=True)
class Change:
    """Cells in place of those of the row, and what the model then says: its answer and the outcome that is aimed at."""

    cells: Mapping[str, object]
    prediction: str
    outcome: float


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search found.

    `nearest`: changes that reach the goal, the nearest first, each with other columns. `best`: the outcome farthest in
    the wanted direction; None where nothing may be changed or nothing helps.
    """

    nearest: tuple[Change, ...]
    best: Change | None


@dataclass(frozen=True, kw_only=True)
class _Search:
    asked: Asked
    row: Row
    goal: Goal
    limits: Limits
    offered: Mapping[str, Sequence[object]]
    widths: Mapping[str, float]

    def frame(self, changes: Sequence[Changes]) -> pd.DataFrame:
        index = pd.RangeIndex(len(changes))
        return pd.DataFrame(
            {
                column.name: as_taken(
                    [each.get(column.name, self.row.get(column.name)) for each in changes], column, index
                )
                for column in self.asked.columns
            }
        )

    def ask(self, changes: Sequence[Changes]) -> list[Change]:
        """Return what the model says with each of the changes, in one call."""
        if not changes:
            return []
        (said,) = self.asked.said([self.frame(changes)])
        values = aimed_at(said, self.asked, self.goal)
        return [
            Change(cells=cells, prediction=str(answer), outcome=float(value))
            for cells, answer, value in zip(changes, said[PREDICTION], values, strict=True)
        ]

    def reached(self, change: Change) -> bool:
        if self.goal.number is None:
            return change.prediction == self.goal.answer
        beyond = change.outcome - self.goal.number
        return beyond >= 0 if self.goal.upwards else beyond <= 0

    def cost(self, change: Change) -> float:
        return cost_of(change.cells, self.row, self.widths, self.asked.columns)

    def longer(self, changes: Sequence[Changes]) -> list[Changes]:
        """Return every change with one more column; each set of cells once, and no more than may be asked."""
        found = {
            tuple(sorted((name, repr(value)) for name, value in cells.items())): cells
            for before in changes
            for name, offered in self.offered.items()
            if name not in before
            for cell in offered
            for cells in [{**before, name: cell}]
        }
        return list(found.values())[:MOST_ASKED]


def aimed_at(said: pd.DataFrame, asked: Asked, goal: Goal) -> np.ndarray:
    """Return what a goal speaks of: the number, or the chance of the answer."""
    name = f"probability_{goal.answer}" if answers_of(asked.task) else PREDICTION
    return np.asarray(said[name].to_numpy(dtype=np.float64))


def counterfactuals(asked: Asked, row: Row, rows: pd.DataFrame, goal: Goal, limits: Limits) -> Found:
    """Search the changes that a goal needs. `rows`: of the table, whose cells are tried.

    Nothing outside the limits is ever tried. At most 4,000 rows are asked a step, one step for each column that may
    change at once.
    """
    columns = {column.name: column for column in asked.columns if column.name in limits.columns}
    offered = {
        name: candidates(row.get(name), rows[name], column, limits.columns[name]) for name, column in columns.items()
    }
    widths = {
        name: usual_width(rows[name], column) if has_positions(column) else 1.0 for name, column in columns.items()
    }
    search = _Search(asked=asked, row=row, goal=goal, limits=limits, offered=offered, widths=widths)
    (as_is,) = search.ask([{}])
    seen: list[Change] = [as_is]
    beam: list[Change] = [as_is]
    for _step in range(max(0, limits.most_changed)):
        tried = search.ask(search.longer([dict(change.cells) for change in beam]))
        if not tried:
            break
        seen += tried
        beam = _ranked(tried, goal)[:BEAM]
    best = _ranked(seen, goal)[0]
    return Found(
        nearest=()
        if search.reached(as_is)
        else _nearest(search, [change for change in seen if search.reached(change)]),
        best=best if best.cells and best.outcome != as_is.outcome else None,
    )


def _ranked(changes: Sequence[Change], goal: Goal) -> list[Change]:
    sign = -1 if goal.upwards or goal.answer else 1
    return sorted(changes, key=lambda change: (sign * change.outcome, len(change.cells)))


def _nearest(search: _Search, reaching: Sequence[Change]) -> tuple[Change, ...]:
    """Return the nearest change for each set of columns, none of which could leave one of its columns out."""
    cheapest: dict[frozenset[str], Change] = {}
    for change in sorted(reaching, key=search.cost):
        names = frozenset(change.cells)
        if not any(known <= names for known in cheapest):
            cheapest[names] = change
    nearer = _shortened(search, list(cheapest.values())[:SHOWN])
    return tuple(sorted(nearer, key=search.cost))


def _shortened(search: _Search, changes: list[Change]) -> list[Change]:
    """Bring changed numbers as near to what they were as the goal allows, by halving the way, one column a turn."""
    for column in search.asked.columns:
        allowed = search.limits.columns.get(column.name)
        if column.kind.is_number and allowed is not None and not allowed.values:
            changes = _halved(search, changes, column, allowed)
    return changes


def _halved(search: _Search, changes: list[Change], column: ColumnSchema, allowed: Allowed) -> list[Change]:
    start = position_of(search.row.get(column.name), column)
    near, nearest = [start] * len(changes), list(changes)
    for _halving in range(HALVINGS):
        halfway = [
            _between(change, column, end, whole=allowed.whole) for change, end in zip(nearest, near, strict=True)
        ]
        moved: dict[int, Changes] = {}
        for i, cells in enumerate(halfway):
            if cells is None:
                continue
            near_by = position_of(cells[column.name], column)
            if allowed.admits(start, near_by):
                moved[i] = cells
            else:  # the row itself lies beyond the limits
                near[i] = near_by
        for i, change in zip(moved, search.ask(list(moved.values())), strict=True):
            if search.reached(change):
                nearest[i] = change
            else:
                near[i] = position_of(change.cells[column.name], column)
    return nearest


def _between(change: Change, column: ColumnSchema, near: float, *, whole: bool) -> Changes | None:
    """Return a change with one number halfway back; None where it is not changed or there is nothing in between."""
    if column.name not in change.cells or not np.isfinite(near):
        return None
    far = position_of(change.cells[column.name], column)
    middle = float(np.round((near + far) / 2)) if whole else float(f"{(near + far) / 2:.4g}")
    return {**change.cells, column.name: as_cell(middle, column)} if min(near, far) < middle < max(near, far) else None
