"""Judges whether a column holds numbers, and whether these count, measure, or only name something."""

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.messages import Message, phrase
from engine.table.judgement import (
    ENOUGH,
    ID_NAME,
    ID_SHARE,
    MISSING,
    MISSING_AMONG_NUMBERS,
    ONE_VALUE,
    UNIQUE_NAMED,
    UNIQUE_VALUES,
    Levels,
    Verdict,
    short,
)
from engine.table.numbers import find_number_rules
from engine.table.rules import plain_numbers, read_numbers
from engine.table.schema import Cells, Kind, ReadingRules

PLAIN_NUMBERS = phrase("kind_numbers", "All values are numbers.")
MOSTLY_NUMBERS = phrase("kind_mostly_numbers", "Numbers. Cells that are none and count as missing: {n}.")
WRITTEN_NUMBERS = phrase(
    "kind_written_numbers", "Numbers written like {example}. Cells that are none and count as missing: {n}."
)
ZERO_ONE = phrase("kind_zero_one", "Only 0 and 1 occur.")
CODES = phrase("kind_codes", "{n} whole numbers, which the name calls codes.")
TWO_NUMBERS = phrase("kind_two_numbers", "Only the numbers {first} and {second} occur.")
LEADING_ZEROS = phrase("kind_leading_zeros", "Numbers with leading zeros, such as {example}, are codes.")
COUNTER = phrase("kind_counter", "The values count the rows.")

_CODE_NAME = re.compile(
    r"(^|[\s_.-])(code|type|zip|zipcode|postcode|plz|category|region|district|branch|store|shop|station|channel|cluster"
    r"|department|dept|sector|county|state|country)$|(Code|Type|Zip|Category|Region|Store)$",
)
_MOST_CODES = 1000
_SAMPLE = 5000


def judge_plain_numbers(levels: Levels) -> Verdict | None:
    """Judge a column of nothing but plain numbers; None when it has anything else."""
    numbers = plain_numbers(levels.texts)
    if np.isnan(numbers).any():
        return None
    whole = bool((numbers == np.round(numbers)).all())
    if whole and _has_leading_zeros(levels):
        if levels.unique_share > ID_SHARE and levels.n > 1:
            return Verdict(kind=Kind.ID, reason=UNIQUE_VALUES(example=levels.example), probability=0.9, levels=levels)
        reason = LEADING_ZEROS(example=levels.example)
        rules = ReadingRules(missing=MISSING, same=_without_zeros(levels))
        return Verdict(kind=Kind.CATEGORY, reason=reason, probability=0.9, rules=rules, levels=levels)
    # Doubles skip whole numbers from 2^53 on: two codes would become one. Floats in scientific writing are no codes.
    if whole and np.abs(numbers).max() >= 2**53 and levels.texts.str.fullmatch("[0-9]{16,}").any():
        return None

    def verdict(kind: Kind, reason: Message, probability: float) -> Verdict:
        rules = ReadingRules(missing=MISSING_AMONG_NUMBERS)
        return Verdict(
            kind=kind, reason=reason, probability=probability, cells=Cells.NUMBER, rules=rules, levels=levels
        )

    return _kind_of_numbers(levels, numbers, verdict, whole=whole)


def _kind_of_numbers(
    levels: Levels, numbers: NDArray[np.float64], verdict: Callable[[Kind, Message, float], Verdict], *, whole: bool
) -> Verdict:
    distinct = np.unique(numbers)
    if len(distinct) == 1 and levels.n_filled == levels.n_rows:
        return verdict(Kind.CONSTANT, ONE_VALUE(value=levels.example), 1.0)
    if len(distinct) == 2 and whole:
        if set(distinct) == {0.0, 1.0}:
            return verdict(Kind.YES_NO, ZERO_ONE(), 0.95)
        return verdict(Kind.CATEGORY, TWO_NUMBERS(first=f"{distinct[0]:g}", second=f"{distinct[1]:g}"), 0.7)
    if whole:
        identity = _identity(levels, distinct)
        if identity is not None:
            return verdict(Kind.ID, identity, 0.9)
        # Few whole numbers are often codes, but as often grades and counts. Trees lose nothing by taking codes for
        # numbers and linear models lose the order by taking grades for codes, so only the name makes them a category.
        if levels.n <= _MOST_CODES and _CODE_NAME.search(levels.name) and levels.unique_share < 0.5:
            return verdict(Kind.CATEGORY, CODES(n=levels.n), 0.75)
    probability = 0.65 if whole and levels.n <= 12 else 0.97
    return verdict(Kind.NUMBER, PLAIN_NUMBERS(), probability)


def _has_leading_zeros(levels: Levels) -> bool:
    return any(text[0] == "0" and len(text) > 1 and text.isdigit() for text in levels.texts.iloc[:_SAMPLE])


def _without_zeros(levels: Levels) -> tuple[tuple[str, str], ...]:
    """Pair codes as spreadsheets leave them (20) with the codes they were (020), where that is unambiguous."""
    if levels.n > _MOST_CODES:
        return ()
    known = set(levels.texts)
    bare: dict[str, list[str]] = {}
    for text in levels.texts:
        bare.setdefault(text.lstrip("0") or "0", []).append(text)
    return tuple((short, codes[0]) for short, codes in bare.items() if len(codes) == 1 and short not in known)


def _identity(levels: Levels, distinct: NDArray[np.float64]) -> Message | None:
    """Say why whole numbers identify rows; None when they do not."""
    if levels.n < 20:
        return None
    if levels.unique_share > ID_SHARE:
        if ID_NAME.search(levels.name):
            return UNIQUE_NAMED()
        counts_rows = levels.n == levels.n_rows and distinct[-1] - distinct[0] == levels.n - 1
        if counts_rows:
            return COUNTER()
    return None


def judge_written_numbers(levels: Levels) -> Verdict | None:
    """Judge a column of numbers with signs and units, or with some other cells; None when too few can be read."""
    if _are_codes(levels):
        return None
    rules, share = find_number_rules(levels.texts, levels.counts)
    if share < ENOUGH:
        return None
    rules = replace(rules, missing=MISSING_AMONG_NUMBERS)
    n_lost = round((1 - share) * levels.n_filled)
    if n_lost and levels.unique_share > ID_SHARE and ID_NAME.search(levels.name):
        return Verdict(kind=Kind.ID, reason=UNIQUE_NAMED(), probability=0.8, levels=levels)
    return Verdict(
        kind=Kind.NUMBER,
        reason=_reason(levels, n_lost),
        probability=0.9 if n_lost == 0 else 0.8,
        rules=rules,
        levels=_readable(levels, rules),
    )


def _reason(levels: Levels, n_lost: int) -> Message:
    plain = plain_numbers(levels.texts.iloc[:_SAMPLE])
    written = levels.texts.iloc[:_SAMPLE][np.isnan(plain)]
    # Where most cells are plain, the others are the exceptions, not the way of writing.
    if len(written) < len(plain) / 2:
        return MOSTLY_NUMBERS(n=n_lost)
    return WRITTEN_NUMBERS(example=short(str(written.iloc[0])), n=n_lost)


def _are_codes(levels: Levels) -> bool:
    """Know codes among which most happen to be digits only: very long ones, or some with letters, such as A17."""
    others = levels.texts[~levels.texts.str.fullmatch(r"[0-9]{1,15}")]
    return bool(len(others)) and bool(others.str.fullmatch(r"[A-Za-z]{1,3}[-_]?[0-9]+|[0-9]{16,}").all())


def _readable(levels: Levels, rules: ReadingRules) -> Levels:
    keep = ~np.isnan(read_numbers(levels.texts, rules))
    return replace(levels, texts=levels.texts[keep].reset_index(drop=True), counts=levels.counts[keep])
