"""What a cell looks like, before anyone judges its column: a number, a date, a sign for no value, a shape."""

import re
from collections.abc import Sequence

_NUMBER = re.compile(
    r"[<>~≈≤≥]?\s*[-+−(]?\s*[$€£¥]?\s*[-+−]?(\d{1,3}([\s'’]\d{3})+([.,]\d+)?|\d[\d.,]*|[.,]\d+)([eE][-+]?\d+)?\s*"
    r"[%‰€$£¥)]?"
)
_DATE = re.compile(r"\d{1,4}[-/.年]\s?\d{1,2}([-/.月]\s?\d{1,4}日?)?([T ]\d.*)?|\d{1,2}:\d\d(:\d\d.*)?")
_YEAR = re.compile(r"(19|20)[0-9]{2}")
# Offices of statistics write a letter behind a number that is estimated, provisional or the like.
_FLAG = re.compile(r"(?<=\d) ?[bcdefnprsuz]{1,2}")
_NO_VALUE = frozenset(
    (
        "? na n/a nan null none - -- --- – — . .. ... : missing #n/a #na n.a. n.a na. n.d. n.d nd n/d k.a. k.a "
        "unknown unk unbekannt err error #error #div/0! #value! #ref! fehler pending tbd tba nil void invalid "
        "待定 未知 无 不详 缺失 不明 未定"
    ).split()
)


def is_value(cell: str) -> bool:
    """Say whether a cell is a number, a date or a time.

    >>> [is_value(cell) for cell in ("1,5 %", "<0.1", "2024-03-01", "12:30", "kg")]
    [True, True, True, True, False]
    """
    return bool(_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell))


def is_year(cell: str) -> bool:
    """Say whether a cell is a number that can be a year."""
    return bool(_YEAR.fullmatch(cell))


def says_nothing(cell: str) -> bool:
    """Say whether a cell is a sign that no value is known.

    >>> says_nothing("n.a."), says_nothing("name")
    (True, False)
    """
    return cell.lower() in _NO_VALUE


def are_values(filled: Sequence[str]) -> bool:
    """Say whether the cells of a column are numbers, dates or times, but for a few.

    >>> are_values(["1", "2.1 b", ":"]), are_values(["1", "kg"])
    (True, False)
    """
    n_values = sum(is_value(cell) or is_value(_FLAG.sub("", cell)) for cell in filled)
    n_told = sum(not says_nothing(cell) for cell in filled)
    return n_values > 0.7 * n_told and n_values >= 0.3 * len(filled)


def shape(cell: str) -> str:
    """Return the pattern of a code: letters by their size, numbers however long.

    >>> shape("AB-12"), shape("well1")
    ('AA-9', 'aaaa9')
    """
    return re.sub(r"\d+", "9", "".join("A" if each.isupper() else "a" if each.isalpha() else each for each in cell))


def has_digit(cell: str) -> bool:
    """Say whether a digit is among the letters."""
    return any(letter.isdigit() for letter in cell)
