"""Judges whether a column holds numbers, and whether these count, measure, or only name something."""

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.messages import Message, Parameter, phrase
from engine.table.columns.item_names import have_one_length, is_item_name
from engine.table.columns.judgement import (
    ENOUGH,
    FEWEST_IDS,
    GROUP_ID_NAME,
    ID_NAME,
    ID_SHARE,
    INFINITE,
    MISSING,
    MISSING_AMONG_NUMBERS,
    ONE_VALUE,
    REPEATING_ID,
    UNIQUE_NAMED,
    UNIQUE_VALUES,
    Levels,
    Verdict,
    short,
)
from engine.table.columns.number_dates import judge_number_dates
from engine.table.columns.numbers import NumbersFound, find_number_rules
from engine.table.rules import plain_numbers, read_numbers
from engine.table.schema import Cells, Kind, ReadingRules, Subkind

PLAIN_NUMBERS = phrase("kind_numbers", "All values are numbers.")
MOSTLY_NUMBERS = phrase(
    "kind_mostly_numbers", "Numbers. Cells that are none, such as {lost}, count as missing; there are {n} of them."
)
WRITTEN_NUMBERS = phrase("kind_written_numbers", "Numbers written like {example}.")
MOSTLY_WRITTEN = phrase(
    "kind_mostly_written",
    "Numbers written like {example}. Cells that cannot be read, such as {lost}, count as missing; there are {n} of"
    " them.",
)
UNITS = phrase("kind_units", "Numbers in several units: what stands in {units} was brought to {unit}.")
MOSTLY_UNITS = phrase(
    "kind_mostly_units",
    "Numbers in several units: what stands in {units} was brought to {unit}. Cells that cannot be read, such as {lost},"
    " count as missing; there are {n} of them.",
)
SHORTENED = phrase("kind_shortened", "Numbers written short: {example} means {number}.")
MOSTLY_SHORTENED = phrase(
    "kind_mostly_shortened",
    "Numbers written short: {example} means {number}. Cells that cannot be read, such as {lost}, count as missing;"
    " there are {n} of them.",
)
DASHES = phrase("kind_dashes", "Numbers. A dash beside the unit or currency, such as {example}, is read as 0.")
MOSTLY_DASHES = phrase(
    "kind_mostly_dashes",
    "Numbers. A dash beside the unit or currency, such as {example}, is read as 0. Cells that cannot be read, such as"
    " {lost}, count as missing; there are {n} of them.",
)
RANGES = phrase("kind_ranges", "Numbers. Of ranges such as {example} the middle is taken.")
MOSTLY_RANGES = phrase(
    "kind_mostly_ranges",
    "Numbers. Of ranges such as {example} the middle is taken. Cells that cannot be read, such as {lost}, count as"
    " missing; there are {n} of them.",
)
BOUNDS = phrase("kind_bounds", "Numbers. Of cells such as {example} the number is taken.")
MOSTLY_BOUNDS = phrase(
    "kind_mostly_bounds",
    "Numbers. Of cells such as {example} the number is taken. Cells that cannot be read, such as {lost}, count as"
    " missing; there are {n} of them.",
)
FRACTION_UNSURE = phrase(
    "kind_fraction_unsure",
    "Percentages, but some cells have no percent sign and may be fractions of one, such as {example}.",
    "Write all of them in one way, and read the file again.",
    "{example} is read as a percentage.",
)
ZERO_ONE = phrase("kind_zero_one", "Only 0 and 1 occur.")
CODES = phrase("kind_codes", "{n} whole numbers, which the name calls codes.")
YEARS = phrase("kind_years", "Years from {first} to {last}.")
TWO_NUMBERS = phrase("kind_two_numbers", "Only the numbers {first} and {second} occur.")
FEW_NUMBERS = phrase(
    "kind_few_numbers", "{n} different whole numbers: they may count something, or be codes of classes."
)
LEADING_ZEROS = phrase("kind_leading_zeros", "Numbers with leading zeros, such as {example}, are codes.")
COUNTER = phrase("kind_counter", "The values count the rows.")
COUNTER_WITH_GAPS = phrase(
    "kind_counter_gaps", "The values count rows, some of which are not here: {n} of {first} to {last}, each once."
)
LONG_CODES = phrase(
    "kind_long_codes", "Long numbers of one length that hardly repeat, such as {example}, identify rows."
)

_CODE_NAME = re.compile(
    r"(^|[\s_.-])(code|type|zip|zipcode|zip_code|postcode|postal|plz|category|region|district|branch|store|shop|station"
    r"|channel|cluster|department|dept|sector|county|state|country|naics|icd|fips|class_?id)$"
    r"|(?-i:(Code|Type|Zip|Category|Region|Store)$)|(邮编|代码|编码)$",
    re.IGNORECASE,
)
_PLACE_NAME = re.compile(r"(^|[\s_.-])(zip|zip_?code|postal|postal_?code|postcode|plz)$|邮编|邮政编码", re.IGNORECASE)
_COUNT_NAME = re.compile(
    r"(^|[\s_.-])(n|num|count|counts|number|no|qty|quantity|total|sum|anzahl|nombre|cantidad|rooms?|bed(room)?s?"
    r"|bath(room)?s?|balcon(y|ies)|child(ren)?|kids|siblings|dependents|people|persons|members|visits?|calls?|days?|weeks?|months?|years?"
    r"|hours?|hr|age|score|rating|grade|quality|qual|level|rank|stars?|size|floors?|doors?|cylinders?|gears?)([\s_.-]|$)"
    r"|(?-i:(Count|Num|Number|Rooms?|Age|Years?|Score|Rating|Quality|Level)$)|^(Num|Count|Total)|(数|数量|次数|人数|评分|等级)$",
    re.IGNORECASE,
)
_YEAR_NAME = re.compile(
    r"(^|[\s_.-])(year|yr|jahr|année|annee|año|anno|ano|год|rok|år)([\s_.-]|$)|(?-i:Year)|年$|年份", re.IGNORECASE
)
_MOST_CODES = 1000
_FEW_CODES = 100
_SAMPLE = 5000
_ALWAYS_THERE = 0.05  # an id whose levels come in more than twenty rows each is as useful as a category
_FEW = 12
_FEWEST_COUNTED = 50
_GAPS = 2.0  # times: measured whole numbers of so narrow a range would come twice somewhere
_UNSURE = 0.6
_PADDED = 0.1  # fewer leading zeros are slips of the pen


def judge_plain_numbers(levels: Levels, n_infinite: int, *, may_be_dates: bool = True) -> Verdict | None:
    """Judge a column of nothing but plain numbers; None when it has anything else.

    `n_infinite`: how many rows say that they are infinite, and count as missing. `may_be_dates`: whether nobody has
    said that they are none.
    """
    numbers = plain_numbers(levels.texts)
    if np.isnan(numbers).any():
        return None
    dates = judge_number_dates(levels, numbers) if may_be_dates else None
    if dates is not None:
        return dates
    whole = bool((numbers == np.round(numbers)).all())
    if whole and _has_leading_zeros(levels):
        return _zero_codes(levels)
    # Doubles skip whole numbers from 2^53 on: two codes would become one. Floats in scientific writing are no codes.
    if whole and np.abs(numbers).max() >= 2**53 and levels.texts.str.fullmatch("[0-9]{16,}").any():
        return None

    def verdict(kind: Kind, reason: Message, probability: float) -> Verdict:
        rules = ReadingRules(missing=MISSING_AMONG_NUMBERS)
        subkind = (Subkind.WHOLE if whole else Subkind.CONTINUOUS) if kind is Kind.NUMBER else None
        if kind is Kind.NUMBER and n_infinite:
            reason = MOSTLY_NUMBERS(n=n_infinite, lost="inf")
        return Verdict(
            kind=kind,
            subkind=subkind,
            reason=reason,
            probability=probability,
            cells=Cells.NUMBER,
            rules=rules,
            levels=levels,
        )

    return _kind_of_numbers(levels, numbers, verdict, whole=whole)


def _kind_of_numbers(
    levels: Levels, numbers: NDArray[np.float64], verdict: Callable[[Kind, Message, float], Verdict], *, whole: bool
) -> Verdict:
    distinct = np.unique(numbers)
    if len(distinct) == 1 and levels.n_filled == levels.n_rows:
        return verdict(Kind.CONSTANT, ONE_VALUE(value=levels.example), 1.0)
    years = whole and distinct[0] >= 1900 and distinct[-1] <= 2100 and bool(_YEAR_NAME.search(levels.name))
    if years:
        return verdict(Kind.NUMBER, YEARS(first=int(distinct[0]), last=int(distinct[-1])), 0.95)
    if len(distinct) == 2 and whole:
        if set(distinct) == {0.0, 1.0}:
            return verdict(Kind.YES_NO, ZERO_ONE(), 0.95)
        return verdict(Kind.CATEGORY, TWO_NUMBERS(first=f"{distinct[0]:g}", second=f"{distinct[1]:g}"), 0.7)
    if whole:
        named = _named(levels, distinct)
        if named is not None:
            return verdict(*named)
        if len(distinct) <= _FEW:
            return verdict(Kind.NUMBER, *_few(levels, numbers))
    return verdict(Kind.NUMBER, PLAIN_NUMBERS(), 0.97)


def _named(levels: Levels, distinct: NDArray[np.float64]) -> tuple[Kind, Message, float] | None:
    """Know whole numbers that only name something; None when they measure or count."""
    identity = _identity(levels, distinct)
    if identity is not None:
        return Kind.ID, identity, 0.9
    if GROUP_ID_NAME.search(levels.name) and levels.n_filled:
        if levels.n >= FEWEST_IDS and levels.unique_share > _ALWAYS_THERE:
            return Kind.ID, REPEATING_ID(rows=round(1 / levels.unique_share, 1)), 0.8
        return Kind.CATEGORY, CODES(n=levels.n), 0.82 if levels.n <= _FEW_CODES else 0.75
    if is_item_name(levels.name) and have_one_length(levels.texts.iloc[:_SAMPLE]):
        if levels.n >= FEWEST_IDS and levels.unique_share > ID_SHARE:
            return Kind.ID, UNIQUE_NAMED(), 0.9
        return Kind.CATEGORY, CODES(n=levels.n), 0.9
    if _PLACE_NAME.search(levels.name):
        return Kind.CATEGORY, CODES(n=levels.n), 0.85 if levels.unique_share < 0.5 else 0.7
    # Few whole numbers are often codes, but as often grades and counts. Trees lose nothing by taking codes for
    # numbers and linear models lose the order by taking grades for codes, so only the name makes them a category.
    if levels.n <= _MOST_CODES and _CODE_NAME.search(levels.name) and levels.unique_share < 0.5:
        return Kind.CATEGORY, CODES(n=levels.n), 0.8
    return None


def _few(levels: Levels, numbers: NDArray[np.float64]) -> tuple[Message, float]:
    """Say how sure it is that few whole numbers count something: by the name, or because small counts are usual."""
    if _COUNT_NAME.search(levels.name):
        return PLAIN_NUMBERS(), 0.9
    order = np.argsort(numbers)
    counts = levels.counts[order]
    rare_at_the_end = counts[-1] <= 0.1 * counts.max() and counts[:2].max() == counts.max()
    if numbers[order][0] == 0 and len(counts) >= 4 and rare_at_the_end:
        return PLAIN_NUMBERS(), 0.85
    return FEW_NUMBERS(n=len(counts)), 0.65


def _has_leading_zeros(levels: Levels) -> bool:
    return any(text[0] == "0" and len(text) > 1 and text.isdigit() for text in levels.texts.iloc[:_SAMPLE])


def _zero_codes(levels: Levels) -> Verdict:
    if levels.unique_share > ID_SHARE and levels.n > 1:
        return Verdict(kind=Kind.ID, reason=UNIQUE_VALUES(example=levels.example), probability=0.9, levels=levels)
    padded = levels.texts.str.match("0[0-9]").to_numpy(bool)
    reason = LEADING_ZEROS(example=short(str(levels.texts[padded].iloc[0])))
    rules = ReadingRules(missing=MISSING, same=_without_zeros(levels))
    return Verdict(kind=Kind.CATEGORY, reason=reason, probability=0.9, rules=rules, levels=levels)


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
    if levels.n < FEWEST_IDS or levels.unique_share <= ID_SHARE:
        return None
    if ID_NAME.search(levels.name):
        return UNIQUE_NAMED()
    if levels.n == levels.n_rows and distinct[-1] - distinct[0] == levels.n - 1:
        return COUNTER()
    span = distinct[-1] - distinct[0] + 1
    if levels.n == levels.n_rows >= _FEWEST_COUNTED and span <= _GAPS * levels.n:
        return COUNTER_WITH_GAPS(n=f"{levels.n:,}", first=f"{distinct[0]:,.0f}", last=f"{distinct[-1]:,.0f}")
    sample = levels.texts.iloc[:_SAMPLE]
    if distinct[0] >= 1e8 and (sample.str.len() == len(sample.iloc[0])).all() and sample.str.isdigit().all():
        return LONG_CODES(example=levels.example)
    return None


def judge_zero_codes(levels: Levels) -> Verdict | None:
    """Know codes with leading zeros beside a few texts, such as lines of sums; None where other numbers stand there."""
    digits = levels.texts.str.fullmatch("[0-9]+").to_numpy(bool)
    if digits.all() or levels.counts[digits].sum() < 0.5 * levels.n_filled:
        return None
    padded = levels.texts.str.fullmatch("0[0-9]+").to_numpy(bool)
    if levels.counts[padded].sum() < _PADDED * levels.counts[digits].sum():
        return None
    return None if levels.texts[~digits].str.contains("[0-9]", regex=True).any() else _zero_codes(levels)


def judge_written_numbers(levels: Levels, decimal: str | None, n_infinite: int) -> Verdict | None:
    """Judge a column of numbers with signs and units, or with some other cells; None when too few can be read."""
    if _are_codes(levels):
        return None
    found = find_number_rules(levels.texts, levels.counts, name=levels.name, decimal=decimal)
    if found is None or found.share(levels.counts) < ENOUGH:
        return None
    rules = replace(found.rules, missing=MISSING_AMONG_NUMBERS)
    n_lost = int(levels.counts[~found.readable].sum())
    if n_lost and levels.unique_share > ID_SHARE and ID_NAME.search(levels.name):
        return Verdict(kind=Kind.ID, reason=UNIQUE_NAMED(), probability=0.8, levels=levels)
    kept = replace(
        levels, texts=levels.texts[found.readable].reset_index(drop=True), counts=levels.counts[found.readable]
    )
    sample = read_numbers(kept.texts.iloc[:_SAMPLE], rules)
    return Verdict(
        kind=Kind.NUMBER_WITH_UNIT if found.unit_share > 0.5 else Kind.NUMBER,
        subkind=Subkind.WHOLE if (sample == np.round(sample)).all() else Subkind.CONTINUOUS,
        reason=_reason(levels, found, n_lost, n_infinite),
        probability=_UNSURE if found.unsure_fraction else _probability(n_lost / levels.n_filled),
        rules=rules,
        levels=kept,
    )


def rules_as_numbers(levels: Levels, decimal: str | None) -> ReadingRules | None:
    """Return how the numbers in a column of texts are written; None where they are few, or nothing but plain."""
    found = find_number_rules(levels.texts, levels.counts, name=levels.name, decimal=decimal)
    if found is None or found.rules == ReadingRules(number=True):
        return None
    return replace(found.rules, missing=MISSING_AMONG_NUMBERS)


def _probability(lost_share: float) -> float:
    """Doubt grows with what is lost: one cell in a hundred is a slip of the pen, one in ten is another thing."""
    if lost_share == 0:
        return 0.92
    return 0.85 if lost_share <= 0.02 else 0.75


def _reason(levels: Levels, found: NumbersFound, n_unread: int, n_infinite: int) -> Message:
    n = n_unread + n_infinite
    unread = levels.texts[~found.readable]
    lost: dict[str, Parameter] = {"n": n, "lost": short(str(unread.iloc[0])) if len(unread) else INFINITE[0]}
    if found.unsure_fraction:
        return FRACTION_UNSURE(example=short(found.unsure_fraction))
    if found.brought:
        units: dict[str, Parameter] = {"units": ", ".join(found.brought[:5]), "unit": found.unit}
        return MOSTLY_UNITS(**units, **lost) if n else UNITS(**units)
    if found.shortened:
        (number,) = read_numbers(pd.Series([found.shortened], dtype="str"), found.rules)
        shortened: dict[str, Parameter] = {"example": short(found.shortened), "number": f"{number:,.12g}"}
        return MOSTLY_SHORTENED(**shortened, **lost) if n else SHORTENED(**shortened)
    if found.dashed:
        dashed = short(found.dashed)
        return MOSTLY_DASHES(example=dashed, **lost) if n else DASHES(example=dashed)
    if found.ranges:
        ranges = short(found.ranges)
        return MOSTLY_RANGES(example=ranges, **lost) if n else RANGES(example=ranges)
    if found.bounded:
        bounded = short(found.bounded)
        return MOSTLY_BOUNDS(example=bounded, **lost) if n else BOUNDS(example=bounded)
    plain = plain_numbers(levels.texts.iloc[:_SAMPLE])
    written = levels.texts.iloc[:_SAMPLE][np.isnan(plain) & found.readable[:_SAMPLE]]
    # Where most cells are plain, the others are the exceptions, not the way of writing.
    if len(written) < len(plain) / 2:
        return MOSTLY_NUMBERS(**lost) if n else PLAIN_NUMBERS()
    example = short(str(written.iloc[0]))
    return MOSTLY_WRITTEN(example=example, **lost) if n else WRITTEN_NUMBERS(example=example)


def _are_codes(levels: Levels) -> bool:
    """Know codes among which most happen to be digits only: very long ones, or some with letters, such as A17."""
    others = levels.texts[~levels.texts.str.fullmatch(r"[0-9]{1,15}")]
    return bool(len(others)) and bool(others.str.fullmatch(r"[A-Za-z]{1,3}[-_]?[0-9]+|[0-9]{16,}").all())
