"""Reads long text whose rows are nearly all alike, block by block, into a file of columns: quickly, never all at once.

What comes of it is what patient reading makes of the same text. The rows at the end, which may be totals and notes, and
those of another width are read patiently; so is the whole text when its quotation marks are not plain.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from engine.table.files.inner_totals import cells_of, rows_with_hints
from engine.table.files.kept_texts import ParquetTexts, TextsWriter
from engine.table.files.layout import Layout
from engine.table.files.raw import RawTable, Source, named
from engine.table.files.records import Record, records
from engine.table.files.rows import EMPTY_ROWS, RowSorter, sorted_rows
from engine.table.files.stretch import Stretch
from engine.table.files.text_lines import text_lines
from engine.table.options import ReadingOptions

_LEAST_BYTES = 1_000_000  # below, patience costs little
_MOST_COLUMNS = 10_000
_BLOCK_BYTES = 1 << 22
_WIDE_BLOCK_BYTES = 1 << 24  # the pieces of a column should not become too small
_WIDE = 300
_MOST_ODD_ROWS = 10_000
_LAST_ROWS = 3_000
_LAST_CELLS = 1_000_000
_NO_VALUE_OR_RULER = r"^[-=+|:*\s]*$"

_Edit = tuple[int, int, list[str] | None]
"""Rows of a table, from and to, and the cells that stand there instead."""


def read_regular(layout: Layout, source: Source, options: ReadingOptions) -> RawTable | None:
    """Read a text of many rows; None where it is short, or not regular enough to be read in passing."""
    body = _body(layout)
    if body is None or not body.is_plain(layout.dialect):
        return None
    sorter = RowSorter(
        header=layout.header,
        n_columns=layout.n_columns,
        separator=layout.dialect.separator,
        comment=layout.dialect.comment,
        keep_totals=options.keep_totals,
        keep_all_rows=options.keep_all_rows,
        leftovers=layout.leftovers.copy(),
        _n_rows=1,  # the last rows never are the first
    )
    writer = TextsWriter(source.room / "cells.parquet", layout.n_columns)
    reading = _Reading(layout=layout, body=body, sorter=sorter)
    with writer:
        try:
            for table in reading.tables(writer.schema):
                writer.write(table)
        except pa.ArrowInvalid:  # too many odd rows, or one that is longer than a block
            return None
        n_lines = body.count(b"\n")
        if reading.n_lines != n_lines:  # cells over several lines, or quotation marks that swallowed some
            return None
        for table in _last(layout, body.end, n_lines, sorter, writer.schema):
            writer.write(table)
    return _table(writer.texts(), layout, source, sorter)


def _table(texts: ParquetTexts, layout: Layout, source: Source, sorter: RowSorter) -> RawTable:
    kept = sorter.without_inner_totals(texts)
    table = named(kept, layout.originals, header=bool(layout.header), name=source.name)
    done, left_out = sorter.leftovers.told()
    return replace(table, done=(*done, *table.done), left_out=left_out)


def _body(layout: Layout) -> Stretch | None:
    """Return the text without its last rows; None where that is not worth while."""
    if len(layout.spans) != 1 or not 2 <= layout.n_columns <= _MOST_COLUMNS:
        return None
    ((start, end),) = layout.spans
    whole = Stretch(layout.path, start, end)
    n_last = max(min(_LAST_ROWS, _LAST_CELLS // layout.n_columns), 200)
    body = whole.without_last(round(n_last * whole.bytes_per_line()))
    return body if body.end - body.start >= _LEAST_BYTES else None


def _last(layout: Layout, start: int, n_lines: int, sorter: RowSorter, schema: pa.Schema) -> Iterator[pa.Table]:
    """Read the last rows patiently."""
    ((_, end),) = layout.spans
    lines = text_lines(layout.path, start, end)
    cut = records(lines, layout.dialect, n_columns=layout.n_columns, first_line=layout.first_line + n_lines)
    for rows in sorted_rows(cut, sorter):
        yield _rows(rows, schema)


@dataclass(kw_only=True)
class _Reading:
    """Reads the body and puts rows of another width, once they are padded or cut, where they belong."""

    layout: Layout
    body: Stretch
    sorter: RowSorter
    n_lines: int = 0
    _odd: list[tuple[int, str]] = field(default_factory=list)
    _empty_lines: NDArray[np.int64] | None = None

    def tables(self, schema: pa.Schema) -> Iterator[pa.Table]:
        dialect, width = self.layout.dialect, self.layout.n_columns
        with self.body.open() as file:
            reader = arrow_csv.open_csv(
                pa.PythonFile(file, mode="r"),
                read_options=arrow_csv.ReadOptions(
                    column_names=schema.names,
                    block_size=_WIDE_BLOCK_BYTES if width > _WIDE else _BLOCK_BYTES,
                    use_threads=False,  # with threads odd rows come without their numbers
                ),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=dialect.separator,
                    quote_char=dialect.quote or False,
                    ignore_empty_lines=False,
                    invalid_row_handler=self._note,
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=schema,
                    null_values=[""],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=True,
                ),
            )
            for batch in reader:
                table = pa.Table.from_batches([batch])
                yield self._with_odd_rows(_trimmed(table) if dialect.has_padding else table, schema)
        yield self._with_odd_rows(schema.empty_table(), schema)

    def _note(self, row: arrow_csv.InvalidRow) -> str:
        self._odd.append((row.number - 1, row.text))
        return "skip" if len(self._odd) <= _MOST_ODD_ROWS else "error"

    def _with_odd_rows(self, table: pa.Table, schema: pa.Schema) -> pa.Table:
        """Return the next rows with the odd ones between them, and without those that are no rows."""
        edits: list[_Edit] = []
        odd_places: list[int] = []
        odd_lines: list[int] = []
        while self._odd and self._odd[0][0] - self.n_lines - len(odd_places) <= len(table):
            line, text = self._odd.pop(0)
            odd_places.append(line - self.n_lines - len(odd_places))
            record = next(records([text], self.layout.dialect, n_columns=len(schema), first_line=self._at(line)))
            cells = self._kept(record)
            if cells is not None:
                edits.append((odd_places[-1], odd_places[-1], cells))
                odd_lines.append(self._at(line))
        for row in self._doubtful_rows(table):
            line = self.n_lines + row + sum(place <= row for place in odd_places)
            cells = cells_of(table, row)
            if self._kept(Record(self._at(line), [] if self._is_empty(cells, line) else cells)) is None:
                edits.append((row, row + 1, None))
        self._look_for_sums(table, edits, odd_lines, odd_places)
        self.n_lines += len(table) + len(odd_places)
        return _edited(table, sorted(edits, key=lambda edit: edit[:2]), schema) if edits else table

    def _look_for_sums(
        self, table: pa.Table, edits: Sequence[_Edit], odd_lines: Sequence[int], odd_places: Sequence[int]
    ) -> None:
        """Look for rows that sum up others, and count the rows of the table to be."""
        totals = self.sorter.inner_totals
        odd = [(place, cells) for place, _, cells in edits if cells is not None]
        removed = [place for place, _, cells in edits if cells is None]
        if not totals.n_rows:
            totals.take_sample(table)
        for n, ((place, cells), line) in enumerate(zip(odd, odd_lines, strict=True)):
            totals.look_at(cells, line, totals.n_rows + place + n - sum(each < place for each in removed))
        for row in set(rows_with_hints(table) if totals.is_looking else ()).difference(removed):
            n_before = sum(place <= row for place, _ in odd) - sum(each < row for each in removed)
            line = self._at(self.n_lines + row + sum(place <= row for place in odd_places))
            totals.look_at(cells_of(table, row), line, totals.n_rows + row + n_before)
        totals.n_rows += len(table) + len(odd) - len(removed)

    def _is_empty(self, cells: Sequence[str], line: int) -> bool:
        """Say whether nothing stands in a line, not even separators; the cells are empty in both cases."""
        if any(cells):
            return False
        if self._empty_lines is None:
            self._empty_lines = self.body.empty_lines()
        place = int(np.searchsorted(self._empty_lines, line))
        return place < len(self._empty_lines) and int(self._empty_lines[place]) == line

    def _at(self, line: int) -> int:
        return self.layout.first_line + line

    def _kept(self, record: Record) -> list[str] | None:
        if record.is_blank and not (self.sorter.keep_all_rows and len(record.cells) > 1):
            self.sorter.leftovers.add(EMPTY_ROWS, record.line, self.sorter.separator.join(record.cells))
            return None
        row = self.sorter.row(record)
        return row.cells if row else None

    def _doubtful_rows(self, table: pa.Table) -> Sequence[int]:
        """Return the rows in which each cell is empty, a part of a drawn line, or the name of its column."""
        doubtful = None
        for position, column in enumerate(table.columns):
            names = [row[position].strip() for row in self.layout.header if position < len(row)]
            found = pc.or_(
                pc.match_substring_regex(pc.fill_null(column, ""), _NO_VALUE_OR_RULER),
                pc.is_in(pc.utf8_trim_whitespace(column), value_set=pa.array(names, pa.string())),
            )
            doubtful = found if doubtful is None else pc.and_(doubtful, found)
            if not pc.any(doubtful).as_py():
                return ()
        return pc.indices_nonzero(doubtful).to_pylist() if doubtful is not None else ()


def _trimmed(table: pa.Table) -> pa.Table:
    columns = [pc.utf8_trim_whitespace(column) for column in table.columns]
    empty = pa.scalar(None, pa.string())
    return pa.table([pc.if_else(pc.equal(each, ""), empty, each) for each in columns], schema=table.schema)


def _edited(table: pa.Table, edits: Sequence[_Edit], schema: pa.Schema) -> pa.Table:
    pieces, start = [], 0
    for first, last, cells in edits:
        pieces.append(table.slice(start, first - start))
        if cells is not None:
            pieces.append(_rows([cells], schema))
        start = last
    return pa.concat_tables([*pieces, table.slice(start)]).combine_chunks()


def _rows(rows: Sequence[Sequence[str]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else [()] * len(schema.names)
    return pa.table([pa.array([cell or None for cell in column], pa.string()) for column in columns], schema=schema)
