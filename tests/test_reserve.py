"""The time kept for the end of a run follows the table, the members and how busy the computer is."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engine.blend.final import TargetScale
from engine.config import ExperimentConfig
from engine.limits import ModelLimits
from engine.messages import Message
from engine.outcomes import Member
from engine.run.ending import SHARE_OF_SPARE, USUAL_START_SECONDS, Ending, pace
from engine.run.finish import MemberPlan
from engine.run.making import ending_of
from engine.run.members import LONGER, Room
from engine.search.clock import Clock
from engine.search.data import RowSet, TrainingData
from engine.search.folds import assign_folds
from engine.search.surroundings import Result
from engine.search.validation import Scheme, ValidationPlan
from engine.tasks.task import Task, TaskKind
from tests.test_limits import result

ROOM = Room.within(ModelLimits(), 20, 1_000)
BASELINE = replace(result(0, 0), seconds=0.2)


def ending(n_rows: int = 1_000, n_columns: int = 10, budget_seconds: float = 60.0, room: Room = ROOM) -> Ending:
    """Return the end of a run of two trials at once, on a table with five folds."""
    clock = Clock(budget_seconds)
    return Ending(n_rows=n_rows, n_columns=n_columns, least_parts=5, slots=2, clock=clock, room=room)


def kept(
    results: Mapping[int, Result],
    n_rows: int = 1_000,
    n_columns: int = 10,
    budget_seconds: float = 60.0,
    room: Room = ROOM,
) -> float:
    return ending(n_rows, n_columns, budget_seconds, room).reserve_seconds(results)


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
    of_one, of_ten = (ending(2_000, 60).file_seconds([plan], results) for plan in (one, ten))
    assert 0.5 < of_ten - of_one < 3


def many_seeds(seconds: float, n_members: int = 3) -> tuple[list[Member], dict[int, Result]]:
    members = [Member(number=n, family="lightgbm", weight=1 / n_members) for n in range(1, n_members + 1)]
    return members, {n: replace(result(n, 1_000, "lightgbm"), seconds=seconds) for n in range(1, n_members + 1)}


def test_spare_time_pays_for_more_seeds_and_no_time_takes_none_away() -> None:
    members, results = many_seeds(1.0)
    end = ending(n_rows=5_000)
    refits = {
        left: [plan.n_refits for plan in end.paid_plans(members, results, left)] for left in (None, 0.0, 12.0, 60.0)
    }
    assert refits[None] == refits[0.0] == [3, 3, 3]  # the clock decides nothing, or has nothing to give
    assert sum(refits[0.0]) < sum(refits[12.0]) <= sum(refits[60.0])
    longer = ending(n_rows=5_000, budget_seconds=300.0)
    assert max(plan.n_refits for plan in longer.paid_plans(members, results, 60.0)) > 5
    again = replace(longer, spare_refits=())  # a retraining, or a table larger than memory
    assert [plan.n_refits for plan in again.paid_plans(members, results, 60.0)] == [3, 3, 3]
    slow = many_seeds(100.0)
    assert [plan.n_refits for plan in end.paid_plans(*slow, 60.0)] == [3, 3, 3]


def test_seeds_that_make_no_difference_are_not_paid_for() -> None:
    members, results = [Member(number=1, family="linear", weight=1.0)], {1: result(1, 0, "linear")}
    (plan,) = ending(n_rows=5_000).paid_plans(members, results, 1_000.0)
    assert plan.n_refits == 1


def test_a_twentieth_of_the_budget_at_most_is_kept_for_more_seeds() -> None:
    _, results = many_seeds(1.0)
    for budget_seconds in (30.0, 60.0, 300.0):
        end = ending(n_rows=5_000, budget_seconds=budget_seconds)
        members = [Member(number=n, family="lightgbm", weight=1 / 3) for n in results]
        usual = end.seconds(end.paid_plans(members, results, None), results)
        kept_seconds = kept({0: BASELINE, **results}, n_rows=5_000, budget_seconds=budget_seconds)
        without_file = kept({0: BASELINE}, n_rows=5_000, budget_seconds=budget_seconds)
        assert kept_seconds - without_file <= usual + SHARE_OF_SPARE * budget_seconds


def test_added_time_counts_at_once() -> None:
    clock = Clock(60.0)
    end = replace(ending(), clock=clock)
    before = end.file_by_seconds
    clock.added_seconds = 60.0
    assert end.file_by_seconds == 2 * before


def test_forward_in_time_a_fit_on_all_rows_takes_as_much_longer_as_turns_have_fewer_rows() -> None:
    """Of four turns the first has learnt from a fifth of the rows, the last from four fifths."""
    times = np.arange(1_000.0)
    task = Task(kind=TaskKind.REGRESSION, targets=("y",))
    ends = {}
    for scheme in (Scheme.FORWARD, Scheme.FOLDS):
        plan = ValidationPlan(scheme=scheme, n_folds=4, n_repeats=1, gap_rows=0, reason=Message("told by the test"))
        rows = RowSet(source=pd.DataFrame({"x": times}), y=times)
        folds = assign_folds(rows.y, task, plan=plan, seed=0, times=times)
        data = TrainingData(
            task=task, columns=(), train=rows, holdout=rows.take(np.arange(0)), folds=folds, target_scale=TargetScale()
        )
        ends[scheme] = ending_of(ExperimentConfig(target="y"), data, Clock(60.0), 2, is_large=False)
    assert ends[Scheme.FOLDS].longer == LONGER
    assert ends[Scheme.FORWARD].longer == pytest.approx(2.0)
    assert ends[Scheme.FORWARD].room.n_rows is None
    members, results = many_seeds(10.0)
    plans = ends[Scheme.FOLDS].paid_plans(members, results, None)
    forward, usual = (ends[scheme].seconds(plans, results) for scheme in (Scheme.FORWARD, Scheme.FOLDS))
    assert forward > usual + 2.0
