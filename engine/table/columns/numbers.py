"""Finds out how the numbers of a column are written: decimal sign, thousands, currency, units."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.table.columns.fractions import Fractions, judge_bare
from engine.table.columns.unit_rules import UnitRules, find_unit_rules
from engine.table.columns.units import currency, dimensions, multiplier
from engine.table.rules import RANGE, ascii_texts, read_numbers
from engine.table.schema import ReadingRules

_CORE = r"[0-9](?:[0-9.,' ]*[0-9])?|[.,][0-9]+"
_BOUND = (
    r"<=?|>=?|≤|≥|over|under|above|below|at least|at most|more than|less than|up to|min\.?|max\.?|über|unter|超过|不足"
)
_ABOUT = r"~|≈|±|ca\.?|circa|approx\.?|about|around|约|大约|etwa|env\.?"
_WRITTEN = re.compile(
    rf"\(?\s*(?:(?P<bound>{_BOUND})|(?P<about>{_ABOUT}))?\s*[+-]?\s*(?P<prefix>[^\d\s+\-.,()<>~%]{{1,7}}\.?)?\s*\(?[+-]?\s*"
    rf"(?P<core>{_CORE})(?:[eE][+-]?[0-9]+)?\s*(?P<minus>-(?=\s|$))?\)?\s*"
    r"(?P<suffix>\+|%|‰|°\s?[a-z]?|[\"″'′]|/\s?(?:5|10|20|100)|[$\u20a0-\u20bf£¥](?:\s?/\s?[^\W\d_]{1,12}[23]?)?"
    r"|(?:sq\.?\s?)?(?:[cdkm]?m|ft|yd|in)[23]|[^\W\d_][^\d\-–_:;,()]{0,20})?"
    r"\s*\)?",
    re.IGNORECASE,
)
_GROUPS = {
    ",": re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{2,3})*,[0-9]{3}"),
    ".": re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+"),
}
_SPACED = re.compile("[0-9]{1,3}(?: [0-9]{3})+([.,][0-9]*)?")
# Accounts have a dash for zero, beside the unit or currency of the other amounts.
_DASH = r"[-–—]\s*[^\s\d\-–—][^\d\-–—]{0,20}|[^\s\d\-–—][^\d\-–—]{0,20}[-–—]"
_SAMPLE = 2000
_CODE_DIGITS = 4
_MOST_BOUNDS = 0.5
_MARK_DIGITS = 2
_MOST_STRAY = 0.01


@dataclass(frozen=True, kw_only=True)
class NumbersFound:
    """How numbers are written.

    `readable`: which levels the rules can read. `unit_share`: of the rows read, how many carry a unit or currency.
    `brought`: units that are brought to `unit`, the column's main one. `dashed`, `ranges`, `shortened`,
    `bounded`, `unsure_fraction` (a bare number beside percentages that may be none itself): an example, if any.
    """

    rules: ReadingRules = field(default_factory=ReadingRules)
    readable: NDArray[np.bool_]
    unit_share: float = 0.0
    unit: str = ""
    brought: tuple[str, ...] = ()
    dashed: str = ""
    ranges: str = ""
    shortened: str = ""
    bounded: str = ""
    unsure_fraction: str = ""

    def share(self, counts: NDArray[np.int64]) -> float:
        """Return the share of rows that can be read."""
        return float(counts[self.readable].sum() / counts.sum())


@dataclass(frozen=True)
class _Written:
    """One cell that looks like a number, and in how many rows it stands."""

    match: re.Match[str]
    count: int

    @property
    def unit(self) -> str:
        return str(self.match["suffix"] or "").strip()


def find_number_rules(
    levels: pd.Series, counts: NDArray[np.int64], *, name: str = "", decimal: str | None = None
) -> NumbersFound | None:
    """Judge from distinct cells and how often each comes; None when most are no numbers.

    `name`: of the column; it may tell the unit. `decimal`: the decimal sign, where it is known.

    >>> found = find_number_rules(pd.Series(["1.234,50 €", "99 €"], dtype="str"), np.array([1, 1]))
    >>> found.rules.decimal, found.rules.thousands, found.rules.suffixes, found.share(np.array([1, 1]))
    (',', '.', ('€',), 1.0)
    """
    places = _spread(len(levels))
    written = _parse(levels.iloc[places], counts[places])
    n_rows = int(counts[places][~_are_dashes(levels.iloc[places])].sum())
    if not written or sum(cell.count for cell in written) < 0.5 * n_rows:
        return None
    n_bounds = sum(cell.count for cell in written if cell.match["bound"])
    if n_bounds > _MOST_BOUNDS * n_rows:  # nothing but "< 10" and "> 10": classes
        return None
    if _are_codes(written):
        return None
    if _are_grades(written):
        return None
    found = _with_dashes(levels, _read(levels, written, name, decimal))
    lost = np.flatnonzero(~found.readable)
    if not len(lost):
        return found
    # What the sample did not show: rare units, bounds, a minus behind.
    lost_places = lost[_spread(len(lost))]
    others = [
        *_parse(levels.iloc[lost_places], counts[lost_places]),
        *_parse(_range_ends(levels.iloc[lost_places]), counts[lost_places]),
    ]
    if others:
        found = _with_dashes(levels, _read(levels, [*written, *others], name, decimal))
    return _with_ranges(levels, counts, found)


def _are_codes(written: list[_Written]) -> bool:
    """Know codes that end in letters, such as 0536N and 2229RTA: nobody counts in these units."""
    marked = [cell for cell in written if cell.unit and cell.unit[0].isalpha()]
    attached = [cell for cell in marked if cell.match[0].endswith(cell.match["core"] + cell.unit)]
    unknown = [
        cell.match["core"]
        for cell in attached
        if not (currency(cell.unit) or dimensions(cell.unit) or multiplier(cell.unit))
    ]
    if len(unknown) <= len(written) / 2:
        return False
    padded = any(core[0] == "0" and core[1:2].isdigit() for core in unknown)
    return padded or (
        len({len(core) for core in unknown}) == 1 and len(unknown[0]) >= _CODE_DIGITS and len(unknown) > 1
    )


def _are_grades(written: list[_Written]) -> bool:
    """Know marks such as 2, 3- and 4+, whose minus makes nothing negative."""
    behind = sum(cell.count for cell in written if cell.match["minus"])
    return behind > _MOST_STRAY * sum(cell.count for cell in written) and not _are_amounts(written)


def _are_amounts(written: Iterable[_Written]) -> bool:
    """Whether a minus behind a number may mean that it is below zero, as programs for accounts write it."""
    cells = list(written)
    if any(cell.unit == "+" for cell in cells):
        return False
    return any(len(cell.match["core"]) > _MARK_DIGITS or cell.match["prefix"] or cell.unit for cell in cells)


def _spread(n: int) -> NDArray[np.int64]:
    """Return positions at the beginning and all over, since tables change on the way."""
    if n <= _SAMPLE:
        return np.arange(n)
    half = _SAMPLE // 2
    return np.unique(np.concatenate([np.arange(half), np.linspace(half, n - 1, half).astype(np.int64)]))


def _parse(levels: pd.Series, counts: NDArray[np.int64]) -> list[_Written]:
    matches = (_WRITTEN.fullmatch(level.strip()) for level in ascii_texts(levels))
    return [
        _Written(match, count)
        for match, count in zip(matches, counts.tolist(), strict=True)
        if match and (not match["prefix"] or currency(match["prefix"])) and not _is_fraction(match["suffix"])
    ]


def _range_ends(levels: pd.Series) -> pd.Series:
    """Return the second of two numbers, which carries the unit of both: "500 - 600 g"."""
    return ascii_texts(levels).str.extract(RANGE)[1].fillna("")


def _is_fraction(suffix: str | None) -> bool:
    """Know "½", which is a part of the number and no unit."""
    return bool(suffix) and unicodedata.category(str(suffix)[0]) == "No"


def _read(levels: pd.Series, written: list[_Written], name: str, decimal: str | None) -> NumbersFound:
    point, thousands = _signs([cell.match["core"] for cell in written], decimal)
    money = _main_currency(written)
    units = find_unit_rules(
        [(cell.unit, cell.count) for cell in written if not (currency(cell.unit) and currency(cell.unit) != money)],
        name=name,
        is_money=money is not None,
    )
    prefixes = {
        cell.match["prefix"] for cell in written if cell.match["prefix"] and currency(cell.match["prefix"]) == money
    }
    fractions = _fractions(written, units, point)
    if fractions is Fractions.OF_ONE:
        units = replace(units, suffixes=(), factors=tuple((sign, 0.01) for sign in units.suffixes), unit="")
    words = {cell.match[kind] for cell in written for kind in ("bound", "about") if cell.match[kind]}
    rules = ReadingRules(
        number=True,
        decimal=point,
        thousands=thousands,
        prefixes=tuple(sorted(word.lower() for word in {*prefixes, *words})),
        suffixes=units.suffixes,
        factors=units.factors,
        parentheses_negative=any(re.search(r"\(.*\)", cell.match[0]) for cell in written),
        trailing_minus=any(cell.match["minus"] for cell in written) and _are_amounts(written),
    )
    return NumbersFound(
        rules=rules,
        readable=~np.isnan(read_numbers(levels, rules)),
        unit_share=_unit_share(written, units, money),
        unit=units.unit,
        brought=units.brought,
        shortened=_example(
            cell for cell in written if cell.unit and (cell.unit in units.multipliers or fractions is Fractions.OF_ONE)
        ),
        bounded=_example(cell for cell in written if cell.match["bound"] or cell.match["about"] or cell.unit == "+"),
        unsure_fraction=_bare_fraction(written, point) if fractions is Fractions.UNSURE else "",
    )


def _fractions(written: list[_Written], units: UnitRules, point: str) -> Fractions:
    """Judge the bare numbers beside percentages, if the column has nothing but these two."""
    if not units.suffixes or units.factors or not all(dimensions(sign) == ("share",) for sign in units.suffixes):
        return Fractions.PERCENTAGES
    signed, bare = (
        [_value(cell, point) for cell in written if bool(cell.unit) is has_unit] for has_unit in (True, False)
    )
    return judge_bare(signed, bare) if bare else Fractions.PERCENTAGES


def _bare_fraction(written: list[_Written], point: str) -> str:
    return next(cell.match[0] for cell in written if not cell.unit and 0 < _value(cell, point) < 1)


def _value(cell: _Written, point: str) -> float:
    core = str(cell.match["core"]).replace(point, ".")
    return float(core) if re.fullmatch(r"[0-9]*\.?[0-9]+", core) else np.nan


def _example(cells: Iterable[_Written]) -> str:
    """Return one of some cells, if possible one that says more than zero."""
    found = [cell.match[0] for cell in cells]
    return next((text for text in found if re.search("[1-9]", text)), found[0] if found else "")


def _unit_share(written: list[_Written], units: UnitRules, money: str | None) -> float:
    known = {*units.suffixes, *(unit for unit, _ in units.factors)} - {"+"}
    marked = sum(
        cell.count
        for cell in written
        if cell.unit.lower() in known or (money and cell.match["prefix"] and currency(cell.match["prefix"]) == money)
    )
    return marked / max(sum(cell.count for cell in written), 1)


def _main_currency(written: list[_Written]) -> str | None:
    """Return the currency of most cells; amounts in another one are other quantities."""
    groups: Counter[str] = Counter()
    for cell in written:
        for text in (cell.match["prefix"], cell.unit):
            group = currency(text) if text else None
            if group:
                groups[group] += cell.count
    return groups.most_common(1)[0][0] if groups else None


def _are_dashes(levels: pd.Series) -> NDArray[np.bool_]:
    return np.asarray(ascii_texts(levels).str.fullmatch(_DASH), bool)


def _with_dashes(levels: pd.Series, found: NumbersFound) -> NumbersFound:
    """Read a dash beside the unit of the other numbers as zero."""
    lost = np.flatnonzero(~found.readable)
    dashes = lost[_are_dashes(levels.iloc[lost])]
    found, dashed = _also_read(levels, dashes, found, replace(found.rules, dash_zero=True))
    return replace(found, dashed=dashed)


def _with_ranges(levels: pd.Series, counts: NDArray[np.int64], found: NumbersFound) -> NumbersFound:
    """Read ranges among numbers as their middle; a column of nothing but ranges is a set of classes."""
    lost = np.flatnonzero(~found.readable)
    if not len(lost) or found.share(counts) <= 0.5:
        return found
    found, ranges = _also_read(levels, lost, found, replace(found.rules, ranges=True))
    return replace(found, ranges=ranges)


def _also_read(
    levels: pd.Series, places: NDArray[np.int64], found: NumbersFound, rules: ReadingRules
) -> tuple[NumbersFound, str]:
    """Read cells at these places by further rules; returns also the first that can be read, empty where none can."""
    now = ~np.isnan(read_numbers(levels.iloc[places].reset_index(drop=True), rules))
    if not now.any():
        return found, ""
    readable = found.readable.copy()
    readable[places[now]] = True
    return replace(found, rules=rules, readable=readable), str(levels.iloc[places[now][0]])


def _signs(cores: Iterable[str], decimal: str | None) -> tuple[str, str]:
    """Return the decimal sign and the thousands sign ("" for none)."""
    cores = list(cores)
    commas, points = [core for core in cores if "," in core], [core for core in cores if "." in core]
    if decimal is None:
        decimal = _decimal(commas, points)
    other = "." if decimal == "," else ","
    if any("'" in core for core in cores):
        return decimal, "'"
    if any(other in core for core in cores) and (decimal == "." or any(_is_grouped(core, ".") for core in points)):
        return decimal, other
    return decimal, " " if any(_SPACED.fullmatch(core) for core in cores) else ""


def _decimal(commas: list[str], points: list[str]) -> str:
    both = [core for core in commas if "." in core]
    if both:
        comma_last = sum(core.rfind(",") > core.rfind(".") for core in both)
        return "," if 2 * comma_last > len(both) else "."
    if not commas:
        return "," if any(core.count(".") > 1 for core in points) else "."
    n_grouped = sum(_is_grouped(core, ",") for core in commas)
    if sum(core.count(",") > 1 for core in commas) > len(commas) - n_grouped:
        return "."  # a decimal comma stands only once
    if n_grouped == len(commas):
        return "."
    # A comma here and a point there: the point decides unless it only groups thousands.
    if points and not all(_is_grouped(core, ".") for core in points):
        return "." if n_grouped >= 0.9 * len(commas) else ","
    return ","


def _is_grouped(core: str, sign: str) -> bool:
    before = core.split("." if sign == "," else ",", maxsplit=1)[0]
    return _GROUPS[sign].fullmatch(before) is not None
