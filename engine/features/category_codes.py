"""Categories as whole codes, for families that split on categories themselves; those with an order as its ranks."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import spox.opset.ai.onnx.v21 as op
from spox import Var

from engine.features.levels import LevelsState, fit_levels
from engine.features.step import Answers, FeatureColumn, FeatureStep, Parameters
from engine.graph.columns import ColumnReader
from engine.graph.looked_up import looked_up
from engine.table.schema import ColumnSchema, Kind


@dataclass(frozen=True)
class CodesState(LevelsState):
    """The known levels per column; of `ordered` columns all levels from the lowest to the highest, none for missing."""

    ordered: frozenset[str] = frozenset()


def _fit(
    frame: pd.DataFrame, columns: tuple[ColumnSchema, ...], parameters: Parameters, _answers: Answers
) -> CodesState | None:
    found = fit_levels(frame, columns, min_count=parameters.get("min_count", 1))
    if found is None:
        return None
    # A rank says more than a code, also of levels that no training row has. "Unknown" beside an order has no rank, but
    # may mean something: such a column stays with codes.
    orders = {
        column.name: column.order
        for column in columns
        if column.order and column.name in found.vocabularies and frame[column.name].dropna().isin(column.order).all()
    }
    return CodesState({**found.vocabularies, **orders}, frozenset(orders))


def _outputs(state: CodesState) -> tuple[FeatureColumn, ...]:
    return tuple(
        FeatureColumn(name, (name,), None if name in state.ordered else len(levels) + 1)
        for name, levels in state.vocabularies.items()
    )


def _graph(state: CodesState, reader: ColumnReader) -> Var:
    codes = reader.codes(state.vocabularies)
    if not state.ordered:
        return op.cast(codes, to=np.float32)
    # Behind the last level stands what was never seen, and of ordered columns what is missing.
    tables = [
        np.append(np.arange(len(levels)), np.nan if name in state.ordered else len(levels)).astype(np.float32)[:, None]
        for name, levels in state.vocabularies.items()
    ]
    return looked_up(codes, tables)


CATEGORY_CODES = FeatureStep(
    key="category_codes",
    title="Categories as codes or ranks",
    kinds=frozenset({Kind.CATEGORY}),
    fit=_fit,
    outputs=_outputs,
    graph=_graph,
    vocabularies=lambda state: state.vocabularies,
    offers={"every level": {"min_count": 1}, "rare levels merged": {"min_count": 20}},
    offered=lambda shape: shape.n_levels > 10,
    stands_for=frozenset({"category_codes"}),  # so that only families that have it may choose among its ways
)
