"""Every model family keeps the contract of `engine.families.family`, and its graph says what its library says."""

import pickle
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray
from spox import Tensor, argument, build

from engine.families.family import Family, Rows, Setting, Shape, families, family_named
from engine.features.step import FeatureColumn, Matrix
from engine.registry import Skip
from engine.tasks.task import Task, TaskKind

FAMILIES = [family.key for family in families()]
KINDS = list(TaskKind)
CASES = ["numbers", "codes", "weights", "single", "constant"]
TASKS = {
    TaskKind.BINARY: Task(kind=TaskKind.BINARY, target="t", classes=("no", "yes")),
    TaskKind.MULTICLASS: Task(kind=TaskKind.MULTICLASS, target="t", classes=("a", "b", "c")),
    TaskKind.REGRESSION: Task(kind=TaskKind.REGRESSION, target="t"),
}
N_LEVELS = (3, 12, 80)


def number(position: int) -> FeatureColumn:
    return FeatureColumn(f"n{position}", (f"n{position}",))


def make_matrix(case: str, n_rows: int, seed: int, *, unseen: bool = False) -> Matrix:
    generator = np.random.default_rng(seed)
    values = generator.normal(size=(n_rows, 5)).astype(np.float32)
    columns = tuple(number(i) for i in range(5))
    if case == "single":
        return Matrix(values[:, :1], columns[:1])
    if case == "constant":
        return Matrix(np.hstack([values[:, :1], np.ones((n_rows, 1), np.float32)]), columns[:2])
    values[generator.random(n_rows) < 0.2, 3] = np.nan
    if case != "codes":
        return Matrix(values, columns)
    codes = [generator.integers(0, n if unseen else n - 1, n_rows) for n in N_LEVELS]
    coded = tuple(FeatureColumn(f"c{n}", (f"c{n}",), n) for n in N_LEVELS)
    return Matrix(np.hstack([values, np.column_stack(codes).astype(np.float32)]), columns + coded)


def make_rows(case: str, kind: TaskKind, n_rows: int, seed: int) -> Rows:
    X = make_matrix(case, n_rows, seed)
    generator = np.random.default_rng(seed + 1)
    signal = X.values[:, 0].astype(np.float64) + 0.3 * generator.normal(size=n_rows)
    for column in X.codes:
        signal += np.sin(X.values[:, column] * 2.0)
    weight = generator.uniform(0.1, 3.0, n_rows) if case == "weights" else None
    if kind is TaskKind.REGRESSION:
        return Rows(X=X, y=(signal - signal.mean()) / signal.std(), weight=weight)
    edges = [0.0] if kind is TaskKind.BINARY else [-0.6, 0.6]
    return Rows(X=X, y=np.digitize(signal, edges).astype(np.int64), weight=weight)


def without_missing(family: Family, X: Matrix) -> Matrix:
    """Families whose recipe scales the numbers are never given missing values or codes."""
    if not any(step.key == "numbers_scaled" for step in family.recipe):
        return X
    kept = [i for i in range(len(X.columns)) if i not in X.codes] or [0]
    filled = np.nan_to_num(X.values[:, kept], nan=0.0, posinf=1e30, neginf=-1e30)
    return Matrix(filled, tuple(FeatureColumn(X.columns[i].name, X.columns[i].sources) for i in kept))


def given(family: Family, rows: Rows) -> Rows:
    return Rows(X=without_missing(family, rows.X), y=rows.y, weight=rows.weight)


@cache
def fitted(key: str, kind: TaskKind, case: str, start: int = 0) -> Any:
    family = family_named(key)
    rows = given(family, make_rows(case, kind, 400, 0))
    stopping = given(family, make_rows(case, kind, 150, 10))
    return fit(family, rows, stopping, kind, start=start)


def fit(
    family: Family,
    rows: Rows,
    stopping: Rows | None,
    kind: TaskKind,
    *,
    start: int = 0,
    deadline: float | None = None,
    rounds: int | None = 40,
) -> Any:
    setting = Setting(
        task=TASKS[kind],
        parameters=family.starting_points[start],
        seed=3,
        threads=1,
        stopping=stopping,
        rounds=rounds,
    )
    return family.fit(rows.X, rows.y, rows.weight, None, None, deadline, setting)


def generated(X: Matrix) -> Matrix:
    """Rows that no table would hold: missing, huge, zero and never seen values in all combinations."""
    generator = np.random.default_rng(5)
    strange = np.array([np.nan, 1e30, -1e30, 0.0, 1e-38, 1.0, -1.0], np.float32)
    values = generator.choice(strange, size=(200, X.values.shape[1]))
    for column in X.codes:
        levels = X.columns[column].n_levels or 1
        values[:, column] = generator.integers(0, levels, len(values))
        values[:50, column] = levels - 1
    return Matrix(values, X.columns)


def run_graph(family: Family, state: Any, X: Matrix, rounds: int) -> NDArray[np.float64]:
    x = argument(Tensor(np.float32, ("N", X.values.shape[1])))
    model = build({"x": x}, {"y": family.graph(state, x, rounds)})
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (scores,) = session.run(None, {"x": X.values})
    return np.asarray(scores, np.float64)


def assert_same(expected: NDArray[np.float64], found: NDArray[np.float64], tolerance: float = 1e-5) -> None:
    assert found.shape == expected.shape
    difference = np.abs(found - expected) / np.maximum(1.0, np.abs(expected))
    assert difference.max() <= tolerance


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("key", FAMILIES)
def test_graph_says_what_the_library_says(key: str, case: str, kind: TaskKind) -> None:
    family, state = family_named(key), fitted(key, kind, case)
    rounds = family.rounds(state)
    training = without_missing(family, make_matrix(case, 400, 0))
    unseen = without_missing(family, make_matrix(case, 300, 20, unseen=True))
    for X in (training, unseen, without_missing(family, generated(make_matrix(case, 10, 0)))):
        raw = family.raw(state, X, rounds)
        assert raw.shape == (len(X.values), TASKS[kind].n_outputs)
        assert raw.dtype == np.float64
        assert_same(raw, run_graph(family, state, X, rounds))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", ["codes", "single"])
@pytest.mark.parametrize("key", FAMILIES)
def test_contributions_add_up(key: str, case: str, kind: TaskKind) -> None:
    family, state = family_named(key), fitted(key, kind, case)
    rounds = family.rounds(state)
    X = without_missing(family, make_matrix(case, 60, 30, unseen=True))
    values, base = family.contributions(state, X, rounds)
    assert values.shape == (*X.values.shape, TASKS[kind].n_outputs)
    assert base.shape == (TASKS[kind].n_outputs,)
    assert_same(family.raw(state, X, rounds), values.sum(axis=1) + base)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("key", FAMILIES)
def test_state_survives_pickling(key: str, kind: TaskKind) -> None:
    family, state = family_named(key), fitted(key, kind, "codes")
    again = pickle.loads(pickle.dumps(state))
    X = without_missing(family, make_matrix("codes", 60, 30, unseen=True))
    rounds = family.rounds(state)
    assert family.rounds(again) == rounds
    np.testing.assert_array_equal(family.raw(again, X, rounds), family.raw(state, X, rounds))
    np.testing.assert_array_equal(run_graph(family, again, X, rounds), run_graph(family, state, X, rounds))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("key", FAMILIES)
def test_a_passed_deadline_still_gives_a_model(key: str, kind: TaskKind) -> None:
    family = family_named(key)
    rows = given(family, make_rows("codes", kind, 400, 0))
    stopping = given(family, make_rows("codes", kind, 150, 10))
    started = time.monotonic()
    state = fit(family, rows, stopping, kind, deadline=started - 1.0, rounds=None)
    raw = family.raw(state, rows.X, family.rounds(state))
    assert np.isfinite(raw).all()
    assert family.rounds(state) <= 10
    assert_same(raw, run_graph(family, state, rows.X, family.rounds(state)))


@pytest.mark.parametrize("kind", KINDS)
def test_linear_holds_back_among_noise_and_lets_go_of_a_clear_signal(kind: TaskKind) -> None:
    family = family_named("linear")
    generator = np.random.default_rng(0)

    def noisy(n_rows: int, seed: int) -> Rows:
        rows = given(family, make_rows("single", kind, n_rows, seed))
        values = np.hstack([rows.X.values, generator.normal(size=(n_rows, 60)).astype(np.float32)])
        return Rows(X=Matrix(values, tuple(number(i) for i in range(61))), y=rows.y)

    def chosen(rows: Rows, stopping: Rows, strength: float) -> float:
        setting = Setting(task=TASKS[kind], parameters={"strength": strength}, seed=0, threads=1, stopping=stopping)
        state = family.fit(rows.X, rows.y, None, None, None, None, setting)
        return float(family.refit_parameters([state], setting.parameters)["strength"])

    assert chosen(noisy(100, 0), noisy(200, 10), 1e3) < 1e3
    clear = given(family, make_rows("single", kind, 300, 0))
    assert chosen(clear, clear, 1e-3) > 1e-3
    few = Rows(X=clear.X.take(np.arange(40)), y=clear.y[:40])
    assert chosen(few, clear, 1e-3) == 1e-3


@pytest.mark.parametrize("kind", KINDS)
def test_linear_does_not_look_at_the_rows_that_score_it(kind: TaskKind) -> None:
    family = family_named("linear")
    rows = given(family, make_rows("weights", kind, 300, 0))
    stopping = given(family, make_rows("weights", kind, 300, 10))
    # No effect at all is what these rows would ask for.
    useless = Rows(X=stopping.X, y=np.random.default_rng(0).permutation(stopping.y), weight=stopping.weight)
    found, other = (fit(family, rows, each, kind) for each in (stopping, useless))
    np.testing.assert_array_equal(family.raw(found, rows.X, 0), family.raw(other, rows.X, 0))
    settled = family.refit_parameters([found], family.starting_points[0])
    setting = Setting(task=TASKS[kind], parameters=settled, seed=0, threads=1)
    alone = family.fit(rows.X, rows.y, rows.weight, None, None, None, setting)
    assert_same(family.raw(alone, rows.X, 0), family.raw(found, rows.X, 0), 0.05)


def test_a_refit_is_like_the_middle_of_the_folds() -> None:
    family = family_named("linear")
    state = fitted("linear", TaskKind.REGRESSION, "numbers")
    folds = [replace(state, strength=strength) for strength in (100.0, 0.1, 1.0)]
    assert family.refit_parameters(folds, {"strength": 5.0}) == {"strength": 1.0}
    assert family.refit_parameters(folds[:2], {"strength": 5.0}) == {"strength": 0.1}
    assert family.rate(state) == 1.0


def test_linear_keeps_groups_together_when_it_chooses_its_strength() -> None:
    """Columns that tell groups apart say nothing about other groups: little strength must be found in them."""
    family = family_named("linear")
    generator = np.random.default_rng(0)
    groups = np.repeat(np.arange(60), 5)
    marks = generator.normal(size=(60, 40)).astype(np.float32)[groups]
    rows = Rows(X=Matrix(marks, tuple(number(i) for i in range(40))), y=generator.normal(size=60)[groups])
    parameters = {"strength": 1.0}
    setting = Setting(task=TASKS[TaskKind.REGRESSION], parameters=parameters, seed=0, threads=1, stopping=rows)
    free = family.fit(rows.X, rows.y, None, None, None, None, setting)
    held = family.fit(rows.X, rows.y, None, groups, None, None, setting)
    assert held.strength < 0.1 < free.strength


@pytest.mark.parametrize("key", ["catboost", "lightgbm"])
def test_a_slow_learner_hurries_to_meet_its_deadline(key: str) -> None:
    family = family_named(key)
    rows = make_rows("numbers", TaskKind.REGRESSION, 400, 0)
    # No machine adds the ten thousand rounds that this rate would need in so short a time.
    parameters = {**family.starting_points[0], "learning_rate": 1e-4}
    setting = Setting(
        task=TASKS[TaskKind.REGRESSION], parameters=parameters, seed=0, threads=1, stopping=rows, rounds=None
    )
    state = family.fit(rows.X, rows.y, None, None, None, time.monotonic() + 0.3, setting)
    settled = family.refit_parameters([state], parameters)
    assert settled["learning_rate"] > 1e-3
    calm = family.fit(rows.X, rows.y, None, None, None, None, replace(setting, stopping=None, rounds=5))
    assert family.refit_parameters([calm], parameters) == parameters
    assert family.rate(state) == settled["learning_rate"] > family.rate(calm) == parameters["learning_rate"]
    assert family.refit_parameters([calm, state, calm], parameters) == parameters


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("key", FAMILIES)
def test_same_seed_gives_the_same_model(key: str, kind: TaskKind) -> None:
    family, state = family_named(key), fitted(key, kind, "codes")
    rows = given(family, make_rows("codes", kind, 400, 0))
    stopping = given(family, make_rows("codes", kind, 150, 10))
    again = fit(family, rows, stopping, kind)
    rounds = family.rounds(state)
    assert family.rounds(again) == rounds
    np.testing.assert_array_equal(family.raw(again, rows.X, rounds), family.raw(state, rows.X, rounds))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("key", FAMILIES)
def test_fewer_rounds_are_respected(key: str, kind: TaskKind) -> None:
    family = family_named(key)
    rows = given(family, make_rows("codes", kind, 400, 0))
    state = fit(family, rows, None, kind, rounds=12)
    if family.rounds(state) == 0:
        assert family.n_nodes(state, 0) == 0
        return
    assert family.rounds(state) == 12
    short, long = family.raw(state, rows.X, 5), family.raw(state, rows.X, 12)
    assert np.abs(short - long).max() > 1e-4
    assert_same(short, run_graph(family, state, rows.X, 5))
    assert 0 < family.n_nodes(state, 5) < family.n_nodes(state, 12)
    values, base = family.contributions(state, rows.X, 5)
    assert_same(short, values.sum(axis=1) + base)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("key", ["catboost", "lightgbm"])
def test_rounds_after_the_best_are_kept(key: str, kind: TaskKind) -> None:
    """Rows that stop a fit must be scored with the rounds that other rows found best, also with more of them."""
    family = family_named(key)
    rows = make_rows("codes", kind, 400, 0)
    stopping = make_rows("codes", kind, 150, 10)
    shuffled = Rows(X=stopping.X, y=np.random.default_rng(0).permutation(stopping.y))
    state = pickle.loads(pickle.dumps(fit(family, rows, shuffled, kind)))
    best = family.rounds(state)
    assert best < 40
    assert np.abs(family.raw(state, rows.X, 40) - family.raw(state, rows.X, best)).max() > 1e-3
    assert family.n_nodes(state, 40) > family.n_nodes(state, best)
    np.testing.assert_array_equal(family.raw(state, rows.X, 1000), family.raw(state, rows.X, 40))
    for rounds in (best, 40, 1000):
        raw = family.raw(state, rows.X, rounds)
        assert_same(raw, run_graph(family, state, rows.X, rounds))
        values, base = family.contributions(state, rows.X, rounds)
        assert_same(raw, values.sum(axis=1) + base)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("key", FAMILIES)
def test_weights_count(key: str, kind: TaskKind) -> None:
    family = family_named(key)
    rows = given(family, make_rows("weights", kind, 400, 0))
    high = rows.y > np.median(rows.y) if kind is TaskKind.REGRESSION else rows.y == 1
    plain = fit(family, Rows(X=rows.X, y=rows.y), None, kind, rounds=20)
    tilted = fit(family, Rows(X=rows.X, y=rows.y, weight=np.where(high, 5.0, 1.0)), None, kind, rounds=20)
    output = 1 if kind is TaskKind.MULTICLASS else 0
    change = family.raw(tilted, rows.X, 20) - family.raw(plain, rows.X, 20)
    assert change[:, output].mean() > 0.05


@pytest.mark.parametrize("key", FAMILIES)
def test_every_starting_point_fits(key: str) -> None:
    family = family_named(key)
    rows = given(family, make_rows("codes", TaskKind.BINARY, 400, 0))
    for start in range(len(family.starting_points)):
        state = fit(family, rows, None, TaskKind.BINARY, start=start, rounds=5)
        rounds = family.rounds(state)
        assert_same(family.raw(state, rows.X, rounds), run_graph(family, state, rows.X, rounds))


class Middle:
    """A trial that proposes the middle or the last choice."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        assert low < high
        return float(np.sqrt(low * high)) if log else (low + high) / 2

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        assert low <= high
        return (low + high) // 2

    def suggest_categorical(self, name: str, choices: tuple[Any, ...]) -> Any:
        return choices[-1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("key", FAMILIES)
def test_proposals_fit(key: str, kind: TaskKind) -> None:
    family = family_named(key)
    rows = given(family, make_rows("codes", kind, 400, 0))
    shape = Shape(n_rows=400, n_columns=8, n_classes=len(TASKS[kind].classes), kind=kind)
    assert not isinstance(family.applies(shape), Skip)
    setting = Setting(task=TASKS[kind], parameters=family.space(Middle(), shape), seed=0, threads=1, rounds=5)
    state = family.fit(rows.X, rows.y, None, None, None, None, setting)
    assert np.isfinite(family.raw(state, rows.X, family.rounds(state))).all()


@pytest.mark.parametrize("key", FAMILIES)
def test_a_class_may_be_absent_from_a_fold(key: str) -> None:
    family = family_named(key)
    rows = given(family, make_rows("numbers", TaskKind.MULTICLASS, 400, 0))
    kept = np.flatnonzero(rows.y != 2)
    state = fit(family, Rows(X=rows.X.take(kept), y=rows.y[kept]), None, TaskKind.MULTICLASS, rounds=20)
    raw = family.raw(state, rows.X, family.rounds(state))
    assert raw.shape == (400, 3)
    assert np.isfinite(raw).all()
    assert (raw.argmax(axis=1) != 2).all()
    assert_same(raw, run_graph(family, state, rows.X, family.rounds(state)))


def no_columns(rows: Rows) -> Rows:
    return Rows(X=Matrix(np.empty((len(rows.y), 0), np.float32), ()), y=rows.y)


def no_variety(rows: Rows) -> Rows:
    return Rows(X=Matrix(np.ones((len(rows.y), 1), np.float32), (number(0),)), y=rows.y)


def one_answer(rows: Rows) -> Rows:
    return Rows(X=rows.X, y=np.zeros_like(rows.y))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("spoil", [no_columns, no_variety, one_answer])
@pytest.mark.parametrize("key", FAMILIES)
def test_nothing_to_learn_from_is_no_accident(key: str, spoil: Callable[[Rows], Rows], kind: TaskKind) -> None:
    family = family_named(key)
    rows = spoil(make_rows("single", kind, 100, 0))
    state = fit(family, rows, rows, kind, rounds=5)
    rounds = family.rounds(state)
    raw = family.raw(state, rows.X, rounds)
    assert np.isfinite(raw).all()
    assert_same(raw, run_graph(family, state, rows.X, rounds))
    values, base = family.contributions(state, rows.X, rounds)
    assert_same(raw, values.sum(axis=1) + base)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "parameters",
    [
        {"max_ctr_complexity": 4},
        {"max_ctr_complexity": 2, "nan_mode": "Max", "one_hot_max_size": 20},
        {"max_ctr_complexity": 2, "simple_ctr": ["Buckets", "BinarizedTargetMeanValue", "Counter:Prior=0.5"]},
    ],
    ids=["combinations", "missing is largest", "other statistics"],
)
def test_catboost_statistics_of_categories(parameters: dict[str, Any], kind: TaskKind) -> None:
    family = family_named("catboost")
    rows = make_rows("codes", kind, 600, 0)
    setting = Setting(task=TASKS[kind], parameters={"depth": 4, **parameters}, seed=0, threads=1, rounds=40)
    state = family.fit(rows.X, rows.y, None, None, None, None, setting)
    for X in (rows.X, make_matrix("codes", 300, 20, unseen=True), generated(rows.X)):
        for rounds in (40, 15):
            assert_same(family.raw(state, X, rounds), run_graph(family, state, X, rounds))


@pytest.mark.parametrize("key", [key for key in FAMILIES if key != "baseline"])
@pytest.mark.parametrize("kind", KINDS)
def test_fit_is_better_than_the_baseline_and_stops_by_itself(key: str, kind: TaskKind) -> None:
    family = family_named(key)
    rows = given(family, make_rows("numbers", kind, 400, 0))
    stopping = given(family, make_rows("numbers", kind, 300, 10))
    state = fit(family, rows, stopping, kind, rounds=None)
    test = given(family, make_rows("numbers", kind, 500, 40))
    raw = family.raw(state, test.X, family.rounds(state))
    if kind is TaskKind.REGRESSION:
        assert np.mean((raw[:, 0] - test.y.astype(np.float64)) ** 2) < 0.4
    else:
        named = raw[:, 0] > 0 if kind is TaskKind.BINARY else raw.argmax(axis=1)
        assert np.mean(named == test.y) > 0.75
    assert dict(family.refit_parameters([state], family.starting_points[0])).keys() >= family.starting_points[0].keys()


@pytest.mark.parametrize("key", FAMILIES)
def test_fits_in_silence_and_leaves_nothing_behind(key: str, tmp_path: Any, monkeypatch: Any, capfd: Any) -> None:
    monkeypatch.chdir(tmp_path)
    family = family_named(key)
    rows = given(family, make_rows("codes", TaskKind.BINARY, 100, 0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(family, rows, rows, TaskKind.BINARY, rounds=5)
    assert capfd.readouterr() == ("", "")
    assert not list(tmp_path.iterdir())
