"""The average answer of each level of a category with many levels, drawn towards the average of all.

For numbers in standard deviations of the target; for classes as log-odds less those of all rows. The rows that it is
fitted on see what the other inner folds say (Micci-Barreca 2001, doi:10.1145/507533.507538). Levels of a single row
count as one: they tell what a level that was never seen may be like.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from spox import Var

from engine.features.averages import Averages, averages_of
from engine.features.levels import MANY_LEVELS, fit_many_levels, level_positions
from engine.features.statistics import SMOOTHING, out_of_fold_means, smoothed_means
from engine.features.step import Answers, FeatureColumn, FeatureStep, Parameters
from engine.graph.columns import ColumnReader, Vocabulary
from engine.graph.looked_up import looked_up
from engine.table.schema import Cells, ColumnSchema, Kind


@dataclass(frozen=True, kw_only=True)
class TargetState:
    """The known levels per column and, per column, a table of averages [levels + 1, told]."""

    vocabularies: Mapping[str, Vocabulary]
    cells: Mapping[str, Cells]
    tables: Mapping[str, NDArray[np.float32]]
    averages: Averages
    smoothing: float


def _fit(
    frame: pd.DataFrame, columns: tuple[ColumnSchema, ...], parameters: Parameters, answers: Answers
) -> TargetState | None:
    levels = fit_many_levels(frame, columns, more_than=parameters.get("min_levels", MANY_LEVELS))
    if levels is None:
        return None
    vocabularies, cells = levels
    averages, smoothing = averages_of(answers), float(parameters.get("smoothing", SMOOTHING))
    tables = {}
    for name, vocabulary in vocabularies.items():
        positions = level_positions(frame[name], cells[name], vocabulary)
        tables[name] = averages.told(smoothed_means(positions, len(vocabulary) + 1, answers, smoothing=smoothing))
    return TargetState(vocabularies=vocabularies, cells=cells, tables=tables, averages=averages, smoothing=smoothing)


def _training(state: TargetState, frame: pd.DataFrame, answers: Answers) -> NDArray[np.float32]:
    blocks = []
    for name, vocabulary in state.vocabularies.items():
        positions = level_positions(frame[name], state.cells[name], vocabulary)
        means = out_of_fold_means(positions, len(vocabulary) + 1, answers, smoothing=state.smoothing)
        blocks.append(state.averages.told(means))
    return np.concatenate(blocks, axis=1)


def _outputs(state: TargetState) -> tuple[FeatureColumn, ...]:
    return tuple(
        FeatureColumn(f"{title} by {name}", (name,)) for name in state.vocabularies for title in state.averages.titles
    )


def _graph(state: TargetState, reader: ColumnReader) -> Var:
    return looked_up(reader.codes(state.vocabularies), tuple(state.tables.values()))


TARGET_STATISTICS = FeatureStep(
    key="target_statistics",
    complete=True,
    title="Average answer of each level",
    kinds=frozenset({Kind.CATEGORY}),
    fit=_fit,
    outputs=_outputs,
    graph=_graph,
    vocabularies=lambda state: state.vocabularies,
    training=_training,
    offers={"many levels": {}, "all levels": {"min_levels": 2}},
    offered=lambda shape: shape.n_levels > MANY_LEVELS,
)
