"""One row to play with: cells that can be changed, what the model says of them, and how that moves along a column."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from engine.graph.known_levels import known_levels
from engine.model import Model, open_model
from engine.table.rules import canonical_cells
from engine.table.schema import Cells, ColumnSchema, Kind

MOST_OPEN = 4  # models that a page keeps open, some ten times the size of their file each
N_STEPS = 41  # of a curve along a number
MOST_LEVELS = 200
SHOWN_LEVELS = 12  # of a curve along a category
CHOSEN_FROM = frozenset({Kind.CATEGORY, Kind.YES_NO})

Cell = float | str | None
Row = Mapping[str, Cell]


@dataclass(frozen=True, kw_only=True)
class Playground:
    """A model with some rows of its table, as canonical cells."""

    model: Model
    rows: pd.DataFrame
    levels: Mapping[str, tuple[str, ...]]

    @property
    def columns(self) -> tuple[ColumnSchema, ...]:
        """The columns that the model looks at."""
        return self.model.columns

    def row(self, position: int) -> dict[str, Cell]:
        """Return the cells of one of the rows."""
        return {name: None if pd.isna(cell) else cell for name, cell in self.rows.iloc[position].items()}

    def typical(self) -> dict[str, Cell]:
        """Return a row of medians and most frequent cells; no row of the table needs to look like it."""
        return {column.name: _typical(self.rows[column.name], column) for column in self.columns}

    def span(self, column: ColumnSchema) -> tuple[float, float] | None:
        """Return the lowest and highest number of a column among the rows; None where there is none."""
        numbers = pd.to_numeric(self.rows[column.name], errors="coerce").dropna()
        numbers = numbers[np.isfinite(numbers)]
        return (float(numbers.min()), float(numbers.max())) if len(numbers) else None

    def is_whole(self, column: ColumnSchema) -> bool:
        """Whether all numbers of a column among the rows are whole."""
        numbers = pd.to_numeric(self.rows[column.name], errors="coerce").dropna()
        return bool(len(numbers)) and all(float(number).is_integer() for number in numbers)

    def choices(self, column: ColumnSchema) -> tuple[str, ...]:
        """Return the levels of a category that the file or the rows know, as the graph takes them."""
        seen = {str(cell) for cell in self.rows[column.name].dropna()}
        known = {level for level in self.levels.get(column.name, ()) if level}
        return tuple(_in_order(sorted(seen | known), column))[:MOST_LEVELS]

    def taken(self, typed: str, column: ColumnSchema) -> Cell:
        """Return what a person has typed as the graph takes it, read as in a file; None where it cannot be read."""
        cell = canonical_cells(pd.Series([typed], dtype="str"), column).iloc[0]
        return None if pd.isna(cell) else str(cell)

    def answers(self, rows: Sequence[Row]) -> pd.DataFrame:
        """Return what the model says of rows, and how sure it is: as `Model.predict_cells` with doubt."""
        frame = pd.DataFrame({column.name: _cells(rows, column) for column in self.columns})
        return self.model.predict_cells(frame, doubt=True)

    def along(self, row: Row, column: ColumnSchema) -> pd.DataFrame:
        """Return the answers for a row with other cells in one column: `cell`, and the columns of `answers`."""
        cells = self._steps(row, column)
        return self.answers([{**row, column.name: cell} for cell in cells]).assign(cell=list(cells))

    def _steps(self, row: Row, column: ColumnSchema) -> list[Cell]:
        span = self.span(column) if column.kind.is_number else None
        if span is None:
            frequent = [str(cell) for cell in self.rows[column.name].dropna().value_counts().index[:SHOWN_LEVELS]]
            if column.kind is Kind.DATE:
                frequent.sort()
            own = row.get(column.name)
            others = [] if own is None or str(own) in frequent else [str(own)]
            return [*_in_order([*frequent, *others], column)]
        ends = [end for end in (*span, _number(row.get(column.name))) if np.isfinite(end)]
        numbers = np.linspace(min(ends), max(ends), N_STEPS)
        if self.is_whole(column):
            numbers = np.unique(np.round(numbers))
        return [float(number) if column.cells is Cells.NUMBER else repr(float(number)) for number in numbers]


def playground(model: Path, cells: pd.DataFrame) -> Playground:
    """Open a model with rows of its table, as canonical cells."""
    opened = open_model(model)
    rows = cells[[column.name for column in opened.columns]].reset_index(drop=True)
    return Playground(model=opened, rows=rows, levels=known_levels(model))


def _in_order(levels: Iterable[str], column: ColumnSchema) -> list[str]:
    """Bring the levels of an ordered category into their order, the lowest first; others stay as they are."""
    places = {level: place for place, level in enumerate(column.order)}
    return sorted(levels, key=lambda level: places.get(level, len(places)))


def _typical(cells: pd.Series, column: ColumnSchema) -> Cell:
    filled = cells.dropna()
    if filled.empty:
        return None
    if column.kind.is_number:
        ranked = filled.iloc[pd.to_numeric(filled, errors="coerce").argsort(kind="stable")]
        middle = ranked.iloc[(len(ranked) - 1) // 2]
        return float(middle) if column.cells is Cells.NUMBER else str(middle)
    return filled.mode().iloc[0]  # type: ignore[no-any-return]


def _cells(rows: Sequence[Row], column: ColumnSchema) -> pd.Series:
    cells = [row.get(column.name) for row in rows]
    if column.cells is Cells.NUMBER:
        return pd.Series([_number(cell) for cell in cells], dtype="float64")
    return pd.Series([None if cell is None or cell == "" else str(cell) for cell in cells], dtype="str")


def _number(cell: Cell) -> float:
    try:
        return float("nan") if cell is None or cell == "" else float(cell)
    except ValueError:
        return float("nan")
