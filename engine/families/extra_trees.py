"""Extra trees: deep trees with random thresholds, averaged; for small tables whose edges boosting smooths away."""

import time as clock
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Var

from engine.families.family import Family, Floats, Parameters, Rows, Setting, Trial
from engine.families.level_order import order_of_levels, ordered
from engine.families.recipes import FOR_TREES
from engine.features.step import Matrix
from engine.graph.forest import mean_of_trees
from engine.graph.tree_sizes import TreeSizes, tree_sizes
from engine.shape import Shape
from engine.tasks.task import Task, TaskKind

MAX_TREES, MAX_LEAVES = 200, 1000
# Tree nodes of one forest: what one member of a blend may bring to a file.
MAX_NODES = 200_000
# Trees are added by so many at a time, with a look at the clock and at the stopping rows after each time.
FIRST_TREES, MORE_TREES = 4, 16
# The loss falls like one part that stays and one that halves with twice the trees: less gain than this ends the fit.
WORTHWHILE = 2e-3
# Above these rows each tree sees a sample of as many.
MANY_ROWS = 50_000


@dataclass(frozen=True, kw_only=True)
class State:
    """Fitted trees (scikit-learn's `tree_`).

    `present`: the classes that the training rows had; empty for a regression. `share`: of each class, half a row added.
    `order`: by column of codes, the rank of each level that the trees see in its place.
    `fill`: what stands for a missing value in each column; None where the trees know missing values.
    """

    trees: tuple[Any, ...]
    present: tuple[int, ...]
    share: Floats
    order: Mapping[int, NDArray[np.float32]]
    fill: NDArray[np.float32] | None
    n_outputs: int
    threads: int


def _fit(
    X: Matrix,
    y: NDArray[np.generic],
    weight: Floats | None,
    groups: NDArray[np.generic] | None,  # noqa: ARG001
    deadline: float | None,
    setting: Setting,
) -> State:
    task = setting.task
    rows = Rows(X=X, y=y, weight=weight)
    order = order_of_levels(rows, task)
    state = State(
        trees=(),
        present=tuple(int(position) for position in np.unique(y)) if task.classes else (),
        share=_share(y, weight, task),
        order=order,
        fill=_fill(X) if setting.monotone and any(setting.monotone) else None,
        n_outputs=task.n_outputs,
        threads=setting.threads,
    )
    # Where values are missing, scikit-learn refuses those that it may not write to, such as features kept in a file.
    values = np.require(_values(state, X), requirements="W")
    forest = _forest(setting, len(y))
    follow = _Following(state, setting) if setting.stopping is not None and len(setting.stopping.y) else None
    limit = setting.rounds or int(setting.parameters.get("n_estimators", MAX_TREES))
    n_trees = 0
    while n_trees < limit:
        n_trees = min(limit, n_trees + (MORE_TREES if n_trees else FIRST_TREES))
        forest.set_params(n_estimators=n_trees)
        forest.fit(values, y, sample_weight=weight)
        trees = [each.tree_ for each in forest.estimators_]
        if deadline is not None and clock.monotonic() >= deadline:
            break
        if setting.rounds is None:
            limit = min(limit, int(MAX_NODES * len(trees) / _sizes_of(trees).n_nodes))
        if follow is not None and follow.is_settled(trees):
            break
    return State(**{**vars(state), "trees": tuple(trees)})


def _forest(setting: Setting, n_rows: int) -> Any:
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

    regression = setting.task.kind is TaskKind.REGRESSION
    keeps = setting.monotone if setting.task.n_outputs == 1 and setting.monotone and any(setting.monotone) else None
    leaves = int(setting.parameters.get("max_leaf_nodes", MAX_LEAVES))
    return (ExtraTreesRegressor if regression else ExtraTreesClassifier)(
        **{
            "max_features": 1.0,
            **setting.parameters,
            # Growing the best leaf first is only needed where a tree could have too many.
            "max_leaf_nodes": leaves if n_rows > leaves else None,
            "bootstrap": n_rows > MANY_ROWS,
            "max_samples": MANY_ROWS if n_rows > MANY_ROWS else None,
            "monotonic_cst": keeps,
            "random_state": setting.seed,
            "n_jobs": setting.threads,
            "warm_start": True,
        }
    )


class _Following:
    """Watches the loss on the stopping rows while trees are added."""

    def __init__(self, state: State, setting: Setting) -> None:
        assert setting.stopping is not None
        self.state = state
        self.rows = setting.stopping
        self.values = _values(state, self.rows.X)
        self.sum: Floats | None = None
        self.losses: dict[int, float] = {}

    def is_settled(self, trees: Sequence[Any]) -> bool:
        """Say whether twice as many trees were hardly better than half of them."""
        done = max(self.losses, default=0)
        added = _sum(trees[done:], self.values, self.state.threads)
        self.sum = added if self.sum is None else self.sum + added
        self.losses[len(trees)] = self._loss(_on_link_scale(self.state, self.sum / len(trees), len(trees)))
        half = min(self.losses, key=lambda n_trees: abs(n_trees - len(trees) / 2))
        gained = self.losses[half] - self.losses[len(trees)]
        return len(trees) >= 3 * MORE_TREES and gained <= WORTHWHILE * abs(self.losses[len(trees)])

    def _loss(self, scores: Floats) -> float:
        y = self.rows.y
        if not self.state.present:
            losses = (scores[:, 0] - y.astype(np.float64)) ** 2
        elif scores.shape[1] == 1:
            losses = np.logaddexp(0.0, np.where(y == 1, -scores[:, 0], scores[:, 0]))
        else:
            losses = np.logaddexp.reduce(scores, axis=1) - scores[np.arange(len(y)), y.astype(np.int64)]
        return float(np.average(losses, weights=self.rows.weight))


def _share(y: NDArray[np.generic], weight: Floats | None, task: Task) -> Floats:
    if not task.classes:
        return np.zeros(0)
    counts = np.asarray(np.bincount(y.astype(np.int64), weight, len(task.classes)) + 0.5, np.float64)
    return np.asarray(counts / counts.sum(), np.float64)


def _fill(X: Matrix) -> NDArray[np.float32]:
    """scikit-learn cannot keep a direction among missing values: the median stands for them."""
    known = np.where(np.isnan(X.values).all(axis=0), np.float32(0), X.values)
    return np.asarray(np.nanmedian(known, axis=0), np.float32)


def _values(state: State, X: Matrix) -> NDArray[np.float32]:
    values = ordered(X.values, state.order)
    if not values.shape[1]:
        return np.zeros((len(values), 1), np.float32)
    return values if state.fill is None else np.where(np.isnan(values), state.fill, values)


def _sum(trees: Sequence[Any], values: NDArray[np.float32], threads: int) -> Floats:
    """Add up what trees say, in their order, whatever the number of threads."""
    values = np.ascontiguousarray(values)
    total: Floats = np.zeros((len(values), trees[0].value.shape[2]))
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(trees), MORE_TREES):
            for said in pool.map(lambda tree: tree.predict(values), trees[start : start + MORE_TREES]):
                total += said.reshape(total.shape)
    return total


def _smoothing(n_trees: int) -> float:
    """Return the weight of the overall shares, which leaves some doubt where all trees agree: half a tree's."""
    return 0.5 / (n_trees + 1)


def _on_link_scale(state: State, mean: Floats, n_trees: int) -> Floats:
    """Turn mean values of leaves into scores [N, n_outputs]."""
    if not state.present:
        return mean
    shares = _smoothed(state, mean, n_trees)
    if state.n_outputs == 1:
        return np.log(shares[:, 1:]) - np.log(shares[:, :1])
    return np.log(shares)


def _smoothed(state: State, mean: Floats, n_trees: int) -> Floats:
    """Return the shares of all classes [N, K], also of those that the trees do not know."""
    every: Floats = np.zeros((len(mean), len(state.share)))
    every[:, list(state.present)] = mean
    smoothing = _smoothing(n_trees)
    return (1.0 - smoothing) * every + smoothing * state.share


def _raw(state: State, X: Matrix, rounds: int) -> Floats:
    trees = state.trees[:rounds]
    mean = _sum(trees, _values(state, X), state.threads) / len(trees)
    return _on_link_scale(state, mean, len(trees))


def _graph(state: State, x: Var, rounds: int) -> Var:
    trees = state.trees[:rounds]
    # Ranks of levels stand behind the other features.
    n_features = max(1, trees[0].n_features)
    feature = np.arange(n_features)
    if state.fill is not None:
        x = op.where(op.isnan(x), op.const(state.fill[None, :]), x)
    if state.order:
        codes = list(state.order)
        offsets = np.cumsum([0, *(len(ranks) for ranks in state.order.values())])[:-1]
        found = op.add(op.cast(op.gather(x, op.const(np.array(codes)), axis=1), to=np.int64), op.const(offsets[None]))
        ranks = op.gather(op.const(np.concatenate(list(state.order.values()))), found)
        x = op.concat([x, ranks], axis=1)
        feature[codes] = n_features + np.arange(len(codes))
    mean = mean_of_trees(x, trees, feature)
    return _link_graph(state, mean, len(trees)) if state.present else mean


def _link_graph(state: State, mean: Var, n_trees: int) -> Var:
    smoothing = _smoothing(n_trees)
    placed = np.zeros((len(state.present), len(state.share)))
    placed[np.arange(len(state.present)), list(state.present)] = 1.0 - smoothing
    shares = op.add(op.matmul(mean, op.const(placed)), op.const(smoothing * state.share[None, :]))
    if state.n_outputs > 1:
        return op.log(shares)
    second, first = (op.gather(shares, op.const(np.array([i])), axis=1) for i in (1, 0))
    return op.sub(op.log(second), op.log(first))


def _contributions(state: State, X: Matrix, rounds: int) -> tuple[Floats, Floats]:
    """SHAP values of the mean, stretched in each row so that they lead from the base to its score.

    The score of an output is a function of one mean, so this is the rescale rule for a chain of two functions.
    """
    from engine.families.forest_shap import mean_contributions

    trees = state.trees[:rounds]
    parts, start = mean_contributions(trees, _values(state, X))
    mean = start + parts.sum(axis=1)
    if not state.present:
        return parts[:, : X.values.shape[1]], start
    base = _on_link_scale(state, start[None, :], len(trees))[0]
    moved = _on_link_scale(state, mean, len(trees)) - base
    own: Floats = np.zeros((*parts.shape[:2], len(state.share)))
    own[:, :, list(state.present)] = parts
    if state.n_outputs == 1:
        own = own[:, :, 1:]
    from_mean = own.sum(axis=1)
    at_base = _smoothed(state, start[None, :], len(trees))[0]
    slope = 1.0 / at_base if state.n_outputs > 1 else 1.0 / (at_base[:1] * at_base[1:])
    near = np.abs(from_mean) < 1e-9
    stretch = np.where(near, slope, moved / np.where(near, 1.0, from_mean))
    return (own * stretch[:, None, :])[:, : X.values.shape[1]], base


def _sizes_of(trees: Sequence[Any]) -> TreeSizes:
    return tree_sizes([tree.n_leaves for tree in trees], trees[0].value.shape[2] if trees else 1)


def _tree_sizes(state: State, rounds: int) -> TreeSizes:
    return _sizes_of(state.trees[:rounds])


def _space(trial: Trial, shape: Shape) -> Parameters:
    largest = max(3, min(30, shape.n_rows // 50))
    return {
        "max_features": trial.suggest_float("max_features", 0.1, 1.0),
        "min_samples_leaf": trial.suggest_int("min_samples_leaf", 1, largest, log=True),
        "max_leaf_nodes": trial.suggest_int("max_leaf_nodes", 100, 2000, log=True),
    }


EXTRA_TREES = Family(
    key="extra_trees",
    title="Extra trees",
    tasks=frozenset(TaskKind),
    relative_cost=1.5,
    recipe=FOR_TREES,
    starting_points=(
        {"max_features": 1.0, "min_samples_leaf": 1},
        {"max_features": 0.5, "min_samples_leaf": 4, "max_leaf_nodes": 500},
    ),
    space=_space,
    fit=_fit,
    raw=_raw,
    graph=_graph,
    contributions=_contributions,
    rounds=lambda state: len(state.trees),
    tree_sizes=_tree_sizes,
    monotone=True,
    n_refits=3,
    bags_below_rows=1_500,
)
