"""Columns with two levels as -1 and +1; missing and unseen are 0."""

import numpy as np
import pandas as pd
import spox.opset.ai.onnx.v21 as op
from spox import Var

from engine.features.levels import LevelsState, levels_of
from engine.features.step import Answers, FeatureColumn, FeatureStep, Parameters
from engine.graph.columns import ColumnReader
from engine.table.schema import ColumnSchema, Kind


def _fit(
    frame: pd.DataFrame, columns: tuple[ColumnSchema, ...], _parameters: Parameters, _answers: Answers
) -> LevelsState | None:
    found = {}
    for column in columns:
        levels = sorted(set(levels_of(frame[column.name], column.cells)) - {""})
        if len(levels) == 2:  # with one level left in a fold there is nothing to tell apart
            found[column.name] = tuple(levels)
    return LevelsState(found) if found else None


def _outputs(state: LevelsState) -> tuple[FeatureColumn, ...]:
    return tuple(FeatureColumn(name, (name,)) for name in state.vocabularies)


def _graph(state: LevelsState, reader: ColumnReader) -> Var:
    signs = op.const(np.array([-1.0, 1.0, 0.0], np.float32))
    return op.gather(signs, reader.codes(state.vocabularies))


YES_NO = FeatureStep(
    key="yes_no",
    complete=True,
    title="Yes and no as numbers",
    kinds=frozenset({Kind.YES_NO}),
    fit=_fit,
    outputs=_outputs,
    graph=_graph,
    vocabularies=lambda state: state.vocabularies,
)
