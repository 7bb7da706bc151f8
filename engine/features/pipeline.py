"""The fixed-shape pipeline: fitted steps side by side, applied by running their graph."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import spox
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from onnxruntime import InferenceSession
from spox import Var

from engine.features.statistics import some_rows
from engine.features.step import Answers, FeatureColumn, FeatureSelection, FeatureStep, Matrix, Parameters, StepSpec
from engine.graph.columns import MADE, ColumnReader, Vocabulary, union
from engine.graph.session import open_session, run
from engine.registry import part, parts
from engine.table.schema import ColumnSchema

SELECTION_ROWS = 5_000
SESSIONS_KEPT = 1  # those of texts hold much memory; several blocks of rows, or two sets, follow each other


@dataclass(frozen=True)
class FittedStep:
    """A step that has learnt from rows."""

    key: str
    state: Any

    @property
    def step(self) -> FeatureStep:
        """The part that made it."""
        return step_named(self.key)


@dataclass(frozen=True, eq=False)
class FittedPipeline:
    """All fitted steps of a recipe, in order, and the table columns that they read. Equal is only the very same one.

    `kept`: the positions of what the model sees among all that the steps make; None for all.
    """

    steps: tuple[FittedStep, ...]
    columns: tuple[ColumnSchema, ...]
    kept: NDArray[np.int64] | None = None

    @property
    def outputs(self) -> tuple[FeatureColumn, ...]:
        """What the model sees, in order; never empty."""
        made = tuple(column for fitted in self.steps for column in fitted.step.outputs(fitted.state))
        return tuple(made[i] for i in self._positions(len(made))) or (FeatureColumn("nothing", ()),)

    @property
    def vocabularies(self) -> dict[str, Vocabulary]:
        """The levels that the graph will look up, per table column."""
        return union(fitted.step.vocabularies(fitted.state) for fitted in self.steps)

    def graph(self, reader: ColumnReader) -> Var:
        """Return the features as a float32 variable [N, number of outputs]."""
        blocks = [fitted.step.graph(fitted.state, reader) for fitted in self.steps]
        if not blocks:
            return reader.zeros()
        made = op.concat(blocks, axis=1) if len(blocks) > 1 else blocks[0]
        return made if self.kept is None else op.gather(made, op.const(self.kept), axis=1)

    def seen_of(self, first: int, last: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return where the model sees what stands from `first` to before `last` of all that is made, and what it is."""
        kept = self._positions(last)
        seen = np.flatnonzero((kept >= first) & (kept < last))
        return seen, kept[seen] - first

    def _positions(self, n_made: int) -> NDArray[np.int64]:
        return np.arange(n_made) if self.kept is None else self.kept


def step_named(key: str) -> FeatureStep:
    """Return the feature step with this key; raises ConfigError when there is none."""
    return part("engine.features", FeatureStep, key)


def fit_pipeline(
    frame: pd.DataFrame, columns: tuple[ColumnSchema, ...], recipe: tuple[StepSpec, ...], answers: Answers
) -> FittedPipeline:
    """Fit every step of a recipe on the training rows of a fold; a step that has nothing to offer is left out."""
    steps, selections = [], {selection.key: selection for selection in parts("engine.features", FeatureSelection)}
    for spec in recipe:
        if spec.key in selections:
            continue
        step = step_named(spec.key)
        refused = frozenset() if step.rising else answers.directed
        taken = tuple(column for column in columns if column.kind in step.kinds and column.name not in refused)
        state = step.fit(frame, taken, spec.parameters, answers) if taken else None
        if state is not None:
            steps.append(FittedStep(spec.key, state))
    fitted = FittedPipeline(tuple(steps), columns)
    for spec in recipe:
        if spec.key in selections:
            fitted = _selected(fitted, frame, answers, selections[spec.key], spec.parameters)
    return fitted


def _selected(
    fitted: FittedPipeline,
    frame: pd.DataFrame,
    answers: Answers,
    selection: FeatureSelection,
    parameters: Parameters,
) -> FittedPipeline:
    """Keep what a selection chooses, judged by a slice of the rows."""
    if len(fitted.outputs) <= selection.least(parameters):
        return fitted
    rows = some_rows(answers, SELECTION_ROWS)
    cells, known = frame.iloc[rows], answers.take(rows)
    seen = training_features(fitted, cells, known, transform(fitted, cells))
    return replace(fitted, kept=selection.choose(seen, known, parameters))


def transform(pipeline: FittedPipeline, frame: pd.DataFrame) -> Matrix:
    """Turn canonical cells into what a model sees."""
    if not pipeline.steps:
        # No cell is looked at, so none needs to be turned into what the graph reads.
        return Matrix(np.zeros((len(frame), 1), np.float32), pipeline.outputs)
    values = run(_session(pipeline), frame, pipeline.columns)[0]
    return Matrix(np.asarray(values, dtype=np.float32), pipeline.outputs)


@lru_cache(maxsize=SESSIONS_KEPT)
def _session(pipeline: FittedPipeline) -> InferenceSession:
    """Return what runs a pipeline's graph: to build one takes far longer than a few thousand rows through it."""
    reader = ColumnReader(pipeline.columns, pipeline.vocabularies)
    model = spox.build(inputs=reader.inputs, outputs={MADE: pipeline.graph(reader)})
    return open_session(model.SerializeToString())


def forget_session() -> None:
    """Give back what running graphs took, which is several times what the last rows through them were turned into."""
    _session.cache_clear()


def training_features(pipeline: FittedPipeline, frame: pd.DataFrame, answers: Answers, graph: Matrix) -> Matrix:
    """Return what the rows that a pipeline was fitted on see themselves: no value is made with a row's own answer.

    `graph`: what `transform` gives for these rows.
    """
    values, first = graph.values, 0
    for fitted in pipeline.steps:
        last = first + len(fitted.step.outputs(fitted.state))
        seen, own = pipeline.seen_of(first, last)
        if fitted.step.training is not None and len(seen):
            values = values.copy() if values is graph.values else values
            values[:, seen] = fitted.step.training(fitted.state, frame, answers)[:, own]
        first = last
    return Matrix(values, graph.columns)
