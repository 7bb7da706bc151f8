"""Rooms for what is written while a file is read; those of processes that were killed are cleared away."""

import os
import platform
import re
import shutil
import tempfile
import time
import zlib
from functools import cache
from pathlib import Path

import psutil

_PREFIX = "tablewright-read"
_NAME = re.compile(rf"{_PREFIX}-(\d+)-([0-9a-f]{{8}})-\w+")
_OLD_SECONDS = 3600.0


def make_room() -> Path:
    """Make a folder for this process and its user alone, which whoever made it removes.

    The first time, rooms are removed whose process is gone: it was killed, or the computer went off.
    """
    place = Path(tempfile.gettempdir())
    _sweep(place)
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}-{os.getpid()}-{_computer()}-", dir=place))


@cache
def _sweep(place: Path) -> None:
    """Remove rooms of this user, an hour old or more, of processes of this computer that are no longer there."""
    for room in place.glob(f"{_PREFIX}-*"):
        found = _NAME.fullmatch(room.name)
        if found and found[2] == _computer() and _is_old(room) and not psutil.pid_exists(int(found[1])):
            shutil.rmtree(room, ignore_errors=True)


def _is_old(room: Path) -> bool:
    """Say whether a folder, and no link to one, belongs to this user and has not been changed for long."""
    try:
        about = room.lstat()
    except OSError:
        return False
    own = not hasattr(os, "getuid") or about.st_uid == os.getuid()
    return own and room.is_dir() and not room.is_symlink() and time.time() - about.st_mtime > _OLD_SECONDS


@cache
def _computer() -> str:
    """Return a mark of this computer: the place may be shared with others, whose processes are not seen from here."""
    return f"{zlib.crc32(platform.node().encode()):08x}"
