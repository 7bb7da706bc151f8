"""A feature step turns columns of some kinds into numbers for a model: fitted inside a fold, applied by its own graph.

There is one oracle: after fitting, a step is applied by running its graph, in training and in the file alike.
"""

import mmap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from spox import Var

from engine.graph.columns import ColumnReader
from engine.shape import Shape
from engine.table.schema import ColumnSchema, Kind
from engine.tasks.task import Task

Parameters = Mapping[str, Any]
OFF = "off"


@dataclass(frozen=True)
class FeatureColumn:
    """One column that a model sees.

    `sources`: the table columns it was made from (its lineage). `n_levels`: None for a number; otherwise the values
    are whole codes from 0 to n_levels - 1, and the last code stands for levels that are rare or were never seen.
    """

    name: str
    sources: tuple[str, ...]
    n_levels: int | None = None


@dataclass(frozen=True)
class Matrix:
    """What a model is given: float32 values [N, F] (missing is NaN, never in code columns) and what each column is."""

    values: NDArray[np.float32]
    columns: tuple[FeatureColumn, ...]

    @property
    def codes(self) -> tuple[int, ...]:
        """The positions of the columns that hold codes."""
        return tuple(i for i, column in enumerate(self.columns) if column.n_levels is not None)

    def take(self, rows: NDArray[np.int64]) -> "Matrix":
        """Return some of the rows, as a copy."""
        taken = self.values[rows]
        _let_go(self.values)
        return Matrix(taken, self.columns)


def _let_go(values: NDArray[np.float32]) -> None:
    """Give back the pages of a mapped file: what was copied need not be held twice, and comes when it is asked for."""
    mapped = getattr(values, "_mmap", None)
    if mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What is known of the rows that a step is fitted on, besides their cells.

    `y`: class positions (int64) or the standardised target (float64), shape [N]. `weight`: None for equal weights.
    `groups`: rows with the same value belong together; None when each stands alone. `directed`: columns with which the
    prediction must never fall, or never rise: only steps that are `rising` may take them.
    """

    task: Task
    y: NDArray[np.generic]
    weight: NDArray[np.float64] | None = None
    groups: NDArray[np.generic] | None = None
    seed: int = 0
    directed: frozenset[str] = frozenset()

    def take(self, rows: NDArray[np.int64]) -> "Answers":
        """Return the answers of some of the rows."""
        weight = None if self.weight is None else self.weight[rows]
        groups = None if self.groups is None else self.groups[rows]
        return replace(self, y=self.y[rows], weight=weight, groups=groups)


@dataclass(frozen=True, kw_only=True)
class FeatureStep:
    """One step.

    `kinds`: the kinds of columns it takes. `fit(frame, columns, parameters, answers)` learns from the training rows of
    a fold and returns its state, pure data; None when it has nothing to offer for these columns.
    `outputs(state)`: what it makes. `graph(state, reader)`: a float32 variable [N, number of outputs].
    `vocabularies(state)`: levels per table column that the graph will look up, so that a file with many
    pipelines looks each cell up once.
    `training(state, frame, answers)`: for a step that learns from the answers, what the rows it was fitted on are to
    see themselves, made without their own answers: float32 [N, number of outputs]; None: what the graph gives.
    `offers`: what a search may choose of this step: parameters by name, besides leaving it off or as the family has it.
    `offered(shape)`: whether it may be chosen at all for such a task. `stands_for`: the steps whose place it takes.
    `complete`: its outputs are scaled and have no gaps, so that every family can use them. `rising`: each
    output is made of one column and never falls when its number rises.
    """

    key: str
    title: str
    kinds: frozenset[Kind]
    fit: Callable[[pd.DataFrame, tuple[ColumnSchema, ...], Parameters, Answers], Any]
    outputs: Callable[[Any], tuple[FeatureColumn, ...]]
    graph: Callable[[Any, ColumnReader], Var]
    vocabularies: Callable[[Any], Mapping[str, tuple[str, ...]]] = field(default=lambda _state: {})
    training: Callable[[Any, pd.DataFrame, Answers], NDArray[np.float32]] | None = None
    offers: Mapping[str, Parameters] = field(default_factory=dict)
    offered: Callable[[Shape], bool] = field(default=lambda _shape: True)
    stands_for: frozenset[str] = frozenset()
    complete: bool = False
    rising: bool = False


@dataclass(frozen=True, kw_only=True)
class FeatureSelection:
    """A way to keep only some of what the steps of a recipe make.

    `choose(X, answers, parameters)`: the positions to keep, in order, judged by some of the training rows; None keeps
    all. `least(parameters)`: up to how many features there is nothing to choose. `offers`, `offered`: as for a step.
    """

    key: str
    title: str
    least: Callable[[Parameters], int]
    choose: Callable[[Matrix, Answers, Parameters], NDArray[np.int64] | None]
    offers: Mapping[str, Parameters]
    offered: Callable[[Shape], bool]


@dataclass(frozen=True)
class StepSpec:
    """Which step or selection, with which parameters: pure data."""

    key: str
    parameters: Parameters = field(default_factory=dict)
