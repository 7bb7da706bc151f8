"""What the values of each column look like, small enough to show in a table of columns."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.table.dataset import Dataset
from engine.table.distinct import count_distinct, most_common, n_steps, pieces
from engine.table.files.memory import give_memory_back
from engine.table.moments import MOMENT, time_of_day
from engine.table.schema import Cells, ColumnSchema, Kind, Subkind

Floats = NDArray[np.float64]

N_BINS = 16
N_LEVELS = 6
N_EXAMPLES = 4
_MOST_LETTERS = 80
_LONG = 500_000
_READ_BY_ARROW = {"%Y", "%m", "%d", "%H", "%M", "%S"}


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
    described = []
    for column in dataset.schema.columns:
        described.append(_describe(dataset.frame[column.name], column))
        if dataset.n_rows >= _LONG:
            give_memory_back()
    return tuple(described)


def _describe(cells: pd.Series, column: ColumnSchema) -> ColumnProfile:
    n_missing = int(cells.isna().sum())
    filled = cells.dropna() if n_missing else cells
    n_distinct: int | None = None
    found: dict[str, Any] = {}
    if column.kind.is_number:
        numbers = np.sort(numbers_in(filled))
        numbers = numbers[: np.searchsorted(numbers, np.inf)]  # what is no number stands last
        found = _of_numbers(numbers)
        if column.cells is Cells.NUMBER:
            n_distinct = n_steps(numbers)
    elif column.kind is Kind.DATE:
        found = _of_dates(filled, column)
    elif not column.kind.is_words:
        common, n_distinct = most_common(filled, N_LEVELS)
        found = {"top": tuple((shown(level), n) for level, n in common)}
    return ColumnProfile(
        name=column.name,
        n_missing=n_missing,
        missing_share=n_missing / max(len(cells), 1),
        n_distinct=count_distinct(filled) if n_distinct is None else n_distinct,
        examples=tuple(_example(cell, column) for cell in filled.head(1000).drop_duplicates().head(N_EXAMPLES)),
        **found,
    )


def numbers_in(filled: pd.Series) -> Floats:
    """Return new numbers; NaN for what is none, as when a person calls a column of texts a number."""
    if not isinstance(filled.dtype, pd.StringDtype):
        return np.array(filled, np.float64)
    try:
        return np.array(pc.cast(pa.array(filled.array, pa.large_string()), pa.float64()), np.float64)
    except pa.ArrowInvalid:
        return np.array(pd.to_numeric(filled, errors="coerce"), np.float64)


def _of_numbers(ordered: Floats) -> dict[str, Any]:
    """Describe numbers that are in order."""
    if not len(ordered):
        return {}
    first, last = float(ordered[0]), float(ordered[-1])
    edges = np.histogram_bin_edges(ordered[[0, -1]], bins=N_BINS)
    below = np.searchsorted(ordered, edges[1:-1], side="left")
    middle = len(ordered) // 2
    return {
        "minimum": first,
        "median": float(ordered[middle]) if len(ordered) % 2 else float(ordered[middle - 1 : middle + 1].mean()),
        "maximum": last,
        "histogram": tuple(int(n) for n in np.diff([0, *below, len(ordered)])),
    }


def _of_dates(filled: pd.Series, column: ColumnSchema) -> dict[str, Any]:
    seconds = [date_seconds(piece, column.date_formats) for piece in pieces(filled)]
    ordered = np.sort(np.concatenate(seconds)) if seconds else np.zeros(0)
    if not len(ordered):
        return {}
    has_time = bool((ordered % 86_400).any())
    facts = _of_numbers(ordered)
    for name in ("minimum", "median", "maximum"):
        facts[name] = moment_text(facts[name], column, has_time=has_time)
    return facts


def moment_text(seconds: float, column: ColumnSchema, *, has_time: bool) -> str:
    """Write seconds since 1970 as a date, in a column of times of day as one of these."""
    moment = pd.Timestamp(seconds, unit="s")
    if not column.tells_days:
        return time_of_day(moment.strftime(MOMENT))
    text: str = moment.strftime("%Y-%m-%d %H:%M" if has_time else "%Y-%m-%d")
    return text


def date_seconds(filled: pd.Series, formats: Iterable[str]) -> Floats:
    """Return the seconds since 1970 of the dates among some cells."""
    found: list[Floats] = []
    for form in formats:
        if "%Y" in form and set(re.findall("%.", form)) <= _READ_BY_ARROW:
            texts = pa.array(filled.array, pa.large_string())
            read = pc.strptime(texts, format=form, unit="s", error_is_null=True).to_pandas()
        else:
            read = pd.to_datetime(filled, format=form, errors="coerce", utc="%z" in form)
        known = read.notna().to_numpy(bool)
        moments = read[known].dt.tz_localize(None) if read.dt.tz is not None else read[known]
        found.append(moments.to_numpy("datetime64[s]").astype(np.float64))
        filled = filled[~known]
        if not len(filled):
            break
    return np.concatenate(found) if found else np.zeros(0)


def _example(cell: object, column: ColumnSchema) -> str:
    return time_of_day(str(cell)) if column.subkind is Subkind.TIME else shown(cell)


def shown(cell: object) -> str:
    """Write a cell for a table of columns, a long one cut off."""
    if isinstance(cell, float):
        return f"{cell:.6g}" if not cell.is_integer() or abs(cell) >= 1e15 else str(int(cell))
    text = str(cell)
    return text if len(text) <= _MOST_LETTERS else text[: _MOST_LETTERS - 1] + "…"
