"""Knows an SQLite file, and the log beside it in which its last changes may stand."""

from pathlib import Path

MARK = b"SQLite format 3\0"
_LOG = "-wal"


def is_sqlite(path: Path) -> bool:
    """Say whether a file is an SQLite database; raises OSError when it cannot be opened."""
    with path.open("rb") as file:
        return file.read(len(MARK)) == MARK


def log_name(name: str) -> str:
    """Return what the log of a database is called: SQLite finds it by this name.

    >>> log_name("shop.db")
    'shop.db-wal'
    """
    return f"{name}{_LOG}"


def log_of(path: Path) -> Path | None:
    """Return the write-ahead log beside a database; None where there is none, or nothing in it."""
    log = path.with_name(log_name(path.name))
    return log if log.is_file() and log.stat().st_size else None
