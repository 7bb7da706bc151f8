"""LightGBM: trees that grow leaf by leaf, native categories."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from spox import Var

from engine.families.column_share import column_share
from engine.families.family import Blocks, Family, Floats, Parameters, Rows, Setting, Trial
from engine.families.lightgbm_rows import binned_blocks, binned_like, binned_rows, shown
from engine.families.pace import Pace, patience_for
from engine.families.recipes import FOR_TREES
from engine.features.step import Matrix
from engine.graph.lightgbm_trees import read_trees
from engine.graph.tree_sizes import TreeSizes, tree_sizes
from engine.graph.trees import Trees, read_once, tree_ensemble
from engine.shape import Shape
from engine.tasks.task import TaskKind

if TYPE_CHECKING:
    from lightgbm import Booster, Dataset
    from lightgbm.callback import CallbackEnv

MAX_ROUNDS = 2000
# What learning rate times rounds comes to when a fit has converged, and the highest rate that still fits well.
LEARNED, HIGHEST_RATE = 10.0, 0.25

_OBJECTIVES: Mapping[TaskKind, tuple[str, str]] = {
    TaskKind.BINARY: ("binary", "binary_logloss"),
    TaskKind.MULTICLASS: ("multiclass", "multi_logloss"),
    TaskKind.REGRESSION: ("regression", "rmse"),
}


@dataclass(frozen=True, kw_only=True)
class State:
    """A fitted booster. `learning_rate`: what was used in the end; `best`: the best number of rounds."""

    booster: "Booster"
    n_outputs: int
    best: int
    learning_rate: float
    threads: int

    @cached_property
    def text(self) -> str:
        """All trees as LightGBM writes them, which takes up to a tenth of a fit: done once for counting and keeping."""
        return str(self.booster.model_to_string(num_iteration=-1))

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "booster": None, "text": self.text}

    def __setstate__(self, kept: Mapping[str, Any]) -> None:
        import lightgbm

        booster = lightgbm.Booster(model_str=kept["text"])
        self.__dict__.update({name: value for name, value in kept.items() if name != "text"}, booster=booster)


class _Guard:
    """Follows the rounds of one fit: remembers the best, ends it, and learns faster when time is short."""

    # LightGBM runs callbacks after a round with the highest order last.
    order = 50

    def __init__(self, pace: Pace, *, total: int) -> None:
        self.pace = pace
        self.total = total

    def __call__(self, env: "CallbackEnv") -> None:
        from lightgbm.callback import EarlyStopException

        done = env.iteration + 1
        losses = env.evaluation_result_list or []
        loss = float(losses[0][2]) if losses else None
        ended = self.pace.update(loss)
        if (rate := self.pace.wanted_rate()) > self.pace.rate:
            self.pace.rate = rate
            env.model.reset_parameter({"learning_rate": rate})
        if ended and done < self.total:
            raise EarlyStopException(self.pace.best - 1, losses)


def _fit(
    X: Matrix,
    y: NDArray[np.generic],
    weight: Floats | None,
    groups: NDArray[np.generic] | None,  # noqa: ARG001
    deadline: float | None,
    setting: Setting,
) -> State:
    settings = _settings(setting, len(X.columns))
    rows = binned_rows(Rows(X=X, y=y, weight=weight), settings, setting.store)
    return _trained(rows, len(y), settings, deadline, setting)


def _fit_blocks(blocks: Blocks, deadline: float | None, setting: Setting) -> State:
    settings = _settings(setting, len(blocks.first.columns))
    return _trained(binned_blocks(blocks, settings), len(blocks.y), settings, deadline, setting, catches_up=True)


def _trained(
    rows: "Dataset",
    n_rows: int,
    settings: dict[str, Any],
    deadline: float | None,
    setting: Setting,
    *,
    catches_up: bool = False,
) -> State:
    import lightgbm

    stopping = setting.stopping
    total = setting.rounds or MAX_ROUNDS
    pace = Pace(
        rate=settings["learning_rate"],
        learned=LEARNED,
        highest=HIGHEST_RATE,
        patience=patience_for(n_rows, settings["learning_rate"]) if stopping else None,
        deadline=deadline,
        n_asked=total if catches_up else None,
    )
    booster = lightgbm.train(
        settings,
        rows,
        num_boost_round=total,
        valid_sets=[binned_like(stopping, settings, rows)] if stopping else None,
        callbacks=[_Guard(pace, total=total)],
    )
    return State(
        booster=booster,
        n_outputs=setting.task.n_outputs,
        best=pace.best,
        learning_rate=pace.rate,
        threads=setting.threads,
    )


def _settings(setting: Setting, n_columns: int) -> dict[str, Any]:
    objective, metric = _OBJECTIVES[setting.task.kind]
    settings = {
        "learning_rate": 0.05,
        "feature_fraction": column_share(n_columns),
        **setting.parameters,
        "objective": objective,
        "metric": metric,
        "num_threads": setting.threads,
        "seed": setting.seed,
        "deterministic": True,
        "force_col_wise": True,
        "verbosity": -1,
    }
    if setting.task.kind is TaskKind.MULTICLASS:
        settings["num_class"] = len(setting.task.classes)
    elif setting.monotone and any(setting.monotone):
        # LightGBM's quickest method forbids more than it must.
        settings |= {"monotone_constraints": list(setting.monotone), "monotone_constraints_method": "intermediate"}
    return settings


def _raw(state: State, X: Matrix, rounds: int) -> Floats:
    scores = np.asarray(
        state.booster.predict(shown(X), raw_score=True, num_iteration=rounds, num_threads=state.threads), np.float64
    )
    return scores.reshape(len(X.values), state.n_outputs)


def _graph(state: State, x: Var, rounds: int) -> Var:
    return tree_ensemble(x, _trees(state.booster, rounds, state.n_outputs), state.n_outputs)


@read_once
def _trees(booster: "Booster", rounds: int, n_outputs: int) -> Trees:
    return read_trees(booster.model_to_string(num_iteration=rounds), n_outputs)


def _contributions(state: State, X: Matrix, rounds: int) -> tuple[Floats, Floats]:
    values = np.asarray(
        state.booster.predict(shown(X), pred_contrib=True, num_iteration=rounds, num_threads=state.threads),
        np.float64,
    )
    parts = values.reshape(len(X.values), state.n_outputs, -1).transpose(0, 2, 1)
    return parts[:, : X.values.shape[1], :], parts[0, -1, :]


def _tree_sizes(state: State, rounds: int) -> TreeSizes:
    trees = re.finditer(r"^num_leaves=(\d+)$", state.text, re.MULTILINE)
    return tree_sizes([int(tree[1]) for tree in islice(trees, rounds * state.n_outputs)])


def _refit_parameters(states: Sequence[State], parameters: Parameters) -> Parameters:
    return {**parameters, "learning_rate": median(state.learning_rate for state in states)}


def _space(trial: Trial, shape: Shape) -> Parameters:
    most_leaves = int(np.clip(shape.n_rows / 20, 8, 255))
    return {
        "learning_rate": trial.suggest_float("learning_rate", 0.01, 0.2, log=True),
        "num_leaves": trial.suggest_int("num_leaves", 4, most_leaves, log=True),
        "min_data_in_leaf": trial.suggest_int("min_data_in_leaf", 2, max(3, min(200, shape.n_rows // 20)), log=True),
        "feature_fraction": trial.suggest_float("feature_fraction", 0.3, 1.0),
        "bagging_fraction": trial.suggest_float("bagging_fraction", 0.5, 1.0),
        "bagging_freq": 1,
        "lambda_l2": trial.suggest_float("lambda_l2", 1e-3, 30.0, log=True),
        "lambda_l1": trial.suggest_float("lambda_l1", 1e-4, 10.0, log=True),
        "cat_smooth": trial.suggest_float("cat_smooth", 1.0, 100.0, log=True),
        "extra_trees": trial.suggest_categorical("extra_trees", (False, True)),
    }


_BAGGED = {"bagging_fraction": 0.75, "bagging_freq": 1}

LIGHTGBM = Family(
    key="lightgbm",
    title="LightGBM",
    tasks=frozenset(TaskKind),
    relative_cost=1.0,
    recipe=FOR_TREES,
    # Plain, with random thresholds, with few leaves, slow, with many leaves: they err in different places.
    starting_points=(
        {"learning_rate": 0.06, "num_leaves": 40, "min_data_in_leaf": 10, "feature_fraction": 0.8, **_BAGGED},
        {"learning_rate": 0.1, "num_leaves": 39, "min_data_in_leaf": 5, "feature_fraction": 0.8, "extra_trees": True},
        {"learning_rate": 0.1, "num_leaves": 8, "min_data_in_leaf": 10, "lambda_l2": 1.0, **_BAGGED},
        {"learning_rate": 0.03, "num_leaves": 84, "min_data_in_leaf": 5, **_BAGGED},
        {"learning_rate": 0.05, "num_leaves": 100, "min_data_in_leaf": 3, "feature_fraction": 0.7, "lambda_l2": 1.0},
    ),
    space=_space,
    fit=_fit,
    fit_blocks=_fit_blocks,
    raw=_raw,
    graph=_graph,
    contributions=_contributions,
    rounds=lambda state: int(state.best),
    tree_sizes=_tree_sizes,
    rate=lambda state: float(state.learning_rate),
    refit_parameters=_refit_parameters,
    monotone=True,
    n_refits=3,
    bags_below_rows=1_000,
)
