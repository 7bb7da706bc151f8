"""A quick look through all lines of a large file: whether a simple reader can read them, and what it must not see."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.table.dialect import Dialect, Row

_BLOCK_BYTES = 1 << 24
_MOST_HOLES = 10_000


@dataclass(frozen=True, kw_only=True)
class Hole:
    """A line that is no row: where it stands, in bytes and as a number of lines, and what it says."""

    start: int
    end: int
    line: int
    text: str

    @property
    def is_blank(self) -> bool:
        """Say whether nothing at all stands there."""
        return not self.text.strip()


def find_holes(
    path: Path, span: tuple[int, int], first_line: int, dialect: Dialect, header: Sequence[Row], n_columns: int
) -> tuple[Hole, ...] | None:
    """Return the lines that are empty, remarks, or names again; None when a simple reader would read rows wrongly.

    That is so where the quotes of a line do not come in pairs: a cell goes on in the next line, or a quote is stray.
    """
    starts = _starts(dialect, header, n_columns)
    found: list[Hole] = []
    line = first_line
    for place, block in _blocks(path, span):
        if dialect.quote and not _has_pairs(block, dialect.quote.encode()):
            return None
        for start in _suspects(block, starts):
            end = block.find(b"\n", start) + 1 or len(block)
            text = block[start:end].decode("utf-8", errors="replace")
            if not _is_row(text, dialect, header, n_columns):
                number = line + block.count(b"\n", 0, start)
                found.append(Hole(start=place + start, end=place + end, line=number, text=text.rstrip("\r\n")))
            if len(found) > _MOST_HOLES:
                return None
        line += block.count(b"\n")
    return tuple(found)


def has_pauses(path: Path) -> bool:
    """Say whether there are empty lines between others."""
    return any(b"\n\n" in block or b"\n\r\n" in block for _, block in _blocks(path, (0, path.stat().st_size)))


def count_lines(path: Path, start: int, end: int) -> int:
    """Count the line ends between two places."""
    return sum(block.count(b"\n") for _, block in _blocks(path, (start, end)))


def _blocks(path: Path, span: tuple[int, int]) -> Iterator[tuple[int, bytes]]:
    """Yield whole lines, many at a time, and where they begin."""
    place, end = span
    with path.open("rb") as file:
        file.seek(place)
        while place < end:
            block = file.read(min(_BLOCK_BYTES, end - place))
            if place + len(block) < end:
                block += file.readline()
            if not block:
                return
            yield place, block
            place += len(block)


def _has_pairs(block: bytes, quote: bytes) -> bool:
    if quote not in block:
        return True
    letters = np.frombuffer(block, dtype=np.uint8)
    n_quotes = np.searchsorted(np.flatnonzero(letters == quote[0]), np.flatnonzero(letters == 10))
    return not np.any(n_quotes % 2)


def _starts(dialect: Dialect, header: Sequence[Row], n_columns: int) -> tuple[bytes, ...]:
    """Return what begins the lines that may be no rows."""
    starts = [b"\n", b"\r", ((n_columns - 1) * dialect.separator).encode(), dialect.comment.encode(), b"---", b"==="]
    for row in header:
        starts += [
            dialect.separator.join(f"{quote}{cell}{quote}" for cell in row[:3]).encode()
            for quote in ("", dialect.quote)
        ]
    return tuple(dict.fromkeys(start for start in starts if start))


def _suspects(block: bytes, starts: Sequence[bytes]) -> list[int]:
    found = [0] if block.startswith(tuple(starts)) else []
    for start in starts:
        place = block.find(b"\n" + start)
        while place >= 0:
            if place + 1 < len(block):
                found.append(place + 1)
            place = block.find(b"\n" + start, place + 1)
    return sorted(set(found))


def _is_row(text: str, dialect: Dialect, header: Sequence[Row], n_columns: int) -> bool:
    bare = text.strip("\r\n")
    cells = [cell.strip(dialect.quote + " ") for cell in bare.split(dialect.separator)]
    if not any(cells) or any(cells == [cell.strip() for cell in row] for row in header):
        return False
    return not (dialect.comment and bare.startswith(dialect.comment) and len(cells) != n_columns)
