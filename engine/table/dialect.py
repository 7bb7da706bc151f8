"""How a text file is cut into cells: separator, quotes, lines before the table, header."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

SEPARATORS = (",", ";", "\t", "|")
_NUMBER = re.compile(r"[-+(]?[$€£¥]?\s*\d[\d.,'\s]*([eE][-+]?\d+)?\s*[%€$)]?")
_NO_VALUE = frozenset({"?", "na", "n/a", "nan", "null", "none", "-"})
_YEAR = re.compile(r"(19|20)[0-9]{2}")
_SEP_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
# A quoted cell with more line breaks than this is taken for a stray quote that swallowed the rest.
MOST_BREAKS_IN_A_CELL = 200

Row = list[str]


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How to cut lines into cells.

    `separator`: one sign or several; a space stands for any number of spaces. `quote` is empty when quotes are ordinary
    letters. `escape`: the sign before a quote within quotes; empty when it is doubled. `has_padding`: spaces around
    cells belong to no cell. `comment`: what begins a line that is no row; empty for none.
    """

    separator: str
    quote: str
    escape: str = ""
    has_padding: bool = False
    comment: str = ""


def find_dialect(sample: str) -> tuple[Dialect, int]:
    """Judge by the beginning of a text how to cut it, and count the lines before the table.

    The separator is a tab, comma, semicolon or bar, else a space.
    """
    lines = sample.splitlines(keepends=True)
    told = _SEP_LINE.fullmatch(lines[0]) if lines else None
    if told:
        return Dialect(separator=told[1], quote=_quote(lines[1:], told[1])), 1
    separator = max(SEPARATORS, key=lambda each: _score(lines, each))
    if _score(lines, separator) <= 0:
        separator = " " if _score(lines, " ") > 0.95 else ","
    quote = _quote(lines, separator)
    return Dialect(separator=separator, quote=quote), _n_before(lines, separator, quote)


def cut(text: str | Sequence[str], separator: str, quote: str) -> list[Row]:
    """Cut a text, or its lines, into rows of cells; empty lines are left out."""
    source = io.StringIO(text, newline="") if isinstance(text, str) else text
    csv.field_size_limit(1 << 30)
    rows = csv.reader(
        source,
        delimiter=separator,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        skipinitialspace=separator != "\t",
    )
    return [row for row in rows if row]


def usual_width(rows: Sequence[Row]) -> int:
    """Return the most common number of cells."""
    return Counter(map(len, rows)).most_common(1)[0][0] if rows else 0


def has_header(rows: Sequence[Row]) -> bool:
    """Say whether the first of some rows names the columns.

    Each column votes: a word above numbers speaks for a header, a number above numbers or a value that comes again
    below speaks against it.
    """
    if len(rows) < 2:
        return True
    first, body = rows[0], rows[1:]
    votes = [_vote(cell, [row[i].strip() for row in body if i < len(row)]) for i, cell in enumerate(first)]
    return sum(votes) > 0 or not any(votes)


def _vote(cell: str, below: Sequence[str]) -> int:
    cell = cell.strip()
    filled = [value for value in below if value]
    if not cell or not filled:
        return 0
    n_numbers = sum(bool(_NUMBER.fullmatch(value)) for value in filled)
    if _YEAR.fullmatch(cell):
        # Years are names where nothing below is a year.
        return 1 if n_numbers > 0.7 * len(filled) and not any(_YEAR.fullmatch(value) for value in filled) else -1
    if n_numbers > 0.7 * len(filled):
        if _NUMBER.fullmatch(cell):
            return -1
        if cell.lower() in _NO_VALUE:
            return 0
        return 2 if any(letter.isalpha() for letter in cell) else 1
    if _NUMBER.fullmatch(cell):
        return -1
    n_same = sum(value == cell for value in filled)
    if n_same:
        return -1
    # In a column of a few levels a word that never comes again is probably its name.
    return 1 if len(set(filled)) < 0.5 * len(filled) else 0


def _score(lines: Sequence[str], separator: str) -> float:
    """Judge a separator: rows of equal width, whose cells do not look as if they were still to be cut."""
    rows = cut(lines, separator, '"')[:500]
    width = usual_width([row for row in rows if len(row) > 1])
    if width < 2:
        return 0.0
    regular = [row for row in rows if len(row) == width]
    others = [other for other in SEPARATORS if other != separator]
    cells = [cell for row in regular[:200] for cell in row if cell]
    n_clean = sum(
        bool(_NUMBER.fullmatch(cell)) or " " in cell or not any(other in cell for other in others) for cell in cells
    )
    clean = n_clean / len(cells) if cells else 0.0
    return (len(regular) / len(rows)) ** 2 * clean**2 * (1 + min(width, 50) / 1000)


def _quote(lines: Sequence[str], separator: str) -> str:
    if any('"' in line for line in lines):
        rows = cut(lines, separator, '"')
        swallowed = any(cell.count("\n") > MOST_BREAKS_IN_A_CELL for row in rows[:-1] for cell in row)
        return "" if swallowed else '"'
    # Single quotes are marks where most lines have them and they hold a separator; else they belong to the value.
    mark = re.escape(separator)
    cells = [re.findall(rf"(?:^|(?<={mark}))'[^']*'(?={mark}|$)", line) for line in lines[1:200]]
    usual = sum(bool(found) for found in cells) > len(cells) / 2
    return "'" if usual and any(separator in cell for found in cells for cell in found) else '"'


def _n_before(lines: Sequence[str], separator: str, quote: str) -> int:
    """Count the physical lines before the table: comments, titles, empty lines."""
    width = usual_width(cut(lines, separator, quote))
    n_comments = next((n for n, line in enumerate(lines) if not line.startswith("#") and line.strip()), 0)
    if n_comments:
        last = cut(lines[n_comments - 1 : n_comments], separator, quote)
        names_columns = len(last[0]) == width if last else False
        if not names_columns or has_header(cut(lines[n_comments:], separator, quote)[:200]):
            return n_comments
        return n_comments - 1
    for n, line in enumerate(lines[:30]):
        cells = cut([line], separator, quote)
        # A title fills one or two cells; a row that is merely short belongs to the table.
        n_filled = sum(bool(cell.strip()) for cell in cells[0]) if cells else 0
        opens_quote = bool(quote) and line.count(quote) % 2 == 1
        if opens_quote or n_filled > max(1, width // 3) or width < 3:
            return n if n_filled else 0
    return 0
