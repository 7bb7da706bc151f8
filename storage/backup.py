"""A whole workspace in one zip file, and back again: every byte is held against its checksum on the way back.

What is left out can be made again: locks, uploads under way, caches, the scratch files of unfinished runs, MLflow's
copies, whose addresses would point to the old folder. So a backup holds no fitted models as pickles.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from engine.errors import InputError, WorkspaceError
from engine.messages import phrase
from storage.database import DATABASE_FILE
from storage.settings import ARTIFACTS, DATABASE
from storage.workspace import Workspace

CONTENTS = "backup.json"
FORMAT = 1
CHUNK_BYTES = 1 << 20
LONGEST_CONTENTS_BYTES = 256 << 20
SPARE_BYTES = 64 << 20
LEFT_OUT = frozenset({"cache", "desktop", "mlflow-artifacts", "quarantine", "scratch"})  # folders
LEFT_OUT_ENDS = (".lock", ".db", ".db-wal", ".db-shm", ".db-journal", ".tmp")
LEFT_OUT_FILES = frozenset({"lock", "server.json", CONTENTS})

KEPT_ELSEWHERE = phrase(
    "backup_kept_elsewhere",
    "This workspace keeps its {what} outside its folder, at {address}; a backup of the folder would lack them.",
    "Back up that place with its own tool (for PostgreSQL: pg_dump), and the workspace folder by copying it.",
)
NOT_WRITTEN = phrase(
    "backup_not_written",
    "The backup {path} could not be written: {reason}.",
    "Free some room or choose another place. Nothing was changed.",
)
INSIDE = phrase(
    "backup_inside",
    "The backup {path} would lie in the workspace that it is made of.",
    "Choose a place outside {folder}, best on another disk.",
)
NO_BACKUP = phrase(
    "backup_not_one",
    "The file {path} is no whole backup of a workspace: {reason}.",
    "Give a file that `tablewright backup` has written, as it was. Nothing was changed.",
)
NOT_EMPTY = phrase(
    "backup_folder_in_use",
    "The folder {path} is not empty; a backup is brought back into a new folder only.",
    "Give another folder with --workspace, or move this one away first.",
)
NO_ROOM = phrase(
    "backup_no_room",
    "The backup takes {needed} MB when it is unpacked, and only {free} MB are free at {path}.",
    "Free some room or choose another place. Nothing was changed.",
)
NOT_RESTORED = phrase(
    "backup_not_restored",
    "The backup could not be brought back to {path}: {reason}.",
    "Check the room and the permissions there. Nothing was changed.",
)


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a backup holds: the size and the SHA-256 checksum of each file, by its path in the workspace."""

    sizes: Mapping[str, int]
    checksums: Mapping[str, str]

    @property
    def n_bytes(self) -> int:
        """How much room it takes when unpacked."""
        return sum(self.sizes.values())


def back_up(place: Workspace, target: Path) -> Contents:
    """Write everything that is kept into one zip file, whole or not at all; trainings may go on meanwhile.

    Raises InputError for a place inside the workspace, WorkspaceError where a part is kept outside the folder or the
    file cannot be written.
    """
    for what, setting in (("runs", DATABASE), ("files of runs", ARTIFACTS)):
        address = setting.value(place.folder)
        if address:
            raise WorkspaceError(KEPT_ELSEWHERE(what=what, address=_without_password(address)))
    target = target.absolute()
    if target.is_relative_to(place.folder):
        raise InputError(INSIDE(path=str(target), folder=str(place.folder)))
    partial = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as aside:
            database = Path(aside) / DATABASE_FILE
            _copy_database(place.folder / DATABASE_FILE, database)
            contents = _write(partial, place.folder, database)
        partial.replace(target)
    except (OSError, sqlite3.Error) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise WorkspaceError(NOT_WRITTEN(path=str(target), reason=reason)) from problem
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return contents


def restore(archive: Path, folder: Path) -> Contents:
    """Bring a backup back into a folder that is new or empty, whole or not at all.

    Raises InputError when the file is no whole backup or the folder is in use, WorkspaceError when there is no room.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(NOT_EMPTY(path=str(folder)))
    with _opened(archive) as packed:
        contents = _contents(packed, archive)
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(folder.parent).free
            if free < contents.n_bytes + SPARE_BYTES:
                mb = {"needed": contents.n_bytes // 10**6, "free": free // 10**6}
                raise WorkspaceError(NO_ROOM(path=str(folder.parent), **mb))
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".restoring-") as aside:
                made = Path(aside) / "workspace"
                made.mkdir()
                for name in contents.sizes:
                    _unpack(packed, name, contents, made, archive)
                if folder.exists():
                    folder.rmdir()
                made.replace(folder)
        except OSError as problem:
            raise WorkspaceError(NOT_RESTORED(path=str(folder), reason=problem.strerror or str(problem))) from problem
    return contents


def _without_password(address: str) -> str:
    before, at, after = address.rpartition("@")
    return f"{before.partition('://')[0]}://...@{after}" if at else address


def _copy_database(source: Path, target: Path) -> None:
    """Copy the database as it is at one moment, with what still stands in its log."""
    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as written:
        read.backup(written)
        # Who trains a run here does not train its copy: else that could not be resumed for a while.
        written.execute("UPDATE runs SET held_by = NULL, held_until = NULL")
        written.commit()


def _write(partial: Path, folder: Path, database: Path) -> Contents:
    sizes, checksums = dict[str, int](), dict[str, str]()
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for name, path in (*_kept(folder), (DATABASE_FILE, database)):
            try:
                read = path.open("rb")
            except FileNotFoundError:
                continue  # it went while the others were written, as a run or a table that is removed does
            with read, packed.open(name, "w", force_zip64=True) as written:
                sizes[name], checksums[name] = _copied(read, written)
        document = {"format": FORMAT, "sizes": sizes, "checksums": checksums}
        packed.writestr(CONTENTS, json.dumps(document))
    with partial.open("rb+") as whole:
        os.fsync(whole.fileno())
    return Contents(sizes=sizes, checksums=checksums)


def _kept(folder: Path) -> Iterator[tuple[str, Path]]:
    """Give the files to keep, each with its path in the workspace, in one order everywhere."""
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in LEFT_OUT and not name.startswith("."))
        is_own = "source" not in Path(root).relative_to(folder).parts  # the files of people may be called anything
        for name in sorted(files):
            if is_own and (name in LEFT_OUT_FILES or name.startswith(".") or name.endswith(LEFT_OUT_ENDS)):
                continue
            path = Path(root) / name
            if not path.is_symlink():
                yield path.relative_to(folder).as_posix(), path


def _copied(read: IO[bytes], written: IO[bytes], most_bytes: int | None = None) -> tuple[int, str]:
    """Copy; returns how many bytes and their checksum. Stops soon after more than `most_bytes`."""
    n_bytes, checksum = 0, hashlib.sha256()
    while (most_bytes is None or n_bytes <= most_bytes) and (chunk := read.read(CHUNK_BYTES)):
        written.write(chunk)
        checksum.update(chunk)
        n_bytes += len(chunk)
    return n_bytes, checksum.hexdigest()


@contextmanager
def _opened(archive: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(archive) as packed:
            yield packed
    except FileNotFoundError as problem:
        raise InputError(NO_BACKUP(path=str(archive), reason="it is not there")) from problem
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, NotImplementedError, EOFError) as problem:
        raise InputError(NO_BACKUP(path=str(archive), reason=str(problem).rstrip("."))) from problem


def _contents(packed: zipfile.ZipFile, archive: Path) -> Contents:
    """Return what the backup says that it holds, once that is what the file holds."""
    try:
        document: dict[str, Any] = json.loads(packed.read(CONTENTS)) if _is_readable(packed) else {}
        version, sizes, checksums = document["format"], dict(document["sizes"]), dict(document["checksums"])
    except (KeyError, ValueError, TypeError) as problem:
        raise InputError(NO_BACKUP(path=str(archive), reason="it has no list of contents")) from problem
    if version != FORMAT:
        raise InputError(NO_BACKUP(path=str(archive), reason="another version of Tablewright wrote it"))
    names = [name for name in packed.namelist() if name != CONTENTS]
    if sorted(names) != sorted(sizes) or set(sizes) != set(checksums) or DATABASE_FILE not in sizes:
        raise InputError(NO_BACKUP(path=str(archive), reason="it holds other files than its list names"))
    if not all(_is_inside(name) for name in names) or not all(isinstance(size, int) for size in sizes.values()):
        raise InputError(NO_BACKUP(path=str(archive), reason="its list of contents cannot be trusted"))
    return Contents(sizes=sizes, checksums=checksums)


def _is_readable(packed: zipfile.ZipFile) -> bool:
    """Say whether the list of contents may be read: it must not fill the memory, and nothing may ask for a password."""
    locked = any(each.flag_bits & 1 for each in packed.infolist())
    return not locked and packed.getinfo(CONTENTS).file_size <= LONGEST_CONTENTS_BYTES


def _is_inside(name: str) -> bool:
    r"""Say whether a name stays below the folder into which it is unpacked, on every operating system.

    >>> [_is_inside(name) for name in ("runs/1/model.onnx", "../x", "/x", "c:x", "a\\b")]
    [True, False, False, False, False]
    """
    parts = PurePosixPath(name).parts
    return bool(parts) and ".." not in parts and not name.startswith("/") and not set(name) & {"\\", ":", "\0"}


def _unpack(packed: zipfile.ZipFile, name: str, contents: Contents, folder: Path, archive: Path) -> None:
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    with packed.open(name) as read, target.open("xb") as written:
        found = _copied(read, written, most_bytes=contents.sizes[name])
    if found != (contents.sizes[name], contents.checksums[name]):
        raise InputError(NO_BACKUP(path=str(archive), reason=f"{name} in it is damaged"))
