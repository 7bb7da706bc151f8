"""XGBoost: its trees are read from JSON with every kind of split, directions are kept, and it may be missing."""

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.families import xgboost
from engine.families.family import Rows, Setting, family_named
from engine.features.step import FeatureColumn, Matrix
from engine.graph.xgboost_trees import read_trees
from engine.registry import Skip
from engine.shape import Shape
from engine.tasks.task import TaskKind
from tests.contracts.family_cases import TASKS, assert_same, generated, make_matrix, make_rows, run_graph

XGBOOST = family_named("xgboost")


@pytest.mark.parametrize("kind", list(TaskKind))
@pytest.mark.parametrize(
    "parameters",
    [
        {"max_cat_to_onehot": 1, "max_depth": 8, "min_child_weight": 0.0},
        {"max_cat_to_onehot": 100, "max_depth": 4},
        {"grow_policy": "lossguide", "max_leaves": 30, "max_depth": 0},
    ],
    ids=["sets of levels", "single levels", "leaf by leaf"],
)
def test_every_kind_of_split_says_the_same_in_the_file(parameters: dict[str, float | str], kind: TaskKind) -> None:
    rows = make_rows("codes", kind, 500, 0)
    setting = Setting(task=TASKS[kind], parameters=parameters, seed=0, threads=1, rounds=40)
    state = XGBOOST.fit(rows.X, rows.y, None, None, None, setting)
    for X in (rows.X, make_matrix("codes", 300, 20, unseen=True), generated(rows.X)):
        assert_same(XGBOOST.raw(state, X, 40), run_graph(XGBOOST, state, X, 40))


def test_a_value_at_a_threshold_goes_the_same_way_in_the_file() -> None:
    values = np.repeat(np.arange(8, dtype=np.float32)[:, None], 50, axis=0)
    rows = Rows(X=Matrix(values, (FeatureColumn("n", ("n",)),)), y=np.sin(values[:, 0]).astype(np.float64))
    setting = Setting(task=TASKS[TaskKind.REGRESSION], parameters={}, seed=0, threads=1, rounds=30)
    state = XGBOOST.fit(rows.X, rows.y, None, None, None, setting)
    trees = read_trees(state.booster.save_raw("json"))
    # Exactly what XGBoost splits at, and the closest numbers on both sides of it.
    at = np.nextafter(trees.threshold.astype(np.float32), np.float32(np.inf))
    near = np.concatenate([np.nextafter(at, np.float32(-np.inf)), at, np.nextafter(at, np.float32(np.inf))])
    X = Matrix(near[:, None], rows.X.columns)
    raw = XGBOOST.raw(state, X, 30)
    assert len(np.unique(raw)) > 4
    assert_same(raw, run_graph(XGBOOST, state, X, 30))


def test_nodes_are_counted_without_reading_the_trees() -> None:
    rows = make_rows("codes", TaskKind.MULTICLASS, 300, 0)
    setting = Setting(task=TASKS[TaskKind.MULTICLASS], parameters={}, seed=0, threads=1, rounds=20)
    state = XGBOOST.fit(rows.X, rows.y, None, None, None, setting)
    trees = read_trees(state.booster[:12].save_raw("json"))
    assert trees.sets
    assert XGBOOST.tree_sizes(state, 12).n_nodes == trees.n_nodes > 12 * len(TASKS[TaskKind.MULTICLASS].classes)


@pytest.mark.parametrize("key", ["catboost", "extra_trees", "lightgbm", "xgboost"])
@pytest.mark.parametrize("kind", [TaskKind.BINARY, TaskKind.REGRESSION])
def test_a_direction_is_kept(key: str, kind: TaskKind) -> None:
    family = family_named(key)
    assert family.monotone
    rows = make_rows("codes", kind, 400, 0)
    low = make_matrix("codes", 300, 5).values
    high = low.copy()
    high[:, 0] += 0.4

    def change(monotone: tuple[int, ...] | None) -> NDArray[np.float64]:
        setting = Setting(
            task=TASKS[kind],
            parameters=family.starting_points[0],
            seed=0,
            threads=1,
            rounds=30,
            monotone=monotone,
        )
        state = family.fit(rows.X, rows.y, None, None, None, setting)
        before, after = (family.raw(state, Matrix(values, rows.X.columns), 30) for values in (low, high))
        return after - before

    assert change((-1, 0, 0, 0, 0, 0, 0, 0)).max() <= 1e-6
    assert change((1, 0, 0, 0, 0, 0, 0, 0)).min() >= -1e-6
    assert change(None).max() > 0.01


def test_says_in_words_that_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    shape = Shape(n_rows=100, n_columns=3, n_classes=2, kind=TaskKind.BINARY)
    assert XGBOOST.applies(shape) is None
    monkeypatch.setattr(xgboost, "find_spec", lambda name: None)
    skip = XGBOOST.applies(shape)
    assert isinstance(skip, Skip)
    assert skip.reason.code == "xgboost_not_installed"
