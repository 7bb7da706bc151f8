"""Dates for linear models: the scaled day count, and month, weekday and hour as points on a circle."""

from dataclasses import dataclass

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
from engine.graph.looked_up import looked_up
from engine.table.schema import ColumnSchema, Kind

CYCLES = {"month": 12, "weekday": 7, "hour": 24}


@dataclass(frozen=True)
class ScaledDatesState:
    """The columns, with the median and scale of their day counts."""

    names: tuple[str, ...]
    medians: NDArray[np.float64]
    scales: NDArray[np.float64]


def _fit(
    frame: pd.DataFrame, columns: tuple[ColumnSchema, ...], _parameters: Parameters, _answers: Answers
) -> ScaledDatesState | None:
    usable = readable(columns)
    if not usable:
        return None
    days = days_of(frame, usable)
    return ScaledDatesState(tuple(column.name for column in usable), medians_of(days), scales_of(days))


def _outputs(state: ScaledDatesState) -> tuple[FeatureColumn, ...]:
    per_date = ("days", *(f"{field} {wave}" for field in CYCLES for wave in ("sine", "cosine")), "is missing")
    return tuple(FeatureColumn(f"{name} {part}", (name,)) for name in state.names for part in per_date)


def _graph(state: ScaledDatesState, reader: ColumnReader) -> Var:
    blocks = []
    for name, median, scale in zip(state.names, state.medians, state.scales, strict=True):
        fields = reader.dates(name)
        days = op.div(op.sub(field_of(fields, "days"), op.const(median)), op.const(scale))
        blocks.append(smooth_clip(filled(op.cast(days, to=np.float32))))
        blocks.append(_circles(fields))
        blocks.append(op.cast(op.isnan(field_of(fields, "days")), to=np.float32))
    return op.concat(blocks, axis=1)


def _circles(fields: Var) -> Var:
    """Return sine and cosine of each cycle [N, 2 * cycles], 0 where missing, from a table: exact on every machine."""
    tables = [_circle(length) for length in CYCLES.values()]
    missing = np.array([[len(table) - 1.0 for table in tables]])
    own = op.gather(fields, op.const(np.array([FIELDS.index(field) for field in CYCLES])), axis=1)
    known = op.cast(op.where(op.isnan(own), op.const(missing), own), to=np.int64)
    return looked_up(known, tables)


def _circle(length: int) -> NDArray[np.float32]:
    """Return the place on the circle of each number from 0 to `length`; the last line is for missing."""
    angles = 2 * np.pi * np.arange(length + 1) / length
    return np.vstack([np.column_stack([np.sin(angles), np.cos(angles)]), [0.0, 0.0]]).astype(np.float32)


DATES_SCALED = FeatureStep(
    key="dates_scaled",
    complete=True,
    title="Dates for linear models",
    kinds=frozenset({Kind.DATE}),
    fit=_fit,
    outputs=_outputs,
    graph=_graph,
)
