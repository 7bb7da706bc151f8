"""Numbers as they are: shifted by the training median in double, clipped, then float32; missing stays NaN.

The shift keeps the fine structure of large numbers (ids, timestamps) that float32 alone would lose.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Var

from engine.features.step import Answers, FeatureColumn, FeatureStep, Parameters
from engine.graph.columns import ColumnReader
from engine.table.schema import Cells, ColumnSchema, Kind

LARGEST = 1e30  # well inside float32
HUGE = 1e300  # well inside float64


@dataclass(frozen=True)
class NumbersState:
    """The columns and their training medians (0 where a column has no number)."""

    names: tuple[str, ...]
    medians: NDArray[np.float64]


def numbers_of(frame: pd.DataFrame, columns: tuple[ColumnSchema, ...]) -> NDArray[np.float64]:
    """Return the canonical cells of number columns as doubles [N, C]; NaN where there is no finite number.

    Larger ones than 1e300 are cut off there: their sums and differences would be infinite.
    """
    names = [column.name for column in columns]
    if all(column.cells is Cells.NUMBER for column in columns):  # at once: of thousands each by itself takes a while
        values = frame[names].to_numpy(np.float64, na_value=np.nan)
    else:
        values = np.column_stack([pd.to_numeric(frame[name], errors="coerce").to_numpy(np.float64) for name in names])
    return np.where(np.isfinite(values), np.clip(values, -HUGE, HUGE), np.nan)


def medians_of(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the median of each column, 0 for a column without numbers."""
    filled = np.where(np.isnan(values).all(axis=0, keepdims=True), 0.0, values)
    return np.asarray(np.nanmedian(filled, axis=0))


def shifted(names: tuple[str, ...], medians: NDArray[np.float64], reader: ColumnReader) -> Var:
    """Return numbers less their medians, clipped, as float32 [N, C]."""
    difference = op.sub(reader.numbers(names), op.const(medians[None, :]))
    return op.cast(op.clip(difference, op.const(-LARGEST), op.const(LARGEST)), to=np.float32)


def _fit(
    frame: pd.DataFrame, columns: tuple[ColumnSchema, ...], _parameters: Parameters, _answers: Answers
) -> NumbersState:
    return NumbersState(tuple(column.name for column in columns), medians_of(numbers_of(frame, columns)))


def _outputs(state: NumbersState) -> tuple[FeatureColumn, ...]:
    return tuple(FeatureColumn(name, (name,)) for name in state.names)


def _graph(state: NumbersState, reader: ColumnReader) -> Var:
    return shifted(state.names, state.medians, reader)


NUMBERS = FeatureStep(
    key="numbers",
    title="Numbers",
    kinds=frozenset({Kind.NUMBER, Kind.NUMBER_WITH_UNIT}),
    rising=True,
    fit=_fit,
    outputs=_outputs,
    graph=_graph,
)
