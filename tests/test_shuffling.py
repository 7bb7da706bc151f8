"""Shuffling a column costs what the column is worth; where SHAP says otherwise, it is told."""

import numpy as np
import pytest

from engine.insight.shuffling import (
    HELPS_WITHOUT_MOVING,
    MOVES_WITHOUT_HELPING,
    Shuffled,
    disagreements,
    shuffled,
)
from engine.outcomes import Importance
from engine.tasks.metric import metric_named
from tests.asking import deciding, drawn, numbers, predicting


def moved(**shares: float) -> tuple[Importance, ...]:
    return tuple(Importance(column=name, value=share, share=share) for name, share in shares.items())


def test_what_is_used_costs_and_what_is_not_costs_nothing() -> None:
    rows = drawn(500, "a", "b", "c")
    asked = predicting(numbers("a", "b", "c"), lambda table: 3 * table["a"] + table["b"])
    truth = (3 * rows["a"] + rows["b"]).to_numpy()
    found = shuffled(asked, rows, truth, metric_named("rmse"), ["c", "b", "a"])
    assert [each.column for each in found] == ["a", "b", "c"]
    assert found[0].loss == pytest.approx(3 * np.sqrt(2 / 12), rel=0.1)
    assert found[0].is_felt
    assert found[1].spread > 0
    assert (found[2].loss, found[2].is_felt) == (0.0, False)


def test_a_column_that_the_truth_does_not_follow_is_not_felt() -> None:
    rows = drawn(500, "a", "b")
    asked = deciding(numbers("a", "b"), lambda table: (table["a"] + table["b"]) / 2)
    truth = (rows["a"] > 0.5).to_numpy(dtype=np.int64)
    costs = {each.column: each for each in shuffled(asked, rows, truth, metric_named("auc"), ["a", "b"])}
    assert costs["a"].is_felt
    assert not costs["b"].is_felt
    assert costs["b"].loss < 0, "without it the score would be better"
    (doubt,) = disagreements(moved(a=0.5, b=0.5), tuple(costs.values()))
    assert doubt == MOVES_WITHOUT_HELPING(column="b", share="50 %")


def test_a_file_that_names_an_answer_below_a_half_is_judged_by_what_it_names() -> None:
    rows = drawn(500, "a", "b")
    asked = deciding(numbers("a", "b"), lambda table: table["a"] / 3, threshold=0.3)
    truth = (rows["a"] > 0.9).to_numpy(dtype=np.int64)
    costs = {each.column: each for each in shuffled(asked, rows, truth, metric_named("f1"), ["a", "b"])}
    assert costs["a"].loss > 0.7
    assert costs["a"].is_felt


def test_both_ways_of_measuring_agree_where_nothing_is_said() -> None:
    lost = (Shuffled(column="a", loss=0.2, spread=0.01), Shuffled(column="b", loss=0.1, spread=0.01))
    assert disagreements(moved(a=0.6, b=0.4), lost) == ()
    assert disagreements(moved(a=0.99, b=0.01), lost) == (HELPS_WITHOUT_MOVING(column="b", share="1.0 %"),)
    assert disagreements((), lost) == ()
    assert disagreements(moved(a=0.6, b=0.4), ()) == ()


@pytest.mark.parametrize(
    ("share", "loss", "codes"),
    [
        (0.3, 0.0, ["importance_moves_without_helping"]),
        (0.3, 0.3, []),
        (0.01, 0.3, ["importance_helps_without_moving"]),
        (0.01, 0.0, []),
    ],
)
def test_doubts_are_said_where_the_two_ways_contradict_each_other(share: float, loss: float, codes: list[str]) -> None:
    lost = (Shuffled(column="a", loss=0.2, spread=0.01), Shuffled(column="b", loss=loss, spread=0.01))
    assert [each.code for each in disagreements(moved(a=1 - share, b=share), lost)] == codes


def test_a_score_that_is_not_defined_on_the_rows_is_not_told() -> None:
    rows = drawn(60, "a")
    asked = deciding(numbers("a"), lambda table: table["a"])
    assert shuffled(asked, rows, np.zeros(60, dtype=np.int64), metric_named("auc"), ["a"]) == ()


def test_the_rows_asked_are_bounded() -> None:
    names = [f"x{i}" for i in range(25)]
    n_asked = []
    asked = predicting(numbers(*names), lambda table: n_asked.append(len(table)) or table["x0"])  # type: ignore[func-returns-value]
    rows = drawn(5_000, *names)
    shuffled(asked, rows, rows["x0"].to_numpy(), metric_named("mae"), names)
    assert sum(n_asked) < 62_000
