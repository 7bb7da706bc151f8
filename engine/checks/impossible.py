"""Checks for numbers that cannot be what the column's name says, where all others can."""

import re
from dataclasses import dataclass

import numpy as np

from engine.checks.check import Case, Check, Finding, Severity
from engine.checks.disguised import stand_ins
from engine.checks.remedies import keep_within
from engine.checks.sample import Floats, listed, number_text, shown_number
from engine.config import ColumnChoice
from engine.messages import Message, phrase
from engine.table.schema import ColumnSchema

IMPOSSIBLE = phrase(
    "impossible_values",
    "Values that seem impossible: {columns}.",
    "Correct them in the file, or count them as missing.",
    "The model learns from rows that are wrong, and takes such values for good ones when it predicts.",
)
IMPOSSIBLE_SHOWN = phrase(
    "impossible_values_shown", "{column}: {values} (row {rows}), although it should lie from {low} to {high}."
)
IMPOSSIBLE_BELOW_SHOWN = phrase(
    "impossible_below_shown", "{column}: {values} (row {rows}), although it should not be below {low}."
)

_FEW_SHARE = 0.01


@dataclass(frozen=True)
class Possible:
    """What a quantity can be, known by the words of a column's name."""

    words: frozenset[str]
    low: float
    high: float | None = None


def _said(words: str) -> frozenset[str]:
    return frozenset(words.split())


_POSSIBLE = (
    Possible(_said("age alter edad idade eta leeftijd ålder возраст 年龄 年齢"), 0, 120),
    Possible(_said("percent percentage pct prozent % humidity luftfeuchtigkeit 百分比 湿度"), 0, 100),
    Possible(_said("latitude lat breitengrad 纬度"), -90, 90),
    Possible(_said("longitude lon lng längengrad 经度"), -180, 180),
    Possible(_said("hour hr stunde hora heure 小时"), 0, 24),
    Possible(_said("minute 分钟"), 0, 60),
    Possible(_said("month mnth monat mes mois 月 月份"), 0, 12),
    Possible(_said("weekday wochentag"), 0, 7),
    Possible(_said("year yr jahr año ano année built 年 年份"), 1000, 2200),
    Possible(_said("ph"), 0, 14),
    Possible(_said("bmi"), 5, 200),
    Possible(
        _said(
            "price preis precio prix cost costs kosten quantity qty menge anzahl count number width height length "
            "depth weight gewicht breite höhe länge area fläche sqft size distance distanz duration dauer population "
            "salary income gehalt speed volume rooms bedrooms bathrooms bath beds floors children persons visits calls "
            "tenure rainfall snowfall mileage km 价格 数量 面积 重量 身高 体重 长度 收入 人数"
        ),
        0,
    ),
)
# Words beside which a quantity may well be negative, or is another quantity.
_OTHERWISE = _said(
    "change diff difference delta log ln norm normalized scaled std zscore score growth profit loss balance error "
    "residual deviation trend relative load utilization utilisation net index factor coefficient "
    "id code type group band class"
)


def possible_range(name: str) -> Possible | None:
    """Return what a column's name says its numbers can be; None where it says nothing.

    >>> possible_range("Age (years)").high, possible_range("delta_price"), possible_range("averageHour").high
    (120, None, 24)
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = {word.lower() for word in re.findall(r"[^\W\d_]+|%", spaced)}
    if words & _OTHERWISE:
        return None
    return next((possible for possible in _POSSIBLE if words & possible.words), None)


def _look(case: Case) -> tuple[Finding, ...]:
    limits: dict[str, ColumnChoice] = {}
    words: dict[str, str] = {}
    evidence: list[Message] = []
    for column in case.features:
        possible = possible_range(column.original_name) if column.kind.is_number else None
        if possible is None:
            continue
        shown = _beyond(case, column, possible)
        if shown is not None:
            limits[column.name] = ColumnChoice(lowest=possible.low, highest=possible.high)
            bounds = (possible.low,) if possible.high is None else (possible.low, possible.high)
            words[column.name] = " and ".join(number_text(bound) for bound in bounds)
            evidence.append(shown)
    if not limits:
        return ()
    return (
        Finding(
            severity=Severity.PLEASE_LOOK,
            message=IMPOSSIBLE(columns=listed(list(limits))),
            columns=tuple(limits),
            evidence=tuple(evidence),
            remedies=keep_within(limits, words),
        ),
    )


def _beyond(case: Case, column: ColumnSchema, possible: Possible) -> Message | None:
    """Show the values that cannot be; None where there are none, or so many that the name must mean another thing."""
    numbers: Floats = case.sample.all_numbers(column)
    highest = np.inf if possible.high is None else possible.high
    beyond = (numbers < possible.low) | (numbers > highest)
    if not beyond.any():
        return None
    made_up = [value for value, _n, far in stand_ins(case.sample.numbers(column)) if far]
    beyond &= ~np.isin(numbers, made_up)
    n_known = int(np.isfinite(numbers).sum())
    if not 0 < beyond.sum() <= max(1, _FEW_SHARE * n_known) or n_known < 2:
        return None
    rows = np.flatnonzero(beyond)
    values = listed(list(dict.fromkeys(shown_number(float(numbers[row])) for row in rows)))
    places = listed([str(row) for row in case.sample.row_numbers(column, rows)])
    if possible.high is None:
        return IMPOSSIBLE_BELOW_SHOWN(column=column.name, values=values, rows=places, low=number_text(possible.low))
    low, high = number_text(possible.low), number_text(possible.high)
    return IMPOSSIBLE_SHOWN(column=column.name, values=values, rows=places, low=low, high=high)


IMPOSSIBLE_VALUES = Check(key="impossible", title="Values that cannot be", look=_look)
