"""Whether a model is as good for late rows as for early ones, where a column says when each row came about."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.checks.cells import ordered_values
from engine.figures import figure
from engine.insight.quality.groups import written
from engine.insight.quality.shares import loss_of, of_100
from engine.insight.quality.slices import ranked
from engine.messages import Message, phrase
from engine.outcomes import Estimate
from engine.table.schema import ColumnSchema, Role, TableSchema

Floats = NDArray[np.float64]

MOST_PERIODS = 8
LEAST_ROWS = 30  # of a period
CHANCE = 0.01
MOSTLY_FILLED = 0.5

WRONG_MORE = phrase(
    "quality_wrong_more_with_time",
    "It gets worse along {column}: wrong in {first} of 100 rows until {until}, in {last} from {since} on.",
    "Train again with newer rows before relying on it for long.",
)
WRONG_LESS = phrase(
    "quality_wrong_less_with_time",
    "It gets better along {column}: wrong in {first} of 100 rows until {until}, in {last} from {since} on.",
)
OFF_MORE = phrase(
    "quality_off_more_with_time",
    "It gets worse along {column}: off by {first} on average until {until}, by {last} from {since} on.",
    "Train again with newer rows before relying on it for long.",
)
OFF_LESS = phrase(
    "quality_off_less_with_time",
    "It gets better along {column}: off by {first} on average until {until}, by {last} from {since} on.",
)
STEADY = phrase("quality_steady", "Along {column} it stays about as good: it varies no more than by chance.")


@dataclass(frozen=True, kw_only=True)
class Period:
    """Rows from one moment to another, and how wrong answers are in them."""

    start: str
    end: str
    n_rows: int
    loss: Estimate


@dataclass(frozen=True, kw_only=True)
class OverTime:
    """Periods of about equally many rows, the earliest first, by a column."""

    column: str
    periods: tuple[Period, ...]
    said: Message


def time_column(cells: pd.DataFrame, schema: TableSchema, skipped: frozenset[str] = frozenset()) -> ColumnSchema | None:
    """Return the column that says when a row came about: the one of the role time, else the best filled date."""
    usable = [
        column
        for column in schema.columns
        if column.name in cells
        and column.name not in skipped
        and ordered_values(cells[column.name], column) is not None
    ]
    times = [column for column in usable if column.role is Role.TIME]
    dates = [column for column in usable if column.tells_days and column.role is Role.FEATURE]
    filled = [(cells[column.name].notna().mean(), column) for column in [*times[:1], *dates]]
    good = [(share, column) for share, column in filled if share >= MOSTLY_FILLED]
    if not good:
        return None
    return times[0] if times and good[0][1] is times[0] else max(good, key=lambda pair: pair[0])[1]


def over_time(cells: pd.Series, column: ColumnSchema, losses: Floats, *, are_shares: bool) -> OverTime | None:
    """Return how wrong answers are period by period; None where there are too few rows or moments for two."""
    moments = ordered_values(cells, column)
    if moments is None:
        return None
    known = np.flatnonzero(np.isfinite(moments))
    moments, losses = moments[known], losses[known]
    n_periods = min(MOST_PERIODS, len(known) // LEAST_ROWS)
    edges = np.unique(np.quantile(moments, np.linspace(0, 1, n_periods + 1))) if n_periods >= 2 else np.zeros(0)
    if len(edges) < 3:
        return None
    place = np.clip(np.searchsorted(edges, moments, "right") - 1, 0, len(edges) - 2)
    periods = []
    for each in np.unique(place):
        rows = np.flatnonzero(place == each)
        start, end = (written(float(end), column) for end in (moments[rows].min(), moments[rows].max()))
        loss = loss_of(losses[rows], are_shares=are_shares)
        periods.append(Period(start=start, end=end, n_rows=len(rows), loss=loss))
    said = _said(column.name, periods, trend(moments, losses), are_shares=are_shares)
    return OverTime(column=column.name, periods=tuple(periods), said=said)


def trend(moments: Floats, losses: Floats) -> float:
    """Return in standard errors how much losses grow (above 0) or shrink with time, by their ranks.

    >>> round(trend(np.arange(101.0), np.arange(101.0)), 6), trend(np.arange(9.0), np.ones(9))
    (10.0, 0.0)
    """
    later, worse = ranked(moments), ranked(losses)
    if not later.std() or not worse.std():
        return 0.0
    return float(np.corrcoef(later, worse)[0, 1]) * math.sqrt(len(moments) - 1)


def _said(name: str, periods: Sequence[Period], z: float, *, are_shares: bool) -> Message:
    first, last = periods[0], periods[-1]
    grows = last.loss.value - first.loss.value
    if math.erfc(abs(z) / math.sqrt(2)) > CHANCE or z * grows <= 0:
        return STEADY(column=name)
    worse, better = (WRONG_MORE, WRONG_LESS) if are_shares else (OFF_MORE, OFF_LESS)
    write = of_100 if are_shares else figure
    facts = {"first": write(first.loss.value), "last": write(last.loss.value), "until": first.end, "since": last.start}
    return (worse if z > 0 else better)(column=name, **facts)
