"""A few rules in place of the model: true ones where there are such, and honest about it where there are not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engine.insight.surrogate import Surrogate, surrogate
from engine.messages import render
from engine.table.schema import Kind
from tests.asking import column, deciding, drawn, numbers, predicting


def in_words(made: Surrogate) -> list[str]:
    return [" ".join(render(condition) for condition in rule.conditions) for rule in made.rules]


def test_a_model_that_is_a_few_rules_is_said_in_them() -> None:
    rows = drawn(600, "x", "y").assign(town=["Ulm", "Bonn", "Kiel"] * 200)
    columns = (*numbers("x", "y"), column("town", Kind.CATEGORY))
    asked = deciding(columns, lambda table: 0.1 + 0.8 * ((table["x"] > 0.4) & (table["town"] == "Ulm")))
    made = surrogate(asked, rows)
    assert made is not None
    assert made.answer == "yes"
    assert made.fidelity > 0.9
    first = in_words(made)[0]
    assert "x is above 0.4" in first
    assert "town is Ulm." in first
    assert made.rules[0].outcome > 0.85
    assert sum(rule.share for rule in made.rules) == 1.0
    assert render(made.told()).startswith("These rules explain 9")
    assert Surrogate.from_json(made.to_json()) == made


def test_a_limit_among_small_numbers_is_not_rounded_away_by_one_huge_number() -> None:
    rows = drawn(600, "x") * 50
    rows.loc[0, "x"] = 1e9
    made = surrogate(predicting(numbers("x"), lambda table: 10.0 * (table["x"] > 20)), rows)
    assert made is not None
    assert "x is above 20." in in_words(made)[0] or "x is above 19.9" in in_words(made)[0]


def test_what_no_few_rules_can_say_is_said_to_be_so() -> None:
    names = [f"x{i}" for i in range(6)]
    asked = predicting(numbers(*names), lambda table: np.sin(40 * table[names]).sum(axis=1))
    made = surrogate(asked, drawn(600, *names))
    assert made is not None
    assert made.fidelity < 0.3
    assert "explain only" in render(made.told())


def test_what_is_empty_is_said_to_be_among_the_low_ones_and_never_the_limit() -> None:
    days = pd.Series(pd.date_range("2023-01-01", periods=400).strftime("%Y-%m-%d").astype("str"))
    sizes = pd.Series(np.resize(["small", "medium", "large"], 400))
    rows = pd.DataFrame({"on": days.where(np.arange(400) % 3 > 0), "size": sizes.where(np.arange(400) % 4 > 0)})
    rows["x"] = np.where(np.arange(400) % 5 > 0, np.arange(400) % 40, np.nan)
    ordered = replace(column("size", Kind.CATEGORY), order=("small", "medium", "large"))
    told, codes = [], set()
    for of, worth in (
        (column("on", Kind.DATE, date_formats=("%Y-%m-%d",)), lambda table: 1.0 * (table["on"] > "2023-06-30")),
        (ordered, lambda table: table["size"].map({"small": 0.0, "medium": 1.0, "large": 2.0}).fillna(0.0)),
        (column("x"), lambda table: 1.0 * (table["x"] > 20)),
    ):
        made = surrogate(predicting((of,), worth), rows)
        assert made is not None
        assert sum(rule.share for rule in made.rules) == pytest.approx(1.0)
        told += in_words(made)
        codes |= {each.code for rule in made.rules for each in rule.conditions}
    assert {"rule_not_after_or_empty", "rule_equal_or_empty", "rule_at_most_or_empty"} <= codes, told
    assert "on is after 2023-06-29." in told, "the last day that is there"
    assert any(each.startswith("on is not after 2023-06-29, or empty.") for each in told)
    assert "size is small, or empty." in told
    assert not [each for each in told if "after ." in each or ("above" in each and "is empty" in each)]


def test_gaps_and_dates_are_asked_in_words() -> None:
    days = pd.date_range("2023-01-01", periods=400).strftime("%Y-%m-%d").astype("str")
    rows = pd.DataFrame({"on": days, "x": [None, 1.0, 2.0, None] * 100})
    columns = (column("on", Kind.DATE, date_formats=("%Y-%m-%d",)), column("x"))
    asked = predicting(columns, lambda table: 10.0 * table["x"].isna() + (table["on"] > "2023-06-30"))
    made = surrogate(asked, rows)
    assert made is not None
    said = in_words(made)
    assert any("x is empty." in each and "on is after 2023-0" in each for each in said)
    assert any("x is not empty." in each for each in said)


def test_no_rules_are_made_of_too_few_rows_or_of_one_answer() -> None:
    assert surrogate(predicting(numbers("x"), lambda table: table["x"]), drawn(20, "x")) is None
    assert surrogate(predicting(numbers("x"), lambda table: 0 * table["x"]), drawn(200, "x")) is None


def test_what_a_cell_is_makes_needless_to_say_what_it_is_not() -> None:
    rows = pd.DataFrame({"town": ["Ulm", "Bonn", "Kiel"] * 100})
    worth = {"Ulm": 0.0, "Bonn": 5.0, "Kiel": 9.0}
    made = surrogate(predicting((column("town", Kind.CATEGORY),), lambda table: table["town"].map(worth)), rows)
    assert made is not None
    assert {"town is Kiel.", "town is Ulm."} & set(in_words(made))
    assert not any("town is not" in each and "town is " in each.replace("town is not", "") for each in in_words(made))


def test_of_an_order_a_single_level_is_called_by_its_name() -> None:
    worth = {"low": 0.0, "med": 5.0, "high": 6.0}
    rows = pd.DataFrame({"safety": (list(worth) * 200)})
    safety = column("safety", Kind.CATEGORY, order=tuple(worth))
    said = rules_of(surrogate(predicting((safety,), lambda table: table["safety"].map(worth)), rows))
    assert "safety is low." in said
    assert "safety is not low." in said or {"safety is med.", "safety is high."} <= set(said)
    assert not [each for each in said if "at most low" in each or "above med" in each]


def codes_of(made: Surrogate | None) -> set[str]:
    assert made is not None
    return {condition.code for rule in made.rules for condition in rule.conditions}


def test_each_condition_is_put_in_its_own_words() -> None:
    x = drawn(600, "x")
    step = surrogate(predicting(numbers("x"), lambda table: 1.0 * (table["x"] > 0.5)), x)
    assert codes_of(step) == {"rule_at_most", "rule_above"}
    hill = surrogate(predicting(numbers("x"), lambda table: 1.0 * table["x"].between(0.3, 0.7)), x)
    assert codes_of(hill) == {"rule_at_most", "rule_between", "rule_above"}
    days = pd.DataFrame({"on": pd.date_range("2023-01-01", periods=600).strftime("%Y-%m-%d").astype("str")})
    on = (column("on", Kind.DATE, date_formats=("%Y-%m-%d",)),)
    later = surrogate(predicting(on, lambda table: 1.0 * (table["on"] > "2023-06-30")), days)
    assert codes_of(later) == {"rule_not_after", "rule_after"}
    month = surrogate(predicting(on, lambda table: 1.0 * table["on"].between("2023-05-01", "2024-02-01")), days)
    assert codes_of(month) == {"rule_not_after", "rule_days", "rule_after"}
    town = (column("town", Kind.CATEGORY),)
    rows = pd.DataFrame({"town": pd.Series(["Ulm", "Bonn", "Kiel", None] * 100, dtype="str")})
    single = surrogate(predicting(town, lambda table: 1.0 * (table["town"] == "Ulm")), rows)
    assert codes_of(single) == {"rule_equal", "rule_other"}
    two = rows.dropna().replace("Kiel", "Ulm").reset_index(drop=True)
    either = surrogate(predicting(town, lambda table: 1.0 * (table["town"] == "Ulm")), two)
    assert either is not None
    assert set(in_words(either)) == {"town is Ulm.", "town is Bonn."}
    gap = surrogate(predicting(town, lambda table: 1.0 * table["town"].isna()), rows)
    assert codes_of(gap) == {"rule_empty", "rule_filled"}
    assert [made.told().code for made in (step, single, gap) if made is not None] == ["rules_faithful"] * 3


def rules_of(made: Surrogate | None) -> list[str]:
    assert made is not None
    return [render(condition) for rule in made.rules for condition in rule.conditions]
