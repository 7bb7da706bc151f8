"""Lets a simple reader read a large file: it sees rows only, and what it does not see is told."""

from dataclasses import replace
from pathlib import Path

from engine.messages import Phrase
from engine.table.dialect import Dialect, usual_width
from engine.table.layout import Layout
from engine.table.leftovers import Leftovers
from engine.table.records import Record, records
from engine.table.rows import COMMENTS, EMPTY_ROWS, NOTES, REPEATED_HEADERS, RULERS, TOTALS, is_ruler
from engine.table.scan import Hole, count_lines, find_holes
from engine.table.sections import find_sections
from engine.table.text_lines import text_lines
from engine.table.totals import MOST_LAST_ROWS, notes_and_totals

_TAIL_BYTES = 64_000
_MOST_PAUSES = 100


def simple_layout(layout: Layout, *, keep_totals: bool) -> Layout | None:
    """Return the layout with all that is no row cut out; None when a simple reader would read the rows wrongly."""
    dialect = layout.dialect
    if dialect.has_padding or len(dialect.separator.encode()) > 1 or dialect.separator == " ":
        return None
    span = layout.spans[0]
    if layout.n_columns < 2:
        return None
    holes = find_holes(layout.path, span, layout.first_line, dialect, layout.header, layout.n_columns)
    if holes is None or _has_more_tables(layout, holes):
        return None
    end = span[1]
    leftovers = layout.leftovers.copy()
    if not keep_totals:
        end = _without_last(layout, leftovers)
    for hole in holes:
        if hole.start < end:
            leftovers.add(_why(hole, layout), hole.line, hole.text)
    edges = [span[0], *(edge for hole in holes for edge in (hole.start, hole.end)), end]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return replace(
        layout,
        dialect=replace(dialect, comment=""),
        spans=tuple((start, min(stop, end)) for start, stop in pairs if start < min(stop, end)),
        is_regular=True,
        leftovers=leftovers,
    )


def _why(hole: Hole, layout: Layout) -> Phrase:
    cells = hole.text.split(layout.dialect.separator)
    if not any(cell.strip(" " + layout.dialect.quote) for cell in cells):
        return EMPTY_ROWS
    if is_ruler(cells):
        return RULERS
    return COMMENTS if len(cells) != layout.n_columns else REPEATED_HEADERS


def _has_more_tables(layout: Layout, holes: tuple[Hole, ...]) -> bool:
    """Say whether another table begins behind one of the first empty lines."""
    pauses = [hole for hole in holes if hole.is_blank]
    return any(
        _starts_table(layout.path, layout.dialect, pause, layout) for pause in (*pauses[:_MOST_PAUSES], *pauses[-1:])
    )


def _starts_table(path: Path, dialect: Dialect, pause: Hole, layout: Layout) -> bool:
    above = list(text_lines(path, layout.spans[0][0], min(layout.spans[0][0] + 5_000, pause.start)))
    below = list(text_lines(path, pause.start, min(pause.end + 20_000, layout.spans[0][1])))
    names = [Record(0, list(row)) for row in layout.header]
    cut = list(records([*above, *below], dialect, n_columns=layout.n_columns, first_line=layout.first_line))
    return sum(section.is_table for section in find_sections([*names, *cut])) > 1


def _without_last(layout: Layout, leftovers: Leftovers) -> int:
    """Return where the rows end when totals and notes at the end are left out."""
    begin, end = layout.spans[0]
    start = max(begin, end - _TAIL_BYTES)
    lines = list(text_lines(layout.path, start, end))[1 if start > begin else 0 :]
    start = end - sum(len(line.encode()) for line in lines)
    cut = list(records(lines, layout.dialect, n_columns=layout.n_columns))
    filled = [record for record in cut if not record.is_blank]
    n_last = min(MOST_LAST_ROWS, len(filled) // 2)
    if usual_width([record.cells for record in filled]) != layout.n_columns or not n_last:
        return end
    last, before = filled[-n_last:], filled[:-n_last]
    blank = {record.line + record.n_lines for record in cut if record.is_blank}
    kinds = notes_and_totals(
        [record.cells for record in last],
        [record.cells for record in before],
        [record.line in blank for record in last],
    )
    if not kinds:
        return end
    left = last[-len(kinds) :]
    place = start + sum(len(line.encode()) for line in lines[: left[0].line - 1])
    offset = layout.first_line + count_lines(layout.path, begin, start) - 1
    for record, is_note in zip(left, kinds, strict=True):
        leftovers.add(NOTES if is_note else TOTALS, record.line + offset, layout.dialect.separator.join(record.cells))
    return place
