"""The time kept for the end of a run follows the table, the members and how busy the computer is."""

from collections.abc import Mapping
from dataclasses import replace

from engine.limits import ModelLimits
from engine.outcomes import Member
from engine.run.finish import MemberPlan
from engine.run.making import USUAL_START_SECONDS, export_seconds, pace, reserve_seconds
from engine.run.members import Room
from engine.search.surroundings import Result
from tests.test_limits import result

ROOM = Room.within(ModelLimits(), 20, 1_000)
BASELINE = replace(result(0, 0), seconds=0.2)


def kept(
    results: Mapping[int, Result],
    n_rows: int = 1_000,
    n_columns: int = 10,
    budget_seconds: float = 60.0,
    room: Room = ROOM,
) -> float:
    return reserve_seconds(results, n_rows, n_columns, 5, 2, budget_seconds, room)


def test_a_busy_computer_keeps_more() -> None:
    busy = {0: replace(BASELINE, seconds=2 * USUAL_START_SECONDS)}
    assert pace({0: BASELINE}) == pace({}) == 1.0
    assert pace(busy) == 2.0
    assert kept(busy) > 1.5 * kept({0: BASELINE})


def test_large_and_wide_tables_and_large_members_keep_more() -> None:
    few = {0: BASELINE, 1: result(1, 1_000)}
    assert kept(few, n_rows=100_000) > kept(few) + 2
    assert kept(few, n_columns=1_000) > kept(few) + 4
    assert kept({0: BASELINE, 1: result(1, 2_000_000)}) > kept(few) + 1  # too large for a bag: refitted


def test_a_first_model_is_expected_before_there_is_one() -> None:
    assert kept({}) >= kept({0: BASELINE}) - 0.5


def test_most_of_the_time_is_for_the_search() -> None:
    assert kept({0: BASELINE}, n_rows=10_000_000, budget_seconds=10.0) == 4.0


def test_large_files_take_longer_to_write() -> None:
    fast = {0: BASELINE, 1: replace(result(1, 5_000), seconds=1.0)}
    large = {0: BASELINE, 1: replace(result(1, 500_000), seconds=1.0)}
    slow_rows = Room.within(ModelLimits(slowest_row_ms=10.0), 20, 1_000)  # so that both become bags of five
    assert 0.5 < kept(large, room=slow_rows) - kept(fast, room=slow_rows) < 6


def test_a_file_of_many_models_takes_longer_to_write() -> None:
    member, results = Member(number=1, family="network", weight=1.0), {1: result(1, 0)}
    one, ten = (MemberPlan(member=member, n_refits=n, n_folds=0) for n in (1, 10))
    of_one, of_ten = (export_seconds(2_000, 60, [plan], results) for plan in (one, ten))
    assert 0.5 < of_ten - of_one < 3
