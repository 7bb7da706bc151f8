"""A model family: what it can do, how it is fitted, and the graph that predicts what it predicts.

Every family answers on the link scale: log-odds [N, 1] for a binary task, one score per class [N, K] (softmax gives
probabilities) for a multiclass task, the standardised target [N, 1] for a regression.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from spox import Var

from engine.features.step import Matrix, StepSpec
from engine.graph.tree_sizes import TreeSizes
from engine.registry import Skip, part, parts
from engine.shape import Shape
from engine.tasks.task import Task, TaskKind

Floats = NDArray[np.float64]
Parameters = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Rows with answers. `y`: class positions (int64) or the standardised target (float64), shape [N]."""

    X: Matrix
    y: NDArray[np.generic]
    weight: Floats | None = None


@dataclass(frozen=True, kw_only=True)
class Blocks:
    """Rows with answers of which the features lie on disk, in blocks, because memory does not hold them.

    `first`: the rows of the first block, in memory; they look like the others. `paths`: a file of features [N, F] for
    each further block. `y`, `weight`: of all rows, in the same order.
    """

    first: Matrix
    paths: tuple[Path, ...]
    y: NDArray[np.generic]
    weight: Floats | None

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        """Return the features of one block after the other; those on disk are mapped into memory."""
        yield self.first.values
        for path in self.paths:
            yield np.load(path, mmap_mode="r")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What surrounds a fit.

    `stopping`: rows for early stopping; None fits exactly `rounds` rounds. `store`: a folder that belongs to these rows
    and features, shared by all candidates, for what is worth keeping of them; None keeps nothing.
    `monotone`: for each feature 1 or -1 where the prediction must never fall or rise with it, else 0; None is all 0.
    """

    task: Task
    parameters: Parameters
    seed: int
    threads: int
    stopping: Rows | None = None
    rounds: int | None = None
    store: Path | None = None
    monotone: tuple[int, ...] | None = None


class Trial(Protocol):
    """The part of an Optuna trial that a search space uses."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """Propose a real number."""
        ...

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """Propose a whole number."""
        ...

    def suggest_categorical(self, name: str, choices: tuple[Any, ...]) -> Any:
        """Propose one of some choices."""
        ...


class Fit(Protocol):
    """The signature of fitting; a family may ignore what it has no use for.

    `deadline`: `time.monotonic()` at which to stop adding rounds and return what there is; None means never.
    """

    def __call__(
        self,
        X: Matrix,
        y: NDArray[np.generic],
        weight: Floats | None,
        groups: NDArray[np.generic] | None,
        deadline: float | None,
        setting: Setting,
    ) -> Any:
        """Return the fitted state: any picklable value."""
        ...


@dataclass(frozen=True, kw_only=True)
class Family:
    """One family.

    `relative_cost`: seconds of a default fit relative to LightGBM. `recipe`: its feature steps, before a candidate
    chooses. `needs_complete`: it takes scaled features without gaps only. `interpretable`: a person can follow it.
    `monotone`: it keeps `Setting.monotone`. `most_rows`: of more rows than these a sample is fitted; None: all.
    `n_refits`: so many models fitted on all rows, with seeds of their own, are worth having in any case; more than 1
    says that seeds make a difference, so that spare time may bring more. `bags_below_rows`: with fewer rows the models
    of its folds together are better than these.
    `starting_points`: parameter sets tried before any search, the first being the default; `space` proposes more.
    `applies`: None, or why the family does not apply to a task of this shape.
    `fit`: see `Fit`. `fit_blocks(blocks, deadline, setting)`: the same for rows that do not fit into memory; None: it
    cannot. `rounds(state)`: the best number of boosting rounds; 0 for families without rounds.
    `raw(state, X, rounds)`: link-scale scores [N, n_outputs] by the library's own predict, using the first `rounds`
    rounds. `graph(state, x, rounds)`: the same from a float32 variable [N, F], as a float32 or double variable.
    `contributions(state, X, rounds)`: SHAP values [N, F, n_outputs] and base [n_outputs], which add up to `raw`.
    `tree_sizes(state, rounds)`: how large the trees are.
    `cut(state, rounds)`: the state without what only more or fewer rounds than these would need.
    `rate(state)`: the learning rate, 1 for families without rounds. Rounds of fits that had to hurry compare as rate
    times rounds.
    `is_whole(state)`: whether the fit came to its end; what rounds tell is not said again.
    `refit_parameters(states, parameters)`: what to fit other rows with to get the like of these states, the folds' of
    a candidate. They differ when the fits settled something themselves: a learning rate that meets the deadline, the
    strength of a linear model.
    """

    key: str
    title: str
    tasks: frozenset[TaskKind]
    relative_cost: float
    recipe: tuple[StepSpec, ...]
    starting_points: tuple[Parameters, ...]
    space: Callable[[Trial, Shape], Parameters]
    fit: Fit
    raw: Callable[[Any, Matrix, int], Floats]
    graph: Callable[[Any, Var, int], Var]
    contributions: Callable[[Any, Matrix, int], tuple[Floats, Floats]]
    rounds: Callable[[Any], int] = field(default=lambda _state: 0)
    tree_sizes: Callable[[Any, int], TreeSizes] = field(default=lambda _state, _rounds: TreeSizes())
    cut: Callable[[Any, int], Any] = field(default=lambda state, _rounds: state)
    rate: Callable[[Any], float] = field(default=lambda _state: 1.0)
    is_whole: Callable[[Any], bool] = field(default=lambda _state: True)
    refit_parameters: Callable[[Sequence[Any], Parameters], Parameters] = field(
        default=lambda _states, parameters: parameters
    )
    fit_blocks: Callable[[Blocks, float | None, Setting], Any] | None = None
    applies: Callable[[Shape], Skip | None] = field(default=lambda _shape: None)
    needs_complete: bool = False
    interpretable: bool = False
    monotone: bool = False
    most_rows: int | None = None
    n_refits: int = 1
    bags_below_rows: int = 0


def families() -> tuple[Family, ...]:
    """Return every family, the cheapest first."""
    return tuple(sorted(parts("engine.families", Family), key=lambda family: family.relative_cost))


def family_named(key: str) -> Family:
    """Return the family with this key; raises ConfigError when there is none."""
    return part("engine.families", Family, key)
