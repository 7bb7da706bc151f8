"""What may be changed about a row, and the cells that may stand there instead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from engine.insight.positions import has_positions, levels, positions, steps, text_of
from engine.table.schema import Cells, ColumnSchema

N_STEPS = 12
MOST_LEVELS = 12


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """What may be changed about one column.

    `direction`: 1 only upwards (dates: later), -1 only downwards, 0 both. `lowest`, `highest`: limits of the new
    number; `whole`: only whole numbers. `values`: only these cells, as text; empty leaves all that the table has.
    """

    direction: int = 0
    lowest: float | None = None
    highest: float | None = None
    whole: bool = False
    values: tuple[str, ...] = ()

    def admits(self, before: float, after: float) -> bool:
        """Whether a position may be changed to another.

        >>> Allowed(direction=1, highest=10).admits(3.0, 7.0), Allowed(direction=1).admits(3.0, 2.0)
        (True, False)
        """
        if not np.isfinite(after):
            return False
        onwards = not np.isfinite(before) or (after - before) * self.direction >= 0
        above = self.lowest is None or after >= self.lowest
        below = self.highest is None or after <= self.highest
        return bool(onwards and above and below and (not self.whole or float(after).is_integer()))


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The columns that may be changed, and how; the others stay as they are. `most_changed`: columns at once."""

    columns: Mapping[str, Allowed] = field(default_factory=dict)
    most_changed: int = 3


def candidates(cell: object, cells: pd.Series, column: ColumnSchema, allowed: Allowed) -> list[object]:
    """Return other cells that may stand in place of `cell`, taken from the table; the ends of limits are among them."""
    if not has_positions(column):
        found = _of_levels(cells, allowed)
        return [each for each in found if text_of(each) != text_of(cell)]
    here = position_of(cell, column)
    at, there = steps(cells, column, N_STEPS)
    offered = list(zip(at.tolist(), there, strict=True))
    if allowed.values:
        offered = [(position_of(value, column), as_cell(value, column)) for value in allowed.values]
    elif column.kind.is_number:
        whole = (np.round(at) if allowed.whole else at).tolist()
        ends = [end for end in (allowed.lowest, allowed.highest) if end is not None]
        offered = [(number, as_cell(number, column)) for number in dict.fromkeys([*whole, *ends])]
    return [each for position, each in offered if position != here and allowed.admits(here, position)]


def _of_levels(cells: pd.Series, allowed: Allowed) -> list[object]:
    found, _n = levels(cells, len(cells) if allowed.values else MOST_LEVELS)
    return [each for each in found if not allowed.values or text_of(each) in allowed.values]


def position_of(cell: object, column: ColumnSchema) -> float:
    """Return where one cell lies on its axis; NaN where it does not."""
    if column.kind.is_number:
        try:
            return float(str(cell)) if cell is not None else float("nan")
        except ValueError:
            return float("nan")
    return float(positions(pd.Series([text_of(cell)], dtype="str"), column)[0])


def as_cell(value: float | str, column: ColumnSchema) -> object:
    """Return a number as the cell that the model takes."""
    if not column.kind.is_number:
        return str(value)
    return float(value) if column.cells is Cells.NUMBER else repr(float(value))


def usual_width(cells: pd.Series, column: ColumnSchema) -> float:
    """Return the width in which 90 of 100 cells lie, to measure a change by; 1 where there is none."""
    at = positions(cells, column)
    known = at[np.isfinite(at)]
    width = float(np.quantile(known, 0.95) - np.quantile(known, 0.05)) if len(known) else 0.0
    return width or (float(np.ptp(known)) if len(known) else 0.0) or 1.0


def cost_of(
    changes: Mapping[str, object],
    row: Mapping[str, object],
    widths: Mapping[str, float],
    columns: Sequence[ColumnSchema],
) -> float:
    """Return how far changes go: 1 for each column, and for a number its way as a share of the usual width."""
    by_name = {column.name: column for column in columns}
    total = 0.0
    for name, cell in changes.items():
        column = by_name[name]
        way = abs(position_of(cell, column) - position_of(row.get(name), column)) if has_positions(column) else np.inf
        total += 1.0 + min(1.0, way / widths[name] if np.isfinite(way) else 1.0)
    return total
