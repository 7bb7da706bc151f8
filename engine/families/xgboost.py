"""XGBoost: trees that grow level by level or leaf by leaf, with second-order pruning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from spox import Var

from engine.families.column_share import column_share
from engine.families.family import Blocks, Family, Floats, Parameters, Rows, Setting, Trial
from engine.families.pace import Pace, patience_for
from engine.families.recipes import FOR_TREES
from engine.families.xgboost_blocks import binned_blocks
from engine.features.step import Matrix
from engine.graph.tree_sizes import TreeSizes, tree_sizes
from engine.graph.trees import Trees, read_once, tree_ensemble
from engine.graph.xgboost_trees import leaf_counts, read_trees
from engine.messages import phrase
from engine.registry import Skip
from engine.shape import Shape
from engine.tasks.task import TaskKind

if TYPE_CHECKING:
    from xgboost import Booster, DMatrix

NOT_INSTALLED = phrase(
    "xgboost_not_installed",
    "XGBoost is left out: it is not installed here.",
    "Install the package xgboost to have it tried too.",
    "The other model families are tried as usual.",
)

MAX_ROUNDS = 1500
# What learning rate times rounds comes to when a fit has converged, and the highest rate that still fits well.
LEARNED, HIGHEST_RATE = 12.0, 0.3

_OBJECTIVES: Mapping[TaskKind, tuple[str, str]] = {
    TaskKind.BINARY: ("binary:logistic", "logloss"),
    TaskKind.MULTICLASS: ("multi:softprob", "mlogloss"),
    TaskKind.REGRESSION: ("reg:squarederror", "rmse"),
}


@dataclass(frozen=True, kw_only=True)
class State:
    """A fitted booster. `base`: its score before the first tree; `best`: the best number of rounds."""

    booster: "Booster"
    base: Floats
    best: int
    learning_rate: float
    threads: int


class _Guard:
    """Follows the rounds of one fit: remembers the best, ends it, and learns faster when time is short."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace

    def after(self, model: "Booster", losses: Sequence[float]) -> bool:
        """Take note of a round; say whether the fit should end."""
        ended = self.pace.update(losses[-1] if losses else None)
        if (rate := self.pace.wanted_rate()) > self.pace.rate:
            self.pace.rate = rate
            model.set_param("learning_rate", str(rate))
        return ended


def _fit(
    X: Matrix,
    y: NDArray[np.generic],
    weight: Floats | None,
    groups: NDArray[np.generic] | None,  # noqa: ARG001
    deadline: float | None,
    setting: Setting,
) -> State:
    settings = _settings(setting, len(X.columns), y, weight)
    rows = _binned(Rows(X=X, y=y, weight=weight), setting, settings)
    return _trained(rows, len(y), settings, deadline, setting)


def _fit_blocks(blocks: Blocks, deadline: float | None, setting: Setting) -> State:
    settings = _settings(setting, len(blocks.first.columns), blocks.y, blocks.weight)
    with binned_blocks(blocks, _types(blocks.first), settings, setting) as rows:
        return _trained(rows, len(blocks.y), settings, deadline, setting, catches_up=True)


def _trained(
    rows: "DMatrix",
    n_rows: int,
    settings: dict[str, Any],
    deadline: float | None,
    setting: Setting,
    *,
    catches_up: bool = False,
) -> State:
    import xgboost

    stopping = setting.stopping if setting.stopping and len(setting.stopping.y) else None
    rate = float(settings["learning_rate"])
    total = setting.rounds or MAX_ROUNDS
    pace = Pace(
        rate=rate,
        learned=LEARNED,
        highest=HIGHEST_RATE,
        patience=patience_for(n_rows, rate) if setting.stopping else None,
        deadline=deadline,
        n_asked=total if catches_up else None,
    )
    booster = xgboost.train(
        settings,
        rows,
        num_boost_round=total,
        evals=[(_binned(stopping, setting, settings, rows), "stopping")] if stopping else [],
        callbacks=[_callback(_Guard(pace))],
        verbose_eval=False,
    )
    return State(
        booster=booster,
        base=_base(setting, settings),
        best=pace.best,
        learning_rate=pace.rate,
        threads=setting.threads,
    )


def _callback(guard: _Guard) -> Any:
    from xgboost.callback import TrainingCallback

    class Callback(TrainingCallback):  # type: ignore[misc, unused-ignore]
        def after_iteration(self, model: "Booster", _epoch: int, evals_log: Any) -> bool:
            losses = next(iter(evals_log["stopping"].values())) if evals_log else ()
            return guard.after(model, losses)

    return Callback()


def _settings(setting: Setting, n_columns: int, y: NDArray[np.generic], weight: Floats | None) -> dict[str, Any]:
    objective, metric = _OBJECTIVES[setting.task.kind]
    settings: dict[str, Any] = {
        "learning_rate": 0.05,
        "colsample_bytree": column_share(n_columns),
        **setting.parameters,
        "tree_method": "hist",
        "objective": objective,
        "eval_metric": metric,
        "base_score": 0.0,
        "nthread": setting.threads,
        "seed": setting.seed,
        "verbosity": 0,
    }
    if setting.task.kind is TaskKind.MULTICLASS:
        settings["num_class"] = len(setting.task.classes)
    if setting.task.kind is TaskKind.BINARY:
        share = float(np.average(y.astype(np.float64), weights=weight))
        settings["base_score"] = float(np.clip(share, 1e-4, 1 - 1e-4))
    if setting.monotone and any(setting.monotone) and setting.task.n_outputs == 1:
        settings["monotone_constraints"] = f"({','.join(str(sign) for sign in setting.monotone)})"
    return settings


def _base(setting: Setting, settings: Parameters) -> Floats:
    if setting.task.kind is not TaskKind.BINARY:
        return np.zeros(setting.task.n_outputs)
    share = np.float64(np.float32(settings["base_score"]))
    return np.array([np.log(share) - np.log1p(-share)])


def _binned(rows: Rows, setting: Setting, settings: Parameters, reference: "DMatrix | None" = None) -> "DMatrix":
    from xgboost import QuantileDMatrix

    return QuantileDMatrix(
        _values(rows.X),
        rows.y,
        weight=rows.weight,
        feature_types=_types(rows.X),
        enable_categorical=True,
        max_bin=int(settings.get("max_bin", 256)),
        nthread=setting.threads,
        ref=reference,
    )


def _matrix(X: Matrix, threads: int) -> "DMatrix":
    from xgboost import DMatrix

    return DMatrix(_values(X), feature_types=_types(X), enable_categorical=True, nthread=threads)


def _values(X: Matrix) -> NDArray[np.float32]:
    """Return the features; in place of none, one that says nothing."""
    return X.values if X.values.shape[1] else np.zeros((len(X.values), 1), np.float32)


def _types(X: Matrix) -> list[str]:
    return ["q" if column.n_levels is None else "c" for column in X.columns] or ["q"]


def _until(state: State, rounds: int) -> int:
    return min(rounds, int(state.booster.num_boosted_rounds()))


def _raw(state: State, X: Matrix, rounds: int) -> Floats:
    state.booster.set_param("nthread", str(state.threads))
    scores = state.booster.predict(
        _matrix(X, state.threads), output_margin=True, iteration_range=(0, _until(state, rounds))
    )
    return np.asarray(scores, np.float64).reshape(len(X.values), len(state.base))


def _graph(state: State, x: Var, rounds: int) -> Var:
    return tree_ensemble(x, replace(_trees(state.booster, _until(state, rounds)), base=state.base), len(state.base))


@read_once
def _trees(booster: "Booster", rounds: int) -> Trees:
    return read_trees(booster[:rounds].save_raw("json"))


def _tree_sizes(state: State, rounds: int) -> TreeSizes:
    return tree_sizes(leaf_counts(state.booster[: _until(state, rounds)].save_raw("json")))


def _contributions(state: State, X: Matrix, rounds: int) -> tuple[Floats, Floats]:
    state.booster.set_param("nthread", str(state.threads))
    found = state.booster.predict(
        _matrix(X, state.threads), pred_contribs=True, iteration_range=(0, _until(state, rounds))
    )
    parts = np.asarray(found, np.float64).reshape(len(X.values), len(state.base), -1).transpose(0, 2, 1)
    return parts[:, : X.values.shape[1], :], parts[0, -1, :]


def _applies(_shape: Shape) -> Skip | None:
    # Looks for the package without loading it.
    return None if find_spec("xgboost") else Skip(NOT_INSTALLED())


def _refit_parameters(states: Sequence[State], parameters: Parameters) -> Parameters:
    return {**parameters, "learning_rate": median(state.learning_rate for state in states)}


def _space(trial: Trial, shape: Shape) -> Parameters:
    deepest = 10 if shape.n_classes <= 5 else 7
    return {
        "learning_rate": trial.suggest_float("learning_rate", 0.01, 0.2, log=True),
        "max_depth": trial.suggest_int("max_depth", 3, deepest),
        "min_child_weight": trial.suggest_float("min_child_weight", 0.01, 30.0, log=True),
        "subsample": trial.suggest_float("subsample", 0.5, 1.0),
        "colsample_bytree": trial.suggest_float("colsample_bytree", 0.3, 1.0),
        "colsample_bynode": trial.suggest_float("colsample_bynode", 0.4, 1.0),
        "lambda": trial.suggest_float("lambda", 1e-2, 20.0, log=True),
        "alpha": trial.suggest_float("alpha", 1e-4, 5.0, log=True),
    }


XGBOOST = Family(
    key="xgboost",
    title="XGBoost",
    tasks=frozenset(TaskKind),
    relative_cost=1.3,
    recipe=FOR_TREES,
    starting_points=(
        {"learning_rate": 0.06, "max_depth": 6, "min_child_weight": 1.0, "subsample": 0.7, "colsample_bynode": 0.8},
        {"learning_rate": 0.06, "max_depth": 9, "min_child_weight": 1.0, "subsample": 0.8},
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
    applies=_applies,
    monotone=True,
    n_refits=3,
    bags_below_rows=1_000,
)
