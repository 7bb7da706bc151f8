"""Figures and sentences about unseen rows follow from the rows: where the opposite is true, the opposite is said."""

from dataclasses import replace

import numpy as np
import pytest

from engine.insight.quality.calibration import calibrated
from engine.insight.quality.classes import by_class
from engine.insight.quality.curves import draw_curves
from engine.insight.quality.in_words import finding, in_words
from engine.insight.quality.money import Prices, counted, money, prices_of
from engine.insight.quality.numbers import off_by
from engine.insight.quality.over_time import OverTime, over_time, time_column
from engine.insight.quality.shares import mean_of, share_of
from engine.messages import Message, render
from engine.outcomes import Estimate
from engine.table.schema import Role
from engine.tasks.metric import metric_named
from engine.tasks.task import Task, TaskKind
from tests.judged_rows import column_of, rows_of

BINARY = Task(kind=TaskKind.BINARY, targets=("left",), classes=("no", "yes"))
N = 2_000


def chances(seed: int = 0, n: int = N) -> tuple[np.ndarray, np.ndarray]:
    """Return true probabilities, and answers that follow them."""
    random = np.random.default_rng(seed)
    chance = random.beta(1.2, 2.5, n)
    return chance, random.random(n) < chance


def code(message: Message | None) -> str:
    assert message is not None
    assert "{" not in render(message)
    return message.code


def test_of_100_says_both_ways_what_is_found_and_what_is_named() -> None:
    hit = np.repeat([True, False], [100, 900])
    named = np.zeros(1000, dtype=bool)
    named[:74] = named[100:147] = True
    finds, names = finding(BINARY, hit, named)
    assert render(finds).startswith("Of 100 rows whose left is yes, it finds 74 (between 65 and 82)")
    assert "Of 100 rows that it calls yes, 61 are" in render(names)
    assert "of 100 rows picked at random, 10 would be" in render(names)
    assert [code(each) for each in finding(BINARY, hit, ~hit & False)] == ["quality_never_names"]
    assert [code(each) for each in finding(BINARY, hit & False, named)] == ["quality_none_to_find"]


def test_what_ranking_is_worth_is_said_of_two_answers_only() -> None:
    for task, scores, codes in (
        (BINARY, {"auc": Estimate(value=0.8, low=0.7, high=0.9)}, ["quality_orders"]),
        (BINARY, {}, []),
        (replace(BINARY, kind=TaskKind.MULTICLASS), {"auc": Estimate(value=0.8, low=0.7, high=0.9)}, []),
    ):
        assert [each.code for each in in_words(task, scores, {}, None)] == codes


def test_a_number_is_off_by_so_much() -> None:
    scores = {"mae": Estimate(value=2.0, low=1.5, high=2.5), "rmse": Estimate(value=3.0, low=2.5, high=3.5)}
    task = Task(kind=TaskKind.REGRESSION, targets=("price",))
    (said,) = in_words(task, scores, {"mae": 9.0, "rmse": 12.0}, None)
    assert render(said).startswith("The prediction of price is off by 2.00 on average (between 1.50 and 2.50)")
    assert in_words(task, {}, {}, None) == ()


def test_shares_and_means_have_intervals_that_cover() -> None:
    random = np.random.default_rng(2)
    found = [share_of(int(random.binomial(60, 0.07)), 60) for _draw in range(1_000)]
    assert 0.93 <= np.mean([each.low <= 0.07 <= each.high for each in found]) <= 0.99
    means = [mean_of(random.exponential(size=120)) for _draw in range(1_000)]
    assert 0.92 <= np.mean([each.low <= 1.0 <= each.high for each in means]) <= 0.97
    assert vars(share_of(0, 10))["low"] == 0.0
    assert (share_of(0, 0).low, share_of(0, 0).high) == (0.0, 1.0)


def test_probabilities_that_fit_are_told_from_those_that_do_not() -> None:
    chance, hit = chances()
    odds = np.log(chance / (1 - chance))

    def said(shown: np.ndarray) -> str:
        found = calibrated(hit, 1 / (1 + np.exp(-shown)), "yes")
        assert found is not None
        return code(found.said)

    assert said(odds) == "quality_calibrated"
    assert said(odds + 1) == "quality_chances_too_high"
    assert said(odds - 1) == "quality_chances_too_low"
    top = chance > np.quantile(chance, 0.9)
    assert said(np.where(top, odds + 1.5, odds)) == "quality_some_chances_too_high"
    assert said(np.where(top, odds - 0.8, odds)) == "quality_some_chances_too_low"
    middle = np.log(hit.mean() / (1 - hit.mean()))
    assert said(middle + 2.5 * (odds - middle)) == "quality_chances_too_sure"
    assert said(middle + 0.3 * (odds - middle)) == "quality_chances_too_careful"
    assert calibrated(hit[:50], chance[:50], "yes") is None


def test_intervals_of_bins_hold_the_truth() -> None:
    chance, hit = chances(3)
    found = calibrated(hit, chance, "yes")
    assert found is not None
    assert sum(each.n_rows for each in found.bins) == N
    assert sum(each.share.low <= each.chance <= each.share.high for each in found.bins) >= len(found.bins) - 2


def test_curves_agree_with_the_scores_and_say_what_the_first_rows_hold() -> None:
    chance, hit = chances(1)
    found = draw_curves(hit, chance.round(2), "yes")
    assert found is not None
    two = np.column_stack([1 - chance.round(2), chance.round(2)])
    area = metric_named("auc").score(hit.astype(int), two, None)
    assert np.trapezoid(found.found, found.alarms) == pytest.approx(area, abs=1e-3)
    assert sum(found.yes) == hit.sum()
    assert sum(found.no) == (~hit).sum()
    assert code(found.said) == "quality_lift"
    same = draw_curves(hit, np.full(N, 0.4), "yes")
    assert same is not None
    assert code(same.said) == "quality_no_lift"
    assert draw_curves(hit | True, chance, "yes") is None


def test_money_is_what_the_confusion_matrix_costs_at_every_threshold() -> None:
    chance, hit = chances(4)
    prices = Prices(miss=20, alarm=20, hit=20)
    found = money(hit, chance, prices)
    for at in (found.best, found.thresholds[3], found.thresholds[-4]):
        counts = counted(hit, chance, at)
        by_hand = (20 * counts.hits - 20 * counts.misses - 20 * counts.alarms) / N * 100
        assert found.per_100[found.thresholds.index(at)] == pytest.approx(by_hand)
    assert found.at_best == max(found.per_100)
    assert found.best == pytest.approx(20 / 60, abs=0.1), "for fitting probabilities the prices alone decide"
    assert found.honest.low <= found.at_best
    assert code(found.said) == "quality_worth"


def test_where_no_threshold_pays_that_is_said() -> None:
    chance, hit = chances(4)
    noise = np.random.default_rng(0).permutation(chance)
    assert code(money(hit, noise, Prices(miss=50, alarm=5)).said) == "quality_worthless"
    assert code(money(hit, chance, Prices(miss=0, alarm=1)).said) == "quality_worthless"
    assert prices_of({"yes": {"no": 20.0}}, ("no", "yes")) == Prices(miss=20.0, alarm=1.0)
    assert prices_of(None, ("no", "yes")) == Prices()


def test_the_worst_pair_of_classes_is_named() -> None:
    labels = ("ant", "bee", "cow")
    y = np.repeat([0, 1, 2], 100)
    named = y.copy()
    named[:40] = 1
    named[100:105] = 2
    found = by_class(y, named, labels)
    assert found.matrix == ((60, 40, 0), (0, 95, 5), (0, 0, 100))
    assert [(pair.answer, pair.named, pair.n_rows) for pair in found.pairs] == [("ant", "bee", 40), ("bee", "cow", 5)]
    assert [code(each) for each in found.said] == ["quality_worst_found", "quality_taken_for", "quality_taken_for"]
    assert found.said[0].parameters["answer"] == "ant"
    assert found.said[0].parameters["other"] == "cow"
    recall, precision = found.each[1].found, found.each[1].right
    assert recall is not None
    assert precision is not None
    assert (recall.value, precision.value) == (0.95, 95 / 135)
    perfect = by_class(y, y, labels)
    assert [code(each) for each in perfect.said] == ["quality_all_found_alike", "quality_none_taken"]


def test_of_many_classes_the_rare_ones_stand_together() -> None:
    y = np.repeat(np.arange(30), np.arange(30, 0, -1))
    found = by_class(y, y, tuple(f"c{i}" for i in range(30)))
    assert len(found.shown) == len(found.matrix) == 20
    assert sum(map(sum, found.matrix)) == len(y)
    assert found.matrix[-1][-1] == sum(range(1, 12))


def test_errors_at_the_top_are_named_by_their_side() -> None:
    random = np.random.default_rng(7)
    y = random.uniform(0, 100, N)
    noise = random.normal(size=N)
    assert code(off_by(y, y + noise, "price").said[0]) == "quality_level_at_top"
    for seed in range(6):
        found = off_by(y, y + np.random.default_rng(seed).normal(size=N), "price")
        bias = found.parts[-1].bias
        assert (code(found.said[0]) == "quality_level_at_top") is (bias.low <= 0 <= bias.high), "as the table shows it"
    low = off_by(y, np.minimum(y, 85) + noise, "price")
    assert code(low.said[0]) == "quality_too_low_at_top"
    assert code(off_by(y, np.where(y > 85, y + 10, y) + noise, "price").said[0]) == "quality_too_high_at_top"
    errors = [part.error.value for part in low.parts]
    assert errors[-1] == max(errors)
    assert off_by(y[:20], y[:20], "price").said == ()


def test_rows_that_belong_together_prove_no_broken_promise() -> None:
    groups = np.repeat(np.arange(10), 30)
    y = np.where(np.isin(groups, (3, 7)), 5.0, 0.0)  # two of ten groups lie outside, with all their rows
    ends = (np.full(300, -1.0), np.full(300, 1.0))
    alone, together = (
        off_by(y, np.zeros(300), "price", ends=ends, wanted=0.9, groups=given) for given in (None, groups)
    )
    assert code(alone.said[-1]) == "quality_interval_holds_less"
    assert code(together.said[-1]) == "quality_interval_holds"
    one = off_by(y, np.zeros(300), "price", ends=ends, wanted=0.9, groups=np.zeros(300, np.int64))
    assert one.within is not None
    assert (one.within.low, one.within.high) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("half", "expected"),
    [(1.645, "quality_interval_holds"), (1.0, "quality_interval_holds_less"), (3.0, "quality_interval_holds_more")],
)
def test_intervals_are_held_to_their_promise(half: float, expected: str) -> None:
    y = np.random.default_rng(7).normal(size=N)
    found = off_by(y, np.zeros(N), "price", ends=(np.full(N, -half), np.full(N, half)), wanted=0.9)
    assert code(found.said[-1]) == expected
    assert found.within is not None
    assert found.within.value == np.mean(np.abs(y) <= half)


def test_losses_that_grow_shrink_or_stay_along_time_are_told_apart() -> None:
    random = np.random.default_rng(8)
    days = random.integers(0, 1000, N)
    when = [f"{np.datetime64('2020-01-01') + day}" for day in days]
    cells, schema = rows_of({"when": when, "x": random.normal(size=N)})
    column = time_column(cells, schema)
    assert column is not None
    assert column.name == "when"

    def said(losses: np.ndarray, *, are_shares: bool) -> OverTime:
        found = over_time(cells["when"], column, losses, are_shares=are_shares)
        assert found is not None
        return found

    wrong = (random.random(N) < 0.1 + 0.3 * days / 1000).astype(float)
    found = said(wrong, are_shares=True)
    assert code(found.said) == "quality_wrong_more_with_time"
    assert found.periods[0].start.startswith("2020-01")
    assert sum(period.n_rows for period in found.periods) == N
    less = (random.random(N) < 0.4 - 0.3 * days / 1000).astype(float)
    assert code(said(less, are_shares=True).said) == "quality_wrong_less_with_time"
    off = random.exponential(size=N)
    assert code(said(off * (1 + days / 500), are_shares=False).said) == "quality_off_more_with_time"
    assert code(said(off / (1 + days / 500), are_shares=False).said) == "quality_off_less_with_time"
    assert code(said(off, are_shares=False).said) == "quality_steady"
    assert over_time(cells["when"][:40], column, off[:40], are_shares=False) is None


def test_the_column_of_time_is_the_one_a_person_named() -> None:
    cells, schema = rows_of({"born": ["1990-01-02", "1991-02-03"] * 50, "x": np.arange(100.0)})
    assert time_column(cells, schema, frozenset({"born"})) is None
    timed = column_of(schema, "x", role=Role.TIME)
    found = time_column(cells, timed)
    assert found is not None
    assert found.name == "x"
