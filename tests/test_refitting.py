"""Refits under way when the person asks to stop or to pause; blends without a score; what races are run against."""

import os
import pickle
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import TrialError
from engine.events import Continued, Event, Paused, StopRequested, of_kind
from engine.logs import FIELDS
from engine.outcomes import Member
from engine.progress import Command
from engine.run.finish import REFIT, MemberPlan
from engine.run.members import LONGER
from engine.run.process import RunProcess
from engine.run.refitting import STOPPED_SECONDS, Refitting
from engine.search import standings
from engine.search.clock import Clock
from engine.search.given import Given
from engine.search.guard import STOPPED, CallOutcome, GuardedCall
from engine.search.loop import Search
from engine.search.order import Order, Report
from engine.search.policy import Tried
from engine.search.proposal import Proposal
from engine.search.surroundings import Limits, Result, Surroundings
from engine.tasks.metric import metric_named
from engine.whole_files import write_whole

BEGUN = "begun"
PLANS = (MemberPlan(member=Member(number=1, family="linear", weight=1.0), n_refits=1, n_folds=5),)


def never_ready_at_first(order: Order, _rounds: int, turn: int) -> None:
    """Wait until somebody ends this; begun anew, be ready at once."""
    if not (order.folder / BEGUN).exists():
        (order.folder / BEGUN).touch()
        time.sleep(600)
    order.place.mkdir(parents=True, exist_ok=True)
    write_whole(order.place / REFIT.format(turn), pickle.dumps("a model"))


def that_fails(_order: Order, _rounds: int, _turn: int) -> None:
    raise ValueError("the forest cannot be fitted")


def that_is_killed(_order: Order, _rounds: int, _turn: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def result(number: int) -> Result:
    report = Report(
        fold_scores=(1.0,), score=1.0, pooled_score=1.0, spread=0.0, rounds=0, n_nodes=0, n_steps=0, pruned=False
    )
    proposal = Proposal(number=number, family="linear", parameters={})
    return Result(proposal=proposal, report=report, seconds=0.1, loss=1.0 + number)


def refitting(folder: Path, control: Callable[[], Command], told: list[Event]) -> Refitting:
    around = Surroundings(folder=folder, clock=Clock(60.0), emit=told.append, control=control)
    return Refitting(
        process=RunProcess(around, ()),
        order=Order(folder=folder, number=0, family="", parameters={}, metric="rmse", seed=0, threads=1),
        results={1: result(1)},
        slots=1,
        longer=LONGER,
        end_seconds=None,
        stopped=False,
    )


def searching(folder: Path, proposer: Given) -> Search:
    """Return a search with twelve finished candidates."""
    around = Surroundings(folder=folder, clock=Clock(60.0), emit=lambda _: None, control=lambda: Command.CONTINUE)
    return Search(
        around=around,
        limits=Limits(slots=1, slots_here=1, threads=1, memory_bytes=None, candidates=None, cap=20),
        proposer=proposer,
        metric=metric_named("rmse"),
        baseline_before=9.0,
        seed=0,
        n_folds=1,
        relative_costs={},
        reserve_seconds=lambda _: 0.0,
        room_taken=lambda _result: 0.0,
        results={number: result(number) for number in range(12)},
        ended={n: Tried(number=n, family="linear", seconds=0.1, loss=1.0 + n) for n in range(12)},
    )


@pytest.fixture(autouse=True)
def slow_refits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.run.refitting.refit", never_ready_at_first)


def test_who_asks_to_stop_does_not_wait_for_refits_and_the_rest_of_the_run_knows(tmp_path: Path) -> None:
    def control() -> Command:
        return Command.STOP if (tmp_path / BEGUN).exists() else Command.CONTINUE

    told: list[Event] = []
    asked = refitting(tmp_path, control, told)
    assert asked.run(PLANS) == {1: 0}
    assert asked.stopped
    assert len(of_kind(told, StopRequested)) == 1
    assert asked._left_seconds == STOPPED_SECONDS  # even where the clock decides nothing


def test_after_a_pause_refits_begin_anew_because_their_own_clock_went_on(tmp_path: Path) -> None:
    told: list[Event] = []

    def control() -> Command:
        paused = (tmp_path / BEGUN).exists() and not of_kind(told, Paused)
        return Command.PAUSE if paused else Command.CONTINUE

    assert refitting(tmp_path, control, told).run(PLANS) == {1: 1}
    assert (len(of_kind(told, Paused)), len(of_kind(told, Continued))) == (1, 1)


def test_a_refit_that_is_missing_is_made_though_a_later_one_is_there(tmp_path: Path) -> None:
    (tmp_path / BEGUN).touch()
    asked = refitting(tmp_path, lambda: Command.CONTINUE, [])
    place = tmp_path / "trials" / "1"
    place.mkdir(parents=True)
    write_whole(place / REFIT.format(1), pickle.dumps("a model"))
    twice = MemberPlan(member=Member(number=1, family="linear", weight=1.0), n_refits=2, n_folds=5)
    assert asked.run((twice,)) == {1: 2}


@pytest.mark.parametrize(("fails", "code"), [(that_fails, "trial_raised"), (that_is_killed, "trial_ended_by_signal")])
def test_a_refit_that_goes_wrong_is_noted_in_the_log(
    fails: Callable[..., None],
    code: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("engine.run.refitting.refit", fails)
    assert refitting(tmp_path, lambda: Command.CONTINUE, []).run(PLANS) == {1: 0}
    (noted,) = caplog.records
    assert (noted.levelname, getattr(noted, FIELDS)["code"]) == ("WARNING", code)


def test_a_proposer_with_nothing_to_propose_is_asked_again_only_when_something_is_new(tmp_path: Path) -> None:
    asked: list[int] = []

    class Empty(Given):
        next_number, n_queued = 12, 1

        def propose(self, _affordable: object = None) -> None:
            asked.append(1)

    search = searching(tmp_path, Empty([], ()))
    for _ in range(5):
        search._fill()
    assert len(asked) == 1
    search.ended[12] = Tried(number=12, family="linear", seconds=0.1, loss=1.0)
    search._fill()
    assert len(asked) == 2


def test_a_blend_that_cannot_be_scored_is_not_tried_again_at_every_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = searching(tmp_path, Given([], ()))

    class Failed:
        def poll(self) -> CallOutcome:
            return CallOutcome(error=TrialError(STOPPED()), seconds=0.0, peak_memory_bytes=0)

    begun: list[object] = []

    def start(*_words: object, **_named: object) -> Failed:
        begun.append(_words)
        return Failed()

    monkeypatch.setattr(GuardedCall, "start", start)
    for _ in range(6):
        search._follow_standing()
    assert len(begun) == 1
    assert standings.EVERY > 1


def test_a_race_is_run_against_what_can_be_in_the_file(tmp_path: Path) -> None:
    search = searching(tmp_path, Given([], []))
    best = search.results[0]
    search.results[0] = replace(best, report=replace(best.report, fold_scores=(0.5,)))
    searched = Proposal(number=12, family="linear", parameters={}, searched=True)
    race = search._race(searched)
    assert race is not None
    assert race.rivals[0] == (0.5,)
    search.room_taken = lambda result: 2.0 if result.proposal.number == 0 else 0.1
    race = search._race(searched)
    assert race is not None
    assert (len(race.rivals), race.rivals[0]) == (11, (1.0,))
    search.room_taken = lambda _result: 2.0
    assert search._race(searched) is None
