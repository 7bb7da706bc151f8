"""What dates say beside the calendar numbers: season, ends of months, weekends, time of day, days between two dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Var

from engine.features.dates import days_of, readable
from engine.features.numbers import medians_of
from engine.features.numbers_scaled import filled, scales_of, smooth_clip
from engine.features.step import Answers, FeatureColumn, FeatureStep, Parameters
from engine.graph.calendar import FIELDS, field_of
from engine.graph.columns import ColumnReader
from engine.graph.constants import double, places
from engine.graph.days import length_of_month, place_of_month
from engine.table.schema import ColumnSchema, Kind

Floats = NDArray[np.float64]

MOST_PAIRS = 15
DAYS, MINUTES = 366, 24 * 60
# What stands for a missing date in the tables below: a line for it, and no day of no month.
MISSING = {"year": 0.0, "month": 0.0, "day": 0.0, "weekday": 7.0, "day_of_year": 0.0}
_PARTS = (
    "week",
    "time of the year sine",
    "time of the year cosine",
    "quarter",
    "is a weekend",
    "is the start of a month",
    "time of the month sine",
    "time of the month cosine",
    "is the end of a month",
)
_CLOCK = ("time of the day sine", "time of the day cosine")


@dataclass(frozen=True, kw_only=True)
class PartsState:
    """The columns with different days, those with different times of day, and pairs of either.

    `medians`, `scales`: of the days between the two of a pair.
    """

    dated: tuple[str, ...]
    timed: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    medians: Floats
    scales: Floats


def _fit(
    frame: pd.DataFrame, columns: tuple[ColumnSchema, ...], _parameters: Parameters, _answers: Answers
) -> PartsState | None:
    usable = readable(columns)
    if not usable:
        return None
    days = dict(zip((column.name for column in usable), days_of(frame, usable).T, strict=True))
    dated = tuple(name for name, own in days.items() if _differ(np.floor(own)))
    timed = tuple(name for name, own in days.items() if _differ(own % 1.0))
    if not dated and not timed:
        return None
    # A time of day alone is kept as one of 1970-01-01: nothing lies between it and a date.
    only_timed = tuple(name for name in timed if name not in dated)
    pairs = (*combinations(dated, 2), *combinations(only_timed, 2))[:MOST_PAIRS]
    between = np.column_stack([days[second] - days[first] for first, second in pairs] or [np.zeros(1)])
    return PartsState(dated=dated, timed=timed, pairs=pairs, medians=medians_of(between), scales=scales_of(between))


def _differ(values: Floats) -> bool:
    return len(np.unique(values[~np.isnan(values)])) > 1


def _outputs(state: PartsState) -> tuple[FeatureColumn, ...]:
    made = [FeatureColumn(f"{name} {part}", (name,)) for name in state.dated for part in _PARTS]
    made += [FeatureColumn(f"{name} {part}", (name,)) for name in state.timed for part in _CLOCK]
    made += [FeatureColumn(f"days from {first} to {second}", (first, second)) for first, second in state.pairs]
    return tuple(made)


def _graph(state: PartsState, reader: ColumnReader) -> Var:
    blocks = []
    for name in state.dated:
        year, month, day, weekday, day_of_year = _dated(reader.dates(name))
        blocks += [
            _told(day_of_year, _days_of_a_year()),
            _told(month, _quarters()),
            _told(weekday, _weekdays()),
            _told(day, _days_of_a_month()),
            op.cast(op.equal(day, length_of_month(place_of_month(year, month))), to=np.float32),
        ]
    for name in state.timed:
        days = field_of(reader.dates(name), "days")
        minute = op.round(op.mul(op.sub(days, op.floor(days)), double(MINUTES)))
        known = op.where(op.isnan(days), double(MINUTES + 1), minute)
        blocks.append(_told(op.cast(known, to=np.int64), _minutes_of_a_day()))
    if state.pairs:
        blocks.append(_between(state, reader))
    return op.concat(blocks, axis=1)


def _between(state: PartsState, reader: ColumnReader) -> Var:
    days = {name: field_of(reader.dates(name), "days") for pair in state.pairs for name in pair}
    differences = op.concat([op.sub(days[second], days[first]) for first, second in state.pairs], axis=1)
    scaled = op.div(op.sub(differences, op.const(state.medians[None, :])), op.const(state.scales[None, :]))
    return smooth_clip(filled(op.cast(scaled, to=np.float32)))


def _dated(fields: Var) -> Sequence[Var]:
    """Return what `MISSING` names as whole numbers, each [N, 1]."""
    own = op.gather(fields, op.const(np.array([FIELDS.index(field) for field in MISSING])), axis=1)
    known = op.where(op.isnan(own), op.const(np.array([list(MISSING.values())])), own)
    parts: Sequence[Var] = op.split(op.cast(known, to=np.int64), num_outputs=len(MISSING), axis=1)
    return parts


def _told(rows: Var, table: Floats) -> Var:
    """Look whole numbers [N, 1] up in a table: exact on every machine."""
    found = op.gather(op.const(table.astype(np.float32)), rows)
    return op.squeeze(found, places(1))


def _circle(n_places: int) -> Floats:
    angles = 2 * np.pi * np.arange(n_places) / n_places
    return np.column_stack([np.sin(angles), np.cos(angles)])


def _days_of_a_year() -> Floats:
    """Return week and place on the circle by day of the year; the first line is for missing, as in the others."""
    week = np.arange(DAYS)[:, None] // 7 / 52
    return np.vstack([np.zeros(3), np.column_stack([week, _circle(DAYS)])])


def _quarters() -> Floats:
    return np.vstack([0.0, np.arange(12)[:, None] // 3 / 3])


def _weekdays() -> Floats:
    """Return 1 for Saturday and Sunday, 0 for the others and, at the end, for missing."""
    return np.array([[0.0], [0.0], [0.0], [0.0], [0.0], [1.0], [1.0], [0.0]])


def _days_of_a_month() -> Floats:
    first = np.arange(31)[:, None] == 0
    return np.vstack([np.zeros(3), np.column_stack([first, _circle(31)])])


def _minutes_of_a_day() -> Floats:
    """Return the place on the circle; the last minute may round up to midnight, and the last line is for missing."""
    circle = _circle(MINUTES)
    return np.vstack([circle, circle[:1], np.zeros(2)])


DATE_PARTS = FeatureStep(
    key="date_parts",
    complete=True,
    title="Season, weekend, ends of months and days between dates",
    kinds=frozenset({Kind.DATE}),
    fit=_fit,
    outputs=_outputs,
    graph=_graph,
    offers={"all": {}},
    offered=lambda shape: shape.n_dates > 0,
)
