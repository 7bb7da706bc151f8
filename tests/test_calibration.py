"""Calibration: sure where that is deserved, and left alone where there are few rows."""

import numpy as np
import pytest

from engine.blend.calibration import temperature
from engine.tasks.task import Task, TaskKind

BINARY = Task(kind=TaskKind.BINARY, targets=("y",), classes=("no", "yes"))
THREE = Task(kind=TaskKind.MULTICLASS, targets=("y",), classes=("a", "b", "c"))


def draw(task: Task, n_rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Return scores that say exactly how sure one may be, and answers drawn by them."""
    random = np.random.default_rng(0)
    raw = 2 * random.normal(size=(n_rows, task.n_outputs))
    if task.kind is TaskKind.BINARY:
        return raw, (raw[:, 0] + random.logistic(size=n_rows) > 0).astype(np.int64)
    return raw, (raw + random.gumbel(size=raw.shape)).argmax(axis=1)


@pytest.mark.parametrize("task", [BINARY, THREE])
@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_what_was_made_too_sure_or_too_timid_is_found(task: Task, factor: float) -> None:
    raw, y = draw(task, 20_000)
    assert temperature(raw * factor, y, task) == pytest.approx(factor, rel=0.05)


@pytest.mark.parametrize(("task", "n_rows"), [(BINARY, 2_999), (THREE, 99)])
def test_few_rows_leave_the_scores_alone(task: Task, n_rows: int) -> None:
    raw, y = draw(task, n_rows + 1)
    assert temperature(9 * raw, y, task) != 1.0
    assert temperature(9 * raw[:-1], y[:-1], task) == 1.0
    assert temperature(9 * raw[:-1], y[:-1], task, n_rows=len(y)) != 1.0  # a part is treated as the whole is


def test_few_rows_without_a_mistake_do_not_prove_that_there_is_none() -> None:
    raw, y = draw(THREE, 600)
    right = 9.0 * np.eye(3)[y]
    assert temperature(right[:499], y[:499], THREE) > 1.0
    assert temperature(right, y, THREE) < 0.5
    assert temperature(raw[:499], y[:499], THREE) == pytest.approx(1.0, rel=0.2)


def test_a_regression_is_left_alone() -> None:
    assert temperature(np.ones((9000, 1)), np.ones(9000), Task(kind=TaskKind.REGRESSION, targets=("y",))) == 1.0


@pytest.mark.parametrize(("factor", "end"), [(1000.0, 4.0), (0.001, 0.25)])
def test_it_stays_within_its_bounds(factor: float, end: float) -> None:
    raw, y = draw(BINARY, 5_000)
    assert temperature(raw * factor, y, BINARY) == pytest.approx(end, rel=1e-3)
    assert 0.25 <= temperature(raw * factor, y, BINARY) <= 4.0


def test_rows_count_by_their_weight() -> None:
    raw, y = draw(BINARY, 10_000)
    mixed = np.concatenate([raw[:5000] * 2, raw[5000:]])
    weight = np.repeat([1.0, 1e-9], 5000)
    assert temperature(mixed, y, BINARY, weight) == pytest.approx(2.0, rel=0.1)
