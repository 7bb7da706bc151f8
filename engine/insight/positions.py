"""Where the cells of a column lie on an axis, and steps along it that are cells of the table themselves."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.table.dates import days_since_1970
from engine.table.moments import time_of_day
from engine.table.schema import Cells, ColumnSchema, Kind, Subkind

Floats = NDArray[np.float64]
LONGEST_WHOLE = 1e15  # larger ones are written with an exponent
CHOSEN_FROM = frozenset({Kind.CATEGORY, Kind.YES_NO})


def has_positions(column: ColumnSchema) -> bool:
    """Whether the cells of a column can be put in order: numbers, dates and ordered categories."""
    return column.kind.is_number or column.kind is Kind.DATE or bool(column.order)


def positions(cells: pd.Series, column: ColumnSchema) -> Floats:
    """Return numbers as they are, dates as days since 1970, ordered levels counted from 0; NaN where there is none.

    >>> from engine.messages import phrase
    >>> told = phrase("doctest_positions", "Told.")()
    >>> size = ColumnSchema(
    ...     name="size", original_name="size", position=0, kind=Kind.CATEGORY, cells=Cells.TEXT, reason=told,
    ...     order=("small", "large"),
    ... )
    >>> positions(pd.Series(["large", "small", "huge"]), size).tolist()
    [1.0, 0.0, nan]
    """
    if column.order:
        place = {level: float(position) for position, level in enumerate(column.order)}
        return np.array([place.get(text_of(cell), np.nan) for cell in cells])
    if column.kind is Kind.DATE:
        return days_since_1970(cells, column.date_formats)
    if column.cells is Cells.NUMBER:
        numbers = cells.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        numbers = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def steps(cells: pd.Series, column: ColumnSchema, n_steps: int) -> tuple[Floats, list[object]]:
    """Return up to `n_steps + 1` positions with equally many rows in between, and the cells that lie there.

    Every one is a cell of the table, so that whole numbers stay whole and dates keep their format.
    """
    found = positions(cells, column)
    known = np.flatnonzero(np.isfinite(found))
    if not len(known):
        return np.zeros(0), []
    ranked = known[np.argsort(found[known], kind="stable")]
    distinct, first = np.unique(found[ranked], return_index=True)
    if len(distinct) <= n_steps + 1:
        chosen = ranked[first]
    else:
        taken = ranked[np.round(np.linspace(0, len(ranked) - 1, n_steps + 1)).astype(np.int64)]
        chosen = taken[np.unique(found[taken], return_index=True)[1]]
    values = cells.to_numpy(dtype=object)
    return found[chosen], [values[position] for position in chosen]


def levels(cells: pd.Series, most: int) -> tuple[list[object], list[int]]:
    """Return the most frequent cells, and in how many rows each stands."""
    counts = cells.dropna().value_counts()
    counts = counts.sort_index(key=lambda index: index.astype(str)).sort_values(ascending=False, kind="stable")
    counts = counts.iloc[:most]
    return list(counts.index), [int(n) for n in counts]


def with_cell(frame: pd.DataFrame, column: ColumnSchema, cell: object) -> pd.DataFrame:
    """Return the rows with one cell in all of a column."""
    return with_cells(frame, column, np.full(len(frame), cell, dtype=object))


def with_cells(frame: pd.DataFrame, column: ColumnSchema, cells: "NDArray[np.object_] | list[object]") -> pd.DataFrame:
    """Return the rows with other cells in a column, kept as the model takes them."""
    return frame.assign(**{column.name: as_taken(cells, column, frame.index)})


def as_taken(cells: "NDArray[np.object_] | list[object]", column: ColumnSchema, index: pd.Index) -> pd.Series:
    """Return cells as the model takes them: doubles, or texts; NaN or None where there is none."""
    objects = pd.Series(cells, index=index, dtype=object)
    if column.cells is Cells.NUMBER:
        return pd.to_numeric(objects).astype("float64")
    return objects.where(objects.notna(), None).astype("str")


def text_of(cell: object) -> str:
    """Return a cell as a person reads it; empty for a missing one.

    >>> text_of(3.0), text_of("Ulm"), text_of(None), text_of(float("nan"))
    ('3', 'Ulm', '', '')
    """
    if cell is None or (isinstance(cell, float) and np.isnan(cell)) or cell is pd.NA:
        return ""
    if isinstance(cell, float | np.floating) and float(cell).is_integer() and abs(float(cell)) < LONGEST_WHOLE:
        return str(int(cell))
    return str(cell)


def shown(cell: object, column: ColumnSchema) -> str:
    """Return a cell of a column as a person reads it: numbers that are kept as text, and times of day, as such.

    >>> from engine.messages import phrase
    >>> told = phrase("doctest_shown", "Told.")()
    >>> size = ColumnSchema(
    ...     name="size", original_name="size", position=0, kind=Kind.NUMBER, cells=Cells.TEXT, reason=told
    ... )
    >>> shown("133.0", size), shown("ten", size), shown(None, size)
    ('133', 'ten', '')
    """
    if column.subkind is Subkind.TIME and isinstance(cell, str):
        return time_of_day(cell)
    if column.kind.is_number and isinstance(cell, str):
        number = pd.to_numeric(pd.Series([cell]), errors="coerce").iloc[0]
        return text_of(float(number)) if np.isfinite(number) else cell
    return text_of(cell)
