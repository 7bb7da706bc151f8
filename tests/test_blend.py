"""The blend: never worse than its best member where it was chosen, and honestly scored."""

import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.blend.choice import choose_members
from engine.blend.ensemble import MOST_ROWS, MOST_SCORES, choose_blend, nested_scores
from engine.blend.final import TargetScale
from engine.blend.link import link_to_prediction
from engine.blend.losses import next_losses, score_loss
from engine.search.data import RowSet, TrainingData
from engine.tasks.metric import Floats, metric_named, metrics_for
from engine.tasks.task import Task, TaskKind

TASKS = {
    TaskKind.BINARY: Task(kind=TaskKind.BINARY, targets=("y",), classes=("no", "yes")),
    TaskKind.MULTICLASS: Task(kind=TaskKind.MULTICLASS, targets=("y",), classes=("a", "b", "c")),
    TaskKind.REGRESSION: Task(kind=TaskKind.REGRESSION, targets=("y",)),
}


def example(
    kind: TaskKind, n_rows: int, n_candidates: int, seed: int, noise: float = 1.0
) -> tuple[Task, list[Floats], np.ndarray]:
    random = np.random.default_rng(seed)
    task = TASKS[kind]
    truth = random.normal(size=(n_rows, task.n_outputs))
    raw = [truth + noise * random.normal(size=truth.shape) for _ in range(n_candidates)]
    y: np.ndarray
    if kind is TaskKind.REGRESSION:
        y = truth[:, 0] + 0.1 * random.normal(size=n_rows)
    elif kind is TaskKind.BINARY:
        y = (truth[:, 0] + random.logistic(size=n_rows) > 0).astype(np.int64)
        y[:2] = 0, 1
    else:
        y = (truth + random.gumbel(size=truth.shape)).argmax(axis=1)
    return task, raw, y


@settings(max_examples=40, deadline=None)
@given(
    kind=st.sampled_from(list(TaskKind)),
    n_rows=st.sampled_from([40, 300, 1500]),
    n_candidates=st.integers(1, 7),
    max_members=st.integers(1, 5),
    weighted=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_the_blend_is_never_worse_than_its_best_candidate(
    kind: TaskKind, n_rows: int, n_candidates: int, max_members: int, weighted: bool, seed: int
) -> None:
    task, raw, y = example(kind, n_rows, n_candidates, seed)
    weight = np.random.default_rng(seed).uniform(0.5, 2, n_rows) if weighted else None
    metric = metrics_for(kind)[0]
    weights = choose_blend(raw, y, task, metric, weight, max_members=max_members, seed=seed).weights
    members = [share for share in weights if share]
    assert len(weights) == n_candidates
    assert sum(weights) == pytest.approx(1)
    assert 1 <= len(members) <= max_members
    assert min(members) >= 0.05

    def loss(scores: np.ndarray) -> float:
        return metric.loss(metric.score(y, link_to_prediction(scores, task), weight))

    blended = sum(share * scores for share, scores in zip(weights, raw, strict=True))
    assert loss(np.asarray(blended)) <= min(map(loss, raw)) + 1e-12


@pytest.mark.parametrize("kind", list(TaskKind))
def test_independent_errors_are_averaged_away(kind: TaskKind) -> None:
    task, raw, y = example(kind, 3000, 4, seed=1)
    weights = choose_blend(raw, y, task, metrics_for(kind)[0], seed=0).weights
    assert min(weights) > 0.1


def test_a_useless_candidate_gets_nothing() -> None:
    task, raw, y = example(TaskKind.REGRESSION, 2000, 2, seed=2, noise=0.3)
    raw.append(10 * np.random.default_rng(0).normal(size=raw[0].shape))
    assert choose_blend(raw, y, task, metrics_for(task.kind)[0], seed=0).weights[2] == 0


def test_members_fit_into_the_file_together() -> None:
    task, raw, y = example(TaskKind.REGRESSION, 3000, 4, seed=1)
    metric = metrics_for(task.kind)[0]

    def members(loads: list[float]) -> set[int]:
        weights = choose_blend(raw, y, task, metric, loads=loads, seed=0).weights
        assert sum(weights) == pytest.approx(1)
        return {number for number, share in enumerate(weights) if share}

    assert members([0.25] * 4) == {0, 1, 2, 3}
    assert members([1.1, 0.5, 0.5, 1.2]) == {1, 2}
    for loads in ([0.6, 0.6, 0.6, 0.3], [0.9, 0.4, 0.4, 0.3]):
        assert sum(loads[number] for number in members(loads)) <= 1
    assert members([7.0, 5.0, 9.0, 6.0]) == {1}  # none fits: the smallest is nearest
    assert nested_scores(raw, y, task, metric, loads=[0.25] * 4, seed=0).calibrated.shape == raw[0].shape


def test_the_best_that_leaves_no_room_gives_way_to_several_that_are_better_together() -> None:
    task, raw, y = example(TaskKind.REGRESSION, 3000, 4, seed=1)
    metric = metrics_for(task.kind)[0]
    best = min(range(4), key=lambda each: float(np.square(raw[each][:, 0] - y).mean()))
    loads = [0.95 if number == best else 0.3 for number in range(4)]
    weights = choose_blend(raw, y, task, metric, loads=loads, seed=0).weights
    assert {number for number, share in enumerate(weights) if share} == {0, 1, 2, 3} - {best}


def test_few_rows_mean_few_and_nearly_equal_members() -> None:
    task, raw, y = example(TaskKind.REGRESSION, 100, 8, seed=3)
    members = [share for share in choose_blend(raw, y, task, metrics_for(task.kind)[0], seed=0).weights if share]
    assert 2 <= len(members) <= 3
    assert max(members) - min(members) < 0.1


def test_many_rows_are_sampled_with_their_classes() -> None:
    task, raw, y = example(TaskKind.BINARY, 3 * MOST_ROWS, 2, seed=4)
    seen: list[np.ndarray] = []
    metric = metrics_for(task.kind)[0]

    def spy(y: NDArray[np.generic], predicted: Floats, weight: Floats | None) -> float:
        seen.append(y)
        return metric.score(y, predicted, weight)

    choose_blend(raw, y, task, replace(metric, score=spy), seed=0)
    assert {len(answers) for answers in seen} == {MOST_ROWS}
    assert seen[0].mean() == pytest.approx(y.mean(), abs=1e-3)


def test_of_many_classes_fewer_rows_are_looked_at_and_what_is_held_stays_small() -> None:
    n_classes, n_rows = 400, 3_000
    random = np.random.default_rng(6)
    task = replace(TASKS[TaskKind.MULTICLASS], classes=tuple(map(str, range(n_classes))))
    y = np.arange(n_rows) % n_classes
    raw = [random.normal(size=(n_rows, n_classes)) for _ in range(40)]
    seen: list[np.ndarray] = []
    log_loss = metric_named("log_loss")

    def spy(y: NDArray[np.generic], predicted: Floats, weight: Floats | None) -> float:
        seen.append(y)
        return log_loss.score(y, predicted, weight)

    tracemalloc.start()
    choose_blend(raw, y, task, replace(log_loss, score=spy), seed=0)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert {len(answers) for answers in seen} == {MOST_SCORES // (40 * n_classes)}
    assert peak_bytes < 3 * 8 * MOST_SCORES


def test_the_same_seed_chooses_the_same() -> None:
    task, raw, y = example(TaskKind.BINARY, 2 * MOST_ROWS, 5, seed=5)
    metric = metrics_for(task.kind)[0]
    assert choose_blend(raw, y, task, metric, seed=7) == choose_blend(raw, y, task, metric, seed=7)


def test_a_candidate_without_a_finite_score_is_not_chosen() -> None:
    task, raw, y = example(TaskKind.REGRESSION, 500, 2, seed=6)
    raw[0][3] = np.nan
    assert choose_blend(raw, y, task, metrics_for(task.kind)[0], seed=0).weights == (0.0, 1.0)


def test_no_row_chooses_the_weights_that_it_is_blended_with() -> None:
    """A row's own answer must not matter: with it changed, its nested score stays as it was."""
    task, raw, y = example(TaskKind.REGRESSION, 200, 5, seed=8)
    metric = metrics_for(task.kind)[0]
    unchanged = nested_scores(raw, y, task, metric, seed=0)
    changed = y.copy()
    changed[17] += 100
    otherwise = nested_scores(raw, changed, task, metric, seed=0)
    for before, after in ((unchanged.calibrated, otherwise.calibrated), (unchanged.blended, otherwise.blended)):
        assert before.shape == (200, 1)
        assert np.isfinite(before).all()
        np.testing.assert_allclose(after[17], before[17])
        assert not np.allclose(after, before)


def test_the_nested_score_does_not_flatter() -> None:
    """Of forty guesses, the best looks good on the rows that chose it; the nested score sees no skill."""
    random = np.random.default_rng(9)
    y = random.integers(0, 2, 400)
    raw = [random.normal(size=(400, 1)) for _ in range(40)]
    task, metric = TASKS[TaskKind.BINARY], metrics_for(TaskKind.BINARY)[0]
    weights = choose_blend(raw, y, task, metric, seed=0).weights
    chosen = sum(share * scores for share, scores in zip(weights, raw, strict=True))
    assert metric.score(y, link_to_prediction(np.asarray(chosen), task), None) > 0.57
    nested = nested_scores(raw, y, task, metric, seed=0)
    for unseen in (nested.blended, nested.calibrated):
        assert abs(metric.score(y, link_to_prediction(unseen, task), None) - 0.5) < 0.07


@pytest.mark.parametrize(
    ("kind", "n_rows"),
    [(TaskKind.BINARY, 3_200), (TaskKind.BINARY, 5_200), (TaskKind.BINARY, 8_000), (TaskKind.MULTICLASS, 8_000)],
)
def test_given_weights_are_calibrated_as_the_file_is(kind: TaskKind, n_rows: int) -> None:
    task, (first, other), y = example(kind, n_rows, 2, seed=0, noise=0.2)
    raw = [3.0 * first, 3.0 * other]  # three times too sure
    loss = score_loss(y, task, metric_named("log_loss"), None)
    blended = nested_scores(raw, y, task, metric_named("log_loss"), given=(0.5, 0.5), seed=0).calibrated
    assert loss(blended) < 0.8 * loss(0.5 * raw[0] + 0.5 * raw[1])


def test_a_group_chooses_neither_the_weights_nor_the_calibration_that_it_is_given() -> None:
    task, raw, y = example(TaskKind.BINARY, 8_000, 3, seed=10)
    raw = [6 * scores for scores in raw]
    metric = metrics_for(task.kind)[0]
    random = np.random.default_rng(0)
    groups = random.integers(0, 40, len(y))
    unchanged = nested_scores(raw, y, task, metric, None, groups, seed=0)
    own = groups == 5
    opposite = np.where(own, 1 - y, y)
    otherwise = nested_scores(raw, opposite, task, metric, None, groups, seed=0)
    before, after = unchanged.calibrated, otherwise.calibrated
    np.testing.assert_array_equal(after[own], before[own])
    np.testing.assert_array_equal(otherwise.blended[own], unchanged.blended[own])
    # The rest of its part looks away too; the other part learns from it how sure to be.
    assert 0.3 < (after == before).mean() < 0.7
    assert np.abs(before).mean() < 0.5 * np.abs(np.mean(raw, axis=0)).mean()


def kept(folder: Path, task: Task, y: np.ndarray, scale: TargetScale, candidates: list[np.ndarray]) -> Path:
    """Write rows and out-of-fold scores where a run keeps them."""
    (folder / "data").mkdir(parents=True)
    rows = RowSet(source=pd.DataFrame({"x": np.zeros(len(y))}), y=y)
    folds = np.arange(len(y), dtype=np.int16)[None, :] % 3
    data = TrainingData(
        task=task, columns=(), train=rows, holdout=rows.take(np.arange(0)), folds=folds, target_scale=scale
    )
    data.save(folder / "data")
    for number, scores in enumerate(candidates):
        (folder / "trials" / str(number)).mkdir(parents=True)
        np.save(folder / "trials" / str(number) / "oof.npy", scores)
    return folder


def test_a_metric_of_positive_targets_blends_too(tmp_path: Path) -> None:
    """A standardised target is partly below zero, where this metric is not defined."""
    random = np.random.default_rng(11)
    truth = random.normal(size=2_000)
    y = np.exp(4 + 0.3 * truth)
    scale = TargetScale(centre=float(y.mean()), scale=float(y.std()))
    guesses = [np.exp(4 + 0.3 * (truth + 0.5 * random.normal(size=len(y)))) for _ in range(3)]
    candidates = [((guess - scale.centre) / scale.scale)[:, None] for guess in guesses]
    choice = choose_members(kept(tmp_path, TASKS[TaskKind.REGRESSION], y, scale, candidates), [0, 1, 2], "rmsle", 0)
    assert len(choice.members) == 3
    assert choice.score < 0.12
    assert choice.validation["rmsle"].value == pytest.approx(choice.score)


def test_the_reported_log_loss_is_that_of_the_calibrated_blend(tmp_path: Path) -> None:
    task, raw, y = example(TaskKind.BINARY, 8_000, 2, seed=12)
    sure = [2 * scores for scores in raw]
    choice = choose_members(kept(tmp_path, task, y, TargetScale(), sure), [0, 1], "log_loss", 0)
    assert 2 < choice.calibration.temperature < 4
    too_sure = link_to_prediction(np.mean(sure, axis=0), task)
    assert choice.score < 0.95 * metric_named("log_loss").score(y, too_sure, None)
    assert choice.validation["log_loss"].value == pytest.approx(choice.score)


@pytest.mark.parametrize("key", ["auc", "average_precision"])
def test_the_calibration_of_parts_does_not_shuffle_the_order_of_rare_answers(key: str, tmp_path: Path) -> None:
    """Each part of the rows is calibrated by the others: with 30 of 1,200 rows that would cost a tenth of the error."""
    task, _, _ = example(TaskKind.BINARY, 10, 2, seed=13)
    random = np.random.default_rng(13)
    y = (np.arange(1_200) % 40 == 0).astype(np.int64)
    raw = [4.0 * y[:, None] - 3.0 + 1.5 * random.normal(size=(len(y), 1)) for _ in range(2)]
    metric, shares = metric_named(key), {0: 0.5, 1: 0.5}
    choice = choose_members(kept(tmp_path, task, y, TargetScale(), raw), [0, 1], key, 0, shares=shares)
    assert choice.score == metric.score(y, link_to_prediction(np.mean(raw, axis=0), task), None)
    assert choice.validation[key].value == choice.score
    assert choice.calibration.shifts[0] != 0.0


@settings(max_examples=40, deadline=None)
@given(
    kind=st.sampled_from(list(TaskKind)),
    n_candidates=st.integers(1, 5),
    weighted=st.booleans(),
    seed=st.integers(0, 1000),
    data=st.data(),
)
def test_quick_losses_put_blends_in_the_order_of_the_metric(
    kind: TaskKind, n_candidates: int, weighted: bool, seed: int, data: st.DataObject
) -> None:
    task, raw, y = example(kind, 200, n_candidates, seed, noise=3.0)
    weight = np.random.default_rng(seed).uniform(0.5, 2, 200) if weighted else None
    metric = metric_named("rmse" if kind is TaskKind.REGRESSION else data.draw(st.sampled_from(["log_loss", "auc"])))
    counts = np.array(data.draw(st.lists(st.integers(0, 4), min_size=n_candidates, max_size=n_candidates)), float)
    stack = np.stack(raw)
    quick = next_losses(stack, y, task, metric, weight)(counts, np.arange(n_candidates))
    loss = score_loss(y, task, metric, weight)
    exact = [loss(np.tensordot(counts, stack, axes=1) / (n := counts.sum() + 1) + each / n) for each in stack]
    shown = np.sqrt(quick) if kind is TaskKind.REGRESSION else quick
    np.testing.assert_allclose(shown, exact, rtol=1e-5, atol=1e-6)


def test_candidates_that_say_the_same_do_not_share_a_weight() -> None:
    task, raw, y = example(TaskKind.BINARY, 2000, 2, seed=3)
    weights = choose_blend([raw[0], raw[0] + 1e-6, raw[1]], y, task, metric_named("auc"), seed=0).weights
    assert min(weights) == 0
    assert sorted(weights)[1] > 0.1
