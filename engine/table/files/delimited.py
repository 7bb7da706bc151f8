"""Text files (CSV, TSV and their relatives) become tables of texts: quickly when regular, patiently when not."""

from dataclasses import replace

from engine.errors import TableError
from engine.messages import phrase
from engine.table.files.layout import Layout, find_layout
from engine.table.files.patient import read_patiently
from engine.table.files.pauses import has_more_tables
from engine.table.files.raw import RawTable, Source
from engine.table.files.regular import read_regular
from engine.table.files.unwrapping import unwrapped
from engine.table.files.utf8 import write_utf8
from engine.table.options import FileChoices, ReadingOptions

HTML = phrase(
    "table_html", "{name} is a web page, not a table.", "Open it in a spreadsheet program and save it as CSV or Excel."
)

_HTML_STARTS = (b"<!doctype html", b"<html", b"<table", b"<?xml")


def read_delimited(source: Source, options: ReadingOptions) -> RawTable:
    """Read a text file.

    Raises TableError when it is no text or holds no table, or when it cannot be read as the options say.
    """
    with source.path.open("rb") as file:
        head = file.read(2000).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(_HTML_STARTS):
        raise TableError(HTML(name=source.name))
    text = write_utf8(source, options.encoding)
    text = unwrapped(text, source.room)
    layout = find_layout(text.path, source.name, options)
    if layout.is_long and not options.keep_all_rows and has_more_tables(layout):
        layout = find_layout(text.path, source.name, options, thorough=True)
    table = read_regular(layout, source, options) or read_patiently(layout, source, options)
    return replace(
        table,
        done=(*text.done, *table.done),
        read_as=_read_as(options, text.encoding, layout),
        choices=FileChoices(n_tables=layout.n_tables),
    )


def _read_as(options: ReadingOptions, encoding: str, layout: Layout) -> ReadingOptions:
    return replace(
        options,
        encoding=encoding,
        separator=layout.dialect.separator,
        n_skipped_rows=layout.n_before,
        n_header_rows=len(layout.header),
    )
