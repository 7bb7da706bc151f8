"""Checks for a few numbers or dates far away from all others, which are often slips of the pen."""

import numpy as np
import pandas as pd

from engine.checks.check import Case, Check, Finding, Severity
from engine.checks.disguised import count_dates_as_missing, odd_dates, stand_ins
from engine.checks.remedies import keep_within
from engine.checks.sample import Floats, Rows, distinct_numbers, shown_number
from engine.column_choice import ColumnChoice
from engine.messages import Message, listed, phrase
from engine.table.dates import dates_of
from engine.table.schema import ColumnSchema, Kind

OUTLIERS = phrase(
    "outliers",
    "A few values far away from all others: {columns}.",
    "Correct them in the file, or count them as missing, if they cannot be right.",
    "Averages and linear models follow these few rows, and so does the scale of every picture.",
)
OUTLIERS_SHOWN = phrase(
    "outliers_shown", "{column}: {values} (row {rows}); the other {n} values lie from {low} to {high}."
)
FAR_DATES = phrase(
    "far_dates",
    "A few dates decades away from all others: {columns}.",
    "Correct them in the file, or count them as missing, if they cannot be right.",
    "The years between are stretched over nothing, and the model learns from these few rows.",
)
FAR_DATES_SHOWN = phrase("far_dates_shown", "{column}: {values}; the other dates lie from {low} to {high}.")

_LEAST_ROWS = 50
_MOST_ENDS = 50
_FEW_SHARE = 0.001
_FEW = 3
_DETACHED = 3.0
_BEYOND_BOX = 5.0
_LEAST_DISTINCT = 5
_YEARS_AWAY = 20
_FEW_DATES = 0.01


def outliers(numbers: Floats, drawn: Floats) -> tuple[float | None, float | None]:
    """Return limits beyond which only a few, detached numbers lie; None where there are none on that side.

    `drawn`: some of the numbers, to judge by how most of them lie.

    >>> lengths = np.array([float(length) for length in range(100, 200)] + [9000.0])
    >>> outliers(lengths, lengths)
    (None, 4600.0)
    """
    numbers, drawn = numbers[np.isfinite(numbers)], drawn[np.isfinite(drawn)]
    if len(numbers) < _LEAST_ROWS or not len(drawn):
        return None, None
    quarter, middle, three = np.quantile(drawn, [0.25, 0.5, 0.75])
    box = three - quarter
    if box == 0:  # most rows say the same: the others show how far values reach
        rest = drawn[drawn != middle]
        box = float(np.quantile(np.abs(rest - middle), 0.75)) if len(rest) >= _LEAST_ROWS else np.inf
    most = min(_MOST_ENDS, max(_FEW, int(len(numbers) * _FEW_SHARE)))
    above = _cut(numbers - middle, most, float(three - middle + _BEYOND_BOX * box))
    below = _cut(middle - numbers, most, float(middle - quarter + _BEYOND_BOX * box))
    return (
        None if below is None else _rounded(float(middle) - below[1], float(middle) - below[0]),
        None if above is None else _rounded(float(middle) + above[0], float(middle) + above[1]),
    )


def _cut(distances: Floats, most: int, fence: float) -> tuple[float, float] | None:
    """Return the gap beyond which at most so many numbers lie, three times as far from the middle as all others."""
    if distances.max() <= fence:
        return None
    n = min(most + 1, len(distances))
    top = np.sort(np.partition(distances, len(distances) - n)[-n:])
    if len(np.unique(top)) == 1:
        return None
    for inner, outer in zip(top[-2::-1], top[:0:-1], strict=True):
        if outer <= fence:
            return None
        if outer >= _DETACHED * max(inner, 0.0) and inner < outer:
            return float(max(inner, 0.0)), float(outer)
    return None


def _rounded(low: float, high: float) -> float:
    """Return a short number near the middle of a gap."""
    middle = (low + high) / 2
    for digits in range(2, 17):
        short = float(f"{middle:.{digits}g}")
        if low < short < high:
            return short
    return middle


def _look_at_numbers(case: Case) -> tuple[Finding, ...]:
    limits: dict[str, ColumnChoice] = {}
    evidence = []
    for column in case.features:
        if not column.kind.is_number:
            continue
        found = _limits(case, column)
        if found is not None:
            limits[column.name], shown = found
            evidence.append(shown)
    if not limits:
        return ()
    return (
        Finding(
            severity=Severity.PLEASE_LOOK,
            message=OUTLIERS(columns=listed(list(limits))),
            columns=tuple(limits),
            evidence=tuple(evidence),
            remedies=keep_within(limits),
        ),
    )


def _limits(case: Case, column: ColumnSchema) -> tuple[ColumnChoice, Message] | None:
    numbers, drawn = case.sample.all_numbers(column), case.sample.numbers(column)
    # What stands for "no value" is found by another check; beside it others may still be far away.
    made_up = [value for value, _n, far in stand_ins(drawn) if far]
    if made_up:
        numbers = np.where(np.isin(numbers, made_up), np.nan, numbers)
        drawn = np.where(np.isin(drawn, made_up), np.nan, drawn)
    low, high = outliers(numbers, drawn)
    if low is None and high is None:
        return None
    if len(distinct_numbers(drawn)[0]) < _LEAST_DISTINCT:
        return None
    beyond = np.zeros(len(numbers), bool)
    if low is not None:
        beyond |= numbers < low
    if high is not None:
        beyond |= numbers > high
    rows: Rows = np.flatnonzero(beyond)
    inside = numbers[~beyond & np.isfinite(numbers)]
    shown = OUTLIERS_SHOWN(
        column=column.name,
        values=listed([shown_number(float(numbers[row])) for row in rows]),
        rows=listed([str(row) for row in case.sample.row_numbers(column, rows)]),
        n=len(inside),
        low=shown_number(float(inside.min())),
        high=shown_number(float(inside.max())),
    )
    return ColumnChoice(lowest=low, highest=high), shown


def _look_at_dates(case: Case) -> tuple[Finding, ...]:
    values: dict[str, list[str]] = {}
    evidence = []
    for column in case.features:
        if column.kind is not Kind.DATE or not column.date_formats:
            continue
        levels = case.sample.levels(column.name)
        levels = levels.drop(odd_dates(levels, column))
        far, low, high = far_dates(levels, column)
        if far:
            values[column.name] = far
            evidence.append(FAR_DATES_SHOWN(column=column.name, values=listed(far), low=low, high=high))
    if not values:
        return ()
    return (
        Finding(
            severity=Severity.PLEASE_LOOK,
            message=FAR_DATES(columns=listed(list(values))),
            columns=tuple(values),
            evidence=tuple(evidence),
            remedies=count_dates_as_missing(case, values),
        ),
    )


def far_dates(levels: pd.Series, column: ColumnSchema) -> tuple[list[str], str, str]:
    """Return cells of the few dates that lie decades away from the others, and the first and last of the others."""
    texts = pd.Series(levels.index, dtype="str")
    dates = dates_of(texts, column.date_formats)
    known = dates.notna().to_numpy()
    if known.sum() < _LEAST_DISTINCT:
        return [], "", ""
    years = (dates.dt.year + dates.dt.day_of_year / 366).to_numpy(np.float64)
    order = np.argsort(years[known], kind="stable")
    counts = levels.to_numpy()[known][order]
    sorted_years = years[known][order]
    before = np.cumsum(counts) / counts.sum()
    # The gap may be on either side, where hardly any row lies beyond.
    gaps = np.diff(sorted_years)
    early = [at for at in range(len(gaps)) if before[at] <= _FEW_DATES]
    late = [at for at in range(len(gaps)) if 1 - before[at] <= _FEW_DATES]
    span = max(_YEARS_AWAY, float(np.subtract(*np.interp([0.98, 0.02], before, sorted_years))) / 2)
    first = max((at + 1 for at in early if gaps[at] >= span), default=0)
    last = min((at for at in late if gaps[at] >= span), default=len(gaps))
    names = texts[known].to_numpy()[order]
    far = [str(name) for name in (*names[:first], *names[last + 1 :])]
    return far, str(names[first]), str(names[last])


NUMBERS = Check(key="outliers", title="Numbers far away from all others", look=_look_at_numbers)
DATES = Check(key="far_dates", title="Dates far away from all others", look=_look_at_dates)
