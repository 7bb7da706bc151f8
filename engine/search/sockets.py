"""The folder of sockets through which a process and those that it starts talk: noted before it is made.

Python makes it in the folder for temporary files and takes it away at the end of the process. A process that is killed
takes nothing away, so a note says where it was, and whoever comes next does it.
"""

import contextlib
import json
import multiprocessing
import os
import secrets
import shutil
import tempfile
from multiprocessing import forkserver, process, util
from pathlib import Path

import psutil

from engine.search.noted import noted, still_runs
from engine.whole_files import write_whole

_PREFIX = "pymp-"  # how Python calls such a folder
_OWN = "tempdir"  # under which it remembers that of this process
_LAST = -100  # at exit, after all that may still use it


def note_sockets(folder: Path) -> None:
    """Note in a folder where the sockets of this process are, and make the place for them."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        place = _own() or _another()
        note = {**noted(psutil.Process()), "folder": str(place)}
        write_whole(folder / f"{os.getpid()}.sockets.json", json.dumps(note).encode())
        _make(place)


def make_sockets() -> None:
    """Make the place for the sockets of a process that has no folder yet where that could be noted."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        _make(_own() or _another())


def close_sockets() -> None:
    """End the server that forks for this process, and take the sockets away; the next trial makes new ones."""
    if (own := _own()) is not None:
        # It would complain in the log that its socket is gone; Python ends it by this in its own tests.
        forkserver._forkserver._stop()  # type: ignore[attr-defined] # noqa: SLF001
        shutil.rmtree(own, ignore_errors=True)
        _config().pop(_OWN, None)


def reap_sockets(folder: Path) -> None:
    """Take away the sockets noted in a folder by processes that have ended."""
    for note in sorted(folder.glob("*.sockets.json")):
        with contextlib.suppress(ValueError, KeyError):
            told = json.loads(note.read_text(encoding="utf-8"))
            place = Path(told["folder"])
            if still_runs(told) is not None or place == _own():
                continue
            if place.name.startswith(_PREFIX) and not place.is_symlink():
                shutil.rmtree(place, ignore_errors=True)
        note.unlink(missing_ok=True)


def _another() -> Path:
    return Path(tempfile.gettempdir()) / f"{_PREFIX}{secrets.token_hex(8)}"


def _make(place: Path) -> None:
    if _own() is None:
        place.mkdir(mode=0o700)
        _config()[_OWN] = str(place)
        util.Finalize(None, shutil.rmtree, args=(place, True), exitpriority=_LAST)


def _own() -> Path | None:
    known = _config().get(_OWN)
    return None if known is None else Path(known)


def _config() -> "dict[str, str]":
    # Python has no public way to say where; one that it chooses is known only when it is there already.
    config: dict[str, str] = process.current_process()._config  # type: ignore[attr-defined] # noqa: SLF001
    return config
