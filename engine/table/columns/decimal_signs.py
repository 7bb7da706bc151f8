"""Settles with the whole file what a sign before three digits means: "2.079" is two and a bit, or two thousand."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

import pandas as pd

from engine.messages import phrase
from engine.table.schema import ColumnSchema

POINT_UNSURE = phrase(
    "kind_point_unsure",
    "Numbers such as {example} beside whole numbers: the point is taken as the decimal sign, but it could also mark"
    " thousands.",
    "Say which with the decimal sign of the file.",
    "{example} is read as a number between {low} and {high}.",
)
COMMA_UNSURE = phrase(
    "kind_comma_unsure",
    "Numbers such as {example} beside whole numbers: the comma is taken to mark thousands, but other columns have"
    " decimal commas.",
    "Say which with the decimal sign of the file.",
    "{example} is read as {number}.",
)

_CORE = re.compile(r"(?<![^\W_])[0-9](?:[0-9.,']*[0-9])?|[.,][0-9]+")
_GROUPED = {sign: re.compile(rf"[1-9][0-9]{{0,2}}\{sign}[0-9]{{3}}") for sign in ".,"}
_OF_THOUSANDS = {
    ",": re.compile(r"[1-9][0-9]{0,2}(\.[0-9]{3})+,[0-9]+|[1-9][0-9]{0,2}(\.[0-9]{3}){2,}"),
    ".": re.compile(r"[1-9][0-9]{0,2}(,[0-9]{2,3})*,[0-9]{3}\.[0-9]+|[1-9][0-9]{0,2}(,[0-9]{3}){2,}"),
}
_SINGLE = {sign: re.compile(rf"[0-9]*\{sign}[0-9]+") for sign in ".,"}
# Whoever writes "$1,200" writes like this in a file with decimal commas too.
_ENGLISH_MONEY = re.compile(r"\s*[-(]?\s*(?:[a-z]{1,3})?[$£₹¥￥＄]", re.IGNORECASE)
_SAMPLE = 2000
_UNGROUPED_DIGITS = 4
_MANY_TIMES = 3  # so many more columns of one sign than of the other are the way of the file
_UNSURE = 0.6


class Point(Enum):
    """What is to be done about a column."""

    SETTLED = "settled"
    OTHERWISE = "otherwise"  # to be judged again, the comma being the decimal sign
    UNSURE = "unsure"


@dataclass(frozen=True, kw_only=True)
class SignsSeen:
    """What a column's cells say about its decimal sign.

    `proven`: that sign, where some cell leaves no choice. `open_sign`: the one sign that stands in the cells, always
    before exactly three digits. `example`: such a cell. `has_whole`: numbers without a sign stand beside them.
    `has_long_whole`: so do some that would have had a sign, if it marked thousands.
    """

    proven: str = ""
    open_sign: str = ""
    example: str = ""
    has_whole: bool = False
    has_long_whole: bool = False


NOTHING_SEEN = SignsSeen()


def signs_seen(raw: pd.Series, column: ColumnSchema) -> SignsSeen:
    """Look at some cells of a column of numbers.

    >>> from engine.table.columns.kinds import find_column
    >>> raw = pd.Series(["618", "2.079", "1.625"], dtype="str", name="n")
    >>> seen = signs_seen(raw, find_column(raw))
    >>> seen.proven, seen.open_sign, seen.has_whole
    ('', '.', True)
    """
    if not column.kind.is_number:
        return NOTHING_SEEN
    sample = raw.iloc[:: max(len(raw) // _SAMPLE, 1)].dropna().unique().tolist()
    cores = [core for cell in sample for core in _CORE.findall(str(cell))]
    signed = [core for core in cores if "." in core or "," in core]
    if not signed:
        return NOTHING_SEEN
    decimal = column.rules.decimal
    if any(_proves(core, decimal) for core in signed):
        return SignsSeen(proven=decimal)
    whole = [core for core in cores if core.isdigit()]
    for sign, pattern in _GROUPED.items():
        if sign == "," and any(_ENGLISH_MONEY.match(str(cell)) for cell in sample):
            continue
        if all(pattern.fullmatch(core) for core in signed):
            return SignsSeen(
                open_sign=sign,
                example=signed[0],
                has_whole=bool(whole),
                has_long_whole=any(len(core) >= _UNGROUPED_DIGITS for core in whole),
            )
    return NOTHING_SEEN


def _proves(core: str, decimal: str) -> bool:
    """Whether a number can only be read with this decimal sign."""
    if _OF_THOUSANDS[decimal].fullmatch(core):
        return True
    return _SINGLE[decimal].fullmatch(core) is not None and _GROUPED[decimal].fullmatch(core) is None


def settle(seen: Sequence[SignsSeen]) -> tuple[Point, ...]:
    """Say what is to be done about each column of a file of texts.

    >>> settle([SignsSeen(proven=","), SignsSeen(open_sign=".", example="2.079")])[1]
    <Point.OTHERWISE: 'otherwise'>
    """
    n_commas, n_points = (sum(each.proven == sign for each in seen) for sign in ",.")
    return tuple(_settle(each, n_commas, n_points) for each in seen)


def _settle(seen: SignsSeen, n_commas: int, n_points: int) -> Point:
    if not seen.open_sign or (n_points and not n_commas):
        return Point.SETTLED
    commas = n_commas > _MANY_TIMES * n_points
    if seen.open_sign == ",":  # taken for thousands, unless the file has decimal commas
        if not commas:
            return Point.SETTLED
        return Point.UNSURE if seen.has_whole else Point.OTHERWISE
    if commas and not seen.has_long_whole:
        return Point.OTHERWISE
    return Point.UNSURE if n_commas or (seen.has_whole and not seen.has_long_whole) else Point.SETTLED


def unsure(column: ColumnSchema, seen: SignsSeen) -> ColumnSchema:
    """Return a column of numbers whose point or comma a person is asked about."""
    if seen.open_sign == ",":
        reason = COMMA_UNSURE(example=seen.example, number=int(seen.example.replace(",", "")))
    else:
        low = int(seen.example.split(".")[0])
        reason = POINT_UNSURE(example=seen.example, low=low, high=low + 1)
    return replace(column, reason=reason, probability=min(column.probability, _UNSURE))
