"""Text files (CSV, TSV and their relatives) become tables of texts: quickly when regular, patiently when not."""

from dataclasses import replace

import pyarrow as pa
from pyarrow import csv as arrow_csv

from engine.errors import TableError
from engine.messages import Message, phrase
from engine.table.dialect import Dialect, cut, find_dialect, has_header
from engine.table.encoding import SAMPLE_BYTES, to_utf8
from engine.table.options import ReadingOptions
from engine.table.raw import EMPTY, FrameTexts, RawTable, Source, named, raw_table

HTML = phrase(
    "table_html", "{name} is a web page, not a table.", "Open it in a spreadsheet program and save it as CSV or Excel."
)
BINARY = phrase(
    "table_binary",
    "{name} is not a text file, although its name says so.",
    "Save the table as CSV, Excel or Parquet and choose that file.",
)
SKIPPED_LINES = phrase("read_skipped_lines", "Lines before the table that were left out: {n}.")
QUOTES_IGNORED = phrase("read_quotes_ignored", "A quotation mark is never closed, so quotation marks count as letters.")

_MOST_CELLS = 10_000


def read_delimited(source: Source, options: ReadingOptions) -> RawTable:
    """Read the bytes of a text file.

    Raises TableError when they are no text or hold no table.
    """
    data, name = source.path.read_bytes(), source.name
    head = data[:2000].lstrip().lower()
    if head.startswith((b"<!doctype html", b"<html", b"<table", b"<?xml")):
        raise TableError(HTML(name=name))
    text, done = to_utf8(data)
    if _looks_binary(text[:SAMPLE_BYTES]):
        raise TableError(BINARY(name=name))
    sample = _sample(text)
    if not sample.strip():
        raise TableError(EMPTY(name=name))
    dialect = find_dialect(sample)
    told = list(done)
    if dialect.n_skipped_lines:
        told.append(SKIPPED_LINES(n=dialect.n_skipped_lines))
    start = 0
    for _ in range(dialect.n_skipped_lines):
        start = text.find(b"\n", start) + 1
    table = _read_regular(text, start, dialect, name) or _read_patiently(text[start:], dialect, name)
    return replace(table, done=(*told, *table.done))


def _sample(text: bytes) -> str:
    """Return the first lines, all whole."""
    end = len(text) if len(text) <= SAMPLE_BYTES else text.rfind(b"\n", 0, SAMPLE_BYTES) + 1
    return text[: end or SAMPLE_BYTES].decode("utf-8", errors="replace")


def _looks_binary(sample: bytes) -> bool:
    n_control = sum(sample.count(code) for code in range(32) if code not in {9, 10, 12, 13, 26, 27})
    return n_control > 0.02 * len(sample)


def _read_regular(text: bytes, start: int, dialect: Dialect, name: str) -> RawTable | None:
    """Read a text whose rows all have the same width; None when one of them has not."""
    if dialect.separator == " " or (dialect.quote and text.count(dialect.quote.encode()) % 2):
        return None
    sample = _sample(text[start : start + 2 * SAMPLE_BYTES])
    if dialect.quote and f"{dialect.separator} {dialect.quote}" in sample:
        return None  # a space before a quote would make the quote a letter
    rows = cut(sample, dialect.separator, dialect.quote)[:200]
    width = len(rows[0])
    if width > _MOST_CELLS or width < 2:
        return None
    keys = [str(i) for i in range(width)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(pa.py_buffer(memoryview(text)[start:])),
            read_options=arrow_csv.ReadOptions(column_names=keys, block_size=1 << 24),
            parse_options=arrow_csv.ParseOptions(
                delimiter=dialect.separator,
                quote_char=dialect.quote or False,
                newlines_in_values=bool(dialect.quote) and dialect.quote.encode() in text,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(keys, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        return None
    header = has_header(rows)
    frame = table.slice(1 if header else 0).to_pandas()
    originals = tuple(cell.strip() for cell in rows[0]) if header else ("",) * width
    return named(FrameTexts(frame.astype("str")), originals, header=header, name=name)


def _read_patiently(text: bytes, dialect: Dialect, name: str) -> RawTable:
    told: list[Message] = []
    content, quote = text.decode("utf-8", errors="replace"), dialect.quote
    rows = cut(content, dialect.separator, quote)
    if quote and _swallowed(content, rows, quote):
        rows = cut(content, dialect.separator, "")
        told.append(QUOTES_IGNORED())
    table = raw_table(rows, name)
    return replace(table, done=(*told, *table.done))


def _swallowed(content: str, rows: list[list[str]], quote: str) -> bool:
    """Say whether a quote that is never closed made one cell of the end of the file."""
    last = rows[-1][-1] if rows and rows[-1] else ""
    return "\n" in last.strip() and not content.rstrip().endswith(quote)
