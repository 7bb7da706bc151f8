"""Scaled numbers, and beside them how far each has come through each bin: lets linear models bend.

The bins hold equal parts of the training rows. A bin's value is 0 below it, 1 above it and rises evenly inside, so that
neighbours join without a step.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Var

from engine.features.numbers import LARGEST, numbers_of
from engine.features.numbers_scaled import NUMBERS_SCALED, ScaledState
from engine.features.step import Answers, FeatureColumn, FeatureStep, Parameters
from engine.graph.columns import ColumnReader
from engine.graph.constants import single
from engine.table.schema import ColumnSchema, Kind

Floats = NDArray[np.float64]

LEAST_ROWS = 100  # in a bin: with fewer, bins lose among few rows
MOST_BINS = 300  # of all columns: more make linear models slower than trees, and hardly better
MAX_CELLS = 30_000_000  # of the table of bins: 120 MB in float32


@dataclass(frozen=True, kw_only=True)
class BinsState:
    """The scaled numbers, and for each column the limits of its bins in rising order."""

    scaled: ScaledState
    limits: tuple[Floats, ...]


def _fit(frame: pd.DataFrame, columns: tuple[ColumnSchema, ...], parameters: Parameters, answers: Answers) -> BinsState:
    most = max(2, min(MAX_CELLS // max(1, len(frame)), MOST_BINS) // max(1, len(columns)))
    n_bins = min(int(parameters.get("n_bins", 20)), most, max(2, len(frame) // LEAST_ROWS))
    limits = tuple(_limits(cells, n_bins) for cells in numbers_of(frame, columns).T)
    return BinsState(scaled=NUMBERS_SCALED.fit(frame, columns, {}, answers), limits=limits)


def _limits(values: Floats, n_bins: int) -> Floats:
    """Return the limits of bins with equal parts of the values; fewer bins where values are alike."""
    known = np.sort(values[np.abs(values) < LARGEST])  # nor is anything missing among these
    if not len(known):
        return np.zeros(0)
    limits = np.unique(known[np.linspace(0, len(known) - 1, n_bins + 1).round().astype(np.int64)])
    return np.asarray(limits[np.append(True, np.diff(limits) > 1 / LARGEST)])  # widths must fit into float32


def _outputs(state: BinsState) -> tuple[FeatureColumn, ...]:
    bins = tuple(
        FeatureColumn(f"{name} from {low:.15g} to {high:.15g}", (name,))
        for name, limits in zip(state.scaled.names, state.limits, strict=True)
        for low, high in pairwise(limits)
    )
    return NUMBERS_SCALED.outputs(state.scaled) + bins


def _graph(state: BinsState, reader: ColumnReader) -> Var:
    scaled = NUMBERS_SCALED.graph(state.scaled, reader)
    sizes = [max(0, len(limits) - 1) for limits in state.limits]
    if not sum(sizes):
        return scaled
    low = np.concatenate([limits[:-1] for limits in state.limits])[None, :]
    width = np.concatenate([np.diff(limits) for limits in state.limits])[None, :]
    first = np.array([[limits[0] if len(limits) else 0.0 for limits in state.limits]])
    numbers = reader.numbers(state.scaled.names)
    known = op.where(op.isnan(numbers), op.const(first), numbers)  # what is missing has come through no bin
    repeated = op.gather(known, op.const(np.repeat(np.arange(len(sizes)), sizes)), axis=1)
    come = op.cast(op.sub(repeated, op.const(low)), to=np.float32)
    bins = op.clip(op.div(come, op.const(width.astype(np.float32))), single(0.0), single(1.0))
    return op.concat([scaled, bins], axis=1)


NUMBER_BINS = FeatureStep(
    key="number_bins",
    complete=True,
    title="Scaled numbers in bins",
    kinds=frozenset({Kind.NUMBER, Kind.NUMBER_WITH_UNIT}),
    rising=True,
    fit=_fit,
    outputs=_outputs,
    graph=_graph,
    offers={"coarse": {"n_bins": 5}, "fine": {"n_bins": 20}},
    offered=lambda shape: shape.n_numbers > 0 and shape.n_rows >= 500,
    stands_for=frozenset({"numbers_scaled"}),
)
