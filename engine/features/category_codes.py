"""Categories as whole codes, for families that split on categories themselves."""

import numpy as np
import pandas as pd
import spox.opset.ai.onnx.v21 as op
from spox import Var

from engine.features.levels import LevelsState, fit_levels
from engine.features.step import FeatureColumn, FeatureStep, Parameters
from engine.graph.columns import ColumnReader
from engine.table.schema import ColumnSchema, Kind


def _fit(frame: pd.DataFrame, columns: tuple[ColumnSchema, ...], parameters: Parameters) -> LevelsState | None:
    return fit_levels(frame, columns, min_count=parameters.get("min_count", 1))


def _outputs(state: LevelsState) -> tuple[FeatureColumn, ...]:
    return tuple(FeatureColumn(name, (name,), len(levels) + 1) for name, levels in state.vocabularies.items())


def _graph(state: LevelsState, reader: ColumnReader) -> Var:
    return op.cast(reader.codes(state.vocabularies), to=np.float32)


CATEGORY_CODES = FeatureStep(
    key="category_codes",
    title="Categories as codes",
    kinds=frozenset({Kind.CATEGORY}),
    fit=_fit,
    outputs=_outputs,
    graph=_graph,
    vocabularies=lambda state: state.vocabularies,
)
