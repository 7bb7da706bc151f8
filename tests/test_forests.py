"""Forests: what they explain is what the shap package explains, directions are kept, time and size have bounds."""

import time
from dataclasses import replace

import numpy as np
import pytest

from engine.families.extra_trees import EXTRA_TREES, MAX_NODES, State
from engine.families.family import Floats, Parameters, Rows, Setting
from engine.families.forest_shap import mean_contributions
from engine.features.step import FeatureColumn, Matrix
from engine.tasks.task import Task, TaskKind
from tests.contracts.family_cases import TASKS, assert_same, make_matrix, make_rows, number, run_graph

THIRD_PARTY = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::PendingDeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"
)


def fit(
    rows: Rows,
    kind: TaskKind,
    *,
    deadline: float | None = None,
    task: Task | None = None,
    parameters: Parameters | None = None,
    stopping: Rows | None = None,
    rounds: int | None = None,
    monotone: tuple[int, ...] | None = None,
) -> State:
    setting = Setting(
        task=task or TASKS[kind],
        parameters={**EXTRA_TREES.starting_points[0], **(parameters or {})},
        seed=0,
        threads=1,
        stopping=stopping,
        rounds=rounds,
        monotone=monotone,
    )
    state: State = EXTRA_TREES.fit(rows.X, rows.y, rows.weight, None, deadline, setting)
    return state


@THIRD_PARTY
@pytest.mark.parametrize("kind", list(TaskKind))
def test_contributions_of_the_mean_are_those_of_the_shap_package(kind: TaskKind) -> None:
    import shap
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

    rows = make_rows("codes", kind, 200, 0)
    values = np.nan_to_num(rows.X.values)
    made = ExtraTreesRegressor if kind is TaskKind.REGRESSION else ExtraTreesClassifier
    forest = made(5, random_state=0).fit(values, rows.y)
    found, base = mean_contributions([each.tree_ for each in forest.estimators_], values[:20])
    explainer = shap.TreeExplainer(forest, feature_perturbation="tree_path_dependent")
    reference = np.asarray(explainer.shap_values(values[:20])).reshape(found.shape)
    np.testing.assert_allclose(found, reference, atol=1e-9)
    np.testing.assert_allclose(base, np.ravel(explainer.expected_value), atol=1e-9)


@pytest.mark.parametrize("kind", [TaskKind.BINARY, TaskKind.REGRESSION])
def test_a_direction_is_kept_also_among_missing_values(kind: TaskKind) -> None:
    rows = make_rows("numbers", kind, 300, 0)
    state = fit(rows, kind, rounds=20, monotone=(-1, 0, 0, 1, 0))
    again = fit(rows, kind, rounds=20)
    low, high = (make_matrix("numbers", 200, 5).values for _ in range(2))
    high[:, 0] += 0.5

    def change(found: State) -> Floats:
        before, after = (EXTRA_TREES.raw(found, Matrix(v, rows.X.columns), 20) for v in (low, high))
        return np.asarray(after - before)

    assert change(state).max() <= 1e-9
    assert change(again).max() > 0.01
    assert_same(EXTRA_TREES.raw(state, rows.X, 20), run_graph(EXTRA_TREES, state, rows.X, 20))


def test_twenty_classes_stay_small_and_say_the_same_in_the_file() -> None:
    generator = np.random.default_rng(0)
    values = generator.normal(size=(1500, 4)).astype(np.float32)
    y = (np.argsort(np.argsort(values[:, 0] + 0.2 * values[:, 1])) * 20 // 1500).astype(np.int64)
    rows = Rows(X=Matrix(values, tuple(number(i) for i in range(4))), y=y)
    task = Task(kind=TaskKind.MULTICLASS, targets=("t",), classes=tuple(range(20)))
    state = fit(rows, TaskKind.MULTICLASS, task=task, stopping=rows)
    assert 0 < EXTRA_TREES.tree_sizes(state, 1000).n_nodes <= MAX_NODES * 1.1
    unseen = Matrix(generator.normal(size=(50, 4)).astype(np.float32), rows.X.columns)
    rounds = EXTRA_TREES.rounds(state)
    raw = EXTRA_TREES.raw(state, unseen, rounds)
    assert_same(raw, run_graph(EXTRA_TREES, state, unseen, rounds))
    shares, base = EXTRA_TREES.contributions(state, unseen.take(np.arange(5)), rounds)
    assert_same(raw[:5], shares.sum(axis=1) + base)


def test_trees_are_added_until_the_deadline_and_no_more_than_help() -> None:
    kind = TaskKind.REGRESSION
    rows, other = make_rows("numbers", kind, 400, 0), make_rows("numbers", kind, 200, 10)
    few = fit(rows, kind, stopping=other, deadline=time.monotonic() - 1.0)
    assert EXTRA_TREES.rounds(few) == 4
    # Rows that the trees know by heart: more of them change nothing.
    assert EXTRA_TREES.rounds(fit(rows, kind, stopping=rows)) < 100
    at_once = fit(rows, kind, rounds=4)
    np.testing.assert_array_equal(EXTRA_TREES.raw(at_once, other.X, 4), EXTRA_TREES.raw(few, other.X, 4))


def test_levels_are_ordered_by_their_answers() -> None:
    """Levels whose order says nothing are told apart as well as if they had been numbered by their answers."""
    generator = np.random.default_rng(0)
    effect = generator.normal(size=40)
    codes = generator.integers(0, 40, (1200, 3))
    noise = generator.normal(size=(1200, 6))
    columns = (*(FeatureColumn(f"c{i}", (f"c{i}",), 41) for i in range(3)), *(number(i) for i in range(6)))
    rows = Rows(
        X=Matrix(np.hstack([codes, noise]).astype(np.float32), columns), y=effect[codes].sum(axis=1) / np.sqrt(3)
    )
    kept = np.arange(1200) < 900
    state = fit(Rows(X=rows.X.take(np.flatnonzero(kept)), y=rows.y[kept]), TaskKind.REGRESSION, rounds=30)
    plain = replace(rows, X=Matrix(rows.X.values, tuple(number(i) for i in range(9))))
    other = fit(Rows(X=plain.X.take(np.flatnonzero(kept)), y=rows.y[kept]), TaskKind.REGRESSION, rounds=30)
    test = np.flatnonzero(~kept)
    error, unordered = (
        float(np.mean((EXTRA_TREES.raw(s, x.take(test), 30)[:, 0] - rows.y[test].astype(np.float64)) ** 2))
        for s, x in ((state, rows.X), (other, plain.X))
    )
    assert error < 0.6 * unordered
