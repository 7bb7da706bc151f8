"""Which choices made the difference, judged from finished candidates."""

import random
from typing import Any

from engine.events import CandidateFinished, SearchSummarised
from engine.progress import fold
from engine.search.influence import LEAST_CANDIDATES, influences, outcomes
from engine.stored_events import event_from_json


def candidate(
    number: int, score: float, family: str = "lightgbm", *, pruned: bool = False, **parameters: Any
) -> CandidateFinished:
    return CandidateFinished(
        seconds=float(number),
        number=number,
        family=family,
        parameters=parameters,
        score=score,
        spread=0.0,
        fold_scores=(score,),
        train_seconds=1.0,
        rounds=1,
        n_nodes=1,
        memory_bytes=1,
        pruned=pruned,
    )


def tried(n_candidates: int) -> list[CandidateFinished]:
    draw = random.Random(0)
    made = []
    for number in range(n_candidates):
        leaves, bagging, step = draw.randint(4, 64), draw.random(), draw.choice(["off", "all levels"])
        score = -0.1 * leaves - (0.5 if step == "off" else 0.0)
        point: dict[str, Any] = {
            "num_leaves": leaves,
            "bagging_fraction": bagging,
            "features.x": step,
            "bagging_freq": 1,
        }
        made.append(candidate(number, score, **point))
    return made


def test_what_moves_the_score_stands_first_and_shares_add_up() -> None:
    found = influences(outcomes(tried(40), greater_is_better=True))
    assert found[0].parameter == "num_leaves"
    assert found[0].share > 0.6
    assert abs(sum(each.share for each in found) - 1.0) < 1e-6
    assert "bagging_freq" not in {each.parameter for each in found}
    assert {each.n for each in found} == {40}
    assert found == influences(outcomes(tried(40), greater_is_better=True))


def test_few_candidates_say_nothing() -> None:
    assert influences(outcomes(tried(LEAST_CANDIDATES - 1), greater_is_better=True)) == ()
    same = [candidate(number, 0.5, strength=float(number)) for number in range(20)]
    assert influences(outcomes(same, greater_is_better=True)) == ()


def test_candidates_that_gave_up_and_parameters_that_few_name_are_left_out() -> None:
    some = tried(30)
    some += [candidate(100 + n, -9.0, pruned=True, num_leaves=5) for n in range(9)]
    some += [candidate(200 + n, -1.0 - n, num_leaves=10 * n + 4, features_only_here=n) for n in range(4)]
    found = influences(outcomes(some, greater_is_better=True))
    assert {each.parameter for each in found} <= {"num_leaves", "bagging_fraction", "features.x"}
    assert found[0].n == 34


def test_it_is_an_event_that_can_be_stored() -> None:
    event = SearchSummarised(seconds=3.0, influences=influences(outcomes(tried(20), greater_is_better=True)))
    assert event_from_json(event.to_json()) == event
    assert fold([event]).summarised == event
