"""Finds out how the numbers of a column are written: decimal sign, thousands, currency, unit."""

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.table.rules import read_numbers
from engine.table.schema import ReadingRules

_CURRENCIES = ("$", "€", "£", "¥", "₹", "₽", "元", "kr", "chf", "usd", "eur", "gbp", "rs.", "rs", "us$")
_CURRENCY = "|".join(re.escape(sign) for sign in sorted(_CURRENCIES, key=len, reverse=True))
_CORE = r"[0-9][0-9.,'\u00a0\u202f\u2009 ]*[0-9]|[0-9]|[.,][0-9]+"
_WRITTEN = re.compile(
    rf"\(?\s*[+-]?\s*(?P<prefix>{_CURRENCY})?\s*[+-]?\s*(?P<core>{_CORE})(?:[eE][+-]?[0-9]+)?"
    rf"\s*(?P<suffix>%|{_CURRENCY}|°\s?[a-z]?|[^\W\d_][^\d\-–/_:]{{0,14}})?\s*\)?",
    re.IGNORECASE,
)
_GROUPS = {sign: re.compile(rf"[0-9]{{1,3}}(?:[{re.escape(sign)}][0-9]{{3}})+") for sign in (",", ".", "'")}
_SPACED = re.compile("[0-9]{1,3}(?:[ \u00a0\u202f\u2009][0-9]{3})+([.,][0-9]*)?")
_SAMPLE = 2000


def find_number_rules(levels: pd.Series, counts: NDArray[np.int64]) -> tuple[ReadingRules, float]:
    """Judge from distinct cells and how often each comes; return rules and the share of rows they can read.

    >>> rules, share = find_number_rules(pd.Series(["1.234,50 €", "99 €"], dtype="str"), np.array([1, 1]))
    >>> rules.decimal, rules.thousands, rules.suffixes, share
    (',', '.', ('€',), 1.0)
    """
    matches = [_WRITTEN.fullmatch(level.strip()) for level in levels.iloc[:_SAMPLE]]
    written = [(match, count) for match, count in zip(matches, counts.tolist(), strict=False) if match]
    if sum(count for _, count in written) < 0.5 * counts[:_SAMPLE].sum():
        return ReadingRules(), 0.0
    decimal, thousands = _signs([match["core"] for match, _ in written])
    rules = ReadingRules(
        number=True,
        decimal=decimal,
        thousands=thousands,
        prefixes=tuple(sorted({match["prefix"].lower() for match, _ in written if match["prefix"]})),
        suffixes=_unit(written),
        parentheses_negative=any(match[0].startswith("(") for match, _ in written),
    )
    share = _share(levels, counts, rules)
    ranged = replace(rules, ranges=True)
    share_with_ranges = _share(levels, counts, ranged)
    # Ranges among numbers are read as their middle; a column of nothing but ranges is a set of classes.
    return (ranged, share_with_ranges) if share > 0.5 and share_with_ranges > share else (rules, share)


def _share(levels: pd.Series, counts: NDArray[np.int64], rules: ReadingRules) -> float:
    return float(counts[~np.isnan(read_numbers(levels, rules))].sum() / counts.sum())


def _signs(cores: list[str]) -> tuple[str, str]:
    """Return the decimal sign and the thousands sign ("" for none)."""
    spaced = any(_SPACED.fullmatch(core) for core in cores)
    commas, points = [core for core in cores if "," in core], [core for core in cores if "." in core]
    both = next((core for core in commas if "." in core), None)
    if both is not None:
        return (",", ".") if both.rfind(",") > both.rfind(".") else (".", ",")
    if any("'" in core for core in cores):
        return ("," if commas else "."), "'"
    if commas:
        grouped = all(_GROUPS[","].fullmatch(core) and not core.startswith("0") for core in commas)
        return (".", ",") if grouped or points else (",", " " if spaced else "")
    if any(core.count(".") > 1 for core in points):
        return ",", "."
    return ".", " " if spaced else ""


def _unit(written: list[tuple[re.Match[str], int]]) -> tuple[str, ...]:
    """Return the spellings of the most common unit; cells in other units must not pass for it."""
    spellings: Counter[str] = Counter()
    for match, count in written:
        if match["suffix"]:
            spellings[match["suffix"].strip().lower()] += count
    if not spellings:
        return ()
    stems: Counter[str] = Counter()
    for spelling, count in spellings.items():
        stems[_stem(spelling)] += count
    common = stems.most_common(1)[0][0]
    n_bare = sum(count for match, count in written if not match["suffix"])
    # Beside many bare numbers a rare unit is another quantity, not the unit of the column.
    if stems[common] < n_bare and common not in {"%", *_CURRENCIES}:
        return ()
    return tuple(sorted(spelling for spelling in spellings if _stem(spelling) == common))


def _stem(unit: str) -> str:
    return unit.rstrip(". ").removesuffix("s") or unit
