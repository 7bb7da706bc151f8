"""Refuses files for which this computer has not enough memory or disk."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from engine.errors import TableError
from engine.messages import Message, phrase
from engine.table.files.raw import RawTable, Source

TOO_LARGE = phrase(
    "table_too_large",
    "{name} has {gigabytes} GB, more than fits into the free memory.",
    "Close other programs, or choose a part of the rows.",
)
NO_DISK_SPACE = phrase(
    "table_no_disk_space",
    "There is not enough free disk space in {folder} to read {name}.",
    "Free about {gigabytes} GB there, then try again.",
)

MANY_COLUMNS = phrase(
    "table_many_columns",
    "{name} has more than {most} columns, or different names for its cells.",
    "Save it so that each row is a case and what is known of it a column; lists of things belong in rows of their own.",
)
MOST_COLUMNS = 10_000

# A table in memory is about as large as its text; while a column is judged a few like it are there beside.
_BYTES_PER_CELL = 8
_MOST_SHARE_OF_MEMORY = 0.9
# What is written meanwhile: the text in UTF-8, if it is not already, and its cells by column, packed.
_DISK_PER_BYTE = 1.6
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}  # Windows knows no quota here


def refuse_too_large(source: Source, *, stays_on_disk: bool = False) -> None:
    """Raise TableError when memory or disk will not be enough for a file of this size.

    `stays_on_disk`: its cells need not fit into memory.
    """
    n_bytes = source.path.stat().st_size
    if not stays_on_disk and n_bytes > _free_memory_bytes():
        raise TableError(TOO_LARGE(name=source.name, gigabytes=round(n_bytes / 1e9, 1)))
    if n_bytes * _DISK_PER_BYTE > shutil.disk_usage(source.room).free:
        raise TableError(_no_disk_space(source))


def refuse_too_many_cells(raw: RawTable, path: Path) -> None:
    """Raise TableError when the cells of a table, now that they are counted, do not fit into memory."""
    n_bytes = raw.n_rows * raw.texts.n_columns * _BYTES_PER_CELL
    if n_bytes > _free_memory_bytes():
        raise TableError(TOO_LARGE(name=path.name, gigabytes=round(n_bytes / 1e9, 1)))


def refuse_too_many_columns(n_columns: int, name: str) -> None:
    """Raise TableError for more columns than any table has in which a row is a case."""
    if n_columns > MOST_COLUMNS:
        raise TableError(MANY_COLUMNS(name=name, most=MOST_COLUMNS))


def refuse_too_many_bytes(n_bytes: int, source: Source) -> None:
    """Raise TableError when the cells of a table, as far as they are read, do not fit into memory."""
    if n_bytes > _free_memory_bytes():
        raise TableError(TOO_LARGE(name=source.name, gigabytes=round(n_bytes / 1e9, 1)))


@contextmanager
def told_when_disk_is_full(source: Source) -> Iterator[None]:
    """Say in words that nothing more can be written."""
    try:
        yield
    except OSError as problem:
        if problem.errno in _FULL:
            raise TableError(_no_disk_space(source)) from problem
        raise


def _free_memory_bytes() -> float:
    return float(psutil.virtual_memory().available) * _MOST_SHARE_OF_MEMORY


def _no_disk_space(source: Source) -> Message:
    gigabytes = max(round(source.path.stat().st_size * _DISK_PER_BYTE / 1e9, 1), 0.1)
    return NO_DISK_SPACE(folder=str(source.room.parent), name=source.name, gigabytes=gigabytes)
