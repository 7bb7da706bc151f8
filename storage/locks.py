"""Kernel locks on files: the kernel lets go of them however the holder dies, so a lock that is held means alive."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from engine.errors import WorkspaceError
from engine.file_locks import acquire, release
from engine.messages import phrase

LOCK_HELD = phrase(
    "lock_held",
    "Another process is already working on {name}.",
    "Wait until it has finished, or stop it first.",
)
RETRY_SECONDS = 0.02

# A POSIX record lock is let go when its process closes *any* handle on the file, so the holder must never probe it.
_held_here: set[Path] = set()
_guard = threading.Lock()


@contextmanager
def hold(path: Path, *, wait_seconds: float = 1.0) -> Iterator[None]:
    """Hold the lock at `path`.

    Waits a moment, because a probe by another process takes the lock too, for microseconds.
    Raises WorkspaceError when another process (or another part of this one) keeps it.
    """
    path = path.absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait_seconds
    _reserve(path, deadline)
    try:
        with path.open("a+b") as file:
            _wait_for(file, path, deadline)
            try:
                yield
            finally:
                with suppress(OSError):  # closing lets go of it as well
                    release(file)
    finally:
        with _guard:
            _held_here.discard(path)


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock at `path`."""
    path = path.absolute()
    with _guard:
        if path in _held_here:
            return True
        try:
            file = path.open("r+b" if os.name == "nt" else "rb")
        except FileNotFoundError:
            return False
        with file:
            try:
                acquire(file, shared=True)
            except OSError:
                return True
            release(file)
    return False


def _reserve(path: Path, deadline: float) -> None:
    while True:
        with _guard:
            if path not in _held_here:
                _held_here.add(path)
                return
        _wait(path, deadline)


def _wait_for(file: IO[bytes], path: Path, deadline: float) -> None:
    while True:
        try:
            return acquire(file)
        except OSError:
            _wait(path, deadline)


def _wait(path: Path, deadline: float) -> None:
    if time.monotonic() >= deadline:
        raise WorkspaceError(LOCK_HELD(name=path.parent.name))
    time.sleep(RETRY_SECONDS)
