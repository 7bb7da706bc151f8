"""Calibration: as sure, and as rare, as the answers are; held back where few rows say so."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.blend.calibration import UNCALIBRATED, Likely, _Evidence, calibration
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
    found = calibration(raw * factor, y, task)
    assert found.temperature == pytest.approx(factor, rel=0.05)
    assert found.shifts == pytest.approx([0.0] * task.n_outputs, abs=0.05)


@pytest.mark.parametrize("task", [BINARY, THREE])
def test_an_answer_that_was_made_too_rare_is_given_back(task: Task) -> None:
    raw, y = draw(task, 20_000)
    taken = np.array([1.5, 0.0, 0.0])[: task.n_outputs]
    found = calibration(raw - taken, y, task)
    given_back = np.array(found.shifts) - np.mean(found.shifts) * (task.n_outputs > 1)
    assert given_back == pytest.approx(taken - taken.mean() * (task.n_outputs > 1), abs=0.06)
    assert found.temperature == pytest.approx(1.0, rel=0.05)
    assert found.calibrated(raw - taken).shape == raw.shape


def test_the_fewer_the_rows_the_less_is_believed() -> None:
    raw, y = draw(BINARY, 20_000)
    shifts = [calibration(raw[:n] - 1.0, y[:n], BINARY).shifts[0] for n in (1, 10, 100, 1_000, 10_000)]
    assert abs(shifts[0]) < 0.3
    assert shifts == pytest.approx([0.0, 0.0, 1.0, 1.0, 1.0], abs=0.6)
    held = calibration(raw[:100] - 1.0, y[:100], BINARY, likely=Likely(surer=0.01, less_sure=0.01, shift=0.01))
    assert held.temperature == pytest.approx(1.0, abs=0.02)
    assert held.shifts[0] == pytest.approx(0.0, abs=0.02)


@pytest.mark.parametrize("task", [BINARY, THREE])
def test_of_two_answers_being_surer_takes_more_rows_to_be_believed_than_being_less_sure(task: Task) -> None:
    raw, y = draw(task, 20_000)
    surer, less_sure = (calibration(raw[:600] * factor, y[:600], task).temperature for factor in (0.5, 2.0))
    assert (0.65 < surer < 0.85) if task is BINARY else (0.45 < surer < 0.55)  # of three answers a row says more
    assert 1.8 < less_sure < 2.3
    assert calibration(raw / 2, y, task).temperature == pytest.approx(0.5, rel=0.05)


def test_where_hardly_any_of_many_rows_is_wrong_several_answers_may_be_surer() -> None:
    _, y = draw(THREE, 1_300)
    nearly_right = 5.0 * np.eye(3)[y]
    assert calibration(nearly_right, y, THREE).temperature < 0.5


def test_a_part_is_treated_as_the_whole_is() -> None:
    right = 9.0 * np.eye(3)[draw(THREE, 499)[1]]
    y = right.argmax(axis=1)
    assert calibration(right, y, THREE).temperature > 1.0  # that none of few was wrong does not prove that none is
    assert calibration(right, y, THREE, n_rows=500).temperature < 1.0
    assert calibration(right, y, THREE, n_rows=499) == calibration(right, y, THREE)


def test_a_regression_is_left_alone() -> None:
    task = Task(kind=TaskKind.REGRESSION, targets=("y",))
    assert calibration(np.ones((9000, 1)), np.ones(9000), task) is UNCALIBRATED
    assert UNCALIBRATED.calibrated(np.ones((2, 1))).tolist() == [[1.0], [1.0]]


@pytest.mark.parametrize(("factor", "end"), [(1000.0, 4.0), (0.05, 0.25)])
def test_it_stays_within_its_bounds(factor: float, end: float) -> None:
    raw, y = draw(BINARY, 5_000)
    assert calibration(raw * factor, y, BINARY).temperature == pytest.approx(end, rel=1e-3)
    assert abs(calibration(raw - 1000.0, y, BINARY).shifts[0]) <= 4.0


def test_rows_count_by_their_weight() -> None:
    raw, y = draw(BINARY, 10_000)
    mixed = np.concatenate([raw[:5000] * 2, raw[5000:]])
    weight = np.repeat([1.0, 1e-9], 5000)
    assert calibration(mixed, y, BINARY, weight).temperature == pytest.approx(2.0, rel=0.1)


@pytest.mark.parametrize("in_turns", [False, True])
def test_of_very_many_scores_a_part_says_as_much(in_turns: bool) -> None:
    """Also where answers come in turns, as in a panel, so that every so-manieth row would have the same one."""
    raw, y = draw(THREE, 330_000)
    if in_turns:
        turns = np.concatenate([np.flatnonzero(y == each)[: len(y) // 4] for each in range(3)]).reshape(3, -1).T.ravel()
        raw, y = raw[turns], y[turns]
    found = calibration(raw * 2, y, THREE)
    assert found.temperature == pytest.approx(2.0, rel=0.03)
    assert found.shifts == pytest.approx([0.0] * 3, abs=0.03)


@settings(max_examples=40, deadline=None)
@given(
    task=st.sampled_from([BINARY, THREE]),
    point=st.lists(st.floats(-1.0, 1.0), min_size=4, max_size=4),
    n_imagined=st.sampled_from([0.0, 0.5]),
    seed=st.integers(0, 1000),
)
def test_the_slope_is_that_of_the_loss(task: Task, point: list[float], n_imagined: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    raw, y = draw(task, 30)
    evidence = _Evidence.of(raw, y, random.random(30) + 0.1, n_imagined)
    at = np.array(point[: 1 + task.n_outputs])
    steps = 1e-6 * np.eye(len(at))
    numeric = [(evidence.loss(at + step)[0] - evidence.loss(at - step)[0]) / 2e-6 for step in steps]
    np.testing.assert_allclose(evidence.loss(at)[1], numeric, atol=1e-6)
