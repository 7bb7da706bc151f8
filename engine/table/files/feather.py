"""Arrow files and streams, Feather among them, become tables of texts."""

import os
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from engine.errors import TableError
from engine.messages import phrase
from engine.table.files.arrow_texts import arrow_table, refuse_damage
from engine.table.files.raw import RawTable, Source
from engine.table.options import ReadingOptions

DAMAGED_ARROW = phrase(
    "table_arrow_damaged",
    "{name} cannot be opened as an Arrow or Feather file; it may be cut off or be another kind of file.",
    "Write it again, or save the table as Parquet or CSV.",
)
OLD_FEATHER = phrase(
    "table_feather_old",
    "{name} is a Feather file of the first version, which is no longer read.",
    "Write it again with a newer program, or save the table as Parquet or CSV.",
)
STREAM_OPEN = phrase(
    "read_stream_open",
    "The Arrow stream has no end mark, so rows may be lacking; all that is there was read: {n} rows.",
    "If rows are lacking, write the file again.",
)

FILE_MARK = b"ARROW1"
STREAM_MARK = b"\xff\xff\xff\xff"
OLD_MARK = b"FEA1"
_END_MARK = STREAM_MARK + bytes(4)


def read_feather(source: Source, options: ReadingOptions) -> RawTable:
    """Read what the columns are; the cells of a column stay in the file until they are asked for.

    Raises TableError when the file is damaged, also later, when a damaged column is asked for.
    """
    with source.path.open("rb") as file:
        head = file.read(len(FILE_MARK))
    if head.startswith(OLD_MARK):
        raise TableError(OLD_FEATHER(name=source.name))
    is_file = head == FILE_MARK
    open_arrow = pa.ipc.open_file if is_file else pa.ipc.open_stream

    def load(position: int) -> pa.ChunkedArray:
        try:
            with pa.OSFile(str(source.path)) as file:
                only = pa.ipc.IpcReadOptions(included_fields=[position])
                column = open_arrow(file, options=only).read_all().column(0)
            refuse_damage(column)
        except (pa.ArrowException, OSError, ValueError) as problem:
            raise TableError(DAMAGED_ARROW(name=source.name)) from problem
        return column

    try:
        with pa.OSFile(str(source.path)) as file:
            schema = open_arrow(file).schema
        names = schema.names  # a damaged one is no text
    except (pa.ArrowException, OSError, ValueError) as problem:
        raise TableError(DAMAGED_ARROW(name=source.name)) from problem
    n_rows = len(load(0)) if names else 0
    raw = arrow_table(schema, load, n_rows, source.name, options)
    if is_file or _ends(source.path):
        return raw
    return replace(raw, done=(STREAM_OPEN(n=n_rows), *raw.done))


def _ends(path: Path) -> bool:
    """Say whether a stream has its end mark."""
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(file.tell() - len(_END_MARK), 0))
        return file.read() == _END_MARK
