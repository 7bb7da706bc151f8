"""Files that are whole or not there, also after the power went: written aside, brought to the disk, then renamed."""

import os
from collections.abc import Callable
from pathlib import Path


def settle(path: Path) -> None:
    """Wait until what was written to a file is on the disk: else a rename could outlive what is in it."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, in place of an older one of this name, so that there is either the one or the other."""
    make_whole(path, lambda part: part.write_bytes(content))


def make_whole(path: Path, make: Callable[[Path], object]) -> None:
    """Let `make` write a file, whose name ends as this one does, and put it in the place of an older one."""
    part = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        make(part)
        settle(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def make_once(path: Path, make: Callable[[Path], object]) -> None:
    """Make a file that says the same whoever makes it: where another process has done so meanwhile, it stays.

    On Windows a file that somebody reads or has mapped cannot be replaced.
    """
    try:
        make_whole(path, make)
    except PermissionError:
        if not path.exists():
            raise


def is_whole_pickle(path: Path) -> bool:
    """Say whether a pickle is there to its end, without reading it.

    >>> import pickle, tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.pkl"
    >>> write_whole(path, pickle.dumps([1, 2]))
    >>> is_whole_pickle(path), is_whole_pickle(path.with_name("b.pkl"))
    (True, False)
    >>> write_whole(path, pickle.dumps([1, 2])[:-1])
    >>> is_whole_pickle(path)
    False
    """
    try:
        with path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"."
    except OSError:  # it is not there, or empty
        return False
