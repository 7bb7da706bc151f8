"""Which of the first rows name the columns, and what those names are together."""

import re
from collections.abc import Sequence
from itertools import pairwise

from engine.table.files.cell_forms import are_values, has_digit, is_value, is_year, says_nothing, shape
from engine.table.files.dialect import Row
from engine.table.files.name_series import names_in_a_series

MOST_HEADER_ROWS = 3
_UNIT = re.compile(
    r"[(\[].{1,20}[)\]]|[%‰°€$£¥]|°[CFK]|[kcmdµunMGT]?(m|g|s|l|L|W|Wh|V|A|J|N|Pa|Hz|bar|mol|B|bit|K)([23²³]|/\S+)?|"
    r"(k?g|[mc]?m|l|t)/\S+|km/h|mph|m/s|EUR|USD|GBP|CHF|CNY|RMB|JPY|h|hr|hrs|min|sec|d|days?|years?|yrs?|hours?|months?|"
    r"minutes?|seconds?|kcal|cal|hPa|mmHg|mg/d[lL]|ppm|ppb|pH|kWh|MWh|ha|sqm|sq ?ft|ft|in|inch|lbs?|oz|mi|miles|"
    r"persons?|pcs|Stück|Jahre?|Tage?|Std|元|万元|米|公里|千米|厘米|公斤|千克|克|吨|升|岁|年|月|日|天|小时|分钟|秒|个|人|件|次|℃|㎡|平方米|円",
)  # fmt: skip
_UNITS_SAID = re.compile(r"[(\[]?(units?|einheit(en)?|unité|unidad|单位|單位|単位)[)\]]?:?", re.IGNORECASE)
# A first row of more words is a text like those below, not a name.
_MOST_WORDS = 3


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
    names = []
    for name, unit in zip(_joined(rows, n_columns), units, strict=True):
        unit = "" if _UNITS_SAID.fullmatch(unit) else unit.strip("()[] ")
        names.append(f"{name} ({unit})" if name and unit and unit != "-" else name or unit)
    return tuple(names)


def _joined(header: Sequence[Row], n_columns: int) -> list[str]:
    rows = [[cell.strip() for cell in row[:n_columns]] + [""] * (n_columns - len(row)) for row in header]
    spread = [_spread(row, below) for row, below in pairwise(rows)]
    return [" ".join(dict.fromkeys(part for part in parts if part)) for parts in zip(*spread, rows[-1], strict=True)]


def _votes(rows: Sequence[Row]) -> list[int]:
    first = [cell.strip() for cell in rows[0]]
    body = [[cell.strip() for cell in row] for row in rows[1:]]
    body = [row for row in body if row != first] or body
    below = [[row[i] for row in body if i < len(row) and row[i]] for i in range(len(first))]
    series = names_in_a_series(first, below)
    votes = [
        2 if i in series else _vote(cell, filled) for i, (cell, filled) in enumerate(zip(first, below, strict=True))
    ]
    return [vote + like for vote, like in zip(votes, _likenesses(first, below, votes), strict=True)]


def _vote(cell: str, filled: Sequence[str]) -> int:
    if not cell or not filled:
        return 0
    if is_year(cell):
        # Years are names where nothing below is a year.
        return 1 if are_values(filled) and not any(map(is_year, filled)) else -1
    if are_values(filled):
        if is_value(cell):
            return -1
        if says_nothing(cell):
            return 0
        return 2 if any(letter.isalpha() for letter in cell) else 1
    if is_value(cell):
        return -1
    if cell in filled:
        return 0
    if sum(map(has_digit, filled)) > 0.9 * len(filled) and len(cell) < 60:
        return 0 if has_digit(cell) else 1
    # In a column of a few levels a word that never comes again is probably its name.
    return 1 if len(set(filled)) < 0.5 * len(filled) else 0


def _likenesses(first: Sequence[str], below: Sequence[Sequence[str]], votes: Sequence[int]) -> list[int]:
    """Vote against a first row that is like the rows below in most columns; a word above numbers outweighs shapes."""
    pairs = list(zip(first, below, strict=True))
    typed = [bool(filled) and are_values(filled) for filled in below]
    open_ = [i for i, (cell, filled) in enumerate(pairs) if cell and filled and not typed[i] and votes[i] < 2]
    again = {i for i in open_ if pairs[i][0] in pairs[i][1]}
    if max(votes, default=0) < 2:
        again |= {
            i for i in open_ if has_digit(pairs[i][0]) and shape(pairs[i][0]) in set(map(shape, pairs[i][1][:50]))
        }
    wordy = {i for i in open_ if _is_text_among_texts(*pairs[i])} if again else set()
    against = sum(vote < 0 for vote in votes)
    n_told = sum(bool(cell and filled) for cell, filled in pairs)
    if len(again | wordy) + against <= n_told / 2:
        return [0] * len(first)
    return [-1 if i in again | wordy else 0 for i in range(len(first))]


def _is_text_among_texts(cell: str, filled: Sequence[str]) -> bool:
    n_words = sorted(len(each.split()) for each in filled)
    return len(cell.split()) > _MOST_WORDS and n_words[len(n_words) // 2] > _MOST_WORDS


def _all_name(header: Sequence[Row], body: Sequence[Row]) -> bool:
    """Say whether all of several rows are names: each below the first needs proof, since it may be a row of values."""
    n_columns = max(len(row) for row in body)
    below = [[row[i].strip() for row in body if i < len(row) and row[i].strip()] for i in range(n_columns)]
    typed = [i for i, values in enumerate(below) if values and are_values(values)]
    if not typed or not has_header([header[0], *body]):
        return False
    if not all(_can_be_names(row, typed, below) for row in header):
        return False
    for n, (above, row) in enumerate(pairwise(header), start=1):
        is_last = n == len(header) - 1
        if _is_group(above, row) and _differ(header[n - 1 : n + 1]):
            continue
        if is_last and n > 1 and _names_the_index(row, above):
            continue
        if is_last and (_are_sure_units(row, typed) or _is_translation(row, above, typed, n_columns)):
            continue
        return False
    return True


def _can_be_names(row: Row, typed: Sequence[int], below: Sequence[Sequence[str]]) -> bool:
    """Say whether no cell is a value of its column: none stands where values do, none comes again below."""
    for i in range(min(len(row), len(below))):
        cell = row[i].strip()
        if not cell or cell == "-":
            continue
        if cell in below[i] or says_nothing(cell):
            return False
        if i in typed and is_value(cell) and (not is_year(cell) or any(map(is_year, below[i]))):
            return False
        if has_digit(cell) and not is_year(cell) and shape(cell) in set(map(shape, below[i][:50])):
            return False
    return True


def _is_group(row: Row, below: Row) -> bool:
    """Know a row of groups by the gaps behind each, as merged cells leave them, or by names that are repeated."""
    cells = [cell.strip() for cell in row]
    last = max((i for i, cell in enumerate(below) if cell.strip()), default=0)
    cells += [""] * (last + 1 - len(cells))
    if not any(cells):
        return False
    start = next(i for i, cell in enumerate(cells) if cell)
    gaps = any(below[i].strip() and not cells[i] for i in range(start + 1, min(len(cells), len(below))))
    return gaps or any(before == after != "" for before, after in pairwise(cells))


def _differ(header: Sequence[Row]) -> bool:
    """Say whether names of groups and of columns make up names that are all different."""
    n_columns = max(map(len, header))
    names = [name for name in _joined(header, n_columns) if name]
    return len(set(names)) == len(names)


def _names_the_index(row: Row, above: Row) -> bool:
    """Know the row that some programs write to name only the first column."""
    return bool(row[0].strip()) and not any(cell.strip() for cell in row[1:]) and not above[0].strip()


def _are_units(row: Row) -> bool:
    filled = [cell.strip() for cell in row if cell.strip() not in {"", "-"}]
    return bool(filled) and sum(map(_is_unit, filled)) > 0.6 * len(filled)


def _is_unit(cell: str) -> bool:
    return bool(_UNIT.fullmatch(cell) or _UNITS_SAID.fullmatch(cell))


def _are_sure_units(row: Row, typed: Sequence[int]) -> bool:
    """Say whether a row holds units above numbers and nothing else; single large letters alone are codes."""
    filled = [cell.strip() for cell in row if cell.strip() not in {"", "-"}]
    units = {row[i].strip() for i in typed if i < len(row) and _UNIT.fullmatch(row[i].strip())}
    bare = all(len(unit) == 1 and unit.isupper() for unit in units)
    return bool(units) and all(map(_is_unit, filled)) and not (bare and len(units) < 2)


def _is_translation(row: Row, above: Row, typed: Sequence[int], n_columns: int) -> bool:
    """Know names that are told again in another script, where all columns hold numbers."""
    cells, names = [cell.strip() for cell in row], [cell.strip() for cell in above]
    if len(typed) < n_columns or n_columns < 3 or len(cells) != n_columns or len(names) != n_columns:
        return False
    foreign = [not any(letter.isascii() and letter.isalpha() for letter in cell) and cell != "" for cell in cells]
    plain = [cell.isascii() and any(map(str.isalpha, cell)) for cell in names]
    other = [cell.isascii() and any(map(str.isalpha, cell)) for cell in cells]
    far = [not any(letter.isascii() and letter.isalpha() for letter in cell) and cell != "" for cell in names]
    return len(set(cells)) == n_columns and ((all(foreign) and all(plain)) or (all(other) and all(far)))


def _spread(row: Row, below: Row) -> Row:
    """Let the name of a group stand over all its columns: it is written above the first."""
    if not _is_group(row, below):
        return row
    spread, last = [], ""
    for cell, name in zip(row, below, strict=True):
        last = cell or (last if name else "")
        spread.append(last)
    return spread
