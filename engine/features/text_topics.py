"""Text as a few topics (truncated SVD of its weighted terms), for trees."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Var

from engine.features.statistics import some_rows
from engine.features.step import Answers, FeatureColumn, FeatureStep, Parameters
from engine.features.text_terms import fit_texts, term_table
from engine.graph.columns import ColumnReader
from engine.graph.text import Terms, term_weights
from engine.table.schema import ColumnSchema, Kind

FIT_ROWS = 20_000  # the directions settle long before; more rows only cost memory


@dataclass(frozen=True)
class TopicsState:
    """The terms of each text column and the directions [terms, topics] they are projected on."""

    terms: dict[str, Terms]
    directions: dict[str, NDArray[np.float32]]


def _fit(
    frame: pd.DataFrame, columns: tuple[ColumnSchema, ...], parameters: Parameters, answers: Answers
) -> TopicsState | None:
    from scipy.sparse import csr_matrix
    from sklearn.utils.extmath import randomized_svd

    terms = fit_texts(frame, columns, parameters.get("max_terms", 2000), answers)
    if not terms:
        return None
    by_name = {column.name: column for column in columns}
    sample = frame.iloc[some_rows(answers, FIT_ROWS)]
    directions = {}
    for name, found in terms.items():
        # Almost all of it is zero: counting only the rest takes a tenth of the time.
        table = csr_matrix(term_table(sample, by_name[name], found))
        n_topics = min(parameters.get("n_topics", 24), *table.shape)
        _, _, axes = randomized_svd(table, n_components=n_topics, random_state=answers.seed)
        directions[name] = np.ascontiguousarray(axes.T, dtype=np.float32)
    return TopicsState(terms, directions)


def _outputs(state: TopicsState) -> tuple[FeatureColumn, ...]:
    return tuple(
        FeatureColumn(f"{name} topic {number + 1}", (name,))
        for name, axes in state.directions.items()
        for number in range(axes.shape[1])
    )


def _graph(state: TopicsState, reader: ColumnReader) -> Var:
    blocks = [
        op.matmul(term_weights(reader.text(name), state.terms[name]), op.const(axes))
        for name, axes in state.directions.items()
    ]
    return op.concat(blocks, axis=1) if len(blocks) > 1 else blocks[0]


TEXT_TOPICS = FeatureStep(
    key="text_topics",
    complete=True,
    title="Text as topics",
    kinds=frozenset({Kind.TEXT, Kind.LIST, Kind.LINK}),
    fit=_fit,
    outputs=_outputs,
    graph=_graph,
    offers={"many topics": {"n_topics": 60, "max_terms": 4000}},
    offered=lambda shape: shape.n_texts > 0,
    stands_for=frozenset({"text_topics"}),  # so that only families that have it may choose among its ways
)
