"""Groups of rows that a person can name: those with one value in a column, or with values from here to there."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.checks.cells import cell_text, ordered_values
from engine.messages import listed
from engine.table.dates import SECONDS_PER_DAY
from engine.table.moments import MOMENT, time_of_day
from engine.table.schema import ColumnSchema, Kind, Role, TableSchema

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

LEAST_ROWS = 30
MOST_BINS = 8
MOST_LEVELS = 100  # of a column, the most frequent ones
_DIGITS = 3  # of the width of a column
_FEW = 8  # numbers: each is a group of its own
_UNNAMED = frozenset({Kind.ID, Kind.CONSTANT, Kind.TEXT, Kind.LIST, Kind.LINK})
_UNLOOKED = frozenset({Role.TARGET, Role.WEIGHT, Role.IGNORED})


@dataclass(frozen=True, kw_only=True)
class Group:
    """Rows that a column tells apart. `value`: what they have in it; empty for rows without a value."""

    column: str
    value: str
    rows: Rows


def groups_of(cells: pd.DataFrame, schema: TableSchema, skipped: frozenset[str] = frozenset()) -> Iterator[Group]:
    """Yield the groups of at least 30 rows, but fewer than all but 30, by every column worth asking.

    `skipped`: columns to leave alone: the target, and those that were left out by themselves.
    """
    for column in schema.columns:
        if column.name in skipped or column.name not in cells or column.role in _UNLOOKED or column.kind in _UNNAMED:
            continue
        for group in groups_by(cells[column.name], column):
            if LEAST_ROWS <= len(group.rows) <= len(cells) - LEAST_ROWS:
                yield group


def groups_by(cells: pd.Series, column: ColumnSchema) -> Iterator[Group]:
    """Yield the groups of one column, of any size: rows without a value first, then its levels or ranges."""
    values = ordered_values(cells, column)
    missing = cells.isna().to_numpy() if values is None else np.isnan(values)
    yield Group(column=column.name, value="", rows=np.flatnonzero(missing))
    if values is not None and len(np.unique(values[~missing])) > _FEW:
        yield from _ranges(values, column)
        return
    codes, levels = pd.factorize(cells.where(~missing) if values is None else values)
    counts = np.bincount(codes[codes >= 0], minlength=len(levels))
    for code in np.argsort(-counts, kind="stable")[:MOST_LEVELS]:
        value = levels[code]
        text = cell_text(value) if values is None else written(float(value), column)
        yield Group(column=column.name, value=listed([text]), rows=np.flatnonzero(codes == code))


def _ranges(values: Floats, column: ColumnSchema) -> Iterator[Group]:
    known = np.flatnonzero(np.isfinite(values))
    n_bins = max(2, min(MOST_BINS, len(known) // (2 * LEAST_ROWS)))
    edges = np.unique(np.quantile(values[known], np.linspace(0, 1, n_bins + 1), method="nearest"))
    place = np.clip(np.searchsorted(edges, values[known], "left") - 1, 0, max(0, len(edges) - 2))
    width = float(np.ptp(values[known])) if len(known) else 0.0
    for each in np.unique(place):
        rows = known[place == each]
        low, high = (written(float(end), column, width) for end in (values[rows].min(), values[rows].max()))
        yield Group(column=column.name, value=f"{low} – {high}" if low != high else low, rows=rows)


def written(value: float, column: ColumnSchema, width: float = 0.0) -> str:
    """Write a number, or a moment that counts days since 1970; `width`: of the column, for digits that matter in it."""
    if column.kind is Kind.DATE:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=round(value * SECONDS_PER_DAY))
        return f"{moment:%Y-%m-%d}" if column.tells_days else time_of_day(f"{moment:{MOMENT}}")
    width = min(width, 10 * abs(value))  # of a long tail nearly all values would be 0
    return cell_text(round(value, _DIGITS - 1 - math.floor(math.log10(width))) if width > 0 else value)
