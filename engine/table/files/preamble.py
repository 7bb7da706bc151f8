"""What stands above a table: titles, remarks, empty lines."""

from collections.abc import Sequence

from engine.table.files.cell_forms import is_value
from engine.table.files.dialect import Row
from engine.table.files.header import has_header, surely_has_header
from engine.table.files.records import Record
from engine.table.files.rows import is_ruler
from engine.table.files.separators import leading_comment

_MOST_TITLES = 30


def count_before(cut: Sequence[Record], width: int, lines: Sequence[str] = ()) -> int:
    """Count the records above the first that belongs to the table of this width. `lines`: as they stand in the file."""
    mark = leading_comment(lines)
    n_remarks = 0
    while mark and n_remarks < len(cut) and (cut[n_remarks].is_blank or cut[n_remarks].cells[0].startswith(mark)):
        n_remarks += 1
    if n_remarks and _names_columns(cut[n_remarks - 1].cells, width, cut[n_remarks:]):
        return n_remarks - 1
    rows = [record.cells for record in cut[: n_remarks + 200]]
    n = n_remarks
    while n < min(len(rows), n_remarks + _MOST_TITLES) and _is_above(rows, n, width):
        n += 1
    if n == len(rows):
        return n_remarks
    return _first_of_width(rows, n, width)


def bare_names(row: Row) -> Row:
    """Return names without the sign that makes their line a remark.

    >>> bare_names(["# id", "x"]), bare_names(["#", "x"])
    (['id', 'x'], ['#', 'x'])
    """
    bare = row[0].lstrip("#%/;!* ") if row else ""
    return [bare, *row[1:]] if bare else row


def _names_columns(row: Row, width: int, below: Sequence[Record]) -> bool:
    """Say whether the last of the remarks names the columns: it has as many cells, and nothing else names them."""
    return len(row) == width > 1 and not has_header([record.cells for record in below[:200] if not record.is_blank])


def _is_above(rows: Sequence[Row], n: int, width: int) -> bool:
    """Say whether a row is empty, a line that is drawn, or fills far fewer cells than rows of the table do."""
    row = rows[n]
    filled = [i for i, cell in enumerate(row) if cell.strip()]
    if not filled or is_ruler(row):
        return True
    if width < 2 or all(is_value(row[i].strip()) for i in filled):
        return False
    if width == 2:
        return len(row) == 1 or filled == [0]
    if len(filled) > max(1, width // 3):
        return False
    # Names of groups stand right above the names of columns, in as many cells, and not only in the first.
    is_group = len(row) == width and (len(filled) > 1 or filled[0] > 0)
    below = rows[n + 1] if n + 1 < len(rows) else []
    return not (is_group and sum(bool(cell.strip()) for cell in below) > 0.6 * width)


def _first_of_width(rows: Sequence[Row], start: int, width: int) -> int:
    """Pass over rows that are no whole rows above one that surely names the columns."""
    for n in range(start, min(start + _MOST_TITLES, len(rows))):
        if len(rows[n]) == width and not _is_open(rows[n]):
            above = [row for row in rows[start:n] if any(cell.strip() for cell in row)]
            # One row that is short by a cell or two may be names of which one is missing.
            named = len(above) != 1 or not width - 2 <= len(above[0]) <= width or _is_open(above[0])
            return n if n > start and named and surely_has_header(rows[n:]) else start
    return start


def _is_open(row: Row) -> bool:
    """Say whether a row fills its first cells only, not even half of them."""
    n_filled = sum(bool(cell.strip()) for cell in row)
    return n_filled < 0.5 * len(row) and all(cell.strip() for cell in row[:n_filled])
