"""The average answer of each combination of levels, where a combination tells more than its parts."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Var

from engine.features.averages import Averages, averages_of
from engine.features.cross_fields import Fields, fit_fields
from engine.features.cross_search import Cross, crossed, find_crosses, size_of, strides_of
from engine.features.numbers import numbers_of
from engine.features.quick_trees import grow
from engine.features.statistics import inner_folds, out_of_fold_means, smoothed_means, some_rows
from engine.features.step import Answers, FeatureColumn, FeatureStep, Parameters
from engine.graph.columns import ColumnReader, Vocabulary
from engine.graph.looked_up import looked_up
from engine.shape import Shape
from engine.table.schema import ColumnSchema, Kind

SLICE_ROWS = 20_000
LEAST_ROWS = 10_000
TELLING_FIELDS = 20


@dataclass(frozen=True, kw_only=True)
class CrossesState:
    """The crosses, as positions in `fields`, and for each a table of averages [codes, told]."""

    fields: Fields
    crosses: tuple[Cross, ...]
    tables: tuple[NDArray[np.float32], ...]
    averages: Averages

    @property
    def titles(self) -> tuple[str, ...]:
        """The crosses as people write them."""
        return tuple(" × ".join(self.fields.names[field] for field in cross) for cross in self.crosses)


def _fit(
    frame: pd.DataFrame, columns: tuple[ColumnSchema, ...], parameters: Parameters, answers: Answers
) -> CrossesState | None:
    fields = fit_fields(frame, columns)
    if len(fields.names) < 2 or len(np.unique(answers.y)) < 2:
        return None
    rows = some_rows(answers, SLICE_ROWS)
    fields, crosses = _found(frame.iloc[rows], columns, fields, answers.take(rows), parameters.get("n_most", 10))
    if not crosses:
        return None
    codes, n_codes, averages = fields.codes(frame), fields.n_codes, averages_of(answers)
    tables = tuple(
        averages.told(smoothed_means(crossed(codes, cross, n_codes), size_of(cross, n_codes), answers))
        for cross in crosses
    )
    return CrossesState(fields=fields, crosses=crosses, tables=tables, averages=averages)


def _found(
    frame: pd.DataFrame, columns: tuple[ColumnSchema, ...], fields: Fields, answers: Answers, n_most: int
) -> tuple[Fields, tuple[Cross, ...]]:
    """Return the crosses that explain what trees, grown on half of the rows, leave unexplained of the rest."""
    part = inner_folds(answers, 4)  # rows of a group stay together
    if len(np.unique(part)) < 4:
        return fields, ()  # there are too few groups of rows that belong together
    codes = fields.codes(frame)
    values = codes.astype(np.float64)
    kinds = {column.name: column for column in columns}
    n_levels = len(fields.vocabularies)
    values[:, n_levels:] = numbers_of(frame, tuple(kinds[name] for name in fields.edges)) if fields.edges else 0.0
    half, other = np.flatnonzero(part < 2), np.flatnonzero(part >= 2)
    trees = grow(values[half], answers.take(half), codes=tuple(range(n_levels)))
    telling = np.sort(np.argsort(-trees.gains, kind="stable")[:TELLING_FIELDS])
    left_over = trees.unexplained(values[other], answers.take(other))
    n_codes = [fields.n_codes[field] for field in telling]
    found = find_crosses(codes[other][:, telling], n_codes, left_over, part[other] == 2, n_most=n_most)
    named = [tuple(fields.names[telling[field]] for field in cross) for cross in found]
    used = fields.only(frozenset(name for names in named for name in names))
    return used, tuple(tuple(used.names.index(name) for name in names) for names in named)


def _training(state: CrossesState, frame: pd.DataFrame, answers: Answers) -> NDArray[np.float32]:
    codes, n_codes = state.fields.codes(frame), state.fields.n_codes
    blocks = [
        state.averages.told(out_of_fold_means(crossed(codes, cross, n_codes), size_of(cross, n_codes), answers))
        for cross in state.crosses
    ]
    return np.concatenate(blocks, axis=1)


def _outputs(state: CrossesState) -> tuple[FeatureColumn, ...]:
    return tuple(
        FeatureColumn(f"{average} by {title}", tuple(state.fields.names[field] for field in cross))
        for title, cross in zip(state.titles, state.crosses, strict=True)
        for average in state.averages.titles
    )


def _vocabularies(state: CrossesState) -> dict[str, Vocabulary]:
    return dict(state.fields.vocabularies)


def _graph(state: CrossesState, reader: ColumnReader) -> Var:
    n_codes = state.fields.n_codes
    strides = np.zeros((len(n_codes), len(state.crosses)), np.int64)
    for position, cross in enumerate(state.crosses):
        strides[list(cross), position] = strides_of(cross, n_codes)
    return looked_up(op.matmul(state.fields.graph(reader), op.const(strides)), state.tables)


def _offered(shape: Shape) -> bool:
    return shape.n_rows >= LEAST_ROWS and shape.n_categories >= 1 and shape.n_categories + shape.n_numbers >= 2


CATEGORY_CROSSES = FeatureStep(
    key="category_crosses",
    complete=True,
    title="Average answer of each combination of levels",
    kinds=frozenset({Kind.CATEGORY, Kind.YES_NO, Kind.NUMBER, Kind.NUMBER_WITH_UNIT}),
    fit=_fit,
    outputs=_outputs,
    graph=_graph,
    vocabularies=_vocabularies,
    training=_training,
    offers={"3": {"n_most": 3}, "10": {"n_most": 10}},
    offered=_offered,
)
