"""Checks whether dates of one column stop long before those of the others: then something was no longer recorded."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.checks.cells import spread_rows
from engine.checks.check import Case, Check, Finding, Severity, leave_out
from engine.messages import phrase
from engine.table.dates import SECONDS_PER_DAY, days_since_1970
from engine.table.schema import Role

ENDS_EARLY = phrase(
    "dates_end_early",
    "The dates of {column} stop at {end}, but those of {other} go on until {later}.",
    "Check whether {column} was still recorded in the later rows.",
    "For rows to come it may be unknown or old, and a model that relies on it gets worse.",
)

_MOST_ROWS = 20_000
_LEAST_FILLED = 100
_GAP = 0.25
_EARLIER_START = 0.1


@dataclass(frozen=True, kw_only=True)
class _Span:
    """From when to when nearly all dates of a column lie, in days since 1970."""

    name: str
    start: float
    end: float


def _look(case: Case) -> tuple[Finding, ...]:
    spans = _spans(case)
    if len(spans) < 2:
        return ()
    latest = max(spans, key=lambda span: span.end)
    found = []
    for span in spans:
        length = latest.end - min(span.start, latest.start)
        beside = abs(span.start - latest.start) <= _EARLIER_START * length  # else it is about another time altogether
        if span is latest or not beside or latest.end - span.end < _GAP * length:
            continue
        message = ENDS_EARLY(column=span.name, end=_day(span.end), other=latest.name, later=_day(latest.end))
        found.append(
            Finding(
                severity=Severity.PLEASE_LOOK,
                message=message,
                columns=(span.name, latest.name),
                remedies=(leave_out([span.name]),),
            )
        )
    return tuple(found)


def _spans(case: Case) -> list[_Span]:
    rows = spread_rows(case.dataset.n_rows, _MOST_ROWS)
    spans = []
    for column in case.dataset.schema.columns:
        if not column.tells_days or not column.date_formats or column.role not in {Role.FEATURE, Role.TIME}:
            continue
        days = days_since_1970(case.dataset.frame[column.name].iloc[rows], column.date_formats)
        days = days[~np.isnan(days)]
        if len(days) >= _LEAST_FILLED:
            start, end = np.quantile(days, [0.005, 0.995])
            spans.append(_Span(name=column.name, start=float(start), end=float(end)))
    return spans


def _day(days: float) -> str:
    return str(pd.Timestamp(round(days) * SECONDS_PER_DAY, unit="s").date())


DATE_RANGES = Check(key="date_ranges", title="Dates that stop early", look=_look)
