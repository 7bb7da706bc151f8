"""Reads text whose rows are all alike, block by block, into a file of columns: quickly, and never all at once."""

import io
from collections.abc import Iterator
from typing import BinaryIO

import pyarrow as pa
from pyarrow import csv as arrow_csv

from engine.table.kept_texts import ParquetTexts, TextsWriter
from engine.table.layout import Layout
from engine.table.raw import RawTable, Source, named

_MOST_CELLS = 10_000
_BLOCK_BYTES = 1 << 22
_WIDE_BLOCK_BYTES = 1 << 24  # the pieces of a column should not become too small
_WIDE = 300


def read_regular(layout: Layout, source: Source) -> RawTable | None:
    """Read a text whose rows all have the same number of cells; None when one of them has not."""
    dialect, width = layout.dialect, layout.n_columns
    simple = layout.is_regular and len(dialect.separator) == 1 and dialect.separator != " " and not dialect.comment
    if not simple or not 2 <= width <= _MOST_CELLS:
        return None
    n_quotes = _count(layout, dialect.quote.encode()) if dialect.quote else 0
    if n_quotes % 2:
        return None
    texts = _kept(layout, source, has_quotes=n_quotes > 0)
    return named(texts, layout.originals, header=bool(layout.header), name=source.name) if texts else None


def _kept(layout: Layout, source: Source, *, has_quotes: bool) -> ParquetTexts | None:
    dialect, width = layout.dialect, layout.n_columns
    writer = TextsWriter(source.room / "cells.parquet", width)
    block_bytes = _WIDE_BLOCK_BYTES if width > _WIDE else _BLOCK_BYTES
    with layout.path.open("rb") as file, writer:
        try:
            reader = arrow_csv.open_csv(
                pa.PythonFile(_Spans(file, layout.spans), mode="r"),
                read_options=arrow_csv.ReadOptions(column_names=writer.schema.names, block_size=block_bytes),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=dialect.separator,
                    quote_char=dialect.quote or False,
                    escape_char=dialect.escape or False,
                    double_quote=not dialect.escape,
                    newlines_in_values=has_quotes,
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=writer.schema,
                    null_values=[""],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=True,
                ),
            )
            for batch in reader:
                writer.write(batch)
        except pa.ArrowInvalid:  # a row with more or fewer cells, or one that is longer than a block
            return None
    return writer.texts()


def _count(layout: Layout, sign: bytes) -> int:
    with layout.path.open("rb") as file:
        return sum(block.count(sign) for block in _blocks(_Spans(file, layout.spans)))


def _blocks(file: "_Spans") -> Iterator[bytes]:
    while block := file.read(_BLOCK_BYTES):
        yield block


class _Spans(io.RawIOBase):
    """Some stretches of a file, one after the other, as if they were a file."""

    def __init__(self, file: BinaryIO, spans: tuple[tuple[int, int], ...]) -> None:
        super().__init__()
        self._file = file
        self._left = [span for span in spans if span[0] < span[1]]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview[int]") -> int:  # type: ignore[override]
        if not self._left:
            return 0
        start, end = self._left[0]
        self._file.seek(start)
        data = self._file.read(min(len(buffer), end - start))
        buffer[: len(data)] = data
        self._left[:1] = [(start + len(data), end)] if data and start + len(data) < end else []
        return len(data)
