"""CatBoost: symmetric trees, and categories turned into statistics of the target without leaking it."""

import json
import math
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Var

from engine.families.baseline import prior
from engine.families.family import Family, Floats, Parameters, Rows, Setting, Trial
from engine.families.pace import Pace, patience_for
from engine.families.recipes import FOR_CATBOOST
from engine.features.step import FeatureColumn, Matrix
from engine.graph.catboost_model import Plan, model_graph, read_plan
from engine.graph.tree_sizes import TreeSizes, tree_sizes
from engine.graph.trees import constant
from engine.messages import phrase
from engine.registry import Skip
from engine.shape import Shape
from engine.tasks.task import TaskKind

if TYPE_CHECKING:
    from catboost import CatBoost, Pool

TOO_MANY_CLASSES = phrase(
    "catboost_too_many_classes",
    "CatBoost is left out: {n_classes} classes would take it too long, the limit is {limit}.",
)

MAX_CLASSES = 50
MAX_ROUNDS = 1500
# What learning rate times rounds comes to when a fit has converged, and the highest rate that still fits well.
LEARNED, HIGHEST_RATE = 30.0, 0.3
# Starting again at a higher rate costs the rounds so far: not for a small gain.
WORTH_A_RESTART = 1.3

_LOSSES: Mapping[TaskKind, str] = {
    TaskKind.BINARY: "Logloss",
    TaskKind.MULTICLASS: "MultiClass",
    TaskKind.REGRESSION: "RMSE",
}


@dataclass(frozen=True, kw_only=True)
class State:
    """A fitted model, or None when there was nothing to learn from.

    `present`: the classes that the training rows had, None for all; the others keep their `prior`.
    `seen`: the training matrix, kept when the model combines columns: the graph needs to know what was combined.
    `best`: the best number of rounds; the model keeps the later ones, for who asks for more.
    """

    model: "CatBoost | None"
    prior: Floats
    present: tuple[int, ...] | None
    n_levels: Mapping[int, int]
    seen: NDArray[np.float32] | None
    best: int
    learning_rate: float
    threads: int


class _Guard:
    """Follows the rounds of one fit: remembers the best, and ends it."""

    def __init__(self, pace: Pace, *, loss: str, may_restart: bool) -> None:
        self.pace = pace
        self.loss = loss
        self.may_restart = may_restart
        self.better_rate: float | None = None

    def after_iteration(self, info: Any) -> bool:
        """Say whether CatBoost should add another round."""
        losses = info.metrics.get("validation", {}).get(self.loss)
        ended = self.pace.update(float(losses[-1]) if losses else None)
        rate = self.pace.wanted_rate()
        if self.may_restart and rate > WORTH_A_RESTART * self.pace.rate:
            self.better_rate = rate
        return not ended and self.better_rate is None


def default_rate(kind: TaskKind, n_rows: int) -> float:
    """Return a learning rate that suits about a thousand rounds; larger tables bear faster ones.

    >>> default_rate(TaskKind.BINARY, 10_000)
    0.057
    """
    intercept, slope = {
        TaskKind.BINARY: (-5.127, 0.246),
        TaskKind.MULTICLASS: (-2.7, 0.05),
        TaskKind.REGRESSION: (-4.062, 0.157),
    }[kind]
    return round(math.exp(intercept + slope * math.log(max(n_rows, 10))), 3)


def _fit(
    X: Matrix,
    y: NDArray[np.generic],
    weight: Floats | None,
    groups: NDArray[np.generic] | None,  # noqa: ARG001
    deadline: float | None,
    setting: Setting,
) -> State:
    setting = _keeping_directions(setting)
    rate = float(setting.parameters.get("learning_rate") or default_rate(setting.task.kind, len(y)))
    present = _present(setting, y)
    model, guard = None, None
    if _can_learn(X, y):
        rows = _pool(_relabelled(Rows(X=X, y=y, weight=weight), present))
        asked = _relabelled(setting.stopping, present) if setting.stopping else None
        stopping = _pool(asked) if asked is not None and len(asked.y) else None
        model, guard = _train(rows, stopping, rate, deadline, setting, may_restart=deadline is not None)
        if guard.better_rate is not None:
            model, guard = _train(rows, stopping, guard.better_rate, deadline, setting, may_restart=False)
    combines = X.codes and int(setting.parameters.get("max_ctr_complexity", 1)) > 1
    return State(
        model=model,
        prior=prior(setting.task, y, weight),
        present=present,
        n_levels={i: int(X.columns[i].n_levels or 0) for i in X.codes},
        seen=X.values if combines else None,
        best=guard.pace.best if guard else 1,
        learning_rate=guard.pace.rate if guard else rate,
        threads=setting.threads,
    )


def _directions(setting: Setting) -> list[int] | None:
    wanted = setting.monotone if setting.task.n_outputs == 1 else None
    return list(wanted) if wanted and any(wanted) else None


def _keeping_directions(setting: Setting) -> Setting:
    """Forbid combined columns where directions are kept: what is said of a combination may turn with the number."""
    if not _directions(setting):
        return setting
    return replace(setting, parameters={**setting.parameters, "max_ctr_complexity": 1})


def _can_learn(X: Matrix, y: NDArray[np.generic]) -> bool:
    """CatBoost refuses a constant target and constant features."""
    if len(np.unique(y)) < 2:
        return False
    first = X.values[:1]
    return bool(((X.values != first) & ~(np.isnan(X.values) & np.isnan(first))).any())


def _present(setting: Setting, y: NDArray[np.generic]) -> tuple[int, ...] | None:
    if setting.task.kind is not TaskKind.MULTICLASS:
        return None
    found = tuple(int(position) for position in np.unique(y))
    return found if len(found) < len(setting.task.classes) else None


def _relabelled(rows: Rows, present: tuple[int, ...] | None) -> Rows:
    """Leave out absent classes: CatBoost would give them a score of minus infinity."""
    if present is None:
        return rows
    kept = np.flatnonzero(np.isin(rows.y, present))
    weight = rows.weight[kept] if rows.weight is not None else None
    return Rows(X=rows.X.take(kept), y=np.searchsorted(present, rows.y[kept].astype(np.int64)), weight=weight)


def _train(
    rows: "Pool", stopping: "Pool | None", rate: float, deadline: float | None, setting: Setting, *, may_restart: bool
) -> tuple["CatBoost", _Guard]:
    from catboost import CatBoost

    patience = patience_for(rows.num_row(), rate) if stopping is not None else None
    guard = _Guard(
        Pace(rate=rate, learned=LEARNED, highest=HIGHEST_RATE, patience=patience, deadline=deadline),
        loss=_LOSSES[setting.task.kind],
        may_restart=may_restart and stopping is not None,
    )
    directions = _directions(setting)
    model = CatBoost(
        {
            **({"monotone_constraints": directions} if directions else {}),
            # Half of the usual borders, statistics of single categories, and none where levels are few: a third of the
            # time, and hardly worse or better.
            "border_count": 128,
            "max_ctr_complexity": 1,
            "one_hot_max_size": 32,
            **setting.parameters,
            "learning_rate": rate,
            "iterations": setting.rounds or MAX_ROUNDS,
            "loss_function": guard.loss,
            "random_seed": setting.seed,
            "thread_count": setting.threads,
            # Counting the stopping rows too would make the file depend on them.
            "counter_calc_method": "SkipTest",
            "use_best_model": False,
            "allow_writing_files": False,
            "logging_level": "Silent",
        }
    )
    model.fit(rows, eval_set=stopping, callbacks=[guard])
    return model, guard


def _pool(rows: Rows) -> "Pool":
    from catboost import Pool

    return Pool(_frame(rows.X), rows.y, cat_features=list(rows.X.codes) or None, weight=rows.weight)


def _frame(X: Matrix) -> Any:
    """Return a table whose code columns are categories named by whole numbers: what CatBoost reads fastest."""
    import pandas as pd

    made: dict[int, Any] = {}
    for i, column in enumerate(X.columns):
        values = X.values[:, i]
        made[i] = values
        if column.n_levels is not None:
            made[i] = pd.Categorical.from_codes(values.astype(np.int64), categories=np.arange(column.n_levels))
    return pd.DataFrame(made)


def _raw(state: State, X: Matrix, rounds: int) -> Floats:
    if state.model is None:
        return np.tile(state.prior, (len(X.values), 1))
    from catboost import Pool

    pool = Pool(_frame(X), cat_features=list(X.codes) or None)
    n_trees = min(rounds, state.model.tree_count_)
    scores = state.model.predict(pool, prediction_type="RawFormulaVal", ntree_end=n_trees, thread_count=state.threads)
    return _all_classes(state, np.asarray(scores, np.float64).reshape(len(X.values), -1))


def _all_classes(state: State, scores: Floats) -> Floats:
    """Put the scores of the classes that were there beside the prior of those that were not."""
    if state.present is None:
        return scores
    filled = np.tile(state.prior, (len(scores), 1))
    filled[:, list(state.present)] = scores
    return filled


def _graph(state: State, x: Var, rounds: int) -> Var:
    if state.model is None:
        return constant(x, state.prior)
    scores = model_graph(x, _plan(state, rounds))
    if state.present is None:
        return scores
    absent = [i for i in range(len(state.prior)) if i not in state.present]
    both = op.concat([scores, constant(x, state.prior[absent])], axis=1)
    return op.gather(both, op.const(np.argsort([*state.present, *absent])), axis=1)


def _plan(state: State, rounds: int) -> Plan:
    model = _shortened(state, rounds)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json", pool=_every_code(state, len(model.feature_names_)))
        return read_plan(json.loads(path.read_text(encoding="utf-8")), state.n_levels, state.seen)


def _every_code(state: State, n_columns: int) -> "Pool":
    """Return rows that hold every code once: the model's JSON form then tells CatBoost's hash of each."""
    from catboost import Pool

    n_rows = max(state.n_levels.values(), default=1)
    values = np.zeros((n_rows, n_columns), np.float32)
    for column, n_levels in state.n_levels.items():
        values[:, column] = np.minimum(np.arange(n_rows), n_levels - 1)
    columns = tuple(FeatureColumn(str(i), (), state.n_levels.get(i)) for i in range(n_columns))
    return Pool(_frame(Matrix(values, columns)), cat_features=list(state.n_levels) or None)


def _shortened(state: State, rounds: int) -> "CatBoost":
    assert state.model is not None
    if rounds >= state.model.tree_count_:
        return state.model
    model = state.model.copy()
    model.shrink(rounds)
    return model


def _contributions(state: State, X: Matrix, rounds: int) -> tuple[Floats, Floats]:
    n_rows, n_columns = X.values.shape
    if state.model is None:
        return np.zeros((n_rows, n_columns, len(state.prior))), state.prior
    from catboost import Pool

    pool = Pool(_frame(X), cat_features=list(X.codes) or None)
    found = _shortened(state, rounds).get_feature_importance(pool, type="ShapValues", thread_count=state.threads)
    values = np.asarray(found, np.float64).reshape(n_rows, -1, n_columns + 1).transpose(0, 2, 1)
    shares, base = values[:, :-1, :], values[0, -1, :]
    if state.present is None:
        return shares, base
    filled = np.zeros((n_rows, n_columns, len(state.prior)))
    filled[:, :, list(state.present)] = shares
    return filled, _all_classes(state, base[None, :])[0]


def _tree_sizes(state: State, rounds: int) -> TreeSizes:
    if state.model is None:
        return TreeSizes()
    n_outputs = len(state.present) if state.present is not None else len(state.prior)
    return tree_sizes(state.model.get_tree_leaf_counts()[:rounds], n_outputs)


def _applies(shape: Shape) -> Skip | None:
    if shape.n_classes > MAX_CLASSES:
        return Skip(TOO_MANY_CLASSES(n_classes=shape.n_classes, limit=MAX_CLASSES))
    return None


def _refit_parameters(states: Sequence[State], parameters: Parameters) -> Parameters:
    return {**parameters, "learning_rate": median(state.learning_rate for state in states)}


def _space(trial: Trial, shape: Shape) -> Parameters:
    deepest = 8 if shape.n_classes <= 5 else 6
    return {
        "learning_rate": trial.suggest_float("learning_rate", 0.02, 0.2, log=True),
        "depth": trial.suggest_int("depth", 4, deepest),
        "l2_leaf_reg": trial.suggest_float("l2_leaf_reg", 0.5, 20.0, log=True),
        "random_strength": trial.suggest_float("random_strength", 0.1, 5.0, log=True),
        "bootstrap_type": "Bernoulli",
        "subsample": trial.suggest_float("subsample", 0.6, 1.0),
        "rsm": trial.suggest_float("rsm", 0.4, 1.0),
        "one_hot_max_size": trial.suggest_categorical("one_hot_max_size", (2, 32)),
        "max_ctr_complexity": trial.suggest_categorical("max_ctr_complexity", (1, 2)),
    }


CATBOOST = Family(
    key="catboost",
    title="CatBoost",
    tasks=frozenset(TaskKind),
    relative_cost=4.0,
    recipe=FOR_CATBOOST,
    starting_points=(
        {"depth": 6},
        {"depth": 7, "learning_rate": 0.08, "bootstrap_type": "Bernoulli", "subsample": 0.9, "one_hot_max_size": 2},
        {"depth": 4, "learning_rate": 0.1},
        {"depth": 6, "learning_rate": 0.08, "max_ctr_complexity": 2, "one_hot_max_size": 2, "rsm": 0.8},
        {"depth": 8, "learning_rate": 0.1, "rsm": 0.5, "l2_leaf_reg": 5.0},
    ),
    space=_space,
    fit=_fit,
    raw=_raw,
    graph=_graph,
    contributions=_contributions,
    rounds=lambda state: int(state.best),
    tree_sizes=_tree_sizes,
    rate=lambda state: float(state.learning_rate),
    refit_parameters=_refit_parameters,
    applies=_applies,
    monotone=True,
    n_refits=3,
    bags_below_rows=1_000,
)
