"""The hold-out and the folds: who sees what."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.search import folds as made
from engine.search.folds import NEVER, default_holdout, drawings, fold_rows, split_holdout
from engine.search.validation import Scheme, ValidationPlan, ValidationSettings, plan_validation
from engine.tasks.task import Task, TaskKind

BINARY = Task(kind=TaskKind.BINARY, targets=("y",), classes=("no", "yes"))
NUMBER = Task(kind=TaskKind.REGRESSION, targets=("y",))


def usual(
    n_rows: int,
    *,
    in_time: bool = False,
    n_folds: int | None = None,
    n_repeats: int | None = None,
    gap_rows: int = 0,
) -> ValidationPlan:
    column = "day" if in_time else None
    chosen = ValidationSettings(n_folds=n_folds, n_repeats=n_repeats, gap_rows=gap_rows)
    return plan_validation(chosen, n_rows=n_rows, n_cells=n_rows, seconds=300, time_column=column)


def assign_folds(
    y: NDArray[np.generic],
    task: Task,
    *,
    seed: int,
    groups: NDArray[np.generic] | None = None,
    times: NDArray[np.float64] | None = None,
    strata: NDArray[np.generic] | None = None,
) -> NDArray[np.int16]:
    plan = usual(len(y), in_time=times is not None)
    return made.assign_folds(y, task, plan=plan, seed=seed, groups=groups, times=times, strata=strata)


def answers(n_rows: int) -> np.ndarray:
    return (np.random.default_rng(0).random(n_rows) < 0.2).astype(np.int64)


@pytest.mark.parametrize(("n_rows", "repeats", "n_folds"), [(200, 2, 5), (5_000, 1, 5), (20_000, 1, 3), (70_000, 1, 1)])
def test_the_number_of_folds_follows_the_number_of_rows(n_rows: int, repeats: int, n_folds: int) -> None:
    assigned = assign_folds(answers(n_rows), BINARY, seed=0)
    assert assigned.shape == (repeats, n_rows)
    assert len(fold_rows(assigned)) == repeats * n_folds


def test_a_large_table_validates_on_one_part_and_trains_on_the_rest() -> None:
    assigned = assign_folds(answers(70_000), BINARY, seed=0)
    ((train, valid),) = fold_rows(assigned)
    assert (assigned[0][train] == NEVER).all()
    assert len(valid) == 7_000
    assert len(train) == 63_000


@settings(max_examples=25, deadline=None)
@given(st.integers(60, 400), st.integers(0, 5), st.sampled_from([BINARY, NUMBER]))
def test_every_row_is_validated_once_per_repetition_and_never_by_itself(n_rows: int, seed: int, task: Task) -> None:
    y = answers(n_rows) if task is BINARY else np.random.default_rng(seed).normal(size=n_rows)
    y[:4] = [0, 1, 0, 1]
    assigned = assign_folds(y, task, seed=seed)
    times = np.zeros(n_rows, int)
    for train, valid in fold_rows(assigned):
        assert not set(train) & set(valid)
        assert len(train) + len(valid) == n_rows
        times[valid] += 1
    assert (times == len(assigned)).all()


@pytest.mark.parametrize("task", [BINARY, NUMBER], ids=lambda task: task.kind)
def test_rows_of_one_group_stay_together(task: Task) -> None:
    groups = np.repeat(np.arange(60), 5)
    y = answers(300) if task is BINARY else np.random.default_rng(0).normal(size=300)
    train, held = split_holdout(y, task, share=0.2, seed=0, groups=groups)
    assert held.size
    assert not set(groups[train]) & set(groups[held])
    for fit, valid in fold_rows(assign_folds(y, task, seed=0, groups=groups)):
        assert not set(groups[fit]) & set(groups[valid])


def test_the_holdout_keeps_the_shares_of_the_classes() -> None:
    y = answers(1_000)
    train, held = split_holdout(y, BINARY, share=0.2, seed=3)
    assert len(held) == 200
    assert abs(y[held].mean() - y[train].mean()) < 0.01


def test_a_share_of_zero_sets_nothing_aside() -> None:
    train, held = split_holdout(answers(100), BINARY, share=0, seed=0)
    assert len(train) == 100
    assert len(held) == 0


def test_a_very_large_table_needs_a_smaller_share() -> None:
    assert default_holdout(1_000) == 0.2
    assert default_holdout(2_000_000) * 2_000_000 == pytest.approx(20_000)


def test_the_same_seed_gives_the_same_folds() -> None:
    assert (assign_folds(answers(500), BINARY, seed=4) == assign_folds(answers(500), BINARY, seed=4)).all()
    assert (assign_folds(answers(500), BINARY, seed=4) != assign_folds(answers(500), BINARY, seed=5)).any()


def several(n_classes: int) -> Task:
    return Task(kind=TaskKind.MULTICLASS, targets=("y",), classes=tuple(range(n_classes)))


@pytest.mark.parametrize(("n_classes", "n_each"), [(20, 3), (30, 2)])
def test_many_rare_classes_all_keep_rows_to_learn_from(n_classes: int, n_each: int) -> None:
    y = np.repeat(np.arange(n_classes), n_each)
    for seed in range(20):
        train, held = split_holdout(y, several(n_classes), share=0.2, seed=seed)
        assert sorted([*train, *held]) == list(range(len(y)))
        assert set(y[train]) == set(range(n_classes))
        assert len(fold_rows(assign_folds(y[train], several(n_classes), seed=seed)))


def test_a_rare_class_does_not_lower_the_number_of_folds() -> None:
    y = np.arange(5_000) % 2
    y[:2] = 2
    assert len(fold_rows(assign_folds(y, several(3), seed=0))) == 5


def test_two_rows_of_one_answer_are_never_both_away_from_learning() -> None:
    y = np.zeros(60, np.int64)
    y[[7, 30]] = 1
    for seed in range(20):
        train, held = split_holdout(y, BINARY, share=0.3, seed=seed)
        assert held.size
        assert all(y[train][fit].any() for fit, _ in fold_rows(assign_folds(y[train], BINARY, seed=seed)))


def test_a_class_of_one_group_stays_with_its_whole_group_in_training() -> None:
    groups = np.repeat(np.arange(20), 5)
    y = np.arange(100) % 2
    y[45:48] = 2
    for seed in range(10):
        train, held = split_holdout(y, several(3), share=0.2, seed=seed, groups=groups)
        assert held.size
        assert 2 in y[train]
        assert not set(groups[train]) & set(groups[held])


@pytest.mark.parametrize("n_rows", [300, 5_000])
def test_time_sets_the_last_rows_aside_and_goes_forward(n_rows: int) -> None:
    random = np.random.default_rng(0)
    times = random.permutation(n_rows).astype(np.float64)
    times[times < 20] = np.nan
    y = random.normal(size=n_rows)
    train, held = split_holdout(y, NUMBER, share=0.2, seed=0, times=times)
    assert len(held) == n_rows // 5
    assert np.nanmax(times[train]) < times[held].min()
    times = times[train]
    folds = fold_rows(assign_folds(y[train], NUMBER, seed=0, times=times))
    assert len(folds) == 4
    for fit, valid in folds:
        assert np.nanmax(times[fit]) < np.nanmin(times[valid])
    ends = sorted((np.nanmin(times[valid]), np.nanmax(times[valid])) for _, valid in folds)
    assert all(before[1] < after[0] for before, after in pairwise(ends))


def test_a_gap_is_left_out_between_learning_and_testing() -> None:
    times = np.random.default_rng(0).permutation(400).astype(np.float64)
    folds = fold_rows(made.assign_folds(times, NUMBER, plan=usual(400, in_time=True, gap_rows=30), seed=0, times=times))
    assert len(folds) == 4
    for fit, valid in folds:
        assert times[valid].min() - times[fit].max() > 30
    train, held = split_holdout(times, NUMBER, share=0.2, seed=0, times=times, gap_rows=30)
    assert (len(train), len(held)) == (290, 80)
    assert times[held].min() - times[train].max() > 30


@pytest.mark.parametrize("n_each", [3, 7, 45])
def test_rows_of_one_time_are_never_on_both_sides(n_each: int) -> None:
    times = np.random.default_rng(1).permutation(np.arange(400) // n_each).astype(np.float64)
    train, held = split_holdout(times, NUMBER, share=0.2, seed=0, times=times)
    assert len(held)
    assert times[train].max() < times[held].min()
    for fit, valid in fold_rows(assign_folds(times, NUMBER, seed=0, times=times)):
        assert len(valid)
        assert times[fit].max() < times[valid].min()


@pytest.mark.parametrize(
    ("n_rows", "n_cells", "seconds", "n_folds"),
    [(5_000, 1e6, 60, 5), (5_000, 1e6, 10, 3), (5_000, 5e4, 10, 5), (20_000, 1e6, 10, 3)],
)
def test_little_time_for_a_large_table_makes_fewer_folds(
    n_rows: int, n_cells: float, seconds: float, n_folds: int
) -> None:
    plan = plan_validation(ValidationSettings(), n_rows=n_rows, n_cells=int(n_cells), seconds=seconds, time_column=None)
    assert plan.n_folds == n_folds


def test_what_the_person_chose_is_kept() -> None:
    plan = usual(5_000, n_folds=7, n_repeats=3)
    assert (plan.scheme, plan.n_folds, plan.n_repeats) == (Scheme.FOLDS, 7, 3)
    assigned = made.assign_folds(answers(500), BINARY, plan=plan, seed=0)
    assert len(fold_rows(assigned)) == 21
    single = plan_validation(
        ValidationSettings(scheme="single"), n_rows=500, n_cells=500, seconds=300, time_column="day"
    )
    ((fit, valid),) = fold_rows(made.assign_folds(answers(500), BINARY, plan=single, seed=0))
    assert (len(fit), len(valid)) == (450, 50)


@pytest.mark.parametrize(
    "settings", [{"scheme": "backward"}, {"n_folds": 1}, {"n_repeats": 0}, {"gap_rows": -1}], ids=str
)
def test_what_cannot_be_is_told(settings: dict[str, Any]) -> None:
    (problem,) = ValidationSettings(**settings).problems()
    assert problem.code.startswith("validation_")


def test_the_single_fold_of_a_large_table_is_the_last_block_of_time() -> None:
    times = np.random.default_rng(0).permutation(70_000).astype(np.float64)
    ((fit, valid),) = fold_rows(assign_folds(times, NUMBER, seed=0, times=times))
    assert len(valid) == 7_000
    assert times[fit].max() < times[valid].min()


@pytest.mark.parametrize("task", [BINARY, NUMBER])
def test_strata_keep_their_shares_in_the_hold_out_and_in_every_fold(task: Task) -> None:
    n_rows = 400
    strata = np.arange(n_rows) % 8 // 7  # one row in eight
    y = answers(n_rows) if task is BINARY else np.arange(n_rows) * 1.0
    train, held = split_holdout(y, task, share=0.2, seed=0, strata=strata)
    assert strata[held].mean() == pytest.approx(1 / 8, abs=0.02)
    for fit, valid in fold_rows(assign_folds(y[train], task, seed=0, strata=strata[train])):
        assert strata[train][valid].mean() == pytest.approx(1 / 8, abs=0.03)
        assert strata[train][fit].mean() == pytest.approx(1 / 8, abs=0.03)


def test_a_stratum_of_few_rows_does_not_stand_in_the_way() -> None:
    strata = np.zeros(200, np.int64)
    strata[:3] = (1, 2, 3)
    train, held = split_holdout(answers(200), BINARY, share=0.2, seed=0, strata=strata)
    assert len(held) == 40
    assert len(fold_rows(assign_folds(answers(200)[train], BINARY, seed=0, strata=strata[train]))) == 10


FEW_TIMES = {
    "three years": np.repeat([1.0, 2.0, 3.0], 100),
    "years at random": np.random.default_rng(0).integers(0, 5, 300).astype(np.float64),
    "two years": np.repeat([1.0, 2.0], [280, 20]),
    "one frequent day": np.concatenate([np.arange(100.0), np.full(100, 100.0), np.arange(101.0, 201.0)]),
    "nearly all at the end": np.concatenate([np.arange(15.0), np.full(285, 15.0)]),
}


@pytest.mark.parametrize("times", FEW_TIMES.values(), ids=FEW_TIMES)
def test_few_or_uneven_times_make_fewer_turns_but_none_without_rows(times: np.ndarray) -> None:
    assigned = assign_folds(times, NUMBER, seed=0, times=times)
    assert 1 <= len(assigned) <= 4
    assert len(fold_rows(assigned)) == len(assigned)
    for fit, valid in fold_rows(assigned):
        assert len(fit)
        assert len(valid)
        assert times[fit].max() < times[valid].min()


def test_a_gap_that_leaves_nothing_to_learn_from_makes_no_turn() -> None:
    times = np.arange(240.0)
    plan = usual(240, in_time=True, gap_rows=50)  # wider than the first of five blocks
    assert len(made.assign_folds(times, NUMBER, plan=plan, seed=0, times=times)) == 3
    plan = usual(240, in_time=True, gap_rows=1_000)
    assert made.assign_folds(times, NUMBER, plan=plan, seed=0, times=times).shape == (0, 240)


def test_folds_of_one_drawing_are_known_even_where_groups_leave_it_fewer() -> None:
    assert drawings(np.array([[0, 1, 2], [0, 1, 1]])) == [0, 0, 0, 1, 1]
    times = np.arange(300.0)
    assert drawings(assign_folds(times, NUMBER, seed=0, times=times)) == [0, 0, 0, 0]


@pytest.mark.parametrize("task", [BINARY, NUMBER], ids=lambda task: task.kind)
@pytest.mark.parametrize(("n_groups", "n_drawings"), [(2, 1), (4, 1), (12, 2)])
def test_few_groups_are_not_divided_twice_in_the_same_way(task: Task, n_groups: int, n_drawings: int) -> None:
    groups, y = np.arange(240) % n_groups, answers(240) if task is BINARY else np.arange(240.0)
    assigned = assign_folds(y, task, seed=0, groups=groups)
    assert len(assigned) == n_drawings
    assert len(fold_rows(assigned)) == min(5, n_groups) * n_drawings


def test_one_row_of_a_rare_stratum_does_not_switch_off_the_shares_of_the_classes() -> None:
    y = np.repeat([0, 1], [950, 50])
    strata = np.arange(1_000) % 2
    strata[10] = 2
    for seed in range(8):
        _train, held = split_holdout(y, BINARY, share=0.2, seed=seed, strata=strata)
        assert (y[held] == 1).sum() == 10


def test_a_rare_answer_of_a_large_table_is_compared_on_folds() -> None:
    settings = ValidationSettings()
    enough, few = (
        plan_validation(settings, n_rows=100_000, n_cells=10**6, seconds=300, time_column=None, n_rarer=n_rarer)
        for n_rarer in (100, 99)
    )
    assert (enough.scheme, few.scheme, few.n_folds) == (Scheme.SINGLE, Scheme.FOLDS, 3)


@pytest.mark.parametrize("task", [BINARY, NUMBER], ids=lambda task: task.kind)
def test_a_large_group_is_not_what_is_set_aside(task: Task) -> None:
    random = np.random.default_rng(0)
    groups = np.where(np.arange(2_000) < 1_200, 0, random.integers(1, 30, 2_000))
    y = random.integers(0, 2, 2_000) if task is BINARY else random.normal(size=2_000)
    for seed in range(4):
        _train, held = split_holdout(y, task, share=0.2, seed=seed, groups=groups)
        assert 0 not in groups[held]


def test_where_every_class_has_one_row_rows_are_divided_all_the_same() -> None:
    task = several(12)
    assert len(fold_rows(assign_folds(np.arange(12), task, seed=0))) == 2 * 2
