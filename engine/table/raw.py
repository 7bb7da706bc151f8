"""A table as it stands in its file: every cell a text, before anyone has judged what the columns are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from engine.errors import TableError
from engine.messages import Message, phrase
from engine.table.dialect import Row, has_header, usual_width
from engine.table.names import numbered_names, unique_names

EMPTY = phrase("table_empty", "{name} holds no table.", "Choose a file with a row of column names and rows of values.")
HEADER_ONLY = phrase("table_header_only", "{name} has column names but no rows.", "Choose a file that holds rows too.")
ONE_COLUMN = phrase(
    "table_one_column",
    "{name} has a single column, so there is nothing to predict from.",
    "If it has more, separate them by commas, semicolons or tabs.",
)
NO_HEADER = phrase("read_no_header", "The first row holds values, so the columns are called c1 to c{n}.")
RENAMED = phrase("read_renamed", "Columns renamed, because names must be unique and not empty ({n}): {names}.")
LONG_ROWS = phrase("read_long_rows", "Rows with more cells than there are columns: {n}. What is beyond was left out.")
SHORT_ROWS = phrase("read_short_rows", "Rows with fewer cells than there are columns: {n}. The rest counts as missing.")
TOTALS = phrase(
    "read_totals", "The last row looks like a total ({cell}). It was kept; remove it from the file if it is one."
)

_TOTALS = frozenset({"total", "totals", "sum", "grand total", "gesamt", "summe", "somme", "итого", "合计", "总计"})


@dataclass(frozen=True, kw_only=True)
class RawTable:
    """A table of texts.

    `frame`: pandas `str` columns, NaN for an empty cell, with unique non-empty names. `original_names`: as in the
    file, in the same order. `done`: what reading changed or left out.
    """

    frame: pd.DataFrame
    original_names: tuple[str, ...]
    done: tuple[Message, ...] = ()


def raw_table(rows: Sequence[Row], name: str) -> RawTable:
    """Turn rows of cells, the first perhaps a header, into a table; rows of other lengths are padded or cut."""
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        raise TableError(EMPTY(name=name))
    header = has_header(rows[:200])
    body = rows[1:] if header else rows
    width = max(len(rows[0]), usual_width(body)) if header else usual_width(rows)
    n_long = sum(any(cell.strip() for cell in row[width:]) for row in body)
    # A row that stops early by one is common where the last value is missing; all the same it is told.
    n_short = sum(len(row) < width for row in body)
    columns = [[row[i] if i < len(row) and row[i] else None for row in body] for i in range(width)]
    done = [say(n=n) for say, n in ((LONG_ROWS, n_long), (SHORT_ROWS, n_short)) if n]
    originals = tuple(rows[0]) + ("",) * (width - len(rows[0])) if header else ("",) * width
    frame = pd.DataFrame({i: pd.Series(column, dtype="str") for i, column in enumerate(columns)})
    return named(frame, originals, header=header, name=name, done=done)


def named(
    frame: pd.DataFrame, originals: tuple[str, ...], *, header: bool, name: str, done: Sequence[Message] = ()
) -> RawTable:
    """Give a table of texts its names, and refuse it when it is no table."""
    if not len(frame):
        raise TableError(HEADER_ONLY(name=name) if header and any(originals) else EMPTY(name=name))
    filled = [bool(original.strip()) or bool(frame.iloc[:, i].notna().any()) for i, original in enumerate(originals)]
    # Spreadsheets like to end each row with empty cells: columns without name and values are none.
    frame = frame.loc[:, filled]
    originals = tuple(original for original, keep in zip(originals, filled, strict=True) if keep)
    if frame.shape[1] < 2:
        raise TableError(ONE_COLUMN(name=name))
    names = unique_names(originals) if header else numbered_names(len(originals))
    frame.columns = pd.Index(names, dtype=object)
    told = [*done]
    if not header:
        told.append(NO_HEADER(n=len(names)))
        originals = names
    changed = [made for made, original in zip(names, originals, strict=True) if made != original.strip()]
    if changed:
        told.append(RENAMED(n=len(changed), names=_some(changed)))
    last = frame.iloc[-1].dropna()
    if len(last) and str(last.iloc[0]).strip().lower() in _TOTALS:
        told.append(TOTALS(cell=str(last.iloc[0]).strip()))
    return RawTable(frame=frame.reset_index(drop=True), original_names=originals, done=tuple(told))


def _some(names: Sequence[str], most: int = 5) -> str:
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")


Reader = Callable[[bytes, str], RawTable]
