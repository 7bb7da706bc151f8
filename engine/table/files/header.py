"""Which of the first rows name the columns, and what those names are together."""

import re
from collections.abc import Sequence
from itertools import pairwise, zip_longest

from engine.table.files.dialect import Row

_NUMBER = re.compile(
    r"[-+−(]?\s*[$€£¥]?\s*[-+−]?(\d{1,3}([\s'’]\d{3})+([.,]\d+)?|\d[\d.,]*|[.,]\d+)([eE][-+]?\d+)?\s*[%‰€$£¥)]?"
)
_DATE = re.compile(r"\d{1,4}[-/.年]\s?\d{1,2}([-/.月]\s?\d{1,4}日?)?([T ]\d.*)?|\d{1,2}:\d\d(:\d\d.*)?")
_NO_VALUE = frozenset({"?", "na", "n/a", "nan", "null", "none", "-", "--", ".", "missing", "#n/a"})
_YEAR = re.compile(r"(19|20)[0-9]{2}")
MOST_HEADER_ROWS = 3
_UNIT = re.compile(
    r"[(\[].{1,20}[)\]]|[%‰°€$£¥]|°[CFK]|[kcmdµunMGT]?(m|g|s|l|L|W|Wh|V|A|J|N|Pa|Hz|bar|mol|B|bit|K)([23²³]|/\S+)?|"
    r"(k?g|[mc]?m|l|t)/\S+|km/h|mph|m/s|EUR|USD|GBP|CHF|CNY|RMB|JPY|h|hr|hrs|min|sec|d|days?|years?|yrs?|hours?|months?|"
    r"minutes?|seconds?|kcal|cal|hPa|mmHg|mg/d[lL]|ppm|ppb|pH|kWh|MWh|ha|sqm|sq ?ft|ft|in|inch|lbs?|oz|mi|miles|"
    r"persons?|pcs|Stück|Jahre?|Tage?|Std|元|万元|米|公里|千米|厘米|公斤|千克|克|吨|升|岁|年|月|日|天|小时|分钟|秒|个|人|件|次|℃|㎡|平方米|円|-",
)  # fmt: skip


def has_header(rows: Sequence[Row]) -> bool:
    """Say whether the first of some rows names the columns.

    Each column votes: a word above numbers speaks for a header, a number above numbers or a value that comes again
    below speaks against it.
    """
    if len(rows) < 2:
        return True
    votes = _votes(rows)
    return sum(votes) > 0 or not any(votes)


def surely_has_header(rows: Sequence[Row]) -> bool:
    """Say whether the first of some rows names the columns beyond doubt: words stand above numbers or dates.

    >>> surely_has_header([["a", "b"], ["1", "x"], ["2", "y"]])
    True
    """
    return len(rows) > 1 and sum(_votes(rows)) > 1


def count_header_rows(rows: Sequence[Row]) -> int:
    """Count the rows of names: none, one, or up to three where groups stand above names or units below them."""
    if len(rows) < 4:
        return int(bool(rows) and has_header(rows))
    n = MOST_HEADER_ROWS
    while n > 1 and not (len(rows) > n + 1 and _all_name(rows[:n], rows[n:])):
        n -= 1
    return n if n > 1 else int(has_header(rows))


def joined_names(header: Sequence[Row], n_columns: int) -> tuple[str, ...]:
    """Put the names of columns together: groups stand before, units behind.

    >>> joined_names([["", "size", ""], ["id", "w", "h"], ["", "cm", "cm"]], 3)
    ('id', 'size w (cm)', 'size h (cm)')
    """
    if not header:
        return ("",) * n_columns
    rows = [[cell.strip() for cell in row[:n_columns]] + [""] * (n_columns - len(row)) for row in header]
    units = rows.pop() if len(rows) > 1 and _are_units(rows[-1]) else [""] * n_columns
    spread = [_spread(row, below) for row, below in pairwise(rows)]
    names = []
    for parts, unit in zip(zip_longest(*spread, rows[-1], fillvalue=""), units, strict=False):
        name = " ".join(dict.fromkeys(part for part in parts if part))
        unit = unit.strip("()[] ")
        names.append(f"{name} ({unit})" if name and unit and unit != "-" else name or unit)
    return tuple(names)


def _votes(rows: Sequence[Row]) -> list[int]:
    first, body = rows[0], rows[1:]
    return [_vote(cell, [row[i].strip() for row in body if i < len(row)]) for i, cell in enumerate(first)]


def _vote(cell: str, below: Sequence[str]) -> int:
    cell = cell.strip()
    filled = [value for value in below if value]
    if not cell or not filled:
        return 0
    if _YEAR.fullmatch(cell):
        # Years are names where nothing below is a year.
        n_numbers = sum(is_value(value) for value in filled)
        return 1 if n_numbers > 0.7 * len(filled) and not any(_YEAR.fullmatch(value) for value in filled) else -1
    if _are_typed(filled):
        if is_value(cell):
            return -1
        if cell.lower() in _NO_VALUE:
            return 0
        return 2 if any(letter.isalpha() for letter in cell) else 1
    if is_value(cell) or cell in filled:
        return -1
    if any(letter.isdigit() for letter in cell) and _shape(cell) in {_shape(value) for value in filled[:50]}:
        return -1
    if sum(any(letter.isdigit() for letter in value) for value in filled) > 0.9 * len(filled) and len(cell) < 60:
        return 0 if any(letter.isdigit() for letter in cell) else 1
    # In a column of a few levels a word that never comes again is probably its name.
    return 1 if len(set(filled)) < 0.5 * len(filled) else 0


def is_value(cell: str) -> bool:
    """Say whether a cell is a number, a date or a time.

    >>> [is_value(cell) for cell in ("1,5 %", "2024-03-01", "12:30", "kg")]
    [True, True, True, False]
    """
    return bool(_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell))


def _are_typed(filled: Sequence[str]) -> bool:
    return sum(map(is_value, filled)) > 0.7 * len(filled)


def _shape(cell: str) -> str:
    return re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "a", cell))


def _all_name(header: Sequence[Row], body: Sequence[Row]) -> bool:
    """Say whether all of several rows are names: none has a value in a column of values, and each has a name there."""
    n_columns = max(len(row) for row in body)
    below = [[row[i].strip() for row in body if i < len(row) and row[i].strip()] for i in range(n_columns)]
    typed = [i for i, values in enumerate(below) if values and _are_typed(values)]
    if not typed or not has_header([header[0], *body]):
        return False
    if not _is_name_row(header[0], typed, below, least=0):
        return False
    return all(
        _names_the_index(row, above)
        or _is_name_row(row, typed, below, least=1 if _are_units(row) or _is_group(above, row) else 2)
        for above, row in pairwise(header)
    )


def _is_name_row(row: Row, typed: Sequence[int], below: Sequence[Sequence[str]], least: int) -> bool:
    cells = [row[i].strip() for i in typed if i < len(row)]
    filled = [cell for cell in cells if cell and cell.lower() not in _NO_VALUE - {"-"}]
    if len(filled) < least or len(filled) < 0.5 * len([cell for cell in cells if cell]):
        return False
    if any(is_value(cell) and not _YEAR.fullmatch(cell) for cell in filled):
        return False
    return not any(row[i].strip() in set(below[i]) for i in range(min(len(row), len(below))) if row[i].strip())


def _is_group(row: Row, below: Row) -> bool:
    """Know a row of groups by the gaps after each, as merged cells leave them, or by names that are repeated."""
    filled = [cell.strip() for cell in row if cell.strip()]
    gaps = any(name.strip() and not group.strip() for group, name in zip_longest(row, below, fillvalue=""))
    return bool(filled) and (gaps or len(set(filled)) < len(filled))


def _names_the_index(row: Row, above: Row) -> bool:
    """Know the row that some programs write to name only the first column."""
    return bool(row[0].strip()) and not any(cell.strip() for cell in row[1:]) and not above[0].strip()


def _are_units(row: Row) -> bool:
    filled = [cell.strip() for cell in row if cell.strip()]
    return bool(filled) and sum(bool(_UNIT.fullmatch(cell)) for cell in filled) > 0.6 * len(filled)


def _spread(row: Row, below: Row) -> Row:
    """Let the name of a group stand over all its columns: it is written above the first."""
    if not _is_group(row, below):
        return row
    spread, last = [], ""
    for cell, name in zip(row, below, strict=True):
        last = cell or (last if name else "")
        spread.append(last)
    return spread
