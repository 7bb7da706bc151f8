"""Text as weighted terms (TF-IDF of words and word pairs), for linear models."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Var

from engine.features.statistics import some_rows
from engine.features.step import Answers, FeatureColumn, FeatureStep, Parameters
from engine.graph.columns import MADE, ColumnReader
from engine.graph.text import Terms, fit_terms, term_weights
from engine.table.schema import ColumnSchema, Kind

FIT_ROWS = 30_000  # the frequent words are known long before
MAX_CELLS = 60_000_000  # of the dense table of terms: 240 MB in float32


@dataclass(frozen=True)
class TextState:
    """The terms of each text column."""

    terms: dict[str, Terms]


def texts_of(frame: pd.DataFrame, column: ColumnSchema) -> list[str]:
    """Return the texts of a column; missing cells are empty."""
    cells = frame[column.name]
    return [str(text) for text in cells.astype(object).where(cells.notna(), "")]


def fit_texts(
    frame: pd.DataFrame, columns: tuple[ColumnSchema, ...], max_terms: int, answers: Answers
) -> dict[str, Terms]:
    """Learn the terms of each column that has any."""
    limit = max(50, min(max_terms, MAX_CELLS // max(1, len(frame) * len(columns))))
    sample = frame.iloc[some_rows(answers, FIT_ROWS)]
    found = {column.name: fit_terms(texts_of(sample, column), max_terms=limit) for column in columns}
    return {name: terms for name, terms in found.items() if terms is not None}


def _fit(
    frame: pd.DataFrame, columns: tuple[ColumnSchema, ...], parameters: Parameters, answers: Answers
) -> TextState | None:
    found = fit_texts(frame, columns, parameters.get("max_terms", 2000), answers)
    return TextState(found) if found else None


def _outputs(state: TextState) -> tuple[FeatureColumn, ...]:
    return tuple(
        FeatureColumn(f'{name} has "{term}"', (name,)) for name, terms in state.terms.items() for term in terms.names
    )


def _graph(state: TextState, reader: ColumnReader) -> Var:
    blocks = [term_weights(reader.text(name), terms) for name, terms in state.terms.items()]
    return op.concat(blocks, axis=1) if len(blocks) > 1 else blocks[0]


def term_table(frame: pd.DataFrame, column: ColumnSchema, terms: Terms) -> NDArray[np.float32]:
    """Return the weighted terms of some rows by running their graph: float32 [N, terms]."""
    import spox

    from engine.graph.session import open_session, run

    reader = ColumnReader((column,))
    model = spox.build(reader.inputs, {MADE: term_weights(reader.text(column.name), terms)})
    return np.asarray(run(open_session(model.SerializeToString()), frame, (column,))[0])


TEXT_TERMS = FeatureStep(
    key="text_terms",
    complete=True,
    title="Text as weighted terms",
    kinds=frozenset({Kind.TEXT, Kind.LIST, Kind.LINK}),
    fit=_fit,
    outputs=_outputs,
    graph=_graph,
)
