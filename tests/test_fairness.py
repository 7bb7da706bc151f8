"""An unfair group is found and named, none is found in noise, and what equal treatment costs is measured honestly."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from engine.errors import InputError
from engine.insight.fairness.equalising import price_of
from engine.insight.fairness.fairness import Fairness, how_fair
from engine.insight.fairness.sensitive import suggested
from engine.insight.quality.judged import Judged
from engine.messages import render
from engine.outcomes import Estimate
from engine.tasks.task import Task, TaskKind
from tests import judged_rows

LOAN = Task(kind=TaskKind.BINARY, targets=("paid",), classes=("no", "yes"))
WORTH = Task(kind=TaskKind.REGRESSION, targets=("worth",))
KIND = Task(kind=TaskKind.MULTICLASS, targets=("kind",), classes=("ant", "bee", "cow"))
N = 1_200


def loans(seed: int, against: float = 0.0, columns: Mapping[str, Any] | None = None) -> Judged:
    """Return loans in which the chance is said to be lower for women by so much; the truth is the same for all."""
    random = np.random.default_rng(seed)
    sex = random.choice(["f", "m"], N)
    true_chance = random.beta(1.5, 1.5, N)
    y = (random.random(N) < true_chance).astype(int)
    said = np.clip(true_chance - against * (sex == "f"), 0.01, 0.99)
    more = {"sex": sex, "age": random.integers(18, 80, N).astype(float), **(columns or {})}
    return judged_rows.judged(LOAN, y, np.column_stack([1 - said, said]), more)


def values(random: np.random.Generator, *, off: str = "", high: str = "", low: str = "") -> Judged:
    region = random.choice(["north", "south", "east"], N)
    y = random.normal(100, 20, N)
    noise = random.normal(size=N) * np.where(region == off, 12, 4)
    noise += np.where(region == high, 6, 0) - np.where(region == low, 6, 0)
    return judged_rows.judged(WORTH, y, y + noise, {"region": region})


def words(found: Fairness) -> str:
    return " ".join(map(render, found.said))


def by_code(found: Fairness) -> dict[str, set[str]]:
    """Return of whom each sentence is said, by its code."""
    said: dict[str, set[str]] = {}
    for message in found.said:
        said.setdefault(message.code, set()).add(str(message.parameters.get("value", "")))
    return said


def measure(found: Fairness, name: str) -> Any:
    return next(each for each in found.measures if each.name == name)


def test_an_unfair_group_is_found_and_named() -> None:
    found = how_fair(loans(1, against=0.25), "sex")
    assert "Where sex is f, " in words(found)
    assert "rows are called yes" in words(found)
    assert "it finds" in words(found)
    assert "Where sex is m, it finds" not in words(found)
    women, men = (next(each for each in found.groups if each.value == value) for value in ("f", "m"))
    assert women.selection_rate is not None
    assert men.selection_rate is not None
    assert women.base_rate is not None
    parity = measure(found, "demographic_parity_difference")
    assert parity.value.value == pytest.approx(men.selection_rate.value - women.selection_rate.value)
    assert parity.stands_out
    assert measure(found, "demographic_parity_ratio").stands_out
    assert measure(found, "equalized_odds_difference").stands_out
    assert women.mean_probability is not None
    assert women.mean_probability < women.base_rate.low
    assert "Where sex is f, probabilities of yes are too low" in words(found)
    assert "probabilities of yes are too high" not in words(found)
    assert "Where sex is f, probabilities of yes are too high" in words(how_fair(loans(1, against=-0.2), "sex"))


def test_each_way_to_be_unfair_has_its_sentence_and_turned_round_the_opposite_one() -> None:
    against, in_favour = by_code(how_fair(loans(1, against=0.25), "sex")), by_code(how_fair(loans(1, -0.25), "sex"))
    assert against["fairness_called"] == {"f"}
    assert against["fairness_found"] == {"f"}
    assert against["fairness_alarms"] == {"m"}
    assert against["fairness_says_too_low"] == {"f"}
    assert "fairness_says_too_high" not in against
    assert in_favour["fairness_called"] == {"m"}
    assert in_favour["fairness_found"] == {"m"}
    assert in_favour["fairness_alarms"] == {"f"}
    assert in_favour["fairness_says_too_high"] == {"f"}
    assert "fairness_says_too_low" not in in_favour
    for said in (against, in_favour):
        assert {"fairness_not_a_verdict", "fairness_law"} <= set(said), "thresholds of their own were priced"
        assert "fairness_none_differs" not in said
    alike = by_code(how_fair(loans(3), "sex"))
    assert set(alike) == {"fairness_none_differs", "fairness_not_a_verdict", "fairness_law"}


def test_where_nobody_is_called_it_is_not_said_that_all_are_treated_alike() -> None:
    random = np.random.default_rng(4)
    sex = random.choice(["f", "m"], N)
    chance = np.where(sex == "f", 0.05, 0.1) + random.uniform(-0.03, 0.03, N)
    y = (random.random(N) < chance).astype(int)
    found = how_fair(judged_rows.judged(LOAN, y, np.column_stack([1 - chance, chance]), {"sex": sex}), "sex")
    said = by_code(found)
    assert "fairness_none_called" in said
    assert not {"fairness_none_differs", "fairness_alike_called", "fairness_law"} & set(said)
    assert "Its probability is 5.0 % on average where sex is f, and 9.9 % where it is m." in words(found)


def test_the_law_is_spoken_of_only_where_thresholds_are() -> None:
    numbers = by_code(how_fair(values(np.random.default_rng(3)), "region"))
    assert set(numbers) == {"fairness_none_differs", "fairness_not_a_verdict"}
    alone = by_code(how_fair(loans(3, columns={"one": ["x"] * N}), "one"))
    assert set(alone) == {"fairness_too_few"}, "where nothing is compared, there is nothing to weigh"


def test_noise_is_called_unfair_no_more_often_than_promised() -> None:
    columns = {"region": np.random.default_rng(0).choice(list("abcdefgh"), N)}
    wrong = [
        column
        for seed in range(20)
        for column in ("sex", "age", "region")
        if "no difference was found" not in words(how_fair(loans(seed, columns=columns), column))
    ]
    assert len(wrong) <= 2
    stands_out = [
        each.stands_out for seed in range(20) for each in how_fair(loans(seed, columns=columns), "region").measures
    ]
    assert np.mean(stands_out) <= 0.01
    apart = [
        measure(how_fair(loans(seed, columns=columns), "region"), "demographic_parity_difference") for seed in (1, 2)
    ]
    assert all(each.value.value > 0.03 for each in apart)  # which is why a difference alone says nothing


def test_no_measure_stands_out_where_it_is_said_that_chance_explains_all() -> None:
    columns = {"region": np.random.default_rng(0).choice(list("abcdefgh"), N)}
    codes = set[str]()
    for seed in range(20):
        for column in ("sex", "region"):
            found = how_fair(loans(seed, columns=columns), column)
            said = by_code(found)
            stands_out = any(each.stands_out for each in found.measures)
            assert not ({"fairness_none_differs"} & set(said) and stands_out), (seed, column)
            assert stands_out or "fairness_none_named" not in said
            codes |= set(said)
    assert {"fairness_none_differs", "fairness_none_named"} <= codes


def test_figures_are_those_of_the_rows() -> None:
    rows = loans(4, against=0.2)
    found = how_fair(rows, "sex")
    sex = rows.cells["sex"].to_numpy()
    for each in found.groups:
        here = sex == each.value
        named, hit = rows.named[here] == 1, rows.hit[here]
        assert each.n_rows == here.sum()
        for share, expected in (
            (each.selection_rate, named.mean()),
            (each.true_positive_rate, named[hit].mean()),
            (each.false_positive_rate, named[~hit].mean()),
            (each.accuracy, (named == hit).mean()),
            (each.base_rate, hit.mean()),
        ):
            assert share is not None
            assert share.value == pytest.approx(expected)
            assert share.low < share.value < share.high


@pytest.mark.parametrize("rate", ["selection_rate", "true_positive_rate"])
def test_thresholds_of_their_own_make_groups_alike_and_cost_what_they_cost(rate: str) -> None:
    found = next(each for each in how_fair(loans(2, against=0.25), "sex").equalised if each.rate == rate)
    assert found.apart_before > 0.15
    assert found.apart_after < 0.08
    assert found.thresholds["f"] < found.thresholds["m"] - 0.1
    assert "nothing that can be told from chance" in render(found.said[1])  # the truth was the same for both
    alike = {"selection_rate": "fairness_alike_called", "true_positive_rate": "fairness_alike_found"}
    assert [each.code for each in found.said] == [alike[rate], "fairness_costs_nothing"]


def test_where_groups_differ_in_truth_equal_shares_cost_right_answers() -> None:
    random = np.random.default_rng(5)
    group = random.choice(["a", "b"], N)
    chance = np.where(group == "a", 0.85, 0.15) + random.normal(0, 0.03, N)
    y = (random.random(N) < chance).astype(int)
    found = how_fair(judged_rows.judged(LOAN, y, np.column_stack([1 - chance, chance]), {"group": group}), "group")
    price = next(each for each in found.equalised if each.rate == "selection_rate")
    assert "more of 100 answers wrong" in render(price.said[1])
    assert price.after.value < price.before.value - 0.1


def test_every_price_has_its_sentence() -> None:
    same = Estimate(value=0.8, low=0.7, high=0.9)
    costs, nothing, gains = (
        render(price_of(Estimate(value=value, low=value - 0.02, high=value + 0.02), same, same))
        for value in (-0.05, 0.01, 0.05)
    )
    assert "5 more of 100 answers wrong (between 3 and 7)" in costs
    assert "nothing that can be told from chance" in nothing
    assert "5 more of 100 answers right (between 3 and 7)" in gains


def test_numbers_that_are_off_or_too_high_for_a_group_are_named() -> None:
    off = words(how_fair(values(np.random.default_rng(1), off="east"), "region"))
    assert "Where region is east, the prediction is off by" in off
    assert "too high" not in off
    high = words(how_fair(values(np.random.default_rng(2), high="north"), "region"))
    assert "Where region is north, predictions are too high by" in high
    assert "too low by" not in high
    sides = {"off": "fairness_off", "high": "fairness_too_high", "low": "fairness_too_low"}
    for way, code in sides.items():
        found = by_code(how_fair(values(np.random.default_rng(2), **{way: "north"}), "region"))
        assert "north" in found[code]
        assert set(found) & ({*sides.values()} - {"fairness_off"}) == {code} - {"fairness_off"}
    noise = how_fair(values(np.random.default_rng(3)), "region")
    assert "no difference was found" in words(noise)
    assert not any(each.stands_out for each in noise.measures)


def test_of_several_answers_the_share_of_right_ones_is_compared() -> None:
    random = np.random.default_rng(6)
    group = random.choice(["a", "b", "c"], N)
    y = random.integers(0, 3, N)
    sure = np.where(group == "c", 0.1, 2.0)[:, None]
    said = random.dirichlet(np.ones(3), N) + sure * np.eye(3)[y]
    found = how_fair(judged_rows.judged(KIND, y, said / said.sum(axis=1, keepdims=True), {"group": group}), "group")
    assert "Where group is c, the answer is right in" in words(found)
    assert [each.name for each in found.measures] == ["accuracy_difference"]
    assert found.measures[0].stands_out
    assert found.equalised == ()


def test_ages_become_bands_and_small_groups_are_left_aside() -> None:
    rows = loans(7, columns={"town": ["Ulm"] * 600 + ["Bonn"] * 590 + ["Kiel"] * 10, "one": ["x"] * N})
    assert len(how_fair(rows, "age").groups) >= 4
    towns = how_fair(rows, "town")
    assert {each.value for each in towns.groups} == {"Ulm", "Bonn"}
    assert towns.n_left == 10
    assert "10 rows are in groups that are too small" in words(towns)
    alone = how_fair(rows, "one")
    assert alone.groups == ()
    assert "does not divide these rows" in words(alone)
    with pytest.raises(InputError, match="sex, age") as unknown:
        how_fair(rows, "height")
    assert unknown.value.message.code == "fairness_no_such_column"


def test_columns_to_look_at_are_suggested_in_several_languages_and_by_what_they_hold() -> None:
    two, numbers = ["a", "b"], [20.0, 60.0]
    columns = {
        "price": numbers, "Alter": numbers, "Staatsangehörigkeit": two, "x7": ["F", "M"], "性别": ["男", "女"],
        "birth_year": numbers, "store region": two, "Page": numbers, "usage": numbers, "message": two,
        "age": [3.0, 3.0],
    }  # fmt: skip
    found = suggested(*judged_rows.rows_of(columns))
    assert set(found) == {"Alter", "Staatsangehörigkeit", "x7", "性别", "birth_year", "store region"}
    assert set(found[:2]) == {"x7", "性别"}
    assert found[-1] == "store region"


def test_an_age_that_no_person_has_is_no_age_of_people() -> None:
    days = judged_rows.rows_of({"age": [3.0, 28.0, 365.0], "size": [1.0, 2.0, 3.0]})
    assert suggested(*days) == ()
    assert suggested(*judged_rows.rows_of({"age": [3.0, 28.0, 99.0], "size": [1.0, 2.0, 3.0]})) == ("age",)
    assert suggested(*judged_rows.rows_of({"age": ["18-30", "31-50", "51+"], "size": [1.0, 2.0, 3.0]})) == ("age",)
