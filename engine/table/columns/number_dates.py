"""Judges whether numbers are dates: 20240131, 202401, seconds since 1970, days as spreadsheet programs count them."""

import re

import numpy as np
from numpy.typing import NDArray

from engine.messages import phrase
from engine.table.columns.judgement import ID_NAME, MISSING_AMONG_NUMBERS, Levels, Verdict
from engine.table.moments import EPOCHS, EXCEL, MOMENT, are_dates, date_texts
from engine.table.schema import Kind, ReadingRules, Subkind

DIGIT_DATES = phrase("kind_digit_dates", "Dates without signs between their parts, such as {example}.")
EPOCH = phrase("kind_epoch", "Moments counted from 1970 in {unit}: {example} is {moment} (UTC).")
SERIAL = phrase("kind_serial_dates", "Days as spreadsheet programs count them: {example} is {moment}.")

TIME_NAME = re.compile(
    r"(^|[\s_.-])(date|dates|datetime|time|timestamp|timestamps|created|updated|modified|ts|epoch|unix|unixtime|at|when"
    r"|dt|datum|zeit|fecha|hora|heure|month|period|yearmonth|ym|yyyymm|day|monat|mois|mes|started|ended|since)([\s_.-]|\d*$)"
    r"|(?-i:(Date|Time|At|Timestamp|Month|Day|TS)$)|^(date|time|timestamp)|(date|timestamp)$|日期|时间|日$|年月|月份",
    re.IGNORECASE,
)
_SERIAL_NAME = re.compile(r"(^|[\s_.-])(date|datum|fecha|dt)([\s_.-]|$)|(?-i:Date)|(date)$|日期", re.IGNORECASE)
_DIGITS = {8: ("%Y%m%d", Subkind.DAY), 14: ("%Y%m%d%H%M%S", Subkind.DATE_TIME), 6: ("%Y%m", Subkind.YEAR_MONTH)}
_FIRST, _LAST = 315_532_800, 2_208_988_800  # 1980 and 2040, in seconds since 1970
_LONGEST = 15 * 31_557_600  # seconds: tables of moments seldom span more years, amounts from 1 to 2 billion do
_FIRST_DAY, _LAST_DAY = 29_000, 52_000  # 1979 and 2042, in days since 1900
_UNITS = {"epoch_s": "seconds", "epoch_ms": "milliseconds", "epoch_us": "microseconds", "epoch_ns": "nanoseconds"}
_FEWEST = 3
_MANY = 20
_SAMPLE = 2000


def judge_number_dates(levels: Levels, numbers: NDArray[np.float64]) -> Verdict | None:
    """Judge a column of plain numbers; None when they are no dates."""
    named = bool(TIME_NAME.search(levels.name))
    if levels.n == 1 and levels.n_filled == levels.n_rows:
        return None
    if levels.n < (1 if named else _FEWEST) or (ID_NAME.search(levels.name) and not named):
        return None
    low, high = float(numbers.min()), float(numbers.max())
    return (
        _digits(levels, low, high, named=named) or _epoch(levels, low, high, named=named) or _serial(levels, low, high)
    )


def _digits(levels: Levels, low: float, high: float, *, named: bool) -> Verdict | None:
    n_digits = len(levels.texts.iloc[0])
    if n_digits not in _DIGITS:
        return None
    form, subkind = _DIGITS[n_digits]
    scale = 10.0 ** (n_digits - 4)
    if not (1900 * scale < low and high < 2101 * scale and levels.texts.str.fullmatch(f"[0-9]{{{n_digits}}}").all()):
        return None
    if n_digits == 6 and not (1980 * scale < low and high < 2041 * scale and (named or levels.n >= 12)):
        return None
    if not are_dates(levels.texts, [form]).all():
        return None
    probability = 0.97 if named else 0.85 if levels.n >= _MANY else 0.6
    return Verdict(
        kind=Kind.DATE,
        subkind=subkind,
        reason=DIGIT_DATES(example=levels.example),
        probability=probability,
        rules=ReadingRules(missing=MISSING_AMONG_NUMBERS),
        date_formats=(form,),
        levels=levels,
    )


def _epoch(levels: Levels, low: float, high: float, *, named: bool) -> Verdict | None:
    unit = next((unit for unit, size in EPOCHS.items() if _FIRST * size <= low and high < _LAST * size), None)
    if unit is None or levels.texts.iloc[:_SAMPLE].str.startswith("0").any():
        return None
    # Where the name is silent these are numbers like any other, unless they lie as near together as moments do.
    if not named and (levels.n < _MANY or high - low > _LONGEST * EPOCHS[unit]):
        return None
    probability = 0.95 if named else 0.6
    rules = ReadingRules(missing=MISSING_AMONG_NUMBERS, moments=(unit,))
    return _moments(levels, rules, Subkind.EPOCH, probability, unit)


def _serial(levels: Levels, low: float, high: float) -> Verdict | None:
    if not (low >= _FIRST_DAY and high < _LAST_DAY and _SERIAL_NAME.search(levels.name) and levels.n >= _FEWEST):
        return None
    whole = not levels.texts.iloc[:_SAMPLE].str.contains(".", regex=False).any()
    rules = ReadingRules(missing=MISSING_AMONG_NUMBERS, moments=(EXCEL,))
    return _moments(levels, rules, Subkind.DAY if whole else Subkind.DATE_TIME, 0.85, "")


def _moments(levels: Levels, rules: ReadingRules, subkind: Subkind, probability: float, unit: str) -> Verdict | None:
    read = date_texts(levels.texts.iloc[:_SAMPLE], (MOMENT,), rules)
    if read.isna().any():
        return None
    told = {"example": levels.example, "moment": str(read.iloc[0])}
    return Verdict(
        kind=Kind.DATE,
        subkind=subkind,
        reason=EPOCH(unit=_UNITS[unit], **told) if unit else SERIAL(**told),
        probability=probability,
        rules=rules,
        date_formats=(MOMENT,),
        levels=levels,
    )
