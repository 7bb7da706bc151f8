"""Lines of text become records of cells, also where a quotation mark is missing or one too many."""

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.table.files.dialect import Dialect, Row

# A quoted cell with more line breaks than this is taken for a stray quote that swallowed the rest.
MOST_BREAKS_IN_A_CELL = 200
# So many lines may be read again after stray quotes; then quoted cells have to end on their line.
_MOST_WASTED_LINES = 200_000
_STAND_IN = "\ue000"  # of a separator of several signs; this private letter stands in no text
csv.field_size_limit(1 << 30)


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one row. `line`: the number of its first line in the file, from 1. `healed`: a quote was stray."""

    line: int
    cells: Row
    n_lines: int = 1
    healed: bool = False

    @property
    def is_blank(self) -> bool:
        """Say whether no cell holds anything."""
        return not any(cell.strip() for cell in self.cells)


class _TooLongError(Exception):
    """A quoted cell goes on over more lines than cells do."""


class _Lines:
    """Lines that can be given back."""

    def __init__(self, lines: Iterable[str], number: int) -> None:
        self.number = number
        self.most = MOST_BREAKS_IN_A_CELL
        self.taken: list[str] = []
        self._returned: deque[str] = deque()
        self._lines = iter(lines)

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self.taken) > self.most:
            raise _TooLongError
        line = self._returned.popleft() if self._returned else next(self._lines)
        self.taken.append(line)
        return line

    def give_back(self, n_kept: int) -> None:
        """Keep the first lines taken; the others come again."""
        self._returned.extendleft(reversed(self.taken[n_kept:]))
        del self.taken[n_kept:]

    def finish(self) -> tuple[int, int]:
        """Return the number of the first line taken and how many were, and start anew."""
        first, n_lines = self.number, len(self.taken)
        self.number += n_lines
        self.taken.clear()
        return first, n_lines


def records(lines: Iterable[str], dialect: Dialect, *, n_columns: int = 0, first_line: int = 1) -> Iterator[Record]:
    r"""Cut lines into records; a line that is empty is a record without cells.

    A cell in quotes may hold line breaks. When it runs on although no quote was meant (what follows the closing quote
    is no separator, the text ends within it, or the lines it swallows are rows of `n_columns` cells themselves), the
    quotes of its first line count as letters.

    >>> [record.cells for record in records(['1,"a\n', 'b"\n'], Dialect(separator=",", quote='"'))]
    [['1', 'a\nb']]
    """
    source = _Lines(_prepared(lines, dialect), first_line)
    n_wasted = 0
    while True:
        reader = _reader(source, dialect, strict=True)
        try:
            for cells in reader:
                if len(source.taken) > 1 and not _is_meant(source.taken, cells, dialect, n_columns):
                    break
                line, n_lines = source.finish()
                yield Record(line, _restored(cells, dialect), n_lines)
            else:
                return
        except (csv.Error, _TooLongError):
            pass
        n_wasted += len(source.taken)
        if n_wasted > _MOST_WASTED_LINES:
            source.most = 1
        source.give_back(1)
        cells = _healed(source.taken[0], dialect, n_columns)
        line, n_lines = source.finish()
        yield Record(line, _restored(cells, dialect), n_lines, healed=True)


def _prepared(lines: Iterable[str], dialect: Dialect) -> Iterable[str]:
    if dialect.separator == " ":
        return (line.rstrip() + "\n" for line in lines)
    if dialect.has_padding and dialect.quote:
        behind = re.compile(rf"{re.escape(dialect.quote)} +(?={re.escape(dialect.separator)}|\r?\n?$)")
        lines = (behind.sub(dialect.quote, line) for line in lines)
    if len(dialect.separator) > 1:
        return (line.replace(dialect.separator, _STAND_IN) for line in lines)
    return lines


def _restored(cells: Row, dialect: Dialect) -> Row:
    if len(dialect.separator) > 1:
        cells = [cell.replace(_STAND_IN, dialect.separator) for cell in cells]
    return [cell.strip() for cell in cells] if dialect.has_padding else cells


def _reader(lines: Iterable[str], dialect: Dialect, *, strict: bool) -> Iterator[Row]:
    return csv.reader(
        lines,
        delimiter=dialect.separator if len(dialect.separator) == 1 else _STAND_IN,
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        escapechar=dialect.escape or None,
        skipinitialspace=dialect.has_padding or dialect.separator == " ",
        strict=strict,
    )


def _is_meant(lines: list[str], cells: Row, dialect: Dialect, n_columns: int) -> bool:
    """Say whether a row over several lines is one: not if each of its lines is a row by itself."""
    if n_columns < 2 or len(_as_letters(lines[0], dialect)) != n_columns:
        return True
    enough = 3 if n_columns > 2 else 5
    alone = [len(_as_letters(line, dialect)) for line in lines]
    if all(n == n_columns for n in alone) and (len(lines) >= enough or len(cells) != n_columns):
        return False
    # The first line is whole, and so are most that follow: a quote was opened and never closed.
    n_whole = sum(n == n_columns for n in alone)
    return not (n_whole > 0.8 * len(lines) and len(lines) >= enough)


def _as_letters(line: str, dialect: Dialect) -> Row:
    """Cut a line in which quotes are letters like others."""
    separator = dialect.separator if len(dialect.separator) == 1 else _STAND_IN
    body = line.rstrip("\r\n")
    return body.split() if separator == " " else body.split(separator)


def _healed(line: str, dialect: Dialect, n_columns: int) -> Row:
    """Cut one line whose quotes do not come in pairs, if possible into the right number of cells."""
    pieces = _as_letters(line, dialect)
    plain = [_unquoted(piece, dialect) for piece in pieces]
    if not n_columns or len(pieces) == n_columns:
        return plain
    if len(pieces) > n_columns:
        separator = dialect.separator if len(dialect.separator) == 1 else _STAND_IN
        n_joined = len(pieces) - n_columns
        for first in range(len(pieces) - n_joined):
            last = first + n_joined
            if pieces[first].lstrip().startswith(dialect.quote) and pieces[last].rstrip().endswith(dialect.quote):
                joined = separator.join(pieces[first : last + 1])
                return [*plain[:first], _unquoted(joined, dialect), *plain[last + 1 :]]
    try:
        loose = next(_reader([line], dialect, strict=False))
    except (csv.Error, StopIteration):
        return plain
    return [cell.rstrip("\r\n") for cell in loose] if len(loose) == n_columns else plain


def _unquoted(piece: str, dialect: Dialect) -> str:
    """Take the quotes off a cell that has them on both sides."""
    quote, bare = dialect.quote, piece.strip(" ")
    if not quote or len(bare) < 2 or not (bare.startswith(quote) and bare.endswith(quote)):
        return piece
    return bare[1:-1].replace(2 * quote, quote)
