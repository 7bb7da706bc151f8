"""Worse outcomes are told worse, better ones better, and what chance explains is called chance."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engine.errors import InputError
from engine.insight.asking import Asked
from engine.insight.in_use.scored import Scored, Standing, score_file, stands
from engine.messages import render
from engine.outcomes import Estimate
from engine.progress import Progress, fold
from engine.table.schema import Role, TableSchema
from engine.tasks.metric import metric_named
from tests.app import made_runs
from tests.asking import column, deciding, drawn, numbers, predicting
from tests.in_use import file_of, model_of, trained_of, truth_of

YES = deciding(numbers("a", "b"), lambda rows: np.clip(rows["a"], 0.02, 0.98))
WORTH = predicting(numbers("a"), lambda rows: 100_000 * rows["a"])
SHARES = {"a": 0.8, "b": 0.2}
BEFORE = drawn(800, "a", "b", seed=1)


def progress_of(asked: Asked, **holdout: Estimate) -> Progress:
    """Return a run that scored so on its hold-out."""
    made = fold(made_runs.finished(asked.task if not asked.task.classes else made_runs.TASK))
    assert made.ready is not None
    return replace(made, ready=replace(made.ready, holdout=holdout or made.ready.holdout))


def scored(y: np.ndarray, rows: pd.DataFrame, auc: float = 0.83, half: float = 0.02) -> Scored:
    trained = trained_of(YES, BEFORE, truth_of(YES, BEFORE), SHARES)
    then = progress_of(YES, auc=Estimate(value=auc, low=auc - half, high=auc + half))
    return score_file(model_of(YES), trained, then, file_of(YES, rows, y))


def words(found: Scored) -> str:
    return " ".join(map(render, (*found.said, *found.words)))


def test_the_same_world_gives_the_same_score_within_noise() -> None:
    rows = drawn(600, "a", "b", seed=2)
    found = scored(truth_of(YES, rows), rows)
    assert found.standing is Standing.SAME
    assert "about as well on this file" in words(found)
    assert "still better than giving the same answer" in words(found)
    assert "Of 100 rows whose left is yes, it finds" in words(found)
    assert (found.n_scored, found.n_empty, found.n_unknown, found.n_seen) == (600, 0, 0, 0)
    estimate = found.scores["auc"]
    assert estimate.low < estimate.value < estimate.high


def test_worse_and_better_outcomes_are_told_so() -> None:
    rows = drawn(600, "a", "b", seed=2)
    y = truth_of(YES, rows)
    noise = np.random.default_rng(3).random(600) < 0.35
    worse = scored(np.where(noise, 1 - y, y), rows)
    assert worse.standing is Standing.WORSE
    assert "does worse on this file" in words(worse)
    assert "Train again" in words(worse)
    better = scored((rows["a"] > 0.5).to_numpy(np.int64), rows)
    assert better.standing is Standing.BETTER
    assert "does better on this file" in words(better)
    assert "does worse" not in words(better)
    turned = scored(1 - y, rows)
    assert "It is worse here than giving the same answer for every row" in words(turned)
    guessed = scored(np.random.default_rng(9).integers(0, 2, 600), rows)
    for each, code in (
        (better, "score_above_baseline"), (guessed, "score_at_baseline"), (turned, "score_below_baseline"),
    ):  # fmt: skip
        told = {message.code for message in each.said}
        assert told & {"score_above_baseline", "score_at_baseline", "score_below_baseline"} == {code}
        assert "score_few_rows" not in told
    few = scored(np.where(noise, 1 - y, y)[:25], rows.head(25))
    assert "Only 25 rows were scored" in words(few)


def test_a_difference_is_judged_by_both_intervals() -> None:
    auc, rmse = metric_named("auc"), metric_named("rmse")
    now = Estimate(value=0.80, low=0.78, high=0.82)
    sure, unsure = Estimate(value=0.85, low=0.84, high=0.86), Estimate(value=0.85, low=0.79, high=0.89)
    assert stands(auc, now, sure) is Standing.WORSE
    assert stands(auc, now, unsure) is Standing.SAME
    assert stands(rmse, now, sure) is Standing.BETTER
    assert stands(auc, sure, now) is Standing.BETTER
    assert stands(auc, None, now) is Standing.UNKNOWN


def test_rows_that_cannot_be_scored_are_counted_and_said() -> None:
    rows = drawn(300, "a", "b", seed=4)
    y = truth_of(YES, rows)
    y[:40] = -1
    trained, then = trained_of(YES, BEFORE, truth_of(YES, BEFORE), SHARES), progress_of(YES)
    file = file_of(YES, rows, y)
    assert file.outcomes is not None
    odd = replace(file, outcomes=replace(file.outcomes, n_empty=30, n_unknown=10, examples=("perhaps",)))
    found = score_file(model_of(YES), trained, then, odd)
    assert (found.n_scored, found.n_empty, found.n_unknown) == (260, 30, 10)
    assert "30 of 300 rows have no outcome" in words(found)
    assert "10 of 300 rows have an outcome that the model does not know, such as perhaps" in words(found)
    none_known = file_of(YES, rows, np.full(300, -1))
    weightless = replace(file, outcomes=replace(file.outcomes, weight=np.zeros(300)))
    for wrong, code in (
        (replace(file, outcomes=None), "score_no_outcomes"),
        (none_known, "score_no_known"),
        (weightless, "score_no_weight"),
    ):
        with pytest.raises(InputError) as refused:
            score_file(model_of(YES), trained, then, wrong)
        assert refused.value.message.code == code


def test_weights_of_the_training_that_a_file_lacks_are_told() -> None:
    rows = drawn(300, "a", "b", seed=4)
    y, then = truth_of(YES, rows), progress_of(YES)
    plain = trained_of(YES, BEFORE, truth_of(YES, BEFORE), SHARES)
    counted = TableSchema((*plain.schema.columns, replace(column("counts"), role=Role.WEIGHT)))
    weighed, file = replace(plain, schema=counted), file_of(YES, rows, y)
    assert file.outcomes is not None
    given = replace(file, outcomes=replace(file.outcomes, weight=np.full(300, 2.0)))
    for trained, arrived, is_told in ((weighed, file, True), (weighed, given, False), (plain, file, False)):
        codes = [message.code for message in score_file(model_of(YES), trained, then, arrived).said]
        assert ("score_unweighted" in codes) is is_told


def test_a_score_of_then_that_comes_from_folds_is_called_so() -> None:
    rows = drawn(300, "a", "b", seed=4)
    trained, then = trained_of(YES, BEFORE, truth_of(YES, BEFORE), SHARES), progress_of(YES)
    assert then.ready is not None
    folds = replace(then, ready=replace(then.ready, holdout=None, validation=then.ready.holdout or {}))
    for before, is_told in ((folds, True), (then, False)):
        found = score_file(model_of(YES), trained, before, file_of(YES, rows, truth_of(YES, rows)))
        assert ("score_on_folds" in [message.code for message in found.said]) is is_told
        assert found.held_out is not is_told


def test_rows_of_the_training_are_noticed() -> None:
    y = truth_of(YES, BEFORE)
    found = scored(y[:100], BEFORE.head(100))
    assert found.n_seen == 100
    assert "100 of the 100 scored rows are equal to rows of the training table" in words(found)


def test_outcomes_of_one_kind_only_leave_the_score_open() -> None:
    rows = drawn(60, "a", "b", seed=5)
    found = scored(np.ones(60, np.int64), rows)
    assert found.standing is Standing.UNKNOWN
    assert "cannot be measured on these rows" in words(found)


def test_a_few_rows_say_neither_better_nor_worse() -> None:
    rows = drawn(3, "a", "b", seed=5)
    found = scored(1 - truth_of(YES, rows), rows)
    assert found.standing is Standing.UNKNOWN
    assert "they are too few" in words(found)


def test_numbers_are_scored_with_the_promise_of_their_ranges() -> None:
    rows = drawn(400, "a", seed=6)
    draw = np.random.default_rng(7)
    y = truth_of(WORTH, rows) + draw.normal(0, 26_800, 400)
    trained = trained_of(WORTH, BEFORE[["a"]], truth_of(WORTH, BEFORE), {"a": 1.0})
    middle = 100_000 * rows["a"]
    narrow = {"low": middle - 5_000, "high": middle + 5_000}
    then = progress_of(WORTH)
    assert then.ready is not None
    then = replace(then, ready=replace(then.ready, decided={"wanted": 0.9}))
    found = score_file(model_of(WORTH), trained, then, file_of(WORTH, rows, y, **narrow))
    assert found.standing is Standing.SAME
    assert "less often than promised: 90" in words(found)
    wide = {"low": middle - 44_000, "high": middle + 44_000}
    kept = score_file(model_of(WORTH), trained, then, file_of(WORTH, rows, y, **wide))
    assert "as promised: 90" in words(kept)
    worse = score_file(model_of(WORTH), trained, then, file_of(WORTH, rows, y + 40_000))
    assert worse.standing is Standing.WORSE
    assert Scored.from_json(found.to_json()) == found
