"""A planted interaction is found, and none is named where columns add up."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor

from engine.insight.interactions import NONE, interactions, told
from engine.messages import render
from tests.asking import deciding, drawn, numbers, predicting

NAMES = ("a", "b", "c", "d")
ROWS = drawn(400, *NAMES)


def test_the_planted_pair_is_found_and_named_alone() -> None:
    asked = predicting(numbers(*NAMES), lambda rows: rows["a"] + 6 * (rows["b"] - 0.5) * (rows["c"] - 0.5) + rows["d"])
    found = interactions(asked, ROWS, NAMES)
    assert [{each.first, each.second} for each in found] == [{"b", "c"}]
    (sentence,) = told(found)
    assert sentence.code == "interaction_together"
    assert render(sentence).startswith("b and c work together")


def test_the_share_is_that_of_the_variance() -> None:
    asked = predicting(numbers("a", "b"), lambda rows: (rows["a"] - 0.5) * (rows["b"] - 0.5))
    (found,) = interactions(asked, drawn(2_000, "a", "b"), ("a", "b"))
    assert found.share == pytest.approx(1.0, abs=0.35), "nothing but the interaction"


def test_none_is_named_where_columns_add_up() -> None:
    asked = predicting(
        numbers(*NAMES), lambda rows: np.exp(2 * rows["a"]) + rows["b"] ** 3 + 5.0 * (rows["c"] > 0.3) - rows["d"]
    )
    assert interactions(asked, ROWS, NAMES) == ()
    assert told(()) == (NONE(),)


def test_chances_add_up_on_their_own_scale() -> None:
    odds = deciding(numbers(*NAMES), lambda rows: 1 / (1 + np.exp(-8 * (rows["a"] + rows["b"] + rows["c"] - 1.5))))
    assert interactions(odds, ROWS, NAMES) == ()


def test_the_rows_asked_are_bounded() -> None:
    names = tuple(f"x{i}" for i in range(30))
    n_asked = []
    asked = predicting(numbers(*names), lambda rows: n_asked.append(len(rows)) or rows["x0"] * rows["x1"])  # type: ignore[func-returns-value]
    strongest = interactions(asked, drawn(5_000, *names), names)[0]
    assert (strongest.first, strongest.second) == ("x0", "x1")
    assert strongest.share == pytest.approx(0.14, abs=0.1)
    assert n_asked == [300 * (1 + 7 + 21)]


def test_a_model_that_says_the_same_of_all_rows_has_none() -> None:
    assert interactions(predicting(numbers("a", "b"), lambda rows: 0 * rows["a"]), ROWS, ("a", "b")) == ()


@pytest.mark.parametrize(("planted", "pairs"), [(0.0, set()), (8.0, {frozenset({"b", "c"})})])
def test_a_model_that_learnt_from_noisy_rows_names_the_planted_pair_and_no_other(
    planted: float, pairs: set[frozenset[str]]
) -> None:
    rows = drawn(3_000, *NAMES, seed=3)
    truth = 3 * rows["a"] + 2 * rows["b"] + np.sin(5 * rows["c"]) + planted * (rows["b"] - 0.5) * (rows["c"] - 0.5)
    truth += np.random.default_rng(4).normal(0, 0.3, len(rows))
    learnt = HistGradientBoostingRegressor(max_iter=80, random_state=0).fit(rows, truth)

    def formula(table: pd.DataFrame) -> np.ndarray:
        return np.asarray(learnt.predict(table))

    found = interactions(predicting(numbers(*NAMES), formula), drawn(400, *NAMES, seed=5), NAMES)
    assert {frozenset({each.first, each.second}) for each in found} == pairs
