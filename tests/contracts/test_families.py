"""Every model family keeps the contract of `engine.families.family`, and its graph says what its library says."""

import pickle
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.families.family import Rows, Setting, family_named
from engine.features.step import Matrix
from engine.graph.tree_sizes import TreeSizes
from engine.registry import Skip
from engine.shape import Shape
from engine.tasks.task import TaskKind
from tests.contracts.family_cases import (
    CASES,
    FAMILIES,
    KINDS,
    TASKS,
    assert_same,
    fit,
    fitted,
    generated,
    given,
    make_matrix,
    make_rows,
    number,
    run_graph,
    without_missing,
)


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
    free = family.fit(rows.X, rows.y, None, None, None, setting)
    held = family.fit(rows.X, rows.y, None, groups, None, setting)
    assert held.strength < 0.1 < free.strength


@pytest.mark.parametrize("key", ["catboost", "lightgbm", "xgboost"])
def test_a_slow_learner_hurries_to_meet_its_deadline(key: str) -> None:
    family = family_named(key)
    rows = make_rows("numbers", TaskKind.REGRESSION, 400, 0)
    # No machine adds the hundred thousand rounds that this rate would need in so short a time.
    parameters = {**family.starting_points[0], "learning_rate": 1e-4}
    setting = Setting(
        task=TASKS[TaskKind.REGRESSION], parameters=parameters, seed=0, threads=1, stopping=rows, rounds=None
    )
    # First the one without haste, so that loading the library is not on the other's clock.
    calm = family.fit(rows.X, rows.y, None, None, None, replace(setting, stopping=None, rounds=5))
    state = family.fit(rows.X, rows.y, None, None, time.monotonic() + 1.0, setting)
    settled = family.refit_parameters([state], parameters)
    assert settled["learning_rate"] > 2e-4
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
        assert family.tree_sizes(state, 0) == TreeSizes()
        return
    assert family.rounds(state) == 12
    # Deep trees know their own training rows by heart: others tell them apart.
    X = without_missing(family, make_matrix("codes", 100, 20))
    short, long = family.raw(state, X, 5), family.raw(state, X, 12)
    assert np.abs(short - long).max() > 1e-4
    assert_same(short, run_graph(family, state, X, 5))
    # What grows with the rounds is counted; the weights of a network only change.
    few, many = family.tree_sizes(state, 5), family.tree_sizes(state, 12)
    if key == "network":
        assert few == many == TreeSizes()
    else:
        assert 0 < few.n_nodes < many.n_nodes
        assert 0 < few.n_steps < many.n_steps < many.n_nodes
    values, base = family.contributions(state, X, 5)
    assert_same(short, values.sum(axis=1) + base)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("key", ["catboost", "lightgbm", "xgboost"])
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
    assert family.tree_sizes(state, 40).n_nodes > family.tree_sizes(state, best).n_nodes
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
    y = rows.y.astype(np.float64)
    high = y > np.median(y) if kind is TaskKind.REGRESSION else y == 1
    # Where each leaf holds one row, or a network knows the rows by heart, weights hardly count.
    rounds = 2 if key == "network" else 20
    start = 1 if key == "extra_trees" else 0
    plain = fit(family, Rows(X=rows.X, y=rows.y), None, kind, start=start, rounds=rounds)
    heavy = Rows(X=rows.X, y=rows.y, weight=np.where(high, 5.0, 1.0))
    tilted = fit(family, heavy, None, kind, start=start, rounds=rounds)
    output = 1 if kind is TaskKind.MULTICLASS else 0
    X = without_missing(family, make_matrix("weights", 400, 20))
    change = family.raw(tilted, X, rounds) - family.raw(plain, X, rounds)
    assert change[:, output].mean() > 0.02


@pytest.mark.parametrize("key", FAMILIES)
def test_every_starting_point_fits(key: str) -> None:
    family = family_named(key)
    rows = given(family, make_rows("codes", TaskKind.BINARY, 400, 0))
    for start in range(len(family.starting_points)):
        state = fit(family, rows, None, TaskKind.BINARY, start=start, rounds=5)
        rounds = family.rounds(state)
        assert_same(family.raw(state, rows.X, rounds), run_graph(family, state, rows.X, rounds))


@pytest.mark.parametrize("kind", [TaskKind.BINARY, TaskKind.REGRESSION])
@pytest.mark.parametrize("key", [key for key in FAMILIES if family_named(key).monotone])
def test_every_starting_point_keeps_directions(key: str, kind: TaskKind) -> None:
    """Also where the answer turns with a category: what is said of it must not depend on a number with a direction."""
    family = family_named(key)
    X = make_matrix("codes", 400, 0)
    turned = (X.values[:, 0] > 0) == (X.values[:, X.codes[1]] % 2 == 1)
    signal = np.where(turned, 1.0, -1.0) + 0.3 * X.values[:, 1]
    rows = Rows(X=X, y=signal if kind is TaskKind.REGRESSION else (signal > 0).astype(np.int64))
    directions = (1, -1) + (0,) * (len(X.columns) - 2)
    at = np.tile(np.linspace(-3, 3, 25, dtype=np.float32), 40)
    shape = Shape(n_rows=400, n_columns=8, n_classes=len(TASKS[kind].classes), kind=kind)
    for parameters in (*family.starting_points, family.space(Middle(), shape)):
        setting = Setting(task=TASKS[kind], parameters=parameters, seed=3, threads=1, rounds=15, monotone=directions)
        state = family.fit(rows.X, rows.y, None, None, None, setting)
        for column in (0, 1):
            values = np.repeat(make_matrix("codes", 40, 20).values, 25, axis=0)
            values[:, column] = at
            raw = family.raw(state, Matrix(values, X.columns), family.rounds(state))
            assert (directions[column] * np.diff(raw.reshape(40, 25), axis=1)).min() >= -1e-9, parameters


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
    state = family.fit(rows.X, rows.y, None, None, None, setting)
    assert np.isfinite(family.raw(state, rows.X, family.rounds(state))).all()


@pytest.mark.parametrize("only_absent", [False, True])
@pytest.mark.parametrize("key", FAMILIES)
def test_a_class_may_be_absent_from_a_fold(key: str, only_absent: bool) -> None:
    """`only_absent`: the rows that stop a fit hold nothing but that class."""
    family = family_named(key)
    rows = given(family, make_rows("numbers", TaskKind.MULTICLASS, 400, 0))
    kept = np.flatnonzero(rows.y != 2)
    others = np.flatnonzero(rows.y == 2)
    stopping = Rows(X=rows.X.take(others), y=rows.y[others]) if only_absent else None
    state = fit(family, Rows(X=rows.X.take(kept), y=rows.y[kept]), stopping, TaskKind.MULTICLASS, rounds=20)
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
    state = family.fit(rows.X, rows.y, None, None, None, setting)
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


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", ["numbers", "codes"])
@pytest.mark.parametrize("key", FAMILIES)
def test_fits_features_of_a_file_that_cannot_be_written_to(key: str, case: str, kind: TaskKind, tmp_path: Any) -> None:
    family = family_named(key)
    rows = given(family, make_rows(case, kind, 200, 0))
    np.save(tmp_path / "features.npy", rows.X.values)
    mapped = replace(rows, X=Matrix(np.load(tmp_path / "features.npy", mmap_mode="r"), rows.X.columns))
    states = [fit(family, each, None, kind, rounds=5) for each in (rows, mapped)]
    from_memory, from_file = (family.raw(state, rows.X, family.rounds(state)) for state in states)
    np.testing.assert_array_equal(from_memory, from_file)
