"""What a resumed run knows of its earlier candidates: how they did, and what they cost."""

from dataclasses import replace
from typing import Any

import pytest

from engine.events import CandidateFailed, CandidateFinished, CandidateStarted
from engine.messages import phrase
from engine.search.past import past_candidates
from engine.search.policy import Tried
from engine.search.surroundings import Result
from engine.tasks.metric import metric_named

TOO_LONG = phrase("test_took_ages", "It took too long.")
AT: dict[str, Any] = {"seconds": 1.0, "parameters": {}}


def finished(
    number: int, family: str, scores: tuple[float, ...], took: float, *, pruned: bool = False
) -> CandidateFinished:
    mean = sum(scores) / len(scores)
    return CandidateFinished(
        number=number,
        family=family,
        score=mean,
        spread=0.0,
        fold_scores=scores,
        train_seconds=took,
        pruned=pruned,
        **AT,
    )


EVENTS = (
    *(CandidateStarted(number=n, family=family, **AT) for n, family in enumerate(("linear", "catboost", "lightgbm"))),
    CandidateStarted(number=3, family="network", **AT),
    finished(0, "linear", (2.0, 4.0, 3.0), 0.6),
    CandidateFailed(number=1, family="catboost", cause=TOO_LONG(), train_seconds=9.0, **AT),
    finished(2, "lightgbm", (4.0,), 1.5, pruned=True),
)


def test_costs_and_failures_are_remembered() -> None:
    def folds_of(result: Result) -> float:
        return float(len(result.report.fold_scores))

    past = past_candidates(EVENTS, metric_named("rmse"), {0}, n_folds=3, timed=True, room_taken=folds_of)
    assert [each.ended for each in past] == [True, True, True, False]
    assert past[0].tried == Tried(number=0, family="linear", seconds=0.6, loss=3.0, load=3.0)
    assert past[1].tried == Tried(number=1, family="catboost", seconds=9.0, loss=None)
    assert (past[2].seconds, past[2].tried.family) == (1.5, "lightgbm")
    assert past[2].tried.whole_seconds == pytest.approx(4.5)  # one of three folds was fitted
    assert (past[2].tried.load, past[3].seconds) == (1.0, None)


def test_folds_without_a_score_of_their_own_were_fitted_all_the_same() -> None:
    unscored = replace(finished(0, "linear", (2.0,), 0.6), n_unscored=2)
    (past,) = past_candidates(
        (EVENTS[0], unscored),
        metric_named("rmse"),
        {0},
        n_folds=3,
        timed=True,
        room_taken=lambda result: float(result.n_folds),
    )
    assert (past.tried.share, past.tried.load) == (1.0, 3.0)


def test_what_a_candidate_took_plays_no_part_where_their_number_is_fixed() -> None:
    past = past_candidates(EVENTS, metric_named("rmse"), {0}, n_folds=3, timed=False, room_taken=lambda _result: 0.0)
    assert {each.seconds for each in past} == {None}
