"""Checks for columns that mix things: numbers and words, metres and centimetres, several units."""

import re

import numpy as np

from engine.checks.check import Case, Check, Finding, Severity
from engine.checks.remedies import keep_within
from engine.checks.sample import Floats, number_text, shown_number
from engine.column_choice import ColumnChoice
from engine.config import Remedy
from engine.messages import Message, Phrase, listed, phrase
from engine.table.rules import PLAIN_NUMBER, plain_numbers
from engine.table.schema import Cells, ColumnSchema, Kind

UNREADABLE = phrase(
    "unreadable_cells",
    "Columns of numbers or dates with some cells that are none and count as missing: {columns}.",
    "Look whether these cells should be numbers or dates, and correct them in the file.",
    "What stood in those cells is lost to the model.",
)
UNREADABLE_SHOWN = phrase("unreadable_cells_shown", "{column}: {n} cells, such as {example}.")
HALF_NUMBERS = phrase(
    "half_numbers",
    "Columns of categories in which many values are numbers: {columns}.",
    "If they are amounts, read them as numbers; the other values then count as missing.",
    "12 and 13 are as different to the model as any two names: their order is lost.",
)
HALF_NUMBERS_SHOWN = phrase(
    "half_numbers_shown", "{column}: about {share} % of the values are numbers; others are {examples}."
)
READ_AS_NUMBERS = phrase("remedy_read_as_numbers", "Read as numbers: {columns}")
TWO_SCALES = phrase(
    "two_scales",
    "Numbers of two sizes in one column, as if some were written in another unit: {columns}.",
    "Write all of them in the same unit in the file, or count the rarer ones as missing.",
    "1.75 m and 175 cm are taken for two very different heights.",
)
TWO_SCALES_SHOWN = phrase(
    "two_scales_shown",
    "{column}: {n} values from {low} to {high}, and {n_more} some {factor} times larger, {more_low} to {more_high}.",
)
UNITS = phrase(
    "several_units",
    "Numbers written in several units, which were brought to one: {columns}.",
    "Look whether the units are meant as they were read.",
    "If a unit means something else, the numbers of those rows are wrong.",
)
UNITS_SHOWN = phrase("several_units_shown", "{column}: {units} was brought to {unit}.")

# How the reasons of kinds begin when some cells could not be read, and what they are called for several units.
_SOME_LOST = "kind_mostly_"
_SEVERAL_UNITS = ("kind_units", "kind_mostly_units")
_MANY_NUMBERS, _NEARLY_ALL_NUMBERS = 0.5, 1.0
_FIRST_NUMBER = re.compile(rf"^{PLAIN_NUMBER}$", re.MULTILINE)
_LEAST_NUMBERS, _MOST_OTHERS = 8, 50
_FACTORS = (10.0, 12.0, 60.0, 100.0, 1000.0, 3600.0, 10_000.0, 1e6)
_NEAR_FACTOR = 0.2  # share by which the middles may differ from it
_LEAST_SHARE, _MOST_SHARE = 0.005, 0.35
_AS_WIDE = 2.5
_WIDEST = 8.0  # how many times larger the largest may be than the smallest of one unit
_LEAST_ROWS = 50


def _look_at_lost_cells(case: Case) -> tuple[Finding, ...]:
    shown = {}
    for column in case.features:
        said = column.reason.parameters
        if column.reason.code.startswith(_SOME_LOST) and "n" in said and "lost" in said:
            shown[column.name] = UNREADABLE_SHOWN(column=column.name, n=said["n"], example=said["lost"])
    return _informing(UNREADABLE, shown)


def _look_at_units(case: Case) -> tuple[Finding, ...]:
    shown = {}
    for column in case.features:
        said = column.reason.parameters
        if column.reason.code in _SEVERAL_UNITS:
            shown[column.name] = UNITS_SHOWN(column=column.name, units=said["units"], unit=said["unit"])
    return _informing(UNITS, shown)


def _informing(say: Phrase, shown: dict[str, Message]) -> tuple[Finding, ...]:
    if not shown:
        return ()
    names, evidence = tuple(shown), tuple(shown.values())
    return (Finding(severity=Severity.HANDLED, message=say(columns=listed(names)), columns=names, evidence=evidence),)


def _look_at_half_numbers(case: Case) -> tuple[Finding, ...]:
    shown: dict[str, Message] = {}
    choices: dict[str, ColumnChoice] = {}
    for column in case.features:
        if column.kind is not Kind.CATEGORY or column.cells is not Cells.TEXT or column.rules.same:
            continue
        if not _FIRST_NUMBER.search(case.sample.texts(column.name)):
            continue
        levels = case.sample.levels(column.name)
        is_number = np.isfinite(plain_numbers(levels.index.to_series().astype("str")))
        share = float(levels[is_number].sum() / levels.sum()) if len(levels) else 0.0
        others = [str(level) for level in levels.index[~is_number]]
        if is_number.sum() < _LEAST_NUMBERS or not _MANY_NUMBERS <= share < _NEARLY_ALL_NUMBERS:
            continue
        if len(others) > _MOST_OTHERS or _are_codes([str(level) for level in levels.index[is_number]]):
            continue
        examples = listed([f"“{text}”" for text in others], 3)
        shown[column.name] = HALF_NUMBERS_SHOWN(column=column.name, share=round(100 * share), examples=examples)
        choices[column.name] = ColumnChoice(kind=Kind.NUMBER, missing=tuple(others))
    if not shown:
        return ()
    names = listed(list(shown))
    return (
        Finding(
            severity=Severity.PLEASE_LOOK,
            message=HALF_NUMBERS(columns=names),
            columns=tuple(shown),
            evidence=tuple(shown.values()),
            remedies=(Remedy(title=READ_AS_NUMBERS(columns=names), columns=choices),),
        ),
    )


def _are_codes(numbers: list[str]) -> bool:
    """Know codes, all of which have the same, larger number of digits or begin with a zero."""
    lengths = {len(text) for text in numbers}
    return (len(lengths) == 1 and max(lengths) >= 4) or any(
        text[0] == "0" and text.isdigit() and len(text) > 1 for text in numbers
    )


def _look_at_scales(case: Case) -> tuple[Finding, ...]:
    shown: dict[str, Message] = {}
    limits: dict[str, ColumnChoice] = {}
    for column in case.features:
        if not column.kind.is_number or column.n_distinct < _LEAST_NUMBERS:
            continue
        gap = two_scales(case.sample.numbers(column))
        if gap is None:
            continue
        limit, factor = gap
        numbers = case.sample.numbers(column)
        shown[column.name] = _scales_shown(column, numbers, limit, factor)
        more_are_larger = np.nanmedian(numbers) > limit
        limits[column.name] = ColumnChoice(lowest=limit) if more_are_larger else ColumnChoice(highest=limit)
    if not shown:
        return ()
    return (
        Finding(
            severity=Severity.PLEASE_LOOK,
            message=TWO_SCALES(columns=listed(list(shown))),
            columns=tuple(shown),
            evidence=tuple(shown.values()),
            remedies=keep_within(limits),
        ),
    )


def two_scales(numbers: Floats) -> tuple[float, float] | None:
    """Return a number between two heaps that differ by the factor of two units, and this factor.

    >>> two_scales(np.append(np.linspace(1.5, 2, 90), np.linspace(150, 200, 10)))
    (17.3, 100.0)
    """
    known = np.sort(numbers[np.isfinite(numbers)])
    if len(known) < _LEAST_ROWS or known[0] <= 0:
        return None
    logs = np.log(known)
    at = int(np.argmax(np.diff(logs))) + 1
    lower, upper = known[:at], known[at:]
    if min(len(lower), len(upper)) < max(3, _LEAST_SHARE * len(known)) or upper[0] < 2 * lower[-1]:
        return None
    if lower[-1] > _WIDEST * lower[0] or upper[-1] > _WIDEST * upper[0]:
        return None
    if len(np.unique(lower)) < 3 or len(np.unique(upper)) < 3:
        return None
    # Rows in another unit are the exception, and spread as the others do.
    spreads = float(np.log(lower).std()), float(np.log(upper).std())
    if min(len(lower), len(upper)) > _MOST_SHARE * len(known) or max(spreads) > _AS_WIDE * min(spreads):
        return None
    ratio = float(np.median(upper) / np.median(lower))
    factor = min(_FACTORS, key=lambda factor: abs(ratio / factor - 1))
    if abs(ratio / factor - 1) > _NEAR_FACTOR:
        return None
    return float(f"{np.sqrt(lower[-1] * upper[0]):.3g}"), factor


def _scales_shown(column: ColumnSchema, numbers: Floats, limit: float, factor: float) -> Message:
    lower, upper = numbers[numbers < limit], numbers[numbers > limit]
    return TWO_SCALES_SHOWN(
        column=column.name,
        n=len(lower),
        low=shown_number(float(lower.min())),
        high=shown_number(float(lower.max())),
        n_more=len(upper),
        factor=number_text(factor),
        more_low=shown_number(float(upper.min())),
        more_high=shown_number(float(upper.max())),
    )


LOST_CELLS = Check(key="unreadable_cells", title="Cells that could not be read", look=_look_at_lost_cells)
SOME_NUMBERS = Check(key="half_numbers", title="Categories among which there are numbers", look=_look_at_half_numbers)
SCALES = Check(key="two_scales", title="Numbers of two sizes", look=_look_at_scales)
SEVERAL_UNITS = Check(key="several_units", title="Numbers with different units", look=_look_at_units)
