"""Numbers for linear models: robust scale, smooth clip, missing filled with the median and flagged.

The smooth clip z / sqrt(1 + (z / 3)^2) is that of Holzmüller et al. 2024, "Better by default" (arXiv:2407.04491).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Var

from engine.features.numbers import medians_of, numbers_of, shifted
from engine.features.step import Answers, FeatureColumn, FeatureStep, Parameters
from engine.graph.columns import ColumnReader
from engine.graph.constants import single
from engine.table.schema import ColumnSchema, Kind

CLIP = 3.0


@dataclass(frozen=True)
class ScaledState:
    """Medians and scales of the columns, and which of them had missing cells."""

    names: tuple[str, ...]
    medians: NDArray[np.float64]
    scales: NDArray[np.float64]
    flagged: tuple[str, ...]


def scales_of(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the interquartile range of each column; where it is 0 the standard deviation; where that is 0, one."""
    filled = np.where(np.isnan(values).all(axis=0, keepdims=True), 0.0, values)
    low, high = np.nanquantile(filled, (0.25, 0.75), axis=0)
    spread = high - low
    deviation = np.nanstd(np.clip(filled, -1e100, 1e100), axis=0)
    scale = np.where(spread > 0, spread, deviation)
    return np.asarray(np.where((scale > 1e-30) & (scale < 1e30), scale, 1.0))


def smooth_clip(z: Var) -> Var:
    """Squash a float32 variable into (-CLIP, CLIP), nearly unchanged around 0."""
    ratio = op.div(op.clip(z, single(-1e6), single(1e6)), single(CLIP))
    return op.div(op.mul(ratio, single(CLIP)), op.sqrt(op.add(op.mul(ratio, ratio), single(1.0))))


def filled(z: Var) -> Var:
    """Put 0 where a float32 variable is NaN."""
    return op.where(op.isnan(z), single(0.0), z)


def _fit(
    frame: pd.DataFrame, columns: tuple[ColumnSchema, ...], _parameters: Parameters, _answers: Answers
) -> ScaledState:
    values = numbers_of(frame, columns)
    names = tuple(column.name for column in columns)
    flagged = tuple(name for name, cells in zip(names, values.T, strict=True) if np.isnan(cells).any())
    return ScaledState(names, medians_of(values), scales_of(values), flagged)


def _outputs(state: ScaledState) -> tuple[FeatureColumn, ...]:
    values = tuple(FeatureColumn(name, (name,)) for name in state.names)
    return values + tuple(FeatureColumn(f"{name} is missing", (name,)) for name in state.flagged)


def _graph(state: ScaledState, reader: ColumnReader) -> Var:
    moved = shifted(state.names, state.medians, reader)
    scale = op.const(state.scales[None, :].astype(np.float32))
    values = smooth_clip(filled(op.div(moved, scale)))
    if not state.flagged:
        return values
    missing = op.cast(op.isnan(reader.numbers(state.flagged)), to=np.float32)
    return op.concat([values, missing], axis=1)


NUMBERS_SCALED = FeatureStep(
    key="numbers_scaled",
    complete=True,
    title="Scaled numbers with missing flags",
    kinds=frozenset({Kind.NUMBER, Kind.NUMBER_WITH_UNIT}),
    rising=True,
    fit=_fit,
    outputs=_outputs,
    graph=_graph,
)
