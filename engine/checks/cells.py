"""Columns as checks look at them: in an order where the values have one, as levels where they have none."""

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.checks.sample import shown_number
from engine.table.dates import days_since_1970
from engine.table.schema import Cells, ColumnSchema, Kind

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Rows = NDArray[np.int64]


def ordered_values(cells: pd.Series, column: ColumnSchema) -> Floats | None:
    """Return the values of a column that has an order, missing as NaN, dates as days since 1970; None for levels."""
    if column.cells is Cells.NUMBER:
        numbers = cells.to_numpy(np.float64)
    elif column.kind is Kind.DATE:
        return days_since_1970(cells, column.date_formats)
    elif column.kind.is_number:
        numbers = pd.to_numeric(cells, errors="coerce").to_numpy(np.float64)
    else:
        return None
    return np.where(np.isfinite(numbers), numbers, np.nan)


def level_codes(cells: pd.Series) -> Codes:
    """Return the levels of a column as numbers from 0; missing is the last one."""
    codes, levels = pd.factorize(cells)
    return np.where(codes < 0, len(levels), codes).astype(np.int64)


def spread_rows(n_rows: int, most: int) -> Rows:
    """Return at most so many positions, evenly spread and in order.

    >>> spread_rows(10, 3).tolist()
    [0, 4, 9]
    """
    if n_rows <= most:
        return np.arange(n_rows)
    return np.linspace(0, n_rows - 1, most).round().astype(np.int64)


def cell_text(value: object) -> str:
    """Write one cell for people.

    >>> cell_text(1234567.0), cell_text(1 / 3), cell_text("ab"), cell_text(float("inf"))
    ('1234567', '0.333333', 'ab', 'inf')
    """
    return shown_number(value) if isinstance(value, float) and np.isfinite(value) else str(value)


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a column's name in small letters; Chinese is left in one piece.

    >>> words_of("SalePrice (EUR)"), words_of("days_to_close2"), words_of("出院日期")
    (('sale', 'price', 'eur'), ('days', 'to', 'close', '2'), ('出院日期',))
    """
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])", " ", name)
    return tuple(re.findall(r"[^\W_]+", parted.lower()))
