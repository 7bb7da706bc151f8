"""The picture of the best so far: a step where something better was found, and how far its folds lie apart."""

from typing import Any

from app.charts import best_so_far
from engine.progress import fold
from tests.app.made_runs import REGRESSION, SCORES, begun


def drawn(events: list[Any]) -> list[dict[str, float]]:
    figure = best_so_far(fold(events))
    assert figure is not None
    return next(rows for rows in figure.to_dict()["datasets"].values() if "low" in rows[0])


def test_it_rises_only_where_something_better_was_found() -> None:
    steps = drawn(begun())
    best = [max(score for _family, score in SCORES[:n]) for n in range(1, len(SCORES) + 1)]
    assert [step["score"] for step in steps] == [*dict.fromkeys(best), best[-1]]
    assert {round(step["high"] - step["score"], 6) for step in steps} == {0.011}
    assert steps[-1]["seconds"] == 22


def test_where_low_is_better_it_falls() -> None:
    scores = [step["score"] for step in drawn(begun(REGRESSION))]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] == 2 - 0.851


def test_there_is_none_before_the_first_score() -> None:
    assert best_so_far(fold(begun()[:4])) is None
