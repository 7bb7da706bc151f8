"""The lines of a UTF-8 file, without holding it in memory."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

_HEAD_BYTES = 200_000
_FEWEST_LINES = 30


def text_lines(path: Path, start: int = 0, end: int | None = None) -> Iterator[str]:
    """Yield the lines between two places, given in bytes."""
    for line in _byte_lines(path, start, end):
        yield line.decode("utf-8", errors="replace")


def first_lines(path: Path, start: int = 0, end: int | None = None) -> list[str]:
    """Return the lines of the first 200 kB, and some at least where lines are long."""
    lines, n_bytes = [], 0
    for line in _byte_lines(path, start, end):
        lines.append(line.decode("utf-8", errors="replace"))
        n_bytes += len(line)
        if n_bytes >= _HEAD_BYTES and len(lines) >= _FEWEST_LINES:
            break
    return lines


def place_of(path: Path, line: int) -> int:
    """Return where a line begins, in bytes; lines are counted from 1."""
    with path.open("rb") as file:
        return sum(map(len, islice(file, line - 1)))


def _byte_lines(path: Path, start: int, end: int | None) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        left = (path.stat().st_size if end is None else end) - start
        for line in file:
            if left <= 0:
                return
            left -= len(line)
            yield line
