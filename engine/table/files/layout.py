"""Where the table stands in a text file: what is above it, what names its columns, what is below."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise
from pathlib import Path

from engine.errors import TableError
from engine.messages import phrase
from engine.table.files.dialect import Dialect, Row, usual_width
from engine.table.files.header import count_header_rows, joined_names
from engine.table.files.leftovers import Leftovers
from engine.table.files.preamble import bare_names, count_before
from engine.table.files.raw import EMPTY
from engine.table.files.records import Record, records
from engine.table.files.rows import JOINED_NAMES, RULERS, is_ruler
from engine.table.files.sections import Section, find_sections
from engine.table.files.separators import find_dialect, told_separator
from engine.table.files.text_lines import first_lines, place_of, text_lines
from engine.table.options import ReadingOptions

WRONG_SEPARATOR = phrase(
    "table_wrong_separator",
    "{name} has a single column when it is cut at {separator}.",
    "Choose another separator, or let it be found.",
)
SKIPPED_ALL = phrase(
    "table_skipped_all", "{name} has no rows below line {n}.", "Leave out fewer lines before the table."
)
NO_SUCH_TABLE = phrase(
    "table_fewer_tables", "{name} holds {n} tables, so there is no table {table}.", "Choose one from 1 to {n}."
)
SKIPPED_LINES = phrase("read_skipped_lines", "Lines before the table that were left out: {n}.")
OTHER_TABLES = phrase(
    "read_other_tables",
    "Lines of other tables in the same file that were left out: {n}.",
    "Choose which of the tables is read.",
)
BELOW = phrase("read_below", "Lines behind the table that were left out: {n}.")


# Of larger files only the first lines are looked at to find the table.
_MOST_BYTES_AT_ONCE = 1_000_000
_NO_END = 1 << 62


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A text file that is UTF-8, and how to read it.

    `spans`: the bytes, from and to, in which the rows of the table stand, in order and whole lines each; what is
    outside has been read (names) or left out (titles, totals) already. `first_line`: the number in the file, from 1, of
    the first line of rows. `header`: the rows of names, none to three, as they stand. `originals`: one name for each
    column, put together from them; empty texts where there is no header. `n_before`: lines before the header.
    `is_long`: only its first lines have been looked at. `leftovers`: the lines outside that are left out. `n_tables`:
    how many the file holds.
    """

    path: Path
    dialect: Dialect
    n_before: int
    header: tuple[Row, ...]
    originals: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    first_line: int
    is_long: bool = False
    leftovers: Leftovers = field(default_factory=Leftovers)
    n_tables: int = 1

    @property
    def n_columns(self) -> int:
        """The number of cells of a regular row."""
        return len(self.originals)


def find_layout(path: Path, name: str, options: ReadingOptions, *, thorough: bool = False) -> Layout:
    """Find the table in a UTF-8 file; of a large one the first lines are looked at, or all if `thorough`.

    Raises TableError when there is none, or not where the options say.
    """
    lines = first_lines(path)
    if not any(line.strip() for line in lines):
        raise TableError(EMPTY(name=name))
    start = _n_told_lines(lines, options)
    begin = place_of(path, start + 1)
    below = first_lines(path, begin)
    if not any(line.strip() for line in below):
        raise TableError(SKIPPED_ALL(name=name, n=start))
    dialect = find_dialect(below, options.separator or (told_separator(lines[0]) if start == 1 else None))
    n_bytes = path.stat().st_size
    is_long = n_bytes > _MOST_BYTES_AT_ONCE
    if is_long and not thorough and options.table is None:
        sections = _open_ended(find_sections(_cut(first_lines(path, begin), dialect, start + 1)))
    else:
        width = _usual_width(_cut(first_lines(path, begin), dialect, start + 1))
        sections = find_sections(records(text_lines(path, begin), dialect, n_columns=width, first_line=start + 1))
        if options.keep_all_rows and options.table is None:
            all_rows = records(text_lines(path, begin), dialect, n_columns=width, first_line=start + 1)
            sections = _all_in_one(sections, max((_end(row) for row in all_rows if len(row.cells) > 1), default=0))
    section = _chosen(sections, options, name)
    first = _first_line(section, start, options)
    end = place_of(path, section.end_line) if section and section.end_line < _NO_END else n_bytes
    cut = _cut(first_lines(path, place_of(path, first), end), dialect, first)
    layout = _inside(path, dialect, cut, end, sections, section, options, name)
    return replace(layout, is_long=is_long)


def _n_told_lines(lines: Sequence[str], options: ReadingOptions) -> int:
    if options.n_skipped_rows is not None and options.table is None:
        return options.n_skipped_rows
    return 1 if told_separator(lines[0]) else 0


def _first_line(section: Section | None, start: int, options: ReadingOptions) -> int:
    """Return where to begin: tables are counted in the whole file, so lines to skip may lie within the one chosen."""
    if section is None:
        return start + 1
    told = (options.n_skipped_rows or 0) + 1
    return told if options.table is not None and section.first_line < told < section.end_line else section.first_line


def _cut(lines: Sequence[str], dialect: Dialect, first_line: int) -> list[Record]:
    """Cut lines, with the usual number of cells in mind where quotes are in disorder."""
    cut = list(records(lines, dialect, first_line=first_line))
    width = _usual_width(cut)
    if any(record.healed or record.n_lines > 1 for record in cut):
        cut = list(records(lines, dialect, n_columns=width, first_line=first_line))
    return cut


def _usual_width(cut: Sequence[Record]) -> int:
    return usual_width([record.cells for record in cut if len(record.cells) > 1])


def _open_ended(sections: Sequence[Section]) -> tuple[Section, ...]:
    """Let the largest of the sections that begin in the first lines go on to the end of the file."""
    largest = max(sections, key=_size, default=None)
    if largest is None:
        return ()
    first = [section for section in sections if section.first_line < largest.first_line]
    return (*first, replace(largest, end_line=_NO_END, is_table=True))


def _all_in_one(sections: Sequence[Section], end_line: int) -> tuple[Section, ...]:
    """Let the first table go on to the last row of the file, whatever stands between."""
    first = next((section for section in sections if section.is_table), max(sections, key=_size, default=None))
    if first is None:
        return ()
    return (replace(first, end_line=max(end_line, first.end_line), is_table=True),)


def _end(record: Record) -> int:
    return record.line + record.n_lines


def _size(section: Section) -> int:
    return section.n_rows * section.width


def _chosen(sections: Sequence[Section], options: ReadingOptions, name: str) -> Section | None:
    """Return the table that was asked for, else the largest; None where nothing looks like one."""
    tables = [section for section in sections if section.is_table]
    tables = tables or sorted(sections, key=_size, reverse=True)[:1]
    if options.table is not None:
        if not 1 <= options.table <= max(len(tables), 1):
            raise TableError(NO_SUCH_TABLE(name=name, n=max(len(tables), 1), table=options.table))
        return tables[options.table - 1] if tables else None
    return max(tables, key=_size, default=None)


def _inside(
    path: Path,
    dialect: Dialect,
    cut: Sequence[Record],
    end: int,
    sections: Sequence[Section],
    section: Section | None,
    options: ReadingOptions,
    name: str,
) -> Layout:
    """Tell apart, in the lines of one table, what is above it, its names and its rows."""
    width = _usual_width(cut)
    if width < 2 and options.separator:
        raise TableError(WRONG_SEPARATOR(name=name, separator=options.separator))
    n_above = 0 if options.n_skipped_rows is not None else count_before(cut, width, _raw(path, cut))
    table = [record for record in cut[n_above:] if not record.is_blank and not is_ruler(record.cells)]
    if not table:
        raise TableError(EMPTY(name=name))
    rows = [record.cells for record in table]
    n_header = count_header_rows(rows[:200]) if options.n_header_rows is None else min(options.n_header_rows, len(rows))
    header = [*rows[:n_header]]
    if header and dialect.comment and (header[0][0].startswith(f"{dialect.comment} ") or cut[0].line < table[0].line):
        header[0] = bare_names(header[0])
    last = table[n_header - 1] if n_header else None
    first_line = last.line + last.n_lines if last else table[0].line
    leftovers = _outside(path, table[0].line, sections, section)
    for record in table[:n_header] if n_header > 1 else ():
        leftovers.add(JOINED_NAMES, record.line, dialect.separator.join(record.cells))
    for record in cut[n_above:]:
        if table[0].line < record.line < first_line and is_ruler(record.cells):
            leftovers.add(RULERS, record.line, dialect.separator.join(record.cells))
    return Layout(
        path=path,
        dialect=dialect,
        n_before=table[0].line - 1,
        header=tuple(header),
        originals=_names(header, rows[n_header:], by_spaces=dialect.separator in {" ", "\t"}),
        spans=((place_of(path, first_line), end),),
        first_line=first_line,
        leftovers=leftovers,
        n_tables=max(1, sum(each.is_table for each in sections)),
    )


def _raw(path: Path, cut: Sequence[Record]) -> list[str]:
    return list(islice(text_lines(path, place_of(path, cut[0].line)), 500)) if cut else []


def _names(header: Sequence[Row], body: Sequence[Row], *, by_spaces: bool) -> tuple[str, ...]:
    """Return a name for each column; where rows have one cell more than there are names, the first has none."""
    usual, n_names = usual_width(body), max(map(len, header), default=0)
    if len(header) == 1 and usual == n_names + 1:
        n_full = sum(len(row) == usual and bool(row[-1].strip()) for row in body)
        if n_full > 0.9 * len(body) and (by_spaces or _count_up([row[0] for row in body])):
            return ("", *joined_names(header, n_names))
    return joined_names(header, max(usual, n_names))


def _count_up(cells: Sequence[str]) -> bool:
    """Say whether cells are row numbers."""
    numbers = [int(cell) for cell in cells if cell.strip().isdecimal()]
    return len(numbers) == len(cells) and all(after == before + 1 for before, after in pairwise(numbers))


def _outside(path: Path, first_line: int, sections: Sequence[Section], section: Section | None) -> Leftovers:
    """Return the lines above and below the table that are not empty."""
    leftovers = Leftovers()
    end_line = section.end_line if section else None
    others = [each for each in sections if each is not section and each.is_table]
    for number, line in enumerate(text_lines(path), start=1):
        if first_line <= number and (end_line is None or number < end_line):
            if end_line is None or end_line >= _NO_END:
                break
            continue
        if line.strip():
            other = any(each.first_line <= number < each.end_line for each in others)
            why = OTHER_TABLES if other else SKIPPED_LINES if number < first_line else BELOW
            leftovers.add(why, number, line.rstrip("\r\n"))
    return leftovers
