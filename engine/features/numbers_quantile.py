"""Numbers by their rank among the training rows, as a standard normal value: for linear models and networks.

Between landmarks it is a straight line, beyond the smallest and largest it is level. Missing is 0, with a flag.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Var

from engine.features.numbers import numbers_of
from engine.features.step import Answers, FeatureColumn, FeatureStep, Parameters
from engine.graph.columns import ColumnReader
from engine.graph.intervals import interval_index
from engine.table.schema import ColumnSchema, Kind

Floats = NDArray[np.float64]

N_LANDMARKS = 200
CLOSEST = 1e-300  # landmarks that a line is drawn between


@dataclass(frozen=True, kw_only=True)
class QuantileState:
    """For each column its landmarks (rising values) and the normal value of each; and which had missing cells."""

    names: tuple[str, ...]
    values: tuple[Floats, ...]
    scores: tuple[Floats, ...]
    flagged: tuple[str, ...]


def landmarks(values: Floats, n_landmarks: int) -> tuple[Floats, Floats]:
    """Return landmarks of a column and their normal values, by the middle of their ranks.

    >>> values, scores = landmarks(np.array([3.0, 1.0, np.nan, 2.0, 2.0]), 200)
    >>> values.tolist(), scores.round(2).tolist()
    ([1.0, 2.0, 3.0], [-1.15, 0.0, 1.15])
    """
    known = np.sort(values[~np.isnan(values)])
    if not len(known):
        return np.zeros(1), np.zeros(1)
    chosen = np.unique(known[np.linspace(0, len(known) - 1, n_landmarks).round().astype(np.int64)])
    ranks = np.searchsorted(known, chosen, "left") + np.searchsorted(known, chosen, "right")
    normal = NormalDist()
    return chosen, np.array([normal.inv_cdf(float(rank)) for rank in ranks / (2 * len(known))])


def _fit(
    frame: pd.DataFrame, columns: tuple[ColumnSchema, ...], parameters: Parameters, _answers: Answers
) -> QuantileState:
    values = numbers_of(frame, columns)
    names = tuple(column.name for column in columns)
    found = [landmarks(cells, parameters.get("n_landmarks", N_LANDMARKS)) for cells in values.T]
    return QuantileState(
        names=names,
        values=tuple(chosen for chosen, _ in found),
        scores=tuple(scores for _, scores in found),
        flagged=tuple(name for name, cells in zip(names, values.T, strict=True) if np.isnan(cells).any()),
    )


def _outputs(state: QuantileState) -> tuple[FeatureColumn, ...]:
    values = tuple(FeatureColumn(f"rank of {name}", (name,)) for name in state.names)
    return values + tuple(FeatureColumn(f"{name} is missing", (name,)) for name in state.flagged)


def _graph(state: QuantileState, reader: ColumnReader) -> Var:
    numbers = reader.numbers(state.names)
    lowest = op.const(np.array([[values[0] for values in state.values]]))
    highest = op.const(np.array([[values[-1] for values in state.values]]))
    missing = op.isnan(numbers)
    inside = op.max([op.min([op.where(missing, lowest, numbers), highest]), lowest])
    sizes = [len(values) for values in state.values]
    places = op.add(interval_index(inside, state.values), op.const(np.cumsum([0, *sizes[:-1]])[None, :]))
    starts, scores, slopes = (op.gather(op.const(table), places) for table in _lines(state))
    line = op.add(scores, op.mul(slopes, op.sub(inside, starts)))
    values = op.cast(op.where(missing, op.const(0.0), line), to=np.float32)
    if not state.flagged:
        return values
    flags = op.cast(op.isnan(reader.numbers(state.flagged)), to=np.float32)
    return op.concat([values, flags], axis=1)


def _lines(state: QuantileState) -> tuple[Floats, Floats, Floats]:
    """Return where the line of each interval starts, its value there and its slope, all columns behind each other.

    Interval i of a column lies below its landmark i; what lies above the last landmark has been cut off.
    """
    starts = [np.append(values[:1], values[:-1]) for values in state.values]
    firsts = [np.append(scores[:1], scores[:-1]) for scores in state.scores]
    slopes = [np.append(0.0, _slopes(*each)) for each in zip(state.values, state.scores, strict=True)]
    return np.concatenate(starts), np.concatenate(firsts), np.concatenate(slopes)


def _slopes(values: Floats, scores: Floats) -> Floats:
    """Return the slopes between landmarks; level where two are so close that a slope would be infinite."""
    gaps = np.diff(values)
    return np.divide(np.diff(scores), gaps, out=np.zeros_like(gaps), where=gaps > CLOSEST)


NUMBERS_QUANTILE = FeatureStep(
    key="numbers_quantile",
    complete=True,
    title="Numbers by rank, with missing flags",
    kinds=frozenset({Kind.NUMBER, Kind.NUMBER_WITH_UNIT}),
    rising=True,
    fit=_fit,
    outputs=_outputs,
    graph=_graph,
    offers={"normal": {}},
    offered=lambda shape: shape.n_numbers > 0,
    stands_for=frozenset({"numbers_scaled"}),
)
