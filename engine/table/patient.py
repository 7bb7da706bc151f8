"""Text whose rows are not all alike becomes a table row by row."""

from dataclasses import replace

from engine.messages import Message, phrase
from engine.table.dialect import Row, cut
from engine.table.layout import Layout
from engine.table.raw import RawTable, raw_table

QUOTES_IGNORED = phrase("read_quotes_ignored", "A quotation mark is never closed, so quotation marks count as letters.")


def read_patiently(layout: Layout, name: str) -> RawTable:
    """Read rows of any width; short ones are padded, and what is beyond the last column is told."""
    told: list[Message] = []
    with layout.path.open("rb") as file:
        text = file.read()
    start = 0
    for _ in range(layout.n_before):
        start = text.find(b"\n", start) + 1
    content, dialect = text[start:].decode("utf-8", errors="replace"), layout.dialect
    rows = cut(content, dialect.separator, dialect.quote)
    if dialect.quote and _swallowed(content, rows, dialect.quote):
        rows = cut(content, dialect.separator, "")
        told.append(QUOTES_IGNORED())
    table = raw_table(rows, name)
    return replace(table, done=(*told, *table.done))


def _swallowed(content: str, rows: list[Row], quote: str) -> bool:
    """Say whether a quote that is never closed made one cell of the end of the file."""
    last = rows[-1][-1] if rows and rows[-1] else ""
    return "\n" in last.strip() and not content.rstrip().endswith(quote)
