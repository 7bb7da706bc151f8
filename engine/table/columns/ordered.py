"""Knows categories that have an order, such as low < medium < high, and says which it is."""

import math
import re
from collections.abc import Sequence
from itertools import pairwise

import pandas as pd

from engine.table.columns.scales import NO_ANSWERS, RANKS

_GRADES = frozenset("abcdef")
_GRADE_NAME = re.compile(r"(^|[\s_.-])(grade|grades|rating|letter|mark|note)([\s_.-]|$)|等级|评级", re.IGNORECASE)
_MOST_LEVELS = 60
_FEWEST = 3
_NUMBERED = re.compile(
    r"(?P<before>level|grade|stage|tier|phase|rank|step|year|yr|week|month|quarter|q|stufe|klasse|niveau|nivel|livello|lvl|lv"
    r"|priority|p|class)?[\s._-]*(?P<number>[0-9]{1,3})[\s._-]*(?P<behind>(?:stars?|sterne?|étoiles?|estrellas?|stelle"
    r"|star rating|星级?|级|年级|等级|th grade|st grade|nd grade|rd grade)?)"
)
_PERIOD = re.compile(
    r"(?P<year>[12][0-9]{3})[ _-]?[qwhs](?P<part>[0-9]{1,2})"
    r"|[qwhs](?P<part_first>[0-9]{1,2})[ _/-]?(?P<year_last>[12][0-9]{3})"
)
_MARK = re.compile("(?P<number>[0-9]{1,2})(?P<sign>[+-]?)")
_GERMAN_MARKS = re.compile(r"(^|[\s_.-]|schul|end|zeugnis|abschluss)(noten?|zensur|zensuren)([\s_.-]|$)", re.IGNORECASE)
_PART = 0.3
_SIGNS = re.compile(r"([★⭐*✮☆+$€£¥])\1*")


def find_order(levels: pd.Series, name: str = "") -> tuple[str, ...]:
    """Return the levels of a category from the lowest to the highest; empty when they have no order.

    >>> find_order(pd.Series(["High", "low", "medium"], dtype="str"))
    ('low', 'medium', 'High')
    >>> find_order(pd.Series(["10-19", "0-9", "65+", "20-64"], dtype="str"))
    ('0-9', '10-19', '20-64', '65+')
    """
    texts = [str(level) for level in levels]
    if not _FEWEST <= len(texts) <= _MOST_LEVELS:
        return ()
    for ranks in (_on_a_scale(texts, name), _numbered(texts), _marks(texts, name), _signs(texts), _bands(texts)):
        if ranks and len(set(ranks.values())) >= _FEWEST:
            return tuple(sorted(ranks, key=lambda text: (ranks[text], text)))
    return ()


def refuses(level: str) -> bool:
    """Whether an answer says that there is none, so that it stands beside an order, not in it.

    >>> refuses("Prefer not to say"), refuses("Don't know."), refuses("Agree")
    (True, True, False)
    """
    return _simple(level) in NO_ANSWERS


def _simple(text: str) -> str:
    return " ".join(re.sub(r"[\s_'’-]+", " ", text.lower().strip(" .")).split()) if len(text) > 2 else text.lower()


def _on_a_scale(texts: Sequence[str], name: str) -> dict[str, float] | None:
    simple = {text: _simple(text) for text in texts}
    words = set(simple.values())
    if words <= _GRADES and not _GRADE_NAME.search(name):
        return None  # plain letters name classes as often as grades
    for scale in RANKS:
        if words <= scale.keys():
            return {text: float(scale[word]) for text, word in simple.items()}
    return None


def _numbered(texts: Sequence[str]) -> dict[str, float] | None:
    """Rank "level 1", "5 stars" and "2024Q1": a number with a word that makes it a step."""
    periods = [_PERIOD.fullmatch(text.strip().lower()) for text in texts]
    ranks = {
        text: float(match["year"] or match["year_last"]) * 100 + float(match["part"] or match["part_first"])
        for text, match in zip(texts, periods, strict=True)
        if match
    }
    if len(ranks) == len(periods):
        return ranks
    ranks, words = {}, set()
    for text in texts:
        match = _NUMBERED.fullmatch(text.strip().lower())
        if match is None or not (match["before"] or match["behind"]):
            return None
        ranks[text] = float(match["number"])
        words.add((match["before"] or "", "th grade" if "grade" in match["behind"] else match["behind"].rstrip("s")))
    return ranks if len(words) == 1 else None


def _marks(texts: Sequence[str], name: str) -> dict[str, float] | None:
    """Rank marks such as 2, 3- and 4+. In German schools 1 is the best, so that there 3- lies above 3."""
    matches = [_MARK.fullmatch(text.strip()) for text in texts]
    found = {text: match for text, match in zip(texts, matches, strict=True) if match}
    if len(found) < len(texts) or not any(match["sign"] == "-" for match in found.values()):
        return None
    step = -_PART if _GERMAN_MARKS.search(name) else _PART
    parts = {"+": step, "": 0.0, "-": -step}
    return {text: float(match["number"]) + parts[match["sign"]] for text, match in found.items()}


def _signs(texts: Sequence[str]) -> dict[str, float] | None:
    """Rank "★★★", "+++" and "$$" by their length."""
    ranks = {text: float(len(text)) for text in texts if _SIGNS.fullmatch(text.strip())}
    return ranks if len(ranks) == len(list(texts)) and len({text.strip()[0] for text in ranks}) == 1 else None


_NUMBER = r"[$€£₹¥]?\s*-?([0-9][0-9,.' ]*k?|[0-9])\s*(?:[^\W\d_]{1,12}\.?|%)?"
_BAND = re.compile(
    rf"(?:between |from )?{_NUMBER}\s*(?:-|–|—|~|to|and|bis|à|a|至|到|until|\.\.)\s*(?:<\s*)?{_NUMBER}"
    r"(?:\s*(?:old|years old))?"
)
_INTERVAL = re.compile(r"\((-?[0-9.e+-]+), *(-?[0-9.e+-]+)\]|\[(-?[0-9.e+-]+), *(-?[0-9.e+-]+)\)")
_BELOW = re.compile(
    rf"(?:<=?|≤|under|below|less than|up to|unter|bis|moins de|menos de|at most|小于|低于)\s*{_NUMBER}(?:\s*or less)?"
)
_ABOVE = re.compile(rf"(?:>=?|≥|over|above|more than|at least|über|ab|plus de|más de|大于|高于)\s*{_NUMBER}")
_OPEN_BELOW = re.compile(rf"{_NUMBER}\s*(?:or less|or under|or fewer|and under|and below|以下|及以下)")
_OPEN_ABOVE = re.compile(rf"{_NUMBER}\s*(?:\+|or more|or over|or older|and over|and above|and older|以上|及以上|plus)")
_ALONE = re.compile(_NUMBER)
_CONNECTORS = frozenset(
    "between from to and or bis until under below less than up at most least over above more plus old older fewer unter"
    " über ab moins menos más de after before".split()
)
_ELSE = frozenset("unknown other none missing n/a unspecified refused unbekannt 未知 其他".split())


def _bands(texts: Sequence[str]) -> dict[str, float] | None:
    """Rank bands of numbers, such as "0-9" and "65 and over", by where they begin; one level may be no band."""
    found = {text: _band(text.strip().lower()) for text in texts}
    bands = {text: band for text, band in found.items() if band is not None}
    n_ranges = sum(band[0] < band[1] < math.inf and band[0] > -math.inf for band in bands.values())
    n_alone = sum(band[0] == band[1] for band in bands.values())
    n_most = 1 if len(bands) > _FEWEST else 0
    if len(texts) - len(bands) > n_most or not n_ranges or 2 * n_alone > len(bands):
        return None
    # "1-2 hours" and "30-45 minutes" cannot be compared, and bands that overlap are none.
    words = {word.rstrip("s") for text in bands for word in re.findall(r"[^\W\d_]{2,}", text.lower())} - _CONNECTORS
    ordered = sorted(bands.values())
    apart = all(low[1] <= high[0] for low, high in pairwise(ordered)) and len(set(ordered)) == len(ordered)
    if len(words) > 1 or not apart:
        return None
    return {text: float(ordered.index(band)) for text, band in bands.items()}


def _band(text: str) -> tuple[float, float] | None:
    """Return where a band begins and ends; None when a text is no band."""
    match = _INTERVAL.fullmatch(text)
    if match:
        low, high = (_number(part) for part in match.groups() if part is not None)
        return (low, high) if low <= high else None
    match = _BAND.fullmatch(text)
    if match:
        low, high = _number(match[1]), _number(match[2])
        # "01069-1507" is a code.
        return (low, high) if low <= high and not re.match("0[0-9]", match[1]) else None
    for patterns, opens_above in (((_BELOW, _OPEN_BELOW), False), ((_ABOVE, _OPEN_ABOVE), True)):
        for pattern in patterns:
            match = pattern.fullmatch(text)
            if match:
                edge = _number(match[1])
                return (edge, math.inf) if opens_above else (-math.inf, edge)
    match = _ALONE.fullmatch(text) if text not in _ELSE else None
    return (_number(match[1]), _number(match[1])) if match else None


def _number(text: str) -> float:
    thousand = 1000.0 if text.endswith("k") else 1.0
    digits = re.sub(r"[,' ](?=[0-9]{3})", "", text.rstrip("k ")).replace(",", ".").rstrip(".")
    try:
        return float(digits) * thousand
    except ValueError:
        return math.nan
