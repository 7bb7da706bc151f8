"""The hold-out and the folds: who sees what."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.search.folds import NEVER, assign_folds, default_holdout, fold_rows, split_holdout
from engine.tasks.task import Task, TaskKind

BINARY = Task(kind=TaskKind.BINARY, target="y", classes=("no", "yes"))
NUMBER = Task(kind=TaskKind.REGRESSION, target="y")


def answers(n_rows: int) -> np.ndarray:
    return (np.random.default_rng(0).random(n_rows) < 0.2).astype(np.int64)


@pytest.mark.parametrize(("n_rows", "repeats", "n_folds"), [(200, 2, 5), (5_000, 1, 5), (20_000, 1, 3), (70_000, 1, 1)])
def test_the_number_of_folds_follows_the_number_of_rows(n_rows, repeats, n_folds):
    assigned = assign_folds(answers(n_rows), BINARY, seed=0)
    assert assigned.shape == (repeats, n_rows)
    assert len(fold_rows(assigned)) == repeats * n_folds


def test_a_large_table_validates_on_one_part_and_trains_on_the_rest():
    assigned = assign_folds(answers(70_000), BINARY, seed=0)
    ((train, valid),) = fold_rows(assigned)
    assert (assigned[0][train] == NEVER).all()
    assert len(valid) == 7_000
    assert len(train) == 63_000


@settings(max_examples=25, deadline=None)
@given(st.integers(60, 400), st.integers(0, 5), st.sampled_from([BINARY, NUMBER]))
def test_every_row_is_validated_once_per_repetition_and_never_by_itself(n_rows, seed, task):
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
def test_rows_of_one_group_stay_together(task):
    groups = np.repeat(np.arange(60), 5)
    y = answers(300) if task is BINARY else np.random.default_rng(0).normal(size=300)
    train, held = split_holdout(y, task, share=0.2, seed=0, groups=groups)
    assert held.size
    assert not set(groups[train]) & set(groups[held])
    for fit, valid in fold_rows(assign_folds(y, task, seed=0, groups=groups)):
        assert not set(groups[fit]) & set(groups[valid])


def test_the_holdout_keeps_the_shares_of_the_classes():
    y = answers(1_000)
    train, held = split_holdout(y, BINARY, share=0.2, seed=3)
    assert len(held) == 200
    assert abs(y[held].mean() - y[train].mean()) < 0.01


def test_a_share_of_zero_sets_nothing_aside():
    train, held = split_holdout(answers(100), BINARY, share=0, seed=0)
    assert len(train) == 100
    assert len(held) == 0


def test_a_very_large_table_needs_a_smaller_share():
    assert default_holdout(1_000) == 0.2
    assert default_holdout(2_000_000) * 2_000_000 == pytest.approx(20_000)


def test_the_same_seed_gives_the_same_folds():
    assert (assign_folds(answers(500), BINARY, seed=4) == assign_folds(answers(500), BINARY, seed=4)).all()
    assert (assign_folds(answers(500), BINARY, seed=4) != assign_folds(answers(500), BINARY, seed=5)).any()
