"""Categories as one yes/no number per frequent level, for linear models; rare and unseen levels are all zeros."""

import numpy as np
import pandas as pd
import spox.opset.ai.onnx.v21 as op
from spox import Var

from engine.features.levels import LevelsState, fit_levels, level_title
from engine.features.step import Answers, FeatureColumn, FeatureStep, Parameters
from engine.graph.columns import ColumnReader
from engine.table.schema import ColumnSchema, Kind

MAX_CELLS = 100_000_000  # of the features: 400 MB in float32
MOST_FEATURES = 5_000  # of all columns: a linear model holds the products of all pairs, 200 MB of them


def _fit(
    frame: pd.DataFrame, columns: tuple[ColumnSchema, ...], parameters: Parameters, _answers: Answers
) -> LevelsState | None:
    room = min(MAX_CELLS // max(1, len(frame)), MOST_FEATURES) // max(1, len(columns))
    most = max(2, min(int(parameters.get("max_levels", 100)), room))
    return fit_levels(frame, columns, min_count=parameters.get("min_count", 10), max_levels=most)


def _outputs(state: LevelsState) -> tuple[FeatureColumn, ...]:
    return tuple(
        FeatureColumn(f"{name} is {level_title(level)}", (name,))
        for name, levels in state.vocabularies.items()
        for level in levels
    )


def _graph(state: LevelsState, reader: ColumnReader) -> Var:
    sizes = [len(levels) for levels in state.vocabularies.values()]
    column = np.repeat(np.arange(len(sizes)), sizes)
    level = np.concatenate([np.arange(size) for size in sizes])
    repeated = op.gather(reader.codes(state.vocabularies), op.const(column), axis=1)
    return op.cast(op.equal(repeated, op.const(level[None, :])), to=np.float32)


CATEGORY_ONE_HOT = FeatureStep(
    key="category_one_hot",
    complete=True,
    title="Categories as yes/no columns",
    kinds=frozenset({Kind.CATEGORY}),
    fit=_fit,
    outputs=_outputs,
    graph=_graph,
    vocabularies=lambda state: state.vocabularies,
    offers={
        "few levels": {"min_count": 20, "max_levels": 30},
        "many levels": {"min_count": 4, "max_levels": 300},
    },
    offered=lambda shape: shape.n_levels > 10,
    stands_for=frozenset({"category_one_hot"}),  # so that only families that have it may choose among its ways
)
