"""Runs that wait for room start by themselves, in their turn; time that is added moves the end of a search."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app import waiting
from app.cli import main
from app.command import DONE, INPUT_AT_FAULT
from app.waiting import looking_after, room, start_or_wait, start_waiting, usual_room
from engine.config import ExperimentConfig
from engine.events import Event, Finished, RunStarted, TimeAdded
from engine.progress import Command, Status, fold
from engine.search.clock import Clock
from engine.search.loop import Search
from engine.search.policy import TIME_IS_UP
from engine.search.surroundings import Limits, Surroundings
from engine.tasks.metric import metric_named
from storage.workspace import Workspace, open_workspace

PATIENCE_SECONDS = 30.0  # that only a failure uses up


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workspace]:
    with open_workspace(tmp_path / "workspace") as opened:
        yield opened


@pytest.fixture
def launched(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs whose workers would have been started; none is, they need not train for this."""
    asked: list[str] = []

    def note(run_id: str, _folder: Path, *, behind: bool) -> None:
        assert behind, "pages go first"
        place.runs.note_launch(run_id)
        asked.append(run_id)

    monkeypatch.setattr(waiting, "launch", note)
    monkeypatch.setattr(waiting, "usual_room", lambda _cores: 1)
    return asked


def new_run(place: Workspace) -> str:
    return place.runs.create(owner="local", name="n", dataset_id="d", config=ExperimentConfig(target="price"))


def end(place: Workspace, run_id: str) -> None:
    place.runs.append(run_id, RunStarted(seconds=0.0, process_id=1))
    place.runs.append(run_id, Finished(seconds=1.0))


def test_one_run_for_every_two_cores_unless_somebody_says_otherwise(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [usual_room(n) for n in (None, 1, 2, 3, 4, 16)] == [1, 1, 1, 1, 2, 8]
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert room(place) == 3
    (place.folder / "preferences.json").write_text('{"runs_at_once": 5}', encoding="utf-8")
    assert room(place) == 5


def test_a_run_starts_at_once_where_there_is_room_and_waits_where_there_is_none(
    place: Workspace, launched: list[str]
) -> None:
    first, second, third = (new_run(place) for _ in range(3))
    for run_id in (first, second, third):
        start_or_wait(place, run_id)
    assert launched == [first]
    assert [place.runs.place_in_queue(run_id) for run_id in (second, third)] == [1, 2]
    start_waiting(place)
    assert launched == [first]
    end(place, first)
    start_waiting(place)
    assert launched == [first, second]


def test_a_server_that_comes_back_starts_what_waits(place: Workspace, launched: list[str]) -> None:
    run_id = new_run(place)
    place.runs.enqueue(run_id)
    with looking_after(place, every_seconds=0.01):
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not launched and time.monotonic() < give_up:
            time.sleep(0.01)
    assert launched == [run_id]
    assert place.runs.queue() == []


def test_the_terminal_takes_a_waiting_run_out_of_the_queue(
    place: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = new_run(place)
    place.runs.enqueue(run_id)
    folder = ["--workspace", str(place.folder)]
    assert main(["pause", run_id, *folder]) == INPUT_AT_FAULT
    assert "waits for its turn" in capsys.readouterr().err
    assert main(["stop", run_id, *folder]) == DONE
    assert "Taken out of the queue" in capsys.readouterr().err
    assert place.runs.queue() == []
    assert place.runs.command(run_id) is Command.CONTINUE


def search(clock: Clock, said: list[Event], added: list[float]) -> Search:
    """Return a search that has tried nothing yet, and keeps a fifth of its budget for the end."""
    around = Surroundings(
        folder=Path(),
        clock=clock,
        emit=said.append,
        control=lambda: Command.CONTINUE,
        added_seconds=lambda: added[-1],
    )
    nobody: Any = SimpleNamespace(at_end=TIME_IS_UP())
    return Search(
        around=around,
        limits=Limits(slots=1, slots_here=1, threads=1, memory_bytes=None, candidates=None, cap=None),
        proposer=nobody,
        metric=metric_named("rmse"),
        baseline_before=1.0,
        seed=0,
        n_folds=5,
        relative_costs={},
        reserve_seconds=lambda _results: 0.2 * clock.budget_seconds,
        room_taken=lambda _result: 0.0,
    )


def test_added_time_moves_the_end_of_the_search_and_what_is_kept_for_the_end() -> None:
    clock, said, added = Clock(100.0), list[Event](), [0.0]
    clock.pause()
    under_way = search(clock, said, added)
    before = under_way.search_seconds_left
    under_way._obey()
    assert said == []
    added.append(60.0)
    under_way._obey()
    under_way._obey()
    assert [event for event in said if isinstance(event, TimeAdded)] == [
        TimeAdded(seconds=clock.seconds, added_seconds=60.0)
    ]
    assert clock.budget_seconds == 160.0
    assert under_way.search_seconds_left == pytest.approx(before + 60.0 * 0.8)


def test_a_resumed_search_keeps_the_time_that_was_added() -> None:
    past: list[Event] = [RunStarted(seconds=0.0, process_id=1), TimeAdded(seconds=3.0, added_seconds=60.0)]
    now = fold(past)
    assert now.status is Status.TRAINING
    clock = Clock(100.0, spent_seconds=now.seconds, added_seconds=now.added_seconds)
    assert clock.left_seconds == pytest.approx(157.0, abs=5.0)
    said: list[Event] = []
    search(clock, said, [60.0])._obey()
    assert said == [], "it is told once"


def test_the_worker_reads_commands_and_added_time_in_one_look(place: Workspace) -> None:
    from app.worker import _Wishes

    run_id = new_run(place)
    wishes = _Wishes(place.runs, run_id, place.folder)
    place.runs.add_time(run_id, 60.0)
    place.runs.request(run_id, Command.PAUSE)
    assert wishes.added_seconds() == 0.0, "nothing is read behind the back of the one who looks"
    assert wishes.command() is Command.PAUSE
    assert wishes.added_seconds() == 60.0
