"""Text files (CSV, TSV and their relatives) become tables of texts: quickly when regular, patiently when not."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

from engine.errors import TableError
from engine.messages import phrase
from engine.table.dialect import cut, find_dialect, has_header
from engine.table.encoding import SAMPLE_BYTES
from engine.table.layout import Layout
from engine.table.options import ReadingOptions
from engine.table.patient import read_patiently
from engine.table.raw import EMPTY, RawTable, Source
from engine.table.regular import read_regular
from engine.table.utf8 import write_utf8

HTML = phrase(
    "table_html", "{name} is a web page, not a table.", "Open it in a spreadsheet program and save it as CSV or Excel."
)
BINARY = phrase(
    "table_binary",
    "{name} is not a text file, although its name says so.",
    "Save the table as CSV, Excel or Parquet and choose that file.",
)
SKIPPED_LINES = phrase("read_skipped_lines", "Lines before the table that were left out: {n}.")

_HTML_STARTS = (b"<!doctype html", b"<html", b"<table", b"<?xml")


def read_delimited(source: Source, options: ReadingOptions) -> RawTable:
    """Read a text file.

    Raises TableError when it is no text or holds no table.
    """
    with source.path.open("rb") as file:
        head = file.read(2000).lstrip().lower()
    if head.startswith(_HTML_STARTS):
        raise TableError(HTML(name=source.name))
    text = write_utf8(source)
    layout = _find_layout(text.path, source.name)
    table = read_regular(layout, source) or read_patiently(layout, source.name)
    told = [SKIPPED_LINES(n=layout.n_before)] if layout.n_before else []
    return replace(
        table,
        done=(*text.done, *told, *table.done),
        read_as=replace(
            options,
            encoding=text.encoding,
            separator=layout.dialect.separator,
            n_skipped_rows=layout.n_before,
            n_header_rows=len(layout.header),
        ),
    )


def _find_layout(path: Path, name: str) -> Layout:
    sample = _sample(path)
    if _looks_binary(sample):
        raise TableError(BINARY(name=name))
    if not sample.strip():
        raise TableError(EMPTY(name=name))
    dialect, n_before = find_dialect(sample.decode("utf-8", errors="replace"))
    with path.open("rb") as file:
        start = sum(len(line) for line in islice(file, n_before))
        lines = list(islice(file, 1000))
    rows = cut("".join(line.decode("utf-8", errors="replace") for line in lines), dialect.separator, dialect.quote)
    n_header = int(bool(rows) and has_header(rows[:200]))
    width = max(len(row) for row in rows[:200]) if rows else 0
    header = tuple(rows[:n_header])
    start += sum(map(len, lines[:n_header]))
    originals = tuple(cell.strip() for cell in header[0]) if header else ("",) * width
    return Layout(
        path=path,
        dialect=dialect,
        n_before=n_before,
        header=header,
        originals=originals,
        spans=((start, path.stat().st_size),),
        first_line=n_before + n_header + 1,
        is_regular=not (dialect.quote and f"{dialect.separator} {dialect.quote}".encode() in sample),
    )


def _sample(path: Path) -> bytes:
    """Return the first lines, all whole."""
    with path.open("rb") as file:
        data = file.read(SAMPLE_BYTES + 1)
    end = len(data) if len(data) <= SAMPLE_BYTES else data.rfind(b"\n", 0, SAMPLE_BYTES) + 1
    return data[: end or SAMPLE_BYTES]


def _looks_binary(sample: bytes) -> bool:
    n_control = sum(sample.count(code) for code in range(32) if code not in {9, 10, 12, 13, 26, 27})
    return n_control > 0.02 * len(sample)
