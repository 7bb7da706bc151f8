"""What the values of each column look like, small enough to show in a table of columns."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from engine.table.dataset import Dataset
from engine.table.schema import ColumnSchema, Kind

N_BINS = 16
N_LEVELS = 6
N_EXAMPLES = 4
_MOST_LETTERS = 80


@dataclass(frozen=True, kw_only=True)
class ColumnProfile:
    """The values of one column.

    `minimum`, `median`, `maximum`: numbers as they are, dates as texts, None for other kinds. `histogram`: rows in
    equal steps from minimum to maximum, empty for other kinds. `top`: the most common levels with their rows, empty for
    numbers, dates and text. `examples`: different cells, the first that come.
    """

    name: str
    n_missing: int
    missing_share: float
    n_distinct: int
    minimum: float | str | None = None
    median: float | str | None = None
    maximum: float | str | None = None
    histogram: tuple[int, ...] = ()
    top: tuple[tuple[str, int], ...] = ()
    examples: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this profile."""
        data = asdict(self)
        data["top"] = [list(pair) for pair in self.top]
        return {name: list(value) if isinstance(value, tuple) else value for name, value in data.items()}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "ColumnProfile":
        """Rebuild a stored profile."""
        top = tuple((level, n) for level, n in data["top"])
        lists = {name: tuple(data[name]) for name in ("histogram", "examples")}
        return ColumnProfile(**{**data, **lists, "top": top})


def profile(dataset: Dataset) -> tuple[ColumnProfile, ...]:
    """Describe every column, in the order of the table."""
    return tuple(_describe(dataset.frame[column.name], column) for column in dataset.schema.columns)


def _describe(cells: pd.Series, column: ColumnSchema) -> ColumnProfile:
    filled = cells.dropna()
    n_missing = len(cells) - len(filled)
    found: dict[str, Any] = {}
    if column.kind.is_number:
        found = _of_numbers(np.asarray(pd.to_numeric(filled, errors="coerce"), np.float64))
    elif column.kind is Kind.DATE:
        found = _of_dates(filled, column)
    elif not column.kind.is_words:
        counts = filled.value_counts().head(N_LEVELS)
        found = {"top": tuple((_shown(level), int(n)) for level, n in counts.items())}
    return ColumnProfile(
        name=column.name,
        n_missing=n_missing,
        missing_share=n_missing / max(len(cells), 1),
        n_distinct=int(filled.nunique()),
        examples=tuple(_shown(cell) for cell in filled.head(1000).drop_duplicates().head(N_EXAMPLES)),
        **found,
    )


def _of_numbers(numbers: "np.ndarray[Any, np.dtype[np.float64]]") -> dict[str, Any]:
    if not len(numbers):
        return {}
    counts, _ = np.histogram(numbers, bins=N_BINS)
    return {
        "minimum": float(numbers.min()),
        "median": float(np.median(numbers)),
        "maximum": float(numbers.max()),
        "histogram": tuple(int(n) for n in counts),
    }


def _of_dates(filled: pd.Series, column: ColumnSchema) -> dict[str, Any]:
    parsed = pd.Series(pd.NaT, index=filled.index, dtype="datetime64[s]")
    for form in column.date_formats:
        parsed = parsed.fillna(pd.to_datetime(filled, format=form, errors="coerce").astype("datetime64[s]"))
    parsed = parsed.dropna()
    if not len(parsed):
        return {}
    seconds = parsed.astype("int64").to_numpy(np.float64)
    has_time = bool((seconds % 86_400).any())
    facts = _of_numbers(seconds)
    for name in ("minimum", "median", "maximum"):
        moment = pd.Timestamp(facts[name], unit="s")
        facts[name] = moment.strftime("%Y-%m-%d %H:%M" if has_time else "%Y-%m-%d")
    return facts


def _shown(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:.6g}" if not cell.is_integer() or abs(cell) >= 1e15 else str(int(cell))
    text = str(cell)
    return text if len(text) <= _MOST_LETTERS else text[: _MOST_LETTERS - 1] + "…"
