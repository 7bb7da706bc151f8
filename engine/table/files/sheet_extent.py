"""Refuses workbooks with cells so far out that nobody can hold all that lies between: readers reserve room for it."""

import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress

from engine.errors import TableError
from engine.messages import phrase
from engine.table.files.archives import PROBLEMS
from engine.table.files.limits import refuse_too_many_bytes
from engine.table.files.raw import Source

FAR_CELLS = phrase(
    "table_far_cells",
    "A sheet of {name} has cells as far out as row {row} and column {column}, too many to be read.",
    "Delete the rows and columns below and beside the table in the spreadsheet program, or save the table as CSV.",
)

_MOST_CELLS = 100_000_000  # of which a sheet with fewer than 1,000 rows has never as many
_BYTES_PER_CELL = 64
_BLOCK_BYTES = 1 << 24
_LONGEST_PLACE = 40
_SHEET = re.compile(rb"<(?:\w+:)?worksheet[\s>]")
_COLUMN = re.compile(rb"\sr\s*=\s*[\"']([A-Z]{2,3})[0-9]")
_ROW = re.compile(rb"\sr\s*=\s*[\"'][A-Z]{0,3}([0-9]{4,10})[\"']")


def refuse_far_cells(source: Source) -> None:
    """Raise TableError when a sheet of an Excel workbook (zipped XML) spans more cells than can be read."""
    with zipfile.ZipFile(source.path) as archive:
        for member in archive.infolist():
            row, column = _extent(_blocks(archive, member))
            n_cells = row * _number(column)
            if n_cells > _MOST_CELLS:
                raise TableError(FAR_CELLS(name=source.name, row=row, column=column))
            refuse_too_many_bytes(n_cells * _BYTES_PER_CELL, source)


def _blocks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the XML of a sheet in pieces, each with the end of the one before; nothing of any other file."""
    with suppress(RuntimeError, *PROBLEMS), archive.open(member) as file:  # whoever needs what is damaged says so
        rest, block = b"", file.read(_BLOCK_BYTES)
        if not _SHEET.search(block):
            return
        while block:
            yield rest + block
            rest, block = block[-_LONGEST_PLACE:], file.read(_BLOCK_BYTES)


def _extent(blocks: Iterator[bytes]) -> tuple[int, str]:
    """Return the last row and column, as far as they matter: a row of at least four digits, a column after Z."""
    rows: set[bytes] = set()
    columns: set[bytes] = set()
    for block in blocks:
        rows |= set(_ROW.findall(block))
        columns |= set(_COLUMN.findall(block))
    last = max(map(bytes.decode, columns), key=_number, default="Z")
    return max(map(int, rows), default=0), last


def _number(column: str) -> int:
    """Count the columns up to one.

    >>> [_number(column) for column in ("Z", "AA", "XFD")]
    [26, 27, 16384]
    """
    number = 0
    for letter in column:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number
