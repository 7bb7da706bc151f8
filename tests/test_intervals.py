"""Intervals contain the truth about as often as they say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.insight.draws import MOST_DRAWN_ROWS, Draws
from engine.insight.grouped_area import left_out
from engine.insight.intervals import _leaning_ends, baseline_prediction, estimate, estimates
from engine.tasks.metric import metric_named, metrics_for
from engine.tasks.task import Task, TaskKind

AUC_TRUTH = 0.7602  # P(a > b) of normals whose means are one standard deviation apart: Phi(1 / sqrt 2)


def classes(n_rows: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    y = np.arange(n_rows) % 2
    chance = 1 / (1 + np.exp(-(random.normal(size=n_rows) + y)))
    return y, np.column_stack([1 - chance, chance])


@pytest.mark.parametrize("n_rows", [300, 2 * MOST_DRAWN_ROWS])
def test_auc_intervals_cover_the_truth(n_rows: int) -> None:
    random = np.random.default_rng(0)
    found = [estimate(metric_named("auc"), *classes(n_rows, random), seed=i, n_resamples=100) for i in range(60)]
    assert 0.85 <= np.mean([each.low <= AUC_TRUTH <= each.high for each in found]) <= 1.0
    assert all(each.high - each.low < 8 / np.sqrt(n_rows) for each in found)


@pytest.mark.parametrize("n_rows", [300, 4 * MOST_DRAWN_ROWS])
def test_mean_error_intervals_cover_the_truth_and_are_no_wider_than_they_should(n_rows: int) -> None:
    random = np.random.default_rng(1)
    truth = np.sqrt(2 / np.pi)
    found = [estimate(metric_named("mae"), random.normal(size=n_rows), np.zeros(n_rows), seed=i) for i in range(100)]
    assert 0.87 <= np.mean([each.low <= truth <= each.high for each in found]) <= 0.99
    width = 2 * 1.96 * np.sqrt(1 - 2 / np.pi) / np.sqrt(n_rows)
    assert np.mean([each.high - each.low for each in found]) == pytest.approx(width, rel=0.1)


@settings(max_examples=30, deadline=None)
@given(kind=st.sampled_from(list(TaskKind)), n_rows=st.integers(2, 40), seed=st.integers(0, 99), weighted=st.booleans())
def test_the_ends_always_enclose_the_value(kind: TaskKind, n_rows: int, seed: int, weighted: bool) -> None:
    random = np.random.default_rng(seed)
    y: NDArray[np.generic]
    if kind is TaskKind.REGRESSION:
        y, predicted = random.uniform(1, 9, n_rows), random.uniform(1, 9, n_rows)
    else:
        k = 2 if kind is TaskKind.BINARY else 4
        y, predicted = random.integers(0, k, n_rows), random.dirichlet(np.ones(k), n_rows)
    weight = random.uniform(0.1, 3, n_rows) if weighted else None
    for metric in metrics_for(kind):
        value = metric.score(y, predicted, weight)
        if np.isfinite(value):
            found = estimate(metric, y, predicted, weight, n_resamples=20)
            assert found.low <= found.value == value <= found.high


def test_draws_of_one_class_are_left_out() -> None:
    y = np.array([0] * 30 + [1])
    predicted = np.column_stack([np.linspace(1, 0, 31), np.linspace(0, 1, 31)])
    found = estimate(metric_named("log_loss"), y, predicted)
    assert np.isfinite([found.low, found.high]).all()
    right = np.tile([0.9, 0.1], (40, 1))
    right[:10] = [0.3, 0.7]
    single = estimate(metric_named("accuracy"), np.zeros(40, dtype=int), right)
    assert single.low < single.value < single.high
    alone = estimate(metric_named("auc"), np.zeros(5, dtype=int), predicted[:5])
    assert np.isnan(alone.value)


def test_the_same_seed_gives_the_same_interval() -> None:
    y, predicted = classes(200, np.random.default_rng(3))
    loss = metric_named("log_loss")
    assert estimate(loss, y, predicted) == estimate(loss, y, predicted)
    assert estimate(loss, y, predicted) != estimate(loss, y, predicted, seed=1)


def test_the_baseline_says_the_same_for_every_row() -> None:
    three = Task(kind=TaskKind.MULTICLASS, targets=("y",), classes=("a", "b", "c"))
    np.testing.assert_allclose(baseline_prediction(np.array([0, 0, 1]), three, 2), [[2 / 3, 1 / 3, 0]] * 2)
    weight = np.array([1.0, 1.0, 2.0])
    np.testing.assert_allclose(baseline_prediction(np.array([0, 0, 1]), three, 1, weight), [[0.5, 0.5, 0]])
    number = Task(kind=TaskKind.REGRESSION, targets=("y",))
    np.testing.assert_allclose(baseline_prediction(np.array([1.0, 1.0, 4.0]), number, 2, weight), [2.5, 2.5])


def test_a_metric_that_is_not_defined_on_the_rows_is_left_out() -> None:
    y = np.array([-1.0, 2.0, 3.0, 4.0])
    found = estimates(metrics_for(TaskKind.REGRESSION), y, y + 0.5)
    assert "rmsle" not in found
    assert found["rmse"].value == pytest.approx(0.5)


def test_draws_without_any_weight_are_left_out() -> None:
    y, predicted = classes(60, np.random.default_rng(0))
    weight = np.zeros(60)
    weight[:2] = 1.0
    found = estimate(metric_named("log_loss"), y, predicted, weight)
    assert np.isfinite([found.value, found.low, found.high]).all()
    assert found.low <= found.value <= found.high


def test_a_perfect_score_leaves_room_for_mistakes_that_were_not_seen() -> None:
    y = np.arange(300) % 2
    certain = np.column_stack([1.0 - y, y]).astype(np.float64)
    found = estimate(metric_named("accuracy"), y, certain)
    assert found.value == found.high == 1.0
    assert found.low == pytest.approx(0.99)


def test_the_ends_for_roots_of_squares_move_to_the_side_that_draws_lean_to() -> None:
    even = np.linspace(1.0, 2.0, 501)
    assert _leaning_ends(np.sqrt(even)) == pytest.approx((0.025, 0.975), abs=1e-9)
    assert _leaning_ends(np.ones(9)) == pytest.approx((0.025, 0.975), abs=1e-9)
    up, down = _leaning_ends(np.sqrt(1 + even**8)), _leaning_ends(np.sqrt(400 - even**8))
    assert up[0] > 0.03
    assert up[1] > 0.98
    assert down == pytest.approx((1 - up[1], 1 - up[0]), abs=1e-9)


def test_a_few_large_errors_widen_the_interval_upwards() -> None:
    errors = np.random.default_rng(4).standard_t(3, 200)
    found = estimate(metric_named("rmse"), errors, np.zeros(200))
    assert found.high - found.value > found.value - found.low


def grouped(n_groups: int, n_each: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return errors of which most is common to the rows of a group, and the groups."""
    common = np.repeat(random.normal(size=n_groups), n_each)
    return common + 0.3 * random.normal(size=n_groups * n_each), np.repeat(np.arange(n_groups) * 7, n_each)


@pytest.mark.parametrize(("n_groups", "n_each"), [(6, 20), (40, 10), (30, 600)])
def test_where_rows_belong_together_whole_groups_are_drawn(n_groups: int, n_each: int) -> None:
    random, mse = np.random.default_rng(8), metric_named("mae")
    truth = np.sqrt(2 / np.pi) * np.sqrt(1.09)
    held = {True: 0, False: 0}
    for seed in range(60):
        errors, groups = grouped(n_groups, n_each, random)
        for together in held:
            drawn = groups if together else None
            found = estimate(mse, errors, np.zeros(len(errors)), groups=drawn, seed=seed, n_resamples=100)
            held[together] += found.low <= truth <= found.high
    assert 48 <= held[True] <= 60
    assert held[False] < 45


def test_a_few_groups_leave_much_open_but_nothing_that_cannot_be() -> None:
    y, predicted = classes(200, np.random.default_rng(5))
    few = estimate(metric_named("auc"), y, predicted, groups=np.arange(200) // 100)
    assert 0.0 <= few.low < few.high <= 1.0
    single = estimate(metric_named("auc"), y, predicted)
    assert few.high - few.low > 2 * (single.high - single.low)
    alone = estimate(metric_named("auc"), y, predicted, groups=np.zeros(200))
    assert alone == single


def shops(n_groups: int, n_each: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return answers, chances and groups of a world in which the rows of a group are alike."""
    groups = np.arange(n_groups * n_each) // n_each
    own, other = (random.normal(size=n_groups)[groups] for _each in range(2))
    y = (random.random(len(groups)) < 1 / (1 + np.exp(-own))).astype(np.int64)
    chance = 1 / (1 + np.exp(-(0.7 * own + 0.7 * other + 0.3 * random.normal(size=len(groups)))))
    return y, np.column_stack([1 - chance, chance]), groups


@pytest.mark.parametrize("n_groups", [5, 10, 40])
def test_areas_of_few_groups_are_covered_as_often_as_promised(n_groups: int) -> None:
    random, auc, held = np.random.default_rng(3), metric_named("auc"), []
    for _draw in range(400):
        y, predicted, groups = shops(n_groups, 200 // n_groups, random)
        found = estimate(auc, y, predicted, groups=groups)
        held.append(found.low <= 0.659 <= found.high)
    assert 0.93 <= np.mean(held) <= 0.98


def test_areas_without_a_group_are_those_of_the_other_rows() -> None:
    y, predicted, groups = shops(6, 12, np.random.default_rng(1))
    chance = predicted[:, 1].round(1)
    auc = metric_named("auc")
    others = [groups != group for group in range(6)]
    expected = [auc.score(y[rows], np.column_stack([1 - chance, chance])[rows], None) for rows in others]
    assert left_out(y == 1, chance, groups) == pytest.approx(expected)
    assert len(left_out(groups == 2, chance, groups)) == 5, "without the third there is nothing to find"


def test_a_perfect_area_of_groups_leaves_room_for_groups_to_come() -> None:
    y, groups = np.arange(60) % 2, np.arange(60) // 6
    found = estimate(metric_named("auc"), y, np.column_stack([1.0 - y, y]), groups=groups)
    assert found.low == pytest.approx(0.7)
    assert found.high == 1.0
    turned = estimate(metric_named("auc"), y, np.column_stack([y, 1.0 - y]), groups=groups)
    assert turned.low == 0.0
    assert turned.high == pytest.approx(0.3)


def test_a_draw_has_whole_groups_only_and_no_more_rows_than_it_needs() -> None:
    groups = np.random.default_rng(2).integers(0, 40, 300)
    for rows in Draws(n_rows=300, groups=groups).rows(seed=1, n_draws=20):
        for group in np.unique(groups[rows]):
            counts = np.bincount(rows, minlength=300)[groups == group]
            assert counts.min() == counts.max() > 0
    large = Draws(n_rows=1_000_000, groups=np.arange(1_000_000) % 20)
    assert len(next(large.rows(seed=1, n_draws=1))) == pytest.approx(15_000, rel=0.1)
    small = Draws(n_rows=1_000_000, groups=np.arange(1_000_000) // 2)
    assert len(next(small.rows(seed=1, n_draws=1))) == MOST_DRAWN_ROWS
