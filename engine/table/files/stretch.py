"""A part of a file, read in blocks."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from engine.table.files.dialect import Dialect

_BLOCK_BYTES = 1 << 22
_SAMPLE_BYTES = 1 << 20


@dataclass(frozen=True)
class Stretch:
    """The bytes of a file from `start` to before `end`."""

    path: Path
    start: int
    end: int

    @contextmanager
    def open(self) -> Iterator["_Part"]:
        """Open it as if it were a file of its own."""
        with self.path.open("rb") as file:
            file.seek(self.start)
            yield _Part(file, self.end - self.start)

    def blocks(self) -> Iterator[bytes]:
        """Yield its bytes, some megabytes at a time."""
        with self.open() as file:
            while block := file.read(_BLOCK_BYTES):
                yield block

    def count(self, sign: bytes) -> int:
        """Count how often one sign comes."""
        return sum(block.count(sign) for block in self.blocks())

    def bytes_per_line(self) -> float:
        """Return the mean length of a line, judged by the first ones."""
        with self.open() as file:
            sample = file.read(_SAMPLE_BYTES)
        return len(sample) / max(sample.count(b"\n"), 1)

    def without_last(self, n_bytes: int) -> "Stretch":
        """Leave out the last lines, which have about so many bytes."""
        end = max(self.start, self.end - n_bytes)
        with Stretch(self.path, end, self.end).open() as file:
            found = file.read(_SAMPLE_BYTES).find(b"\n")
        return Stretch(self.path, self.start, end + found + 1 if found >= 0 else self.start)

    def empty_lines(self) -> NDArray[np.int64]:
        """Return the numbers, from 0, of the lines without any sign."""
        found, n_lines, start, last, before = [np.zeros(0, np.int64)], 0, 0, -1, b""
        for block in self.blocks():
            letters = np.frombuffer(before + block, dtype=np.uint8)
            ends = np.flatnonzero(letters[len(before) :] == ord("\n"))
            lengths = np.diff(ends + start, prepend=last) - 1
            after_return = letters[np.maximum(ends + len(before) - 1, 0)] == ord("\r")
            found.append(n_lines + np.flatnonzero((lengths == 0) | ((lengths == 1) & after_return)))
            n_lines += len(ends)
            last = int(ends[-1]) + start if len(ends) else last
            start, before = start + len(block), block[-1:]
        return np.concatenate(found)

    def is_plain(self, dialect: Dialect) -> bool:
        """Say whether all readers cut it in the same way: no quotes within words, no signs that hide others."""
        separator, quote = dialect.separator, dialect.quote
        if len(separator) != 1 or separator == " " or not separator.isascii() or dialect.escape:
            return False
        if not quote:
            return True
        letter = f"[^{re.escape(separator + quote)}\r\n]"
        # Within a word, or behind a space where a cell begins, a quote is a letter for some and a quote for others.
        odd = re.compile(f"{letter}{re.escape(quote)}{letter}".encode())
        sign, before, n_quotes = quote.encode(), b"", 0
        for block in self.blocks():
            if sign in block and odd.search(before + block):
                return False
            # Where quotes of a line do not come in pairs, a cell goes on in the next line or a quote is stray.
            letters = np.frombuffer(block, dtype=np.uint8)
            places = np.flatnonzero(letters == sign[0])
            if np.any((n_quotes + np.searchsorted(places, np.flatnonzero(letters == ord("\n")))) % 2):
                return False
            n_quotes += len(places)
            before = block[-2:]
        return True


class _Part(io.RawIOBase):
    """A file that ends early."""

    def __init__(self, file: BinaryIO, n_bytes: int) -> None:
        super().__init__()
        self._file = file
        self._left = n_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview[int]") -> int:  # type: ignore[override]
        data = self._file.read(min(len(buffer), self._left))
        buffer[: len(data)] = data
        self._left -= len(data)
        return len(data)
