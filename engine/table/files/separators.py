"""Which sign separates the cells of a text, and how its cells are quoted."""

import re
from collections import Counter
from collections.abc import Sequence

from engine.table.files.cell_forms import is_value
from engine.table.files.dialect import Dialect, usual_width
from engine.table.files.records import Record, records

SEPARATORS = (",", ";", "\t", "|")
# Signs that separate cells only where no usual one does.
_RARE = ("^", "~", ":", "\x01", "\x1f", "¦", "§", "，", "；", "、", " ")
_RARITY = 0.8
_SEP_LINE = re.compile(r'\s*"?sep=(.+?)"?[;,\t|]*\s*', re.IGNORECASE)
_COMMENTS = ("#", "//", "%", ";", "--", "!", "*", "'")
_MOST_LINES = 500


def told_separator(line: str) -> str:
    """Return the separator that the first line of a file names, as Excel writes it; empty if it names none.

    >>> told_separator("sep=;")
    ';'
    """
    told = re.fullmatch(_SEP_LINE, line.rstrip("\r\n"))
    return told[1] if told else ""


def find_dialect(lines: Sequence[str], separator: str | None = None) -> Dialect:
    """Judge by the first lines of a text how to cut it; `separator` is what a person says."""
    lines = [line for line in lines if line.strip()]
    told = told_separator(lines[0]) if lines else ""
    body = lines[1:] if told else lines
    n_comments = len(body) - len(_without_comments(body))
    sample = body[n_comments:][:_MOST_LINES]
    separator = separator or told or _best_separator(sample)
    comment = leading_comment(body) or "#"
    dialect = Dialect(
        separator=separator,
        has_padding=_has_padding(sample, separator),
        comment="" if comment in separator else comment,
    )
    return _with_quotes(sample, dialect)


def leading_comment(lines: Sequence[str]) -> str:
    """Return what begins the first lines, when that marks them as remarks: most lines do not begin so."""
    first = next((line for line in lines if line.strip()), "")
    for mark in _COMMENTS:
        n_marked = sum(line.startswith(mark) for line in lines)
        if first.startswith(mark) and n_marked < 0.5 * len([line for line in lines if line.strip()]):
            return mark
    return ""


def _without_comments(lines: Sequence[str]) -> Sequence[str]:
    mark = leading_comment(lines)
    first = next((n for n, line in enumerate(lines) if not line.startswith(mark)), 0) if mark else 0
    return lines[first:]


def _best_separator(lines: Sequence[str]) -> str:
    scores = {separator: _score(lines, separator) for separator in SEPARATORS}
    if max(scores.values()) < 0.95:
        scores |= {separator: _RARITY * _score(lines, separator, least=0.9) for separator in _RARE}
    best = max(scores, key=scores.__getitem__)
    if scores[best] <= 0:
        return ","
    double = 2 * best
    doubled = [line.count(double) * 2 == line.count(best) > 0 for line in lines]
    return double if best != " " and sum(doubled) > 0.95 * len(doubled) else best


def _score(lines: Sequence[str], separator: str, least: float = 0.0) -> float:
    """Judge a separator: rows of equal width, whose cells do not look as if they were still to be cut."""
    if sum(separator in line for line in lines) < 0.5 * len(lines) and not any('"' in line for line in lines):
        return 0.0
    rows = [record.cells for record in records(lines, Dialect(separator=separator, has_padding=True)) if record.cells]
    width = usual_width([row for row in rows if len(row) > 1])
    regular = [row for row in rows if len(row) == width]
    if width < 2 or len(regular) < least * len(rows):
        return 0.0
    others = [other for other in (*SEPARATORS, *_RARE[:2], "::") if other != separator]
    cells = [cell for row in regular[:200] for cell in row if cell]
    clean = sum(_is_clean(cell, others) for cell in cells) / len(cells) if cells else 0.0
    return (len(regular) / len(rows)) ** 2 * clean**2 * (1 + min(width, 50) / 1000)


def _is_clean(cell: str, others: Sequence[str]) -> bool:
    if is_value(cell):
        return True
    words = cell.split()
    if cell.count('"') % 2:
        return False
    if len(words) > 1:
        return not all(map(is_value, words)) and not any(other in cell for other in others[-3:])
    return not any(other in cell for other in others)


def _has_padding(lines: Sequence[str], separator: str) -> bool:
    """Say whether spaces around the separators are no part of the cells."""
    if separator in {" ", "\t"}:
        return False
    pieces = [piece for line in lines for piece in line.rstrip("\r\n").split(separator)[1:] if piece.strip()]
    n_padded = sum(piece.startswith(" ") for piece in pieces)
    before = [piece for line in lines for piece in line.rstrip("\r\n").split(separator)[:-1] if piece.strip()]
    n_behind = sum(piece.endswith(" ") for piece in before)
    quoted = [piece for piece in pieces if len(piece) > 2 and piece.startswith(" ") and piece.lstrip().startswith('"')]
    n_quoted = sum(piece.rstrip().endswith('"') and piece.count('"') == 2 for piece in quoted)
    usual = max(n_padded, n_behind) > 0.8 * len(pieces) > 0
    return usual or n_quoted > 0.5 * sum('"' in piece for piece in pieces) > 0


def _with_quotes(lines: Sequence[str], dialect: Dialect) -> Dialect:
    """Choose between double quotes, single ones and none, and whether a backslash escapes quotes."""
    if not any('"' in line for line in lines):
        return _changed(dialect, quote="'") if _has_single_quotes(lines, dialect.separator) else dialect
    plain = list(records(lines, dialect))
    ways = {dialect: plain}
    if any('\\"' in line for line in lines):
        escaped = _changed(dialect, escape="\\")
        ways = {escaped: list(records(lines, escaped)), **ways}
    best = max(ways, key=lambda way: _regularity(ways[way]))
    n_quoted = sum('"' in line for line in lines)
    n_healed = sum(record.healed for record in ways[best])
    return _changed(best, quote="", escape="") if n_healed > 0.5 * n_quoted and n_healed > 5 else best


def _changed(dialect: Dialect, *, quote: str | None = None, escape: str | None = None) -> Dialect:
    return Dialect(
        separator=dialect.separator,
        quote=dialect.quote if quote is None else quote,
        escape=dialect.escape if escape is None else escape,
        has_padding=dialect.has_padding,
        comment=dialect.comment,
    )


def _regularity(cut: Sequence[Record]) -> float:
    widths = Counter(len(record.cells) for record in cut if not record.healed)
    return max(widths.values(), default=0) / max(len(cut), 1)


def _has_single_quotes(lines: Sequence[str], separator: str) -> bool:
    """Say whether most lines have cells in single quotes that hold a separator; else they belong to the value."""
    mark = re.escape(separator)
    cells = [re.findall(rf"(?:^|(?<={mark}))'[^']*'(?={mark}|$)", line.rstrip()) for line in lines[1:200]]
    usual = sum(bool(found) for found in cells) > len(cells) / 2
    return usual and any(separator in cell for found in cells for cell in found)
