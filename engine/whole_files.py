"""Files that are whole or not there, also after the power went: written aside, brought to the disk, then renamed."""

import os
from pathlib import Path


def settle(path: Path) -> None:
    """Wait until what was written to a file is on the disk: else a rename could outlive what is in it."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, in place of an older one of this name, so that there is either the one or the other."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_bytes(content)
    settle(part)
    part.replace(path)


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
