"""Finds out in which formats the dates of a column are written."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.table.columns.month_names import find_words
from engine.table.moments import MOMENT, are_dates, date_texts, replaced_words
from engine.table.options import DateOrder
from engine.table.schema import ReadingRules

_DAYS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y",
    "%d.%m.%y", "%m.%d.%y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%y", "%m-%d-%y", "%m.%d.%Y",
    "%d %m %Y", "%m %d %Y", "%Y %m %d",
    "%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%b %d,%Y", "%b %d %Y", "%d-%b-%y", "%d %b %y",
    "%b %d, %y", "%d/%b/%Y", "%d. %b %Y",
    "%d %b, %Y", "%Y-%b-%d", "%Y %b %d", "%b-%d-%Y", "%d.%b.%Y",
    "%d %B %Y", "%B %d, %Y", "%B %d,%Y", "%B %d %Y", "%d-%B-%Y", "%d. %B %Y", "%d %B, %Y", "%Y %B %d",
    "%Y年%m月%d日", "%Y年%m月%d", "%Y年%m月", "%Y년 %m월 %d일",
    "%Y%m%d", "%Y-%m", "%Y/%m", "%Y.%m", "%m/%Y", "%m-%Y", "%m.%Y",
    "%b %Y", "%B %Y", "%b-%Y", "%b, %Y", "%B, %Y", "%Y-%b", "%Y %b", "%Y %B", "%b-%y", "%b %y", "%b. %Y",
)  # fmt: skip
_CLOCKS = ("%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p")
_TIGHT_CLOCKS = ("%I:%M%p", "%I:%M:%S%p")
_TIMES = (
    "", *(f" {clock}" for clock in _CLOCKS), *(f"T{clock}" for clock in _CLOCKS[:3]),
    *(f", {clock}" for clock in _CLOCKS),
    "T%H:%MZ", "T%H:%M:%SZ", "T%H:%M:%S.%fZ", ":%H:%M:%S", " %H.%M", "  %H:%M:%S", " %H时%M分", " %H时%M分%S秒",
    "-%H:%M:%S", " at %I:%M %p", " at %H:%M", " - %H:%M",
)  # fmt: skip
FORMATS = (
    *(day + time for time, day in product(_TIMES, _DAYS)),
    "%b %d %H:%M:%S %Y",
    "%H:%M %d/%m/%Y",
    "%H:%M %d.%m.%Y",
)
_CLOCK_MOMENTS = (*_CLOCKS, *_TIGHT_CLOCKS, "%Hh%M", "%H时%M分", "%I %p", "%I%p")
_ZONED = tuple(
    day + time
    for time, day in product(
        ("T%H:%M:%S%z", " %H:%M:%S%z", " %H:%M:%S %z", "T%H:%M:%S.%f%z", " %H:%M:%S.%f%z", "T%H:%M%z", " %H:%M%z",
         " %H:%M %z", ":%H:%M:%S %z", " %I:%M:%S %p %z", " %I:%M %p %z"),
        ("%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d/%b/%Y", "%d %b %Y"),
    )
)  # fmt: skip
# What no graph can read, and becomes a moment first.
MOMENT_FORMATS = (
    *_CLOCK_MOMENTS,
    *_ZONED,
    "%b %d %H:%M:%S %z %Y",
    "%d%b%Y",
    "%d%b%Y:%H:%M:%S",
    *(f"{day} {clock}" for day, clock in product(_DAYS, _TIGHT_CLOCKS)),
)
MOST_FORMATS = 3
_SAMPLE = 200
_LIKELY = r".{4,40}"


@dataclass(frozen=True, kw_only=True)
class DateFormats:
    """What was found.

    `rules`: words and moments. `readable`: which levels can be read. `ambiguous`: day and month might be the other way
    round. `written`: the formats as they are written, those of moments included, the most frequent first.
    """

    formats: tuple[str, ...] = ()
    rules: ReadingRules
    readable: NDArray[np.bool_]
    ambiguous: bool = False
    written: tuple[str, ...] = ()


def find_date_formats(
    levels: pd.Series, counts: NDArray[np.int64], order: DateOrder | None = None
) -> DateFormats | None:
    """Judge from distinct cells and how often each comes; None when these are no dates.

    `order`: what stands first in dates that can be read both ways.

    >>> find_date_formats(pd.Series(["31/01/2024", "01/02/2024"], dtype="str"), np.array([1, 1])).formats
    ('%d/%m/%Y',)
    """
    step = max(len(levels) // (5 * _SAMPLE), 1)
    some, weights = levels.iloc[::step], counts[::step]
    if weights[_are_likely(some)].sum() < 0.8 * weights.sum():
        return None
    rules = ReadingRules(words=find_words(levels.iloc[:: max(len(levels) // _SAMPLE, 1)]))
    plain = _prepared(levels, rules)
    chosen, ambiguous = _formats(plain, order)
    if not chosen:
        return None
    moments = tuple(form for form in chosen if form in _MOMENTS)
    formats = tuple(form for form in chosen if form not in _MOMENTS)
    if moments:
        rules = ReadingRules(words=rules.words, moments=moments)
        formats = (MOMENT, *(form for form in formats if form != MOMENT))
    readable = date_texts(levels, formats, rules).notna().to_numpy(bool)
    return DateFormats(formats=formats, rules=rules, readable=readable, ambiguous=ambiguous, written=chosen)


def _are_likely(levels: pd.Series) -> NDArray[np.bool_]:
    likely = (
        levels.str.fullmatch(_LIKELY)
        & levels.str.contains(r"[0-9]")
        & levels.str.contains(r"[-/. :年,a-zA-Z时]|^[0-9]{8}$")
    )
    return np.asarray(likely, np.bool_)


def _prepared(levels: pd.Series, rules: ReadingRules) -> pd.Series:
    return replaced_words(levels, dict(rules.words)) if rules.words else levels


def _formats(levels: pd.Series, order: DateOrder | None) -> tuple[tuple[str, ...], bool]:
    rest = levels.iloc[:: max(len(levels) // _SAMPLE, 1)].reset_index(drop=True)
    sample_size = len(rest)
    chosen: list[str] = []
    ambiguous = False
    while len(rest) and len(chosen) < MOST_FORMATS:
        best = _best_format(rest)
        if best is None:
            break
        best, unsure = _ordered(best, levels, order)
        readable = _read(rest, best)
        if not readable.any() or (chosen and readable.sum() < 0.005 * sample_size):
            break
        ambiguous = ambiguous or (unsure and not chosen)
        chosen.append(best)
        rest = rest[~readable].reset_index(drop=True)
    return tuple(chosen), ambiguous


def _best_format(sample: pd.Series) -> str | None:
    """Return the format that reads most of a sample, among those in the shape of its first cells."""
    shapes = dict.fromkeys(_shape(cell) for cell in sample.iloc[:20])
    candidates = [form for shape in shapes for form in _BY_SHAPE.get(shape, ())]
    shares = {form: float(_read(sample, form).mean()) for form in candidates}
    best = max(shares, key=lambda form: shares[form], default=None)
    return best if best is not None and shares[best] else None


def _read(text: pd.Series, form: str) -> NDArray[np.bool_]:
    if form not in _MOMENTS:
        return are_dates(text, [form])
    return np.asarray(date_texts(text, (MOMENT,), ReadingRules(moments=(form,))).notna(), np.bool_)


def _ordered(form: str, levels: pd.Series, order: DateOrder | None) -> tuple[str, bool]:
    """Choose between a format and its twin with day and month exchanged by all levels; say whether that is unsure."""
    twin = _twin(form)
    if twin is None:
        return form, False
    own, other = int(_read(levels, form).sum()), int(_read(levels, twin).sum())
    if own != other:
        return (form if own > other else twin), False
    if order is not None:
        wanted = "%d" if order is DateOrder.DAY_FIRST else "%m"
        return min(form, twin, key=lambda each: each.index(wanted)), False
    return form, True


def _twin(form: str) -> str | None:
    """Return the format with day and month exchanged, if that is another known one."""
    other = form.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")
    return other if other != form and (other in _KNOWN) else None


def _shape(cell: str) -> str:
    """Return what is common to all cells of a format: digits and words count as one sign each.

    >>> _shape("31 Jan 2024 08:30")
    '0 a 0 0:0'
    """
    return re.sub(r"[0-9]+", "0", re.sub(r"[^\W\d_]+", "a", cell))


def _shapes(forms: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for form in forms:
        words = re.sub(r"%[bBpa]", "a", form)
        for zone in ("Z", "+02:00", "+0200", "-02:00", "-0200", "+02", "-02") if "%z" in form else ("",):
            example = re.sub(r"%[a-zA-Z]", "0", words.replace("%z", zone))
            found.setdefault(_shape(example), []).append(form)
    return {shape: tuple(dict.fromkeys(forms)) for shape, forms in found.items()}


_MOMENTS = frozenset(MOMENT_FORMATS) - frozenset(FORMATS)
_KNOWN = frozenset(FORMATS) | _MOMENTS
_BY_SHAPE = _shapes((*FORMATS, *MOMENT_FORMATS))
