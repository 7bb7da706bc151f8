"""The cells of one sheet become texts, and merged cells are filled with what they stand for."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.messages import Message, phrase
from engine.table.files.cell_text import cell_text
from engine.table.files.dialect import Row

ERRORS = phrase("read_error_cells", "Cells with an error such as #N/A or #DIV/0! count as missing: {n}.")
APOSTROPHES = phrase("read_apostrophes", "Apostrophes before numbers, which only mark them as text, removed: {n}.")

LENGTHS = phrase("read_lengths", "Lengths of time were written in seconds: {n} cells.")

Merged = tuple[tuple[int, int], tuple[int, int]]
_ERRORS = frozenset(
    "#N/A #DIV/0! #REF! #VALUE! #NAME? #NUM! #NULL! #SPILL! #CALC! #GETTING_DATA Err:502 Err:508".split()
)
_MARKED = re.compile(r"'[-+=@]?\d[\d.,\s]*|'[-+=@].*", re.DOTALL)
_MIDNIGHT = dt.time()


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The cells of a sheet as texts, empty for nothing. All rows have the same length.

    `first_row`, `first_column`: their numbers in the sheet, from 1. `merged`: first and last cell, counted in the grid;
    None where the kind of file does not tell.
    """

    rows: list[Row]
    first_row: int
    first_column: int
    merged: tuple[Merged, ...] | None
    done: tuple[Message, ...] = ()


def grid_of(cells: Sequence[Sequence[object]], start: tuple[int, int], merged: Iterable[Merged] | None) -> Grid:
    """Write typed cells as texts. `start`: where they begin in the sheet, from 0."""
    timed = {n for row in cells for n, cell in enumerate(row) if isinstance(cell, dt.datetime) and _has_time(cell)}
    n_errors = n_marked = 0
    n_lengths = sum(isinstance(cell, dt.timedelta) for row in cells for cell in row)
    rows = []
    for row in cells:
        texts = [cell if isinstance(cell, str) else _text(cell, n in timed) for n, cell in enumerate(row)]
        for n, text in enumerate(texts):
            if text[:1] in {"#", "E"} and text in _ERRORS:
                texts[n], n_errors = "", n_errors + 1
            elif text[:1] == "'" and _MARKED.fullmatch(text):
                texts[n], n_marked = text[1:], n_marked + 1
        rows.append(texts)
    told = ((ERRORS, n_errors), (APOSTROPHES, n_marked), (LENGTHS, n_lengths))
    return Grid(
        rows=rows,
        first_row=start[0] + 1,
        first_column=start[1] + 1,
        merged=None if merged is None else tuple(_moved(each, start) for each in merged),
        done=tuple(say(n=n) for say, n in told if n),
    )


def fill_header(rows: list[Row], merged: Iterable[Merged], n_header: int) -> None:
    """Let the name of a group stand over all its columns, and names without a group stand in all rows of names."""
    for (top, left), (_bottom, right) in merged:
        if top < n_header and sum(map(bool, rows[top])) > 1:
            rows[top][left : right + 1] = [rows[top][left]] * (right + 1 - left)
    for n in range(n_header - 2, -1, -1):
        rows[n] = [cell or below for cell, below in zip(rows[n], rows[n + 1], strict=True)]


def fill_body(rows: list[Row], merged: Iterable[Merged], n_header: int) -> int:
    """Write the value of a merged cell into all rows that it covers; returns how many cells were filled."""
    n_filled = 0
    for (top, left), (bottom, right) in merged:
        # A cell alone in its row is a title or a remark, however many columns it covers.
        if top < n_header or not rows[top][left] or (bottom == top and sum(map(bool, rows[top])) < 2):
            continue
        for row in rows[top : bottom + 1]:
            for n in range(left, right + 1):
                n_filled += not row[n]
                row[n] = row[n] or rows[top][left]
    return n_filled


def inside(merged: Iterable[Merged], top: int, bottom: int, left: int, right: int) -> list[Merged]:
    """Return the merged cells of some rows and columns, counted from there and cut off at their ends."""
    found = []
    for (first_row, first_column), (last_row, last_column) in merged:
        if top <= first_row < bottom and left <= first_column < right:
            end = (min(last_row, bottom - 1) - top, min(last_column, right - 1) - left)
            found.append(((first_row - top, first_column - left), end))
    return found


def _has_time(cell: dt.datetime) -> bool:
    return cell.time() != _MIDNIGHT


def _text(cell: object, timed: bool) -> str:
    """Write a cell; days alone where no cell of the column has a time, and midnight where another one has."""
    if isinstance(cell, dt.datetime) and not timed:
        cell = cell.date()
    elif isinstance(cell, dt.date) and not isinstance(cell, dt.datetime) and timed:
        cell = dt.datetime.combine(cell, _MIDNIGHT)
    return cell_text(cell) or ""


def _moved(merged: Merged, start: tuple[int, int]) -> Merged:
    (top, left), (bottom, right) = merged
    return (top - start[0], left - start[1]), (bottom - start[0], right - start[1])
