"""Rows of any length become a table: padded or cut to its columns, without what is no row of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from engine.errors import TableError
from engine.messages import Phrase, phrase
from engine.table.files.dialect import Row, usual_width
from engine.table.files.header import count_header_rows, joined_names
from engine.table.files.inner_totals import InnerTotals
from engine.table.files.leftovers import Leftovers
from engine.table.files.raw import EMPTY, FrameTexts, RawTable, Texts, WithoutRows, named
from engine.table.files.records import Record
from engine.table.files.totals import MOST_LAST_ROWS, notes_and_totals
from engine.table.options import AUTOMATIC, ReadingOptions

LONG_ROWS = phrase("read_long_rows", "Rows with more cells than there are columns: {n}. What is beyond was left out.")
SHORT_ROWS = phrase("read_short_rows", "Rows with fewer cells than there are columns: {n}. The rest counts as missing.")
EMPTY_ROWS = phrase("read_empty_rows", "Empty rows between the others, left out: {n}.")
COMMENTS = phrase("read_comments", "Remarks between the rows, left out: {n}.")
RULERS = phrase("read_rulers", "Lines drawn between the rows, left out: {n}.")
REPEATED_HEADERS = phrase("read_repeated_headers", "Rows that repeat the names of the columns, left out: {n}.")
TOTALS = phrase(
    "read_totals",
    "Rows at the end that look like totals, left out: {n}.",
    "Look at them; if they are rows like the others, let them be kept.",
)
INNER_TOTALS = phrase(
    "read_inner_totals",
    "Rows within the table that sum up others, left out: {n}.",
    "Look at them; if they are rows like the others, let them be kept.",
)
NOTES = phrase("read_notes", "Lines below the table, left out: {n}.")
QUOTES_IGNORED = phrase(
    "read_quotes_ignored", "Lines with a quotation mark too few or too many, in which it counts as a letter: {n}."
)
JOINED_NAMES = phrase("read_joined_names", "The names of the columns were put together from {n} rows.")

_CHUNK_CELLS = 1_000_000
_MOST_COMPARED_ROWS = 2_000


@dataclass(kw_only=True)
class RowSorter:
    """Takes the records below a header one after the other and keeps those that are rows, all of one width."""

    header: Sequence[Row]
    n_columns: int
    separator: str = ","
    comment: str = ""
    keep_totals: bool = False
    keep_all_rows: bool = False
    leftovers: Leftovers = field(default_factory=Leftovers)
    inner_totals: InnerTotals = field(default_factory=InnerTotals)
    _names: frozenset[tuple[str, ...]] = frozenset()
    _first_names: frozenset[str] = frozenset()
    _n_rows: int = 0
    _blank: list[Record] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._names = frozenset(tuple(cell.strip() for cell in row) for row in self.header if any(row))
        self._first_names = frozenset(row[0] for row in self._names)

    def row(self, record: Record) -> Record | None:
        """Return the record with as many cells as there are columns, or None when it is no row."""
        cells = record.cells
        if not any(cell.strip() for cell in cells) and not (self.keep_all_rows and len(cells) > 1):
            self._blank.append(record)
            return None
        for blank in self._blank if self._n_rows else ():
            self._leave(EMPTY_ROWS, blank)
        self._blank.clear()
        why = self._why_none(cells)
        if why and self.keep_all_rows and not self._is_surely_none(cells, why):
            why = None
        if why:
            self._leave(why, record)
            return None
        self._n_rows += 1
        if record.healed and record.n_lines:
            self._leave(QUOTES_IGNORED, record)
        if len(cells) == self.n_columns:
            return record
        if len(cells) < self.n_columns:
            self._leave(SHORT_ROWS, record)
            return replace(record, cells=cells + [""] * (self.n_columns - len(cells)))
        beyond = cells[self.n_columns :]
        if any(cell.strip() for cell in beyond):
            self.leftovers.add(LONG_ROWS, record.line, self.separator.join(beyond))
        return replace(record, cells=cells[: self.n_columns])

    def without_inner_totals(self, texts: Texts) -> Texts:
        """Leave out, of the rows that were kept, those that sum up the rows above them."""
        if self.keep_totals or self.keep_all_rows:
            return texts
        sums = self.inner_totals.proven(texts)
        self.leftovers.forget_all({each.line for each in sums})
        for each in sums:
            self.leftovers.add(INNER_TOTALS, each.line, self.separator.join(each.cells))
        return WithoutRows(texts, tuple(each.row for each in sums)) if sums else texts

    def follows_blank(self) -> bool:
        """Say whether an empty line stands before the next record."""
        return bool(self._blank)

    def _why_none(self, cells: Row) -> Phrase | None:
        first = cells[0]
        if first.strip() in self._first_names and tuple(cell.strip() for cell in cells) in self._names:
            return REPEATED_HEADERS
        if len(cells) != self.n_columns and self.comment and first.startswith(self.comment):
            return COMMENTS
        if first[:1] in "-=+|:*" and is_ruler(cells):
            return RULERS
        return None

    def _is_surely_none(self, cells: Row, why: Phrase) -> bool:
        """Say whether it is beyond doubt that a row is none: its own separators would make it one."""
        return len(cells) == 1 < self.n_columns or (why is RULERS and self.separator in "|+")

    def _leave(self, why: Phrase, record: Record) -> None:
        self.leftovers.add(why, record.line, self.separator.join(record.cells))


def is_ruler(cells: Row) -> bool:
    """Know a line drawn with dashes: at least three in a row, and nothing else.

    >>> is_ruler(["---", ":---:"]), is_ruler(["-", "-"])
    (True, False)
    """
    bare = ["".join(cell.split()) for cell in cells]
    return all(set(cell) <= set("-=+|:*") for cell in bare) and any("---" in cell or "===" in cell for cell in bare)


def sorted_rows(cut: Iterable[Record], sorter: RowSorter) -> Iterator[list[Row]]:
    """Yield the rows among some records, many at a time; totals and notes at the end are left out."""
    n_chunk = max(_CHUNK_CELLS // sorter.n_columns, 1)
    n_compared = min(_MOST_COMPARED_ROWS, max(n_chunk, 2 * MOST_LAST_ROWS))
    waiting: list[Record] = []
    after_blank: set[int] = set()
    for record in cut:
        apart = sorter.follows_blank()
        row = sorter.row(record)
        if not row:
            continue
        waiting.append(row)
        sorter.inner_totals.see(row.cells, row.line)
        if apart:
            after_blank.add(row.line)
        if len(waiting) > n_chunk + n_compared:
            yield [each.cells for each in waiting[:n_chunk]]
            waiting = waiting[n_chunk:]
            after_blank.clear()
    if not (sorter.keep_totals or sorter.keep_all_rows):
        waiting = waiting[: len(waiting) - _leave_last(waiting, after_blank, sorter)]
    yield [each.cells for each in waiting]


def _leave_last(rows: Sequence[Record], after_blank: set[int], sorter: RowSorter) -> int:
    """Leave out the totals and notes at the end, and return how many they are."""
    # Of a short table at least half are rows.
    n_last = min(MOST_LAST_ROWS, len(rows) // 2)
    last, before = rows[len(rows) - n_last :], rows[: len(rows) - n_last]
    short = {line for line, _ in sorter.leftovers.lines.get(SHORT_ROWS, ())}
    kinds = notes_and_totals(
        [_trimmed(record.cells) for record in last],
        [record.cells for record in before],
        [record.line in after_blank for record in last],
        [record.line not in short for record in last],
    )
    for record, is_note in zip(reversed(rows), reversed(kinds), strict=False):
        sorter.leftovers.forget(record.line)
        sorter.leftovers.add(NOTES if is_note else TOTALS, record.line, sorter.separator.join(_trimmed(record.cells)))
    return len(kinds)


def _trimmed(cells: Row) -> Row:
    """Return the cells up to the last that holds something."""
    n = len(cells)
    while n and not cells[n - 1].strip():
        n -= 1
    return cells[:n]


def raw_table(rows: Iterable[Row], name: str, options: ReadingOptions = AUTOMATIC, *, first_line: int = 1) -> RawTable:
    """Turn rows of cells, the first perhaps a header, into a table; rows of other lengths are padded or cut.

    `first_line`: the number of the first row, as it is told to a person.
    """
    cut = [Record(line, list(cells)) for line, cells in enumerate(rows, start=first_line)]
    filled = [record.cells for record in cut if not record.is_blank]
    if not filled:
        raise TableError(EMPTY(name=name))
    told = options.n_header_rows
    n_header = count_header_rows(filled[:200]) if told is None else min(told, len(filled))
    header, body = filled[:n_header], filled[n_header:]
    width = max([usual_width(body), *map(len, header)])
    sorter = RowSorter(
        header=header, n_columns=width, keep_totals=options.keep_totals, keep_all_rows=options.keep_all_rows
    )
    for record in [record for record in cut if not record.is_blank][:n_header] if n_header > 1 else ():
        sorter.leftovers.add(JOINED_NAMES, record.line, sorter.separator.join(record.cells))
    start = next((n for n, record in enumerate(cut) if header and record.cells is header[-1]), -1) + 1
    kept = [row for chunk in sorted_rows(cut[start:], sorter) for row in chunk]
    columns = list(zip(*kept, strict=True)) or [()] * width
    frame = pd.DataFrame(
        {i: pd.Series([cell or None for cell in column], dtype="str") for i, column in enumerate(columns)}
    )
    texts = sorter.without_inner_totals(FrameTexts(frame))
    done, left_out = sorter.leftovers.told()
    table = named(texts, joined_names(header, width), header=n_header > 0, name=name, done=done)
    return replace(table, left_out=left_out, read_as=replace(options, n_header_rows=n_header))
