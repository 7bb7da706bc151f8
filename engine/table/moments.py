"""Dates and times as people write them become texts in a format that a graph can read."""

import re
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.table.schema import ReadingRules

MOMENT = "%Y-%m-%d %H:%M:%S"
EPOCHS: Mapping[str, float] = {"epoch_s": 1.0, "epoch_ms": 1e3, "epoch_us": 1e6, "epoch_ns": 1e9}
_NO_DAY = "1970-01-01 "
_TIME = r"(?:[12][0-9]{3}-[0-9]{2}-[0-9]{2}[ T])?((?:[01][0-9]|2[0-3]):[0-5][0-9])(:[0-5][0-9])?(?:\.[0-9]{1,6})?"
EXCEL = "excel"  # days since 1899-12-30, as spreadsheet programs store dates

# Strict, so that any language can follow: pandas itself takes "0" for a year.
ISO_DATE = (
    r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
# A word keeps the points inside it (a.m.) and loses the one behind it (Sept. 5).
WORD = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)*(?:\.(?=[\s,]|$))?")
_DIGITS = re.compile(r"[0-9]{1,19}(\.[0-9]{1,9})?")
_ZONE = r".*[0-9Mm] ?(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9])( [12][0-9]{3})?"
_LONG_FRACTION = r"(\.[0-9]{6})[0-9]+"  # finer than a microsecond
_BARE_HOUR = r"(:[0-9]{2}(?:\.[0-9]{1,6})? ?[+-][0-9]{2})$"
# Dates padded with spaces, divided by other signs than one space, or with minutes of one digit: no graph reads these.
WHITE = "\t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
LOOSE = f"[{WHITE}]|  |[/.-] [0-9]|:[0-9](?:[^0-9]|$)"
_MANY = 10_000
_PARTS = {
    "%Y": "[12][0-9]{3}", "%m": "(0[1-9]|1[0-2])", "%d": "(0[1-9]|1[0-9]|2[0-8])",
    "%H": "([01][0-9]|2[0-3])", "%M": "[0-5][0-9]", "%S": "[0-5][0-9]",
}  # fmt: skip
_NEVER = "[^\\s\\S]"
_FOUR_DIGITS = 1000  # earlier years are written with fewer, which no graph reads
_FIRST, _LAST = -2_208_988_800, 4_102_444_800  # 1900 and 2100, in seconds since 1970
_EXCEL_TO_EPOCH_SECONDS = 2_209_161_600


def are_dates(text: pd.Series, formats: Iterable[str]) -> NDArray[np.bool_]:
    """Say which cells are possible dates in one of these strptime formats."""
    found = np.zeros(len(text), bool)
    text = text.mask(text.str.startswith(("-", "+")).fillna(value=False).astype(bool))  # pandas takes -2020 for a year
    for form in formats:
        if len(text) > _MANY:
            found |= text.str.fullmatch(_certain(form)).fillna(value=False).to_numpy(bool)
            rest = np.flatnonzero(~found)
            found[rest] = _are_read(text.iloc[rest], form)
        else:
            found |= _are_read(text, form)
    return found


def _are_read(text: pd.Series, form: str) -> NDArray[np.bool_]:
    read = pd.to_datetime(text, format=form, errors="coerce", utc="%z" in form)
    return np.asarray(read.notna(), bool)


def _certain(form: str) -> str:
    """Return a pattern of texts that are dates beyond doubt; many times faster than to read them.

    >>> bool(re.fullmatch(_certain("%d.%m.%Y"), "28.02.2023")), bool(re.fullmatch(_certain("%d.%m.%Y"), "29.02.2023"))
    (True, False)
    """
    pieces = re.split("(%.)", form)
    return "".join(_PARTS.get(piece, _NEVER if piece.startswith("%") else re.escape(piece)) for piece in pieces)


def date_texts(text: pd.Series, formats: tuple[str, ...], rules: ReadingRules) -> pd.Series:
    """Keep dates in one of the formats; bring moments and ISO dates, which typed files hold, there; drop the rest.

    >>> date_texts(pd.Series(["Jan  3, 2021", "soon"], dtype="str"), ("%b %d, %Y",), ReadingRules()).tolist()
    ['Jan 03, 2021', nan]
    """
    if rules.words:
        text = replaced_words(text, dict(rules.words))
    if any("%f" in form for form in formats):
        text = text.str.replace(_LONG_FRACTION, r"\1", regex=True)
    for moment in rules.moments:
        made = _moments(text, moment)
        text = text.where(made.isna(), made)
    if rules.are_times:
        return _times(text)
    readable = are_dates(text, formats)
    text = _in_full(text, formats, readable)
    if (readable | text.isna().to_numpy(bool)).all():
        return text
    others = text.where(~readable & text.str.fullmatch(ISO_DATE).fillna(value=False).to_numpy(bool))
    iso = pd.to_datetime(others, format="ISO8601", errors="coerce", utc=True)
    return text.where(readable, iso.dt.strftime(formats[0]).astype("str"))


def _times(text: pd.Series) -> pd.Series:
    """Keep times of day, also of typed cells, which have seconds and may have a day; a day alone is none."""
    found = text.str.extract(f"^{_TIME}$")
    return (_NO_DAY + found[0] + found[1].fillna(":00")).astype("str")


def _in_full(text: pd.Series, formats: tuple[str, ...], readable: NDArray[np.bool_]) -> pd.Series:
    """Write dates as their format does where people left out zeros or put spaces for them."""
    left = readable & text.str.contains(LOOSE).fillna(value=False).to_numpy(bool)
    for form in formats:
        if not left.any():
            break
        read = pd.to_datetime(text.where(left), format=form, errors="coerce", utc=True)
        text = text.mask(read.dt.year >= _FOUR_DIGITS, read.dt.strftime(form).astype("str"))
        left &= read.isna().to_numpy(bool)
    return text


def replaced_words(text: pd.Series, words: Mapping[str, str]) -> pd.Series:
    """Replace whole words, ignoring case, and tidy the spaces that this leaves.

    >>> list(replaced_words(pd.Series(["3 de enero de 2024"], dtype="str"), {"enero": "Jan", "de": ""}))
    ['3 Jan 2024']
    """

    def other(match: re.Match[str]) -> str:
        return words.get(match[0].rstrip(".").lower(), match[0])

    return text.map(lambda cell: re.sub(r"\s+", " ", WORD.sub(other, cell)).strip(" ,"), na_action="ignore").astype(
        "str"
    )


def _moments(text: pd.Series, moment: str) -> pd.Series:
    if moment in EPOCHS or moment == EXCEL:
        return _from_seconds(_seconds(text, moment))
    if "%z" in moment:
        text = text.str.replace(_LONG_FRACTION, r"\1", regex=True)
        text = text.str.replace(_BARE_HOUR, r"\1:00", regex=True)
        text = text.where(text.str.fullmatch(_ZONE).fillna(value=False).to_numpy(bool))
    read = pd.to_datetime(text, format=moment, errors="coerce", utc="%z" in moment)
    made = read.dt.strftime(MOMENT).astype("str")
    if "%d" not in moment:
        made = "1970-01-01" + made.str.slice(10)
    return made


def time_of_day(moment: str) -> str:
    """Write a time of day, which is kept as a moment of the first day, as people do.

    >>> time_of_day("1970-01-01 09:05:00"), time_of_day("1970-01-01 09:05:30"), time_of_day("1970-01-01 09:00")
    ('09:05', '09:05:30', '09:00')
    """
    text = moment.removeprefix(_NO_DAY)
    return text.removesuffix(":00") if text.count(":") > 1 else text


def _seconds(text: pd.Series, moment: str) -> NDArray[np.float64]:
    """Return the seconds since 1970, NaN for what is no plausible moment."""
    digits = text.str.fullmatch(_DIGITS.pattern).fillna(value=False).to_numpy(bool)
    numbers = text.where(digits).astype("float64").to_numpy(np.float64)
    if moment == EXCEL:
        seconds = np.floor(numbers * 86_400 + 0.5) - _EXCEL_TO_EPOCH_SECONDS
    else:
        seconds = np.floor(numbers / EPOCHS[moment])
    return np.where((seconds >= _FIRST) & (seconds < _LAST), seconds, np.nan)


def _from_seconds(seconds: NDArray[np.float64]) -> pd.Series:
    known = ~np.isnan(seconds)
    times = np.full(len(seconds), np.datetime64("NaT", "s"))
    times[known] = seconds[known].astype(np.int64).astype("datetime64[s]")
    return pd.Series(times).dt.strftime(MOMENT).astype("str")
