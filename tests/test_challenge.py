"""Old model beside new model, and one recipe with several seeds: what is said is what was planted."""

from dataclasses import replace

import numpy as np
import pytest

from engine.insight.again.challenge import Challenge, Verdict, challenge, compared
from engine.insight.again.seeds import spread_of
from engine.insight.quality.judged import Judged
from engine.messages import render
from engine.model import Model
from engine.outcomes import Estimate
from engine.table.schema import Role
from engine.tasks.metric import metric_named
from engine.tasks.task import Task, TaskKind
from tests.judged_rows import column_of, judged

NUMBER = Task(kind=TaskKind.REGRESSION, targets=("worth",))
TWO = Task(kind=TaskKind.BINARY, targets=("left",), classes=("no", "yes"))
N = 400


def learnt_from(n_rows: int, *, shuffled: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return answers, and what a line through so many rows says of them."""
    random = np.random.default_rng(5)
    slopes = random.normal(size=30)
    x, y = random.normal(size=(n_rows, 30)), np.zeros(n_rows)
    y = x @ slopes + random.normal(size=n_rows)
    fitted = np.linalg.lstsq(x, random.permutation(y) if shuffled else y, rcond=None)[0]
    test = np.random.default_rng(6).normal(size=(N, 30))
    return test @ slopes + np.random.default_rng(7).normal(size=N), test @ fitted


def rows(y: np.ndarray, now: np.ndarray, task: Task = NUMBER) -> Judged:
    return judged(task, y, now, {"x": np.arange(float(len(y)))})


def held(before: np.ndarray, now: np.ndarray, y: np.ndarray, n_new: int = 0) -> Challenge:
    return compared(metric_named("rmse"), rows(y, now), before, now, n_new=n_new, seed=1)


def test_rows_of_one_answer_tell_nothing() -> None:
    sure, unsure = np.tile([0.9, 0.1], (N, 1)), np.tile([0.6, 0.4], (N, 1))
    made = judged(TWO, np.zeros(N, np.int64), sure, {"x": np.arange(float(N))})
    found = compared(metric_named("log_loss"), made, unsure, sure, n_new=0, seed=1)
    assert found.gain is None
    assert found.verdict is Verdict.OPEN


def test_many_more_rows_make_it_better_shuffled_answers_worse_and_the_same_rows_no_telling() -> None:
    y, few = learnt_from(40)
    many, shuffled = learnt_from(4000)[1], learnt_from(4000, shuffled=True)[1]
    better = held(few, many, y)
    assert better.verdict is Verdict.BETTER
    assert better.gain is not None
    assert 0 < better.gain.low <= better.gain.value <= better.gain.high
    assert render(better.said[0]).startswith("The new model is better than the old one")
    worse = held(many, shuffled, y)
    assert worse.verdict is Verdict.WORSE
    assert render(worse.said[0]).startswith("The new model is worse than the old one")
    constant = held(many, np.full(N, y.mean()), y)
    assert constant.said[0].code == "challenge_constant", "which is no fault of the new rows"
    hardly = many + np.random.default_rng(8).normal(scale=0.01, size=N)
    nothing = held(many, hardly, y)
    assert nothing.verdict is Verdict.OPEN
    equal = held(many, many, y)
    assert [each.said[0].code for each in (better, worse, nothing, equal)] == [
        "challenge_better", "challenge_worse", "challenge_open", "challenge_same",
    ]  # fmt: skip
    assert "cannot be told" in render(nothing.said[0])
    assert "do exactly as well" in render(equal.said[0])


def test_it_says_which_rows_and_how_each_part_comes_out() -> None:
    y, few = learnt_from(40)
    many = learnt_from(4000)[1]
    both = held(few, many, y, n_new=100)
    assert (both.n_rows, both.n_new) == (N, 100)
    old, new = both.parts["new"]
    assert old == pytest.approx(float(np.sqrt(np.mean((y[-100:] - few[-100:]) ** 2))), rel=1e-4)
    assert new < old
    assert both.said[1].code == "challenge_rows_both"
    assert "300 were set aside before the earlier training, and 100 are new" in render(both.said[1])
    assert "All of these rows are new" in render(held(few, many, y, n_new=N).said[1])
    assert "set aside before the earlier training, and again" in render(held(few, many, y).said[1])


def test_rows_of_one_group_are_drawn_together() -> None:
    y, few = learnt_from(40)
    many = learnt_from(4000)[1]
    single = rows(y, many)
    group = np.repeat(np.arange(8), N // 8).astype(str)
    grouped = replace(
        judged(NUMBER, y, many, {"x": np.arange(float(N)), "shop": group}),
    )
    grouped = replace(grouped, schema=column_of(grouped.schema, "shop", role=Role.GROUP))
    kept = [compared(metric_named("rmse"), each, few, many, n_new=0, seed=1).gain for each in (single, grouped)]
    assert kept[0] is not None
    assert kept[1] is not None
    assert kept[0] != kept[1]
    nobody = replace(grouped, cells=grouped.cells.assign(shop=[None, *group[1:]]))
    assert compared(metric_named("rmse"), nobody, few, many, n_new=0, seed=1).gain is not None


def model_of(task: Task) -> Model:
    """Return a model that knows these answers; nobody asks it anything."""
    return Model(path=__file__, columns=(), task=task, metadata={}, session=None)  # type: ignore[arg-type]


def test_what_cannot_be_compared_fairly_is_not_compared() -> None:
    y = np.arange(60) % 2
    known = rows(y, np.column_stack([1 - y, y]).astype(float), TWO)
    out_of_fold = replace(known, held_out=False)
    for judged_rows in (None, out_of_fold):
        found = challenge(model_of(TWO), judged_rows, "auc")
        assert (found.gain, found.verdict) == (None, Verdict.OPEN)
        assert "no rows that neither model has learnt from" in render(found.said[0])
    other = replace(TWO, classes=("no", "maybe"))
    assert "do not know the same answers" in render(challenge(model_of(other), known, "auc").said[0])


def test_a_measure_that_is_not_defined_compares_nothing() -> None:
    chance = np.linspace(0.1, 0.9, 60)
    said = np.column_stack([1 - chance, chance])
    for y, codes in (
        (np.zeros(60, np.int64), ["challenge_undefined"]),
        (np.arange(60) % 2, ["challenge_same", "challenge_rows_old"]),
    ):
        found = compared(metric_named("auc"), rows(y, said, TWO), said, said, n_new=0, seed=1)
        assert [each.code for each in found.said] == codes


def scores(*values: float) -> list[Estimate]:
    return [Estimate(value=value, low=value - 0.04, high=value + 0.04) for value in values]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((0.8, 0.801), "Chance hardly moves the model"),
        ((0.8, 0.83, 0.81), "Chance moves the model a little"),
        ((0.7, 0.9), "Chance moves the model much"),
    ],
)
def test_what_seeds_change_is_said_beside_what_the_rows_leave_open(values: tuple[float, ...], said: str) -> None:
    found = spread_of("auc", "AUC", scores(*values))
    assert found is not None
    assert render(found.said).startswith(said)
    assert f"with {len(values)} seeds AUC lies between" in render(found.said)
    assert spread_of("auc", "AUC", scores(0.8)) is None
