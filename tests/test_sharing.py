"""The next place of a shared pool goes to the run that gains most per second, and nobody waits for ever."""

import math
from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.sharing import COMPARED, compared
from engine.search.sharing import (
    LEAST_WORTH,
    MOST_WORTH,
    POOL_PATIENCE_SECONDS,
    QUEUE_PATIENCE_SECONDS,
    Attained,
    Waiting,
    in_turn,
    turn_at,
    worth,
)

LOSSES = st.lists(st.floats(-10, 10) | st.sampled_from([math.nan, math.inf]), max_size=30)
MOMENTS = st.floats(0, 1e6)
WORTHS = st.floats(0, 1e9)
WAITING = st.lists(
    st.builds(
        Waiting,
        run_id=st.uuids().map(str),
        owner=st.sampled_from(["ada", "bob", "eve"]),
        asked_at=MOMENTS,
        seconds=st.floats(0, 1e5),
    ),
    max_size=12,
    unique_by=lambda each: each.run_id,
)


@given(LOSSES, st.integers(0, 50))
def test_what_a_candidate_promises_is_a_number_that_falls_with_those_under_way(
    losses: list[float], n_waiting: int
) -> None:
    now = Attained(baseline=1.0, losses=losses, seconds=[2.0] * len(losses), n_waiting=n_waiting)
    more = Attained(baseline=1.0, losses=losses, seconds=[2.0] * len(losses), n_waiting=n_waiting + 1)
    assert math.isfinite(worth(now))
    assert worth(now) >= worth(more) >= 0


def test_a_run_that_gets_better_is_worth_more_than_one_that_stands_still_and_a_quick_one_more_than_a_slow_one() -> None:
    rising = Attained(baseline=1.0, losses=[0.9, 0.7, 0.4], seconds=[3.0] * 3)
    still = Attained(baseline=1.0, losses=[0.4, 0.4, 0.4], seconds=[3.0] * 3)
    slow = Attained(baseline=1.0, losses=[0.9, 0.7, 0.4], seconds=[30.0] * 3)
    nothing = Attained(baseline=1.0)
    assert worth(nothing) > worth(rising) > worth(still) > 0
    assert worth(rising) > worth(slow)
    scaled = Attained(baseline=100.0, losses=[90.0, 70.0, 40.0], seconds=[3.0] * 3)
    assert math.isclose(worth(scaled), worth(rising)), "the unit of the measure says nothing"


@given(MOMENTS, MOMENTS, WORTHS, WORTHS)
def test_nobody_comes_before_one_who_asked_so_much_earlier(
    first: float, second: float, worth_first: float, worth_second: float
) -> None:
    due = turn_at(first, worth_first, POOL_PATIENCE_SECONDS)
    assert first <= due <= first + POOL_PATIENCE_SECONDS * (1 + 1e-9)
    if second > first + POOL_PATIENCE_SECONDS * (1 + 1e-9):
        assert turn_at(second, worth_second, POOL_PATIENCE_SECONDS) > due
    if worth_first > worth_second:
        assert due <= turn_at(first, worth_second, POOL_PATIENCE_SECONDS)


def test_worth_decides_among_those_who_asked_at_once() -> None:
    order = sorted([LEAST_WORTH, 0.01, MOST_WORTH, 0.2], key=lambda each: turn_at(5.0, each, POOL_PATIENCE_SECONDS))
    assert order == [MOST_WORTH, 0.2, 0.01, LEAST_WORTH]


@given(WAITING, st.dictionaries(st.sampled_from(["ada", "bob"]), st.integers(0, 20)), st.randoms())
def test_everybody_who_waits_has_one_place_in_the_queue_however_they_are_listed(
    waiting: list[Waiting], n_training: dict[str, int], random: Random
) -> None:
    order = in_turn(waiting, n_training)
    assert Counter(order) == Counter(each.run_id for each in waiting)
    mixed = list(waiting)
    random.shuffle(mixed)
    assert in_turn(mixed, n_training) == order
    asked = {each.run_id: each.asked_at for each in waiting}
    for position, run_id in enumerate(order):
        for later in order[position + 1 :]:
            assert asked[run_id] <= asked[later] + QUEUE_PATIENCE_SECONDS * (1 + 1e-9)


def test_ten_people_lack_less_than_with_a_round_or_first_come_and_nobody_waits_long() -> None:
    for seed in range(3):
        found = compared(seed)
        assert found == compared(seed)
        ours, longest_wait = found["by worth"]
        assert all(ours < found[name][0] for name in COMPARED)
        assert longest_wait < 2 * POOL_PATIENCE_SECONDS
