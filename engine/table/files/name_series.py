"""Names of columns that look like values: years, months, times, ranges, positions, wavelengths."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from engine.table.files.cell_forms import are_values, says_nothing

_MONTH = r"(0?[1-9]|1[0-2])"
_FORMS: Mapping[str, re.Pattern[str]] = {
    "year": re.compile(r"(19|20)\d\d"),
    "month": re.compile(rf"(19|20)\d\d[-/.]{_MONTH}|{_MONTH}[-/.](19|20)\d\d|(19|20)\d\d ?[Qq][1-4]"),
    "date": re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"),
    "time": re.compile(r"\d{1,2}:\d\d(:\d\d)?"),
    "range": re.compile(r"\d+ ?(-|–|to|bis) ?\d+|\d+ ?\+|[<>≤≥]=? ?\d+"),
    "integer": re.compile(r"\d+"),
}
_FEWEST = 2
_FEWEST_NUMBERS = 3
_MANY = 5
_MOST_PARTS = 0.1


def names_in_a_series(first: Sequence[str], below: Sequence[Sequence[str]]) -> frozenset[int]:
    """Return the columns whose first cells are names in a series, although they look like values.

    They are all of one form that the cells below do not have. `below`: the cells of each column that hold something.

    >>> sorted(names_in_a_series(["region", "2020-01", "2020-02"], [["N"], ["5"], ["6"]]))
    [1, 2]
    """
    n = min(len(first), len(below))
    places = [i for i in range(n) if first[i] and below[i] and any(letter.isdigit() for letter in first[i])]
    cells = [first[i] for i in places]
    if len(places) < _FEWEST or len(set(cells)) < len(cells):
        return frozenset()
    columns = [below[i] for i in places]
    others = [first[i] for i in range(n) if i not in places and first[i]]
    form = next((form for form in ("month", "date", "time", "range") if _all_have(cells, form)), None)
    if form:
        return frozenset(places) if not any(_share(column, form) > _MOST_PARTS for column in columns) else frozenset()
    if _all_have(cells, "year"):
        named = _rise(cells) and not any(_share(column, "year") >= 0.5 for column in columns)
        return frozenset(places) if named else frozenset()
    if _all_have(cells, "integer"):
        # Where the row begins with a name for all of them, or with nothing as row numbers do.
        corner = (places[0] == 1 and not others[:1]) or (places[0] > 0 and _are_words(others))
        corner = corner and len(places) + places[0] == n
        return frozenset(places) if _rise(cells) and _are_positions(cells, columns, corner=corner) else frozenset()
    return frozenset(places) if _are_numbered(cells, columns) else frozenset()


def _are_words(cells: Sequence[str]) -> bool:
    return bool(cells) and not any(says_nothing(cell) for cell in cells)


def _all_have(cells: Sequence[str], form: str) -> bool:
    return all(_FORMS[form].fullmatch(cell) for cell in cells)


def _share(column: Sequence[str], form: str) -> float:
    return sum(bool(_FORMS[form].fullmatch(cell)) for cell in column) / len(column)


def _rise(cells: Sequence[str]) -> bool:
    return all(int(before) < int(after) for before, after in pairwise(cells))


def _are_positions(cells: Sequence[str], columns: Sequence[Sequence[str]], *, corner: bool) -> bool:
    """Say whether whole numbers that rise are names: other than the cells below, or counted from 0 or 1."""
    if len(cells) < _FEWEST_NUMBERS:
        return False
    counted = int(cells[0]) < 2 and int(cells[-1]) - int(cells[0]) == len(cells) - 1
    n_other = sum(_share(column, "integer") < 0.5 for column in columns)
    if counted and (n_other >= len(cells) / 2 or (corner and len(cells) >= _MANY)):
        return True
    no_integers = not any(_share(column, "integer") for column in columns)
    lengths = {len(cell) for cell in cells}
    lacks = len(lengths) == 1 and not any(len(cell) in lengths for column in columns for cell in column)
    return all(map(are_values, columns)) and (no_integers or (corner and lacks))


def _are_numbered(cells: Sequence[str], columns: Sequence[Sequence[str]]) -> bool:
    """Say whether cells are one word with numbers that count up, and the columns have no such cells."""
    split = [re.fullmatch(r"(\D+?)(\d+)", cell) for cell in cells]
    if len(cells) < _FEWEST_NUMBERS or not all(split) or len({found[1] for found in split if found}) > 1:
        return False
    numbers = [int(found[2]) for found in split if found]
    word = next(found[1] for found in split if found)
    goes_on = all(after == before + 1 for before, after in pairwise(numbers))
    return goes_on and not any(cell.startswith(word) for column in columns for cell in column)
