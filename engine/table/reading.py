"""A file becomes a typed table."""

import gzip
import shutil
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import IO, cast

import pandas as pd
import psutil

from engine.errors import TableError
from engine.messages import phrase
from engine.table.dataset import Dataset, fingerprint
from engine.table.delimited import read_delimited
from engine.table.kinds import find_column
from engine.table.options import AUTOMATIC, ReadingOptions
from engine.table.parquet import read_parquet
from engine.table.raw import EMPTY, RawTable, Reader, Source
from engine.table.rules import canonical_cells
from engine.table.schema import TableSchema
from engine.table.workbooks import read_workbook, refuse_bomb

NO_FILE = phrase("table_no_file", "There is no file {path}.", "Check the path and the spelling.")
FOLDER = phrase("table_folder", "{path} is a folder, not a file.", "Choose one file inside it.")
NOT_ALLOWED = phrase("table_not_allowed", "{path} may not be read.", "Ask for permission or copy it elsewhere.")
UNKNOWN_KIND = phrase(
    "table_unknown_kind",
    "{name} is not a kind of file that can be read as a table.",
    "Choose one of these: {choices}.",
)
TOO_LARGE = phrase(
    "table_too_large",
    "{name} has {gigabytes} GB, more than fits into the free memory.",
    "Close other programs, or choose a part of the rows.",
)
MANY_FILES = phrase(
    "table_many_files",
    "{name} is an archive of {n} files; it should hold exactly one table.",
    "Unpack it and choose one file.",
)
DAMAGED_ARCHIVE = phrase(
    "table_archive_damaged", "{name} cannot be unpacked; it may be cut off.", "Copy or download it again."
)

_TEXT = (".csv", ".tsv", ".txt", ".tab", ".psv", ".dat", ".data")
_WORKBOOK = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
_PARQUET = (".parquet", ".pq")
READERS: Mapping[str, Reader] = {
    **dict.fromkeys(_TEXT, read_delimited),
    **dict.fromkeys(_WORKBOOK, read_workbook),
    **dict.fromkeys(_PARQUET, read_parquet),
}
_ARCHIVES = (".gz", ".zip")
# Bytes of memory per byte of text: the text itself, its cells and one copy while they are judged.
_MEMORY_PER_BYTE = 4


def read_table(path: str | Path, options: ReadingOptions = AUTOMATIC, *, name: str | None = None) -> Dataset:
    """Read a file and find out what its columns are. `name` is for titles; the file's name if None.

    Raises TableError, saying what to do, when the file cannot be read as a table.
    """
    return dataset_of(read_raw(path, options), name=name or Path(path).name)


def dataset_of(raw: RawTable, *, name: str) -> Dataset:
    """Find out what the columns of a raw table are and make its cells canonical, one column after the other."""
    columns, cells = [], {}
    for position, original in enumerate(raw.original_names):
        text = raw.column(position)
        column = find_column(text, raw.read_as, original_name=original, position=position)
        columns.append(column)
        cells[column.name] = canonical_cells(text, column)
    frame = pd.DataFrame(cells)
    return Dataset(
        frame=frame,
        schema=TableSchema(tuple(columns)),
        name=name,
        fingerprint=fingerprint(frame),
        done_to_the_file=raw.done,
        left_out=raw.left_out,
        read_as=raw.read_as,
        choices=raw.choices,
    )


def read_raw(path: str | Path, options: ReadingOptions = AUTOMATIC) -> RawTable:
    """Read a file as a table of texts, judging nothing.

    Raises TableError, saying what to do, when the file cannot be read as a table.
    """
    path = Path(path)
    _refuse(path)
    room = Path(tempfile.mkdtemp(prefix="tablewright-read-"))
    try:
        source = Source(path=path, name=path.name, room=room)
        packed = path.suffix.lower() in _ARCHIVES
        raw = _read_packed(source, options) if packed else _reader(path.name, _head(path))(source, options)
    except BaseException:
        shutil.rmtree(room, ignore_errors=True)
        raise
    weakref.finalize(raw.texts, shutil.rmtree, room, ignore_errors=True)
    return raw


def _refuse(path: Path) -> None:
    """Raise TableError for what is no file, may not be read, is empty or is larger than what can be read."""
    if path.is_dir():
        raise TableError(FOLDER(path=str(path)))
    try:
        n_bytes = path.stat().st_size
        _head(path)
    except PermissionError as problem:
        raise TableError(NOT_ALLOWED(path=str(path))) from problem
    except OSError as problem:
        raise TableError(NO_FILE(path=str(path))) from problem
    if not n_bytes:
        raise TableError(EMPTY(name=path.name))
    if n_bytes * _MEMORY_PER_BYTE > psutil.virtual_memory().available:
        raise TableError(TOO_LARGE(name=path.name, gigabytes=round(n_bytes / 1e9, 1)))


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(1000)


def _reader(name: str, head: bytes) -> Reader:
    """Choose by what the file is, then by what it is called: names lie."""
    suffix = PurePath(name).suffix.lower()
    if head.startswith(b"PAR1"):
        return read_parquet
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")) and suffix in READERS:
        return read_workbook
    if suffix in _WORKBOOK and not head.startswith(b"PK"):
        # A text or a web page that was named like a workbook: the text reader reads it, or says what it is.
        return read_delimited if b"\0" not in head else read_workbook
    if suffix not in READERS and suffix:
        raise TableError(UNKNOWN_KIND(name=name, choices=", ".join((*_TEXT[:3], *_WORKBOOK, _PARQUET[0], *_ARCHIVES))))
    return READERS.get(suffix, read_delimited)


def _read_packed(source: Source, options: ReadingOptions) -> RawTable:
    """Unpack the one table of an archive into the room, and read it."""
    unpacked = source.room / "unpacked"
    try:
        with _inside(source) as (inner, packed), unpacked.open("wb") as file:
            shutil.copyfileobj(packed, file, 1 << 20)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as problem:
        raise TableError(DAMAGED_ARCHIVE(name=source.name)) from problem
    head = _head(unpacked)
    if not head:
        raise TableError(EMPTY(name=source.name))
    reader = READERS.get(PurePath(inner).suffix.lower(), read_delimited)
    return reader(Source(path=unpacked, name=source.name, room=source.room), options)


@contextmanager
def _inside(source: Source) -> Iterator[tuple[str, IO[bytes]]]:
    """Open the one file in an archive; yields its name and its content."""
    if source.path.suffix.lower() == ".gz":
        with gzip.open(source.path) as packed:
            yield source.name[:-3], cast("IO[bytes]", packed)
        return
    refuse_bomb(source.path, source.name)
    with zipfile.ZipFile(source.path) as archive:
        inside = [each for each in archive.namelist() if not each.endswith("/") and not each.startswith("__MACOSX")]
        if len(inside) != 1:
            raise TableError(MANY_FILES(name=source.name, n=len(inside)))
        with archive.open(inside[0]) as packed:
            yield inside[0], packed
