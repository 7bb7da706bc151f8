"""A file becomes a typed table."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePath

import psutil

from engine.errors import TableError
from engine.messages import phrase
from engine.table.dataset import Dataset, fingerprint
from engine.table.delimited import read_delimited
from engine.table.kinds import find_schema
from engine.table.parquet import read_parquet
from engine.table.raw import EMPTY, RawTable, Reader
from engine.table.rules import canonical_frame
from engine.table.workbooks import MOST_BYTES, read_workbook, refuse_bomb

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


def read_table(path: str | Path, *, name: str | None = None) -> Dataset:
    """Read a file and find out what its columns are. `name` is for titles; the file's name if None.

    Raises TableError, saying what to do, when the file cannot be read as a table.
    """
    raw = read_raw(path)
    return dataset_of(raw, name=name or Path(path).name)


def dataset_of(raw: RawTable, *, name: str) -> Dataset:
    """Find out what the columns of a raw table are and make its cells canonical."""
    schema = find_schema(raw)
    frame = canonical_frame(raw.frame, schema.columns)
    return Dataset(frame=frame, schema=schema, name=name, fingerprint=fingerprint(frame), done_to_the_file=raw.done)


def read_raw(path: str | Path) -> RawTable:
    """Read a file as a table of texts, judging nothing.

    Raises TableError, saying what to do, when the file cannot be read as a table.
    """
    path = Path(path)
    data = _bytes(path)
    name = path.name
    if not data:
        raise TableError(EMPTY(name=name))
    return _reader(name, data)(*_unpacked(name, data))


def _bytes(path: Path) -> bytes:
    if path.is_dir():
        raise TableError(FOLDER(path=str(path)))
    try:
        n_bytes = path.stat().st_size
        if n_bytes * _MEMORY_PER_BYTE > psutil.virtual_memory().available:
            raise TableError(TOO_LARGE(name=path.name, gigabytes=round(n_bytes / 1e9, 1)))
        return path.read_bytes()
    except PermissionError as problem:
        raise TableError(NOT_ALLOWED(path=str(path))) from problem
    except OSError as problem:
        raise TableError(NO_FILE(path=str(path))) from problem


def _reader(name: str, data: bytes) -> Reader:
    """Choose by what the file is, then by what it is called: names lie."""
    suffixes = [suffix.lower() for suffix in PurePath(name).suffixes]
    suffix = suffixes[-1] if suffixes else ""
    if suffix in _ARCHIVES:
        inner = _inner_name(name, data)
        return READERS.get(PurePath(inner).suffix.lower(), read_delimited)
    if data.startswith(b"PAR1"):
        return read_parquet
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")) and suffix in READERS:
        return read_workbook
    if suffix in _WORKBOOK and not data.startswith(b"PK"):
        # A text or a web page that was named like a workbook: the text reader reads it, or says what it is.
        return read_delimited if b"\0" not in data[:1000] else read_workbook
    if suffix not in READERS and suffix:
        raise TableError(UNKNOWN_KIND(name=name, choices=", ".join((*_TEXT[:3], *_WORKBOOK, _PARQUET[0], *_ARCHIVES))))
    return READERS.get(suffix, read_delimited)


def _unpacked(name: str, data: bytes) -> tuple[bytes, str]:
    """Return the bytes of the table itself and the name to call it by in messages."""
    suffix = PurePath(name).suffix.lower()
    try:
        if suffix == ".zip":
            refuse_bomb(data, name)
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                return archive.read(_inner_name(name, data)), name
        if suffix == ".gz":
            with gzip.open(io.BytesIO(data)) as packed:
                content = packed.read(MOST_BYTES)
            return content, name
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as problem:
        raise TableError(DAMAGED_ARCHIVE(name=name)) from problem
    return data, name


def _inner_name(name: str, data: bytes) -> str:
    if name.lower().endswith(".gz"):
        return name[:-3]
    refuse_bomb(data, name)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        inside = [each for each in archive.namelist() if not each.endswith("/") and not each.startswith("__MACOSX")]
    if len(inside) != 1:
        raise TableError(MANY_FILES(name=name, n=len(inside)))
    return inside[0]
