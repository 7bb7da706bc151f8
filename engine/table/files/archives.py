"""Packed files (gz, bz2, xz, zip) are unpacked into the room, up to a limit; of several files inside, one is chosen."""

import bz2
import gzip
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from engine.errors import TableError
from engine.messages import Message, phrase
from engine.table.files.raw import EMPTY, Source
from engine.table.files.suffixes import PACKED, SUFFIXES

DAMAGED_ARCHIVE = phrase(
    "table_archive_damaged", "{name} cannot be unpacked; it may be cut off.", "Copy or download it again."
)
LOCKED_ARCHIVE = phrase(
    "table_archive_locked", "{name} is protected by a password.", "Unpack it and choose the file inside."
)
TOO_LARGE_INSIDE = phrase(
    "table_too_large_inside",
    "{name} unpacks to {gigabytes} GB or more, which is more than can be read safely.",
    "Save the table as Parquet or as several smaller files.",
)
OTHER_PACKING = phrase(
    "table_other_packing",
    "{name} is packed in a way that cannot be unpacked here.",
    "Unpack it on your computer and choose the file inside, or pack it again as an ordinary zip.",
)
NO_SUCH_MEMBER = phrase("table_no_such_member", "{name} holds no file called {member}.", "It holds these: {choices}.")
MEMBER_CHOSEN = phrase(
    "read_member",
    "The archive holds {n} files; {member}, the largest table, was read. The others: {others}.",
    "Choose another one if this is not it.",
)

MOST_BYTES = 4_000_000_000
MOST_RATIO = 400  # real tables pack 5 to 50 times
_UNSUSPICIOUS_BYTES = 200_000_000
# Texts and JSON also tell about tables, or about whoever made them.
_SURE = SUFFIXES - {".txt", ".dat", ".data", ".json", *PACKED}
_ABOUT_THE_TABLE = re.compile(r"(?i)(read[ _.-]?me|licen[cs]e|copying|notice|changelog|citation)(?![a-z])")
_STREAMS: Mapping[bytes, Callable[[Path], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
}
ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06")  # the second when nothing is inside
# What the libraries say when an archive is damaged, or made in a way that they do not know.
PROBLEMS = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError, ValueError)


@dataclass(frozen=True, kw_only=True)
class Unpacked:
    """A file that came out of an archive. `members`: the tables inside, where there are several."""

    path: Path
    member: str
    members: tuple[str, ...] = ()
    done: tuple[Message, ...] = ()


def is_stream(head: bytes) -> bool:
    """Say whether a file that begins so is one packed file, without a list of what is inside."""
    return head.startswith(tuple(_STREAMS))


def unpack(source: Source, head: bytes, wanted: str | None = None) -> Unpacked:
    """Unpack one file into the room. `wanted`: which of several, by its name inside.

    Raises TableError when the archive is damaged, empty or unpacks to an unreasonable size.
    """
    try:
        if is_stream(head):
            return _unpack_stream(source, head)
        with zipfile.ZipFile(source.path) as archive:
            return _unpack_member(source, archive, wanted)
    except NotImplementedError as problem:
        raise TableError(OTHER_PACKING(name=source.name)) from problem
    except RuntimeError as problem:  # how the library says that it is asked for a password
        raise TableError(LOCKED_ARCHIVE(name=source.name)) from problem
    except PROBLEMS as problem:
        raise TableError(DAMAGED_ARCHIVE(name=source.name)) from problem


def refuse_bomb(path: Path, name: str) -> None:
    """Raise TableError when a zip archive says that it unpacks to far more than it should."""
    with zipfile.ZipFile(path) as archive:
        n_bytes = sum(member.file_size for member in archive.infolist())
    if n_bytes > _most_bytes(path):
        raise TableError(TOO_LARGE_INSIDE(name=name, gigabytes=round(n_bytes / 1e9, 1)))


def _most_bytes(packed: Path) -> int:
    return min(MOST_BYTES, max(_UNSUSPICIOUS_BYTES, MOST_RATIO * packed.stat().st_size))


def _unpack_stream(source: Source, head: bytes) -> Unpacked:
    opened = next(each for mark, each in _STREAMS.items() if head.startswith(mark))
    inner = PurePosixPath(source.name)
    with opened(source.path) as packed:
        path = _copied(packed, source)
    return Unpacked(path=path, member=inner.stem if inner.suffix.lower() in PACKED else inner.name)


def _unpack_member(source: Source, archive: zipfile.ZipFile, wanted: str | None) -> Unpacked:
    sizes = file_sizes(archive)
    tables = tuple(name for name in sizes if PurePosixPath(name).suffix.lower() in SUFFIXES) or tuple(sizes)
    if not tables:
        raise TableError(EMPTY(name=source.name))
    named = next((name for name in sizes if wanted in {name, PurePosixPath(name).name}), None)
    if wanted is not None and named is None and len(tables) > 1:
        raise TableError(NO_SUCH_MEMBER(name=source.name, member=wanted, choices=", ".join(tables[:20])))
    chosen = named or likeliest_table({name: sizes[name] for name in tables})
    with archive.open(chosen) as packed:
        path = _copied(packed, source)
    others = [name for name in sizes if name != chosen]
    told = [MEMBER_CHOSEN(n=len(sizes), member=chosen, others=", ".join(others)[:300])] if others and not named else []
    return Unpacked(path=path, member=chosen, members=tables if len(tables) > 1 else (), done=tuple(told))


def file_sizes(archive: zipfile.ZipFile) -> dict[str, int]:
    """Return the names of the files in an archive and their sizes, without what computers add for themselves."""
    return {each.filename: each.file_size for each in archive.infolist() if _is_file(each)}


def likeliest_table(sizes: Mapping[str, int]) -> str:
    """Return the largest file of those that are tables by their name, else of those that may be one.

    >>> likeliest_table({"iris.csv": 4_000, "notes.txt": 9_000, "README.txt": 20_000})
    'iris.csv'
    """
    return max(sizes, key=lambda name: (_promise(PurePosixPath(name)), sizes[name]))


def _promise(path: PurePosixPath) -> int:
    """Say how surely a file is a table by its name: 3 surely, 2 maybe, 1 hardly, 0 not."""
    inner = path.with_suffix("") if path.suffix.lower() in PACKED else path
    if inner.suffix.lower() in _SURE:
        return 3
    if path.suffix.lower() not in SUFFIXES:
        return 0
    return 1 if _ABOUT_THE_TABLE.match(inner.name) else 2


def _is_file(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename)
    return not member.is_dir() and path.parts[0] != "__MACOSX" and not path.name.startswith(".")


def _copied(packed: IO[bytes], source: Source) -> Path:
    """Write what is inside into the room; never more than is reasonable, and never a part of it."""
    most, n_bytes = _most_bytes(source.path), 0
    path = source.room / f"unpacked_{len(list(source.room.iterdir()))}"
    with path.open("wb") as file:
        while block := packed.read(1 << 20):
            n_bytes += len(block)
            if n_bytes > most:
                raise TableError(TOO_LARGE_INSIDE(name=source.name, gigabytes=round(most / 1e9, 1)))
            file.write(block)
    if not n_bytes:
        raise TableError(EMPTY(name=source.name))
    return path
