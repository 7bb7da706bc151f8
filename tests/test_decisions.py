"""Decisions of the file: which class is named, which are possible, how far off a number may be."""

from dataclasses import replace

import numpy as np
import pytest

from engine.blend.decision import FEWEST_TO_TUNE, Decision, decide, measured
from engine.blend.decisions import DecisionSettings
from engine.graph.assemble import assemble
from engine.graph.session import open_session, run
from engine.tasks.metric import metric_named
from engine.tasks.task import INTERVAL, POSSIBLE, PREDICTION, PROBABILITIES, Task, TaskKind
from tests.test_certificate import TASKS, trained

BINARY, THREE, NUMBER = (TASKS[kind] for kind in (TaskKind.BINARY, TaskKind.MULTICLASS, TaskKind.REGRESSION))
USUAL = DecisionSettings()


def classes(n_rows: int, task: Task, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return answers and the probabilities that they were drawn with; the last class is rare."""
    draw = np.random.default_rng(seed)
    chances = draw.dirichlet([4.0] * (len(task.classes) - 1) + [0.6], n_rows)
    y = (draw.random(n_rows)[:, None] > chances.cumsum(axis=1)).sum(axis=1)
    return np.minimum(y, chances.shape[1] - 1), chances


def numbers(n_rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return answers and predictions whose errors grow with their size."""
    draw = np.random.default_rng(seed)
    predicted = draw.uniform(0, 10, n_rows)
    return predicted + draw.normal(size=n_rows) * (0.2 + 0.3 * predicted), predicted


@pytest.mark.parametrize("coverage", [0.6, 0.9, 0.99])
@pytest.mark.parametrize("task", [THREE, NUMBER], ids=["classes", "numbers"])
def test_the_truth_is_within_as_often_as_was_asked(task: Task, coverage: float) -> None:
    make = (lambda n, seed: classes(n, task, seed)) if task.classes else numbers
    y, predicted = make(4000, 0)
    metric = metric_named("log_loss" if task.classes else "rmse")
    decision, _ = decide(task, y, predicted, None, metric, replace(USUAL, coverage=coverage), seed=0)
    other, unseen = make(8000, 1)
    found = measured(decision, other, unseen, None)["coverage"]
    assert decision.found is not None
    for share in (found, decision.found):
        # The named class is always possible, so sets of classes may hold the truth more often.
        assert coverage - 0.02 <= share <= coverage + (0.05 if task.classes else 0.02)


def test_sets_of_classes_are_no_larger_than_was_asked_where_costs_name_the_class() -> None:
    draw = np.random.default_rng(3)
    chance = draw.random(8000)
    y, chances = (draw.random(8000) < chance).astype(int), np.column_stack([1 - chance, chance])
    settings = replace(USUAL, costs={"yes": {"no": 2.0}}, coverage=0.9)
    decision, _ = decide(BINARY, y, chances, None, metric_named("auc"), settings, seed=0)
    assert 0.88 <= decision.holds(y, chances).mean() <= 0.92
    assert decision.found is not None
    assert 0.88 <= decision.found <= 0.92


@pytest.mark.parametrize("coverage", [0.5, 0.9])
def test_no_class_is_ruled_out_that_is_more_probable_than_the_one_that_costs_name(coverage: float) -> None:
    y, chances = classes(3000, THREE, 4)
    costs = {str(THREE.classes[2]): {str(THREE.classes[0]): 30.0, str(THREE.classes[1]): 20.0}}
    settings = replace(USUAL, costs=costs, coverage=coverage)
    decision, _ = decide(THREE, y, chances, None, metric_named("log_loss"), settings, seed=0)
    possible, named = decision.possible(chances), decision.named(chances)
    assert (named != chances.argmax(axis=1)).mean() > 0.1
    assert possible[np.arange(len(y)), named].all()
    least = np.where(possible, chances, 1.0).min(axis=1, keepdims=True)
    assert ((chances >= least) == possible).all()


def test_intervals_are_wider_where_errors_are_larger() -> None:
    y, predicted = numbers(4000, 0)
    decision, _ = decide(NUMBER, y, predicted, None, metric_named("rmse"), USUAL, seed=0)
    low, high = decision.interval(np.array([1.0, 9.0])).T
    assert (high - low)[1] > 2 * (high - low)[0]
    even, _ = decide(NUMBER, predicted + 0.5 * y % 1, predicted, None, metric_named("rmse"), USUAL, seed=0)
    assert len(even.knots) == 1


def test_costs_name_the_class_that_costs_least() -> None:
    y, chances = classes(500, BINARY, 0)
    settings = DecisionSettings(costs={"yes": {"no": 9.0}})
    decision, judged = decide(BINARY, y, chances, None, metric_named("auc"), settings, seed=0)
    np.testing.assert_array_equal(decision.named(chances), (chances[:, 1] > 0.1).astype(int))
    np.testing.assert_array_equal(judged.argmax(axis=1), decision.named(chances))


@pytest.mark.parametrize(("n_rows", "tuned"), [(FEWEST_TO_TUNE, True), (FEWEST_TO_TUNE // 2, False)])
def test_a_threshold_is_tuned_only_where_rows_suffice_and_it_pays(n_rows: int, tuned: bool) -> None:
    y, chances = classes(n_rows, BINARY, 0)
    metric = metric_named("balanced_accuracy")
    decision, judged = decide(BINARY, y, chances, None, metric, USUAL, seed=0)
    assert bool(decision.costs) is tuned
    gained = metric.score(y, judged, None) - metric.score(y, chances, None)
    assert (gained > 0.02) is tuned
    other, unseen = classes(20_000, BINARY, 1)
    honest = metric.score(other, np.eye(2)[decision.named(unseen)], None)
    assert metric.score(y, judged, None) == pytest.approx(honest, abs=0.03)


def test_probabilities_are_left_alone_where_the_metric_looks_at_them() -> None:
    y, chances = classes(FEWEST_TO_TUNE, BINARY, 0)
    decision, judged = decide(BINARY, y, chances, None, metric_named("log_loss"), USUAL, seed=0)
    assert decision.costs == ()
    assert judged is chances


@pytest.mark.parametrize(
    "decision",
    [
        Decision(threshold=0.3),
        Decision(threshold=0.2, costs=((0.0, 1.0, 1.0), (1.0, 0.0, 3.0), (8.0, 1.0, 0.0))),
    ],
)
def test_the_file_names_classes_as_decided(decision: Decision) -> None:
    model, frame = trained(TaskKind.MULTICLASS, ("linear",))
    session = open_session(assemble(replace(model, decision=decision)))
    names, chances, possible = run(session, frame, model.columns, [PREDICTION, PROBABILITIES, POSSIBLE])
    given = chances.astype(np.float64)
    np.testing.assert_array_equal(names[:, 0], np.array(model.task.classes)[decision.named(given)])
    np.testing.assert_array_equal(possible, decision.possible(given))
    assert 0 < (possible.sum(axis=1) > 1).mean() < 1


@pytest.mark.parametrize(
    "decision",
    [
        Decision(knots=(0.0,), widths=(500.0,)),
        Decision(knots=(15_000.0, 20_000.0, 30_000.0), widths=(100.0, 400.0, 4000.0), lowest=14_000.0),
        Decision(knots=(15_000.0, 20_000.0, 30_000.0), widths=(100.0, 400.0, 4000.0), highest=25_000.0),
    ],
)
def test_the_file_draws_intervals_as_decided(decision: Decision) -> None:
    model, frame = trained(TaskKind.REGRESSION, ("linear",))
    session = open_session(assemble(replace(model, decision=decision)))
    (ends,) = run(session, frame, model.columns, [INTERVAL])
    np.testing.assert_allclose(ends.astype(np.float64), decision.interval(model.predict(frame)), rtol=1e-5)
    assert np.unique(np.diff(ends).round(1)).size > (1 if len(decision.knots) > 1 else 0)


@pytest.mark.parametrize("task", [BINARY, NUMBER], ids=["classes", "numbers"])
def test_rows_of_a_single_group_are_decided_on_as_any_others(task: Task) -> None:
    y, predicted = classes(200, BINARY, 0) if task is BINARY else numbers(200, 0)
    metric = metric_named("auc" if task is BINARY else "rmse")
    decision, _judged = decide(task, y, predicted, None, metric, USUAL, seed=0, groups=np.zeros(200, np.int64))
    assert decision.found is not None
    assert 0.8 < decision.found < 1.0
