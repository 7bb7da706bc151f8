"""How frequent the level of a category is: log(1 + rows) / log(1 + all rows); 0 for a level that is new.

The rows that it is fitted on count the others only, so that the only row of a level sees what a new level would.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from spox import Var

from engine.features.levels import MANY_LEVELS, fit_many_levels, level_positions
from engine.features.step import Answers, FeatureColumn, FeatureStep, Parameters
from engine.graph.columns import ColumnReader, Vocabulary
from engine.graph.looked_up import looked_up
from engine.table.schema import Cells, ColumnSchema, Kind


@dataclass(frozen=True)
class CountsState:
    """The known levels per column, and in how many of the rows each occurs."""

    vocabularies: Mapping[str, Vocabulary]
    cells: Mapping[str, Cells]
    counts: Mapping[str, NDArray[np.int64]]
    n_rows: int


def _fit(
    frame: pd.DataFrame, columns: tuple[ColumnSchema, ...], parameters: Parameters, _answers: Answers
) -> CountsState | None:
    levels = fit_many_levels(frame, columns, more_than=parameters.get("min_levels", MANY_LEVELS))
    if levels is None:
        return None
    vocabularies, cells = levels
    counts = {}
    for name, vocabulary in vocabularies.items():
        positions = level_positions(frame[name], cells[name], vocabulary)
        counts[name] = np.append(np.bincount(positions, minlength=len(vocabulary) + 1)[:-1], 0)
    return CountsState(vocabularies, cells, counts, len(frame))


def _frequency(counts: NDArray[np.int64], n_rows: int) -> NDArray[np.float32]:
    return np.asarray(np.log1p(np.maximum(counts, 0)) / np.log1p(n_rows), np.float32)


def _training(state: CountsState, frame: pd.DataFrame, _answers: Answers) -> NDArray[np.float32]:
    found = [
        _frequency(state.counts[name] - 1, state.n_rows)[level_positions(frame[name], state.cells[name], vocabulary)]
        for name, vocabulary in state.vocabularies.items()
    ]
    return np.column_stack(found)


def _outputs(state: CountsState) -> tuple[FeatureColumn, ...]:
    return tuple(FeatureColumn(f"frequency of {name}", (name,)) for name in state.vocabularies)


def _graph(state: CountsState, reader: ColumnReader) -> Var:
    tables = [_frequency(counts, state.n_rows)[:, None] for counts in state.counts.values()]
    return looked_up(reader.codes(state.vocabularies), tables)


CATEGORY_COUNTS = FeatureStep(
    key="category_counts",
    complete=True,
    title="Frequency of each level",
    kinds=frozenset({Kind.CATEGORY}),
    fit=_fit,
    outputs=_outputs,
    graph=_graph,
    vocabularies=lambda state: state.vocabularies,
    training=_training,
    offers={"many levels": {}, "all levels": {"min_levels": 2}},
    offered=lambda shape: shape.n_categories > 0 and shape.n_levels > MANY_LEVELS,
)
