"""Dates as calendar numbers, for trees: the day count (shifted), year, month, day, weekday, day of the year, hour."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Var

from engine.features.numbers import medians_of
from engine.features.step import Answers, FeatureColumn, FeatureStep, Parameters
from engine.graph.calendar import FIELDS, supports
from engine.graph.columns import ColumnReader
from engine.table.dates import days_since_1970
from engine.table.schema import ColumnSchema, Kind


@dataclass(frozen=True)
class DatesState:
    """The columns, and the median day count of each."""

    names: tuple[str, ...]
    median_days: NDArray[np.float64]


def readable(columns: tuple[ColumnSchema, ...]) -> tuple[ColumnSchema, ...]:
    """Return the date columns whose formats a graph can read."""
    return tuple(c for c in columns if c.date_formats and all(supports(form) for form in c.date_formats))


def days_of(frame: pd.DataFrame, columns: tuple[ColumnSchema, ...]) -> NDArray[np.float64]:
    """Return the day counts since 1970-01-01 [N, C]; NaN where there is no date. Used for fitting only."""
    return np.column_stack([days_since_1970(frame[column.name], column.date_formats) for column in columns])


def _fit(
    frame: pd.DataFrame, columns: tuple[ColumnSchema, ...], _parameters: Parameters, _answers: Answers
) -> DatesState | None:
    usable = readable(columns)
    if not usable:
        return None
    return DatesState(tuple(column.name for column in usable), medians_of(days_of(frame, usable)))


def _outputs(state: DatesState) -> tuple[FeatureColumn, ...]:
    return tuple(FeatureColumn(f"{name} {field}", (name,)) for name in state.names for field in FIELDS)


def _graph(state: DatesState, reader: ColumnReader) -> Var:
    fields = [reader.dates(name) for name in state.names]
    shifts = np.zeros((1, len(FIELDS) * len(state.names)))
    shifts[0, :: len(FIELDS)] = state.median_days
    together = op.concat(fields, axis=1) if len(fields) > 1 else fields[0]
    return op.cast(op.sub(together, op.const(shifts)), to=np.float32)


DATES = FeatureStep(
    key="dates",
    title="Dates as calendar numbers",
    kinds=frozenset({Kind.DATE}),
    fit=_fit,
    outputs=_outputs,
    graph=_graph,
)
