"""What the search does next follows from what is known and the time left: replayed here, without a clock."""

from dataclasses import dataclass, replace

import pytest

from engine.search.costs import expected_seconds, is_affordable
from engine.search.policy import (
    ALL_TRIED,
    ENOUGH,
    MOST_POINTS,
    NOTHING_TO_GAIN,
    PERFECT_ALREADY,
    TIME_IS_UP,
    Action,
    BlendStanding,
    End,
    Situation,
    Start,
    Tried,
    Wait,
    decide,
)

COSTS = {"baseline": 0.001, "linear": 0.3, "lightgbm": 1.0, "catboost": 4.0}
START = Situation(seconds_left=50.0, next_number=0, n_queued=6, n_slots=2, cap=30)


def tried(number: int, seconds: float = 1.0, loss: float | None = 0.2, family: str = "lightgbm") -> Tried:
    return Tried(number=number, family=family, seconds=seconds, loss=loss)


BASELINE = tried(0, 0.1, 0.5, "baseline")


@dataclass(frozen=True)
class Played:
    """One trial of a replay: its number, its family, when it began and how long it took."""

    number: int
    family: str
    began: float
    seconds: float


def replayed(seconds_left: float, whole_seconds: dict[str, float], order: list[str], cap: int = 30) -> list[Played]:
    """Play a search over recorded times in virtual time; a trial that takes longer than allotted is cut there."""
    now = 0.0
    played: list[Played] = []
    running: list[Played] = []
    known: list[Tried] = []
    queue = list(order)
    while True:
        situation = Situation(
            seconds_left=seconds_left - now,
            next_number=len(played),
            n_queued=len(queue),
            n_slots=2,
            cap=cap,
            tried=tuple(known),
        )
        action: Action = decide(situation) if len(running) < 2 and queue else Wait()
        if isinstance(action, Start):
            assert action.seconds is not None
            while queue and not is_affordable(expected_seconds(queue[0], COSTS, known), action.seconds):
                queue.pop(0)
            if queue:
                family = queue.pop(0)
                seconds = min(whole_seconds[family], action.seconds)
                played.append(Played(len(played), family, now, seconds))
                running.append(played[-1])
                continue
        if not running:
            return played
        first = min(running, key=lambda each: each.began + each.seconds)
        running.remove(first)
        now = first.began + first.seconds
        known.append(tried(first.number, first.seconds, 0.5 - 0.01 * first.number, first.family))


@pytest.mark.parametrize("seconds_left", [3.0, 10.0, 50.0, 500.0])
@pytest.mark.parametrize("scale", [0.02, 1.0, 30.0])
def test_a_replayed_search_keeps_to_its_time(seconds_left: float, scale: float) -> None:
    times = {family: scale * cost for family, cost in COSTS.items()}
    played = replayed(seconds_left, times, ["baseline", *["linear", "lightgbm", "catboost"] * 20])
    assert played[0].family == "baseline"
    assert max(each.began + each.seconds for each in played) <= seconds_left
    assert len(played) > 1


def test_one_slow_family_does_not_take_the_time_of_the_others() -> None:
    times = {"baseline": 0.1, "linear": 2.0, "lightgbm": 4.0, "catboost": 1000.0}
    order = ["baseline", "linear", "lightgbm", "catboost", "lightgbm", "linear", "lightgbm"]
    played = replayed(46.0, times, order)
    assert {each.family for each in played} >= {"linear", "lightgbm"}
    assert sum(each.family == "lightgbm" for each in played) == 3


def test_a_family_that_cannot_be_done_in_time_is_passed_over() -> None:
    times = {"baseline": 0.1, "lightgbm": 2.0, "catboost": 100.0}
    played = replayed(20.0, times, ["baseline", "lightgbm", "catboost", "catboost", "lightgbm"])
    assert [each.family for each in played] == ["baseline", "lightgbm", "catboost", "catboost", "lightgbm"]
    very_slow = {**times, "lightgbm": 7.0}
    played = replayed(10.0, very_slow, ["baseline", "lightgbm", "lightgbm", "catboost", "baseline"])
    assert "catboost" not in [each.family for each in played]


def test_the_baseline_is_always_tried() -> None:
    assert isinstance(decide(replace(START, seconds_left=-3.0)), Start)


def test_a_fixed_number_of_candidates_is_tried_whatever_the_time() -> None:
    fixed = replace(START, seconds_left=None, candidates=3, tried=(BASELINE,))
    assert decide(replace(fixed, next_number=1)) == Start(None)
    assert decide(replace(fixed, next_number=3)) == Wait()
    known = (BASELINE, tried(1, loss=None))
    assert decide(replace(fixed, next_number=3, tried=known)) == Start(None)
    assert decide(replace(fixed, next_number=4, tried=known)) == End(ALL_TRIED(n_candidates=3))


def test_it_ends_when_time_is_up_and_when_the_rows_can_tell_no_more_apart() -> None:
    known = (BASELINE, tried(1, 10.0), tried(2, 12.0))
    assert decide(replace(START, seconds_left=2.0, next_number=3, tried=known)) == End(TIME_IS_UP())
    assert isinstance(decide(replace(START, seconds_left=5.0, next_number=3, tried=known)), Start)
    assert decide(replace(START, next_number=31, tried=known)) == End(ENOUGH(n_candidates=30))


def test_it_ends_when_nothing_is_wrong_any_more() -> None:
    assert decide(replace(START, next_number=2, tried=(BASELINE, tried(1, loss=0.0)))) == End(PERFECT_ALREADY())
    tiny = (replace(BASELINE, loss=3e-12), tried(1, loss=1e-12))
    assert isinstance(decide(replace(START, next_number=2, tried=tiny)), Start)
    too_large = replace(tried(1, loss=0.0), load=1.5)
    assert isinstance(decide(replace(START, next_number=2, tried=(BASELINE, too_large))), Start)


def test_it_ends_when_the_blend_no_longer_gains() -> None:
    known = tuple(tried(number) for number in range(25))
    now = replace(START, next_number=25, n_queued=0, tried=(BASELINE, *known))
    gaining = tuple(BlendStanding(n_candidates=n, loss=0.3 - 0.002 * n) for n in range(7, 26, 3))
    still = tuple(BlendStanding(n_candidates=n, loss=0.3 - 1e-5 * n) for n in range(7, 26, 3))
    assert isinstance(decide(replace(now, standings=gaining)), Start)
    assert isinstance(decide(replace(now, standings=still[:3])), Start)  # not waited for long enough
    ended = decide(replace(now, standings=still))
    assert isinstance(ended, End)
    assert ended.reason.code == NOTHING_TO_GAIN.code
    assert isinstance(decide(replace(now, standings=still, n_queued=2)), Start)  # starting points bring variety


def test_beyond_what_the_rows_can_tell_apart_it_goes_on_while_that_clearly_helps() -> None:
    now = replace(START, cap=11, next_number=24, tried=(BASELINE, *(tried(number) for number in range(1, 24))))
    gaining = tuple(BlendStanding(n_candidates=n, loss=0.3 * 0.998**n) for n in range(2, 24, 3))
    hardly = tuple(BlendStanding(n_candidates=n, loss=0.3 * 0.9998**n) for n in range(2, 24, 3))
    enough = End(ENOUGH(n_candidates=23))
    assert isinstance(decide(replace(now, standings=gaining)), Start)
    assert decide(replace(now, standings=hardly)) == enough
    assert isinstance(decide(replace(now, standings=hardly[-2:])), Start)  # not watched for long enough
    assert decide(replace(now, standings=())) == enough  # nor will it be: the time is too short
    assert isinstance(decide(replace(now, standings=(), resumed=True)), Start)  # an earlier process has watched it
    assert decide(replace(now, standings=(), resumed=True, seconds_left=5.0)) == enough


def test_few_rows_are_no_reason_to_leave_out_what_other_tables_teach() -> None:
    now = replace(START, cap=8, tried=(BASELINE, *(tried(number) for number in range(1, 19))))
    still = tuple(BlendStanding(n_candidates=n, loss=0.3) for n in range(2, 19))
    assert isinstance(decide(replace(now, next_number=MOST_POINTS, standings=still)), Start)
    assert decide(replace(now, next_number=MOST_POINTS + 1, standings=still)) == End(ENOUGH(n_candidates=MOST_POINTS))


def test_more_rows_tell_smaller_gains_from_chance() -> None:
    slowly = tuple(BlendStanding(n_candidates=n, loss=0.3 * 0.9997**n) for n in range(2, 33, 3))
    known = (BASELINE, *(tried(number) for number in range(1, 33)))
    few, many = (replace(START, cap=cap, next_number=33, tried=known, standings=slowly) for cap in (11, 25))
    assert decide(few) == End(ENOUGH(n_candidates=32))
    assert isinstance(decide(many), Start)


def test_who_wants_all_the_time_used_gets_it() -> None:
    still = tuple(BlendStanding(n_candidates=n, loss=0.3) for n in range(7, 60, 3))
    known = (BASELINE, tried(1, loss=0.0))
    now = replace(START, cap=None, next_number=60, n_queued=0, tried=known, standings=still)
    assert isinstance(decide(now), Start)
    assert decide(replace(now, seconds_left=0.1)) == End(TIME_IS_UP())


def test_costs_are_learned_from_the_run() -> None:
    known = [tried(1, 2.0), replace(tried(2, 3.0, family="linear"), share=0.5)]
    assert expected_seconds("lightgbm", COSTS, known) == 2.0
    assert expected_seconds("linear", COSTS, known) == 6.0
    assert expected_seconds("catboost", COSTS, known) == 8.0  # by LightGBM: a slow linear fit says nothing of trees
    assert expected_seconds("catboost", COSTS, [tried(3, 9.0, loss=None)]) == 4.0 * 3.0 * 9.0
    assert expected_seconds("linear", COSTS, [tried(3, 9.0, None, "linear")]) == 3.0 * 9.0  # it was cut off
    assert expected_seconds("linear", COSTS, []) is None
