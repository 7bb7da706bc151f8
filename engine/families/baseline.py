"""Says the same for every row: the bar that any model has to clear."""

import numpy as np
from numpy.typing import NDArray
from spox import Var

from engine.families.family import Family, Floats, Parameters, Setting, Trial
from engine.features.step import Matrix
from engine.graph.trees import constant
from engine.shape import Shape
from engine.tasks.task import Task, TaskKind


def prior(task: Task, y: NDArray[np.generic], weight: Floats | None) -> Floats:
    """Return the scores [n_outputs] of guessing without looking: log-odds, log shares or mean.

    Half a row is added to each class, so that a class that is absent has a small share instead of none.

    >>> task = Task(kind=TaskKind.BINARY, targets=("t",), classes=(0, 1))
    >>> prior(task, np.array([0, 1, 1, 0]), None)
    array([0.])
    """
    if task.kind is TaskKind.REGRESSION:
        return np.atleast_1d(np.average(y.astype(np.float64), weights=weight))
    share = np.asarray(np.bincount(y.astype(np.int64), weight, len(task.classes)) + 0.5, np.float64)
    log_share: Floats = np.log(share / share.sum())
    return log_share if task.kind is TaskKind.MULTICLASS else log_share[1:] - log_share[:1]


def _fit(
    X: Matrix,  # noqa: ARG001
    y: NDArray[np.generic],
    weight: Floats | None,
    groups: NDArray[np.generic] | None,  # noqa: ARG001
    deadline: float | None,  # noqa: ARG001
    setting: Setting,
) -> Floats:
    return prior(setting.task, y, weight)


def _raw(state: Floats, X: Matrix, _rounds: int) -> Floats:
    return np.tile(state, (len(X.values), 1))


def _graph(state: Floats, x: Var, _rounds: int) -> Var:
    return constant(x, state)


def _contributions(state: Floats, X: Matrix, _rounds: int) -> tuple[Floats, Floats]:
    return np.zeros((*X.values.shape, len(state))), state


def _space(_trial: Trial, _shape: Shape) -> Parameters:
    return {}


BASELINE: Family = Family(
    key="baseline",
    interpretable=True,
    monotone=True,
    title="Baseline",
    tasks=frozenset(TaskKind),
    relative_cost=0.001,
    recipe=(),
    starting_points=({},),
    space=_space,
    fit=_fit,
    raw=_raw,
    graph=_graph,
    contributions=_contributions,
)
