"""Some rows of a table, drawn evenly and always the same ones, and what checks need to know of them over and over."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.table.dataset import Dataset
from engine.table.schema import Cells, ColumnSchema

MOST_ROWS = 50_000
_MOST_CELLS = 20_000_000
_LEAST_ROWS = 2_000
_MOST_TEXTS = 5_000
_SEED = 0

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Rows of a table. `rows`: their positions, in order; all of them where the table is small."""

    dataset: Dataset
    rows: Rows
    _levels: dict[str, pd.Series] = field(default_factory=dict, compare=False, repr=False)
    _numbers: dict[str, Floats] = field(default_factory=dict, compare=False, repr=False)
    _texts: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    @staticmethod
    def of(dataset: Dataset) -> "Sample":
        """Draw at most 50,000 rows, fewer from tables of very many columns."""
        n = dataset.n_rows
        most = max(_LEAST_ROWS, min(MOST_ROWS, _MOST_CELLS // max(len(dataset.schema.columns), 1)))
        if n <= most:
            return Sample(dataset=dataset, rows=np.arange(n))
        drawn = np.random.default_rng(_SEED).choice(n, most, replace=False, shuffle=False)
        return Sample(dataset=dataset, rows=np.sort(drawn))

    @property
    def is_all(self) -> bool:
        """Whether these are all rows of the table."""
        return len(self.rows) == self.dataset.n_rows

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The rows themselves."""
        return self.dataset.frame if self.is_all else self.dataset.frame.iloc[self.rows]

    def levels(self, name: str) -> pd.Series:
        """Return how many of the rows have each value of a column, the most common first."""
        if name not in self._levels:
            counts = self.frame[name].value_counts(sort=False)
            self._levels[name] = counts.sort_values(ascending=False, kind="stable")
        return self._levels[name]

    def texts(self, name: str) -> str:
        """Return the different texts of a column, the most common first, one a line; of very many the first 5,000.

        As one text they are searched many times faster than one by one.
        """
        if name not in self._texts:
            texts = self.levels(name).index[:_MOST_TEXTS].tolist()
            joined = "\n".join(texts)
            if joined.count("\n") >= len(texts):  # some have lines of their own
                joined = "\n".join(text.replace("\n", " ") for text in texts)
            self._texts[name] = joined
        return self._texts[name]

    def numbers(self, column: ColumnSchema) -> Floats:
        """Return a column of numbers as such, missing as NaN."""
        if column.name not in self._numbers:
            self._numbers[column.name] = _as_numbers(self.frame[column.name], column)
        return self._numbers[column.name]

    def all_numbers(self, column: ColumnSchema) -> Floats:
        """Return a column's numbers in every row where that is cheap, else in these rows."""
        if column.cells is Cells.NUMBER and not self.is_all:
            return np.asarray(self.dataset.frame[column.name], np.float64)
        return self.numbers(column)

    def row_numbers(self, column: ColumnSchema, positions: Rows) -> list[int]:
        """Return the numbers, from 1, of table rows at some positions of `all_numbers`."""
        every = self.is_all or column.cells is Cells.NUMBER
        return [int(row) + 1 for row in (positions if every else self.rows[positions])]


def _as_numbers(cells: pd.Series, column: ColumnSchema) -> Floats:
    if column.cells is Cells.NUMBER:
        return np.asarray(cells, np.float64)
    codes, levels = pd.factorize(cells)
    read = np.asarray(pd.to_numeric(pd.Series(levels, dtype="str"), errors="coerce"), np.float64)
    numbers: Floats = np.append(read, np.nan)[codes]
    return numbers


def distinct_numbers(numbers: Floats) -> tuple[Floats, Rows]:
    """Return the different numbers in order, and how often each comes; missing ones are left out."""
    values, counts = np.unique(numbers[np.isfinite(numbers)], return_counts=True)
    return values, counts.astype(np.int64)


def number_text(value: float) -> str:
    """Write a number as people do and as reading rules read it.

    >>> number_text(-999.0), number_text(0.25), number_text(1e21)
    ('-999', '0.25', '1e+21')
    """
    return str(int(value)) if value == round(value) and abs(value) < 1e15 else repr(float(value))


def shown_number(value: float) -> str:
    """Write a number for people, long fractions rounded.

    >>> shown_number(5234.0), shown_number(1 / 3)
    ('5234', '0.333333')
    """
    return number_text(value) if value == round(value) else f"{value:.6g}"
