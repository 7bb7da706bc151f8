"""Workers that stand ready on several computers, here folders of their own, share one database and one object store."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from app.standing import StandingWorker, trains_on_workers
from app.waiting import start_now, start_or_wait
from engine.errors import WorkspaceError
from engine.events import CandidateFinished, Event, Finished, Paused, RunStarted, of_kind
from engine.progress import Command, Status
from storage.workspace import Workspace, open_workspace
from tests.servers import object_store, postgresql
from tests.test_worker import TINY, new_run, wait_for, wait_until


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """The workspace of the app: nothing but database and object store is shared with others."""
    with postgresql(tmp_path / "postgresql") as database, object_store() as store:
        monkeypatch.setenv("TABLEWRIGHT_DATABASE", database)
        monkeypatch.setenv("TABLEWRIGHT_ARTIFACTS", store)
        monkeypatch.setenv("TABLEWRIGHT_TRAIN_ON", "workers")
        monkeypatch.setenv("TABLEWRIGHT_LEASE_SECONDS", "4")
        monkeypatch.setenv("TABLEWRIGHT_MLFLOW", "off")
        with open_workspace(tmp_path / "app") as place:
            yield place


@pytest.fixture
def start(tmp_path: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    for name in ("first", "second"):
        words = ["worker", "--at-once", "1", "--workspace", str(tmp_path / name)]
        started.append(subprocess.Popen([sys.executable, "-m", "app.cli", *words]))
    yield started
    for each in started:
        kill(each)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """End a worker and all that it has started as a power cut would."""
    if process.poll() is None:
        family = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        for each in family:
            if each.is_running():
                each.kill()
    process.wait()


def events(place: Workspace, run_id: str) -> list[Event]:
    return [event for _, event in place.runs.events(run_id)]


def test_two_workers_end_three_runs_though_one_is_killed_in_the_middle(
    shared: Workspace, start: list[subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    runs, log = shared.runs, tmp_path / "none"
    longer = replace(TINY, candidates=3)
    ids = [new_run(shared, config) for config in (longer, TINY, TINY)]
    start_or_wait(shared, ids[0])
    wait_for(runs, ids[0], CandidateFinished)
    runs.request(ids[0], Command.PAUSE)
    for run_id in ids[1:]:
        start_or_wait(shared, run_id)
    wait_for(runs, ids[0], Paused)
    assert runs.is_alive(ids[0]), "seen from a folder that has nothing of it"
    assert runs.progress(ids[0]).status is Status.PAUSED
    kept = runs.progress(ids[0]).finished
    number = of_kind(events(shared, ids[0]), RunStarted)[0].process_id
    victim = next(each for each in start if number in {c.pid for c in psutil.Process(each.pid).children()})
    kill(victim)
    wait_for(runs, ids[0], RunStarted, 2)
    runs.request(ids[0], Command.CONTINUE)
    wait_until(lambda: all(of_kind(events(shared, run_id), Finished) for run_id in ids), log)
    wait_until(lambda: not any(runs.is_alive(run_id) for run_id in ids), log)

    for run_id in ids:
        progress = runs.progress(run_id)
        assert progress.status is Status.FINISHED, progress.failure
        assert len(of_kind(events(shared, run_id), Finished)) == 1
        numbers = [each.number for each in of_kind(events(shared, run_id), CandidateFinished)]
        assert len(numbers) == len(set(numbers)), "none is trained twice"
        assert progress.ready is not None
        model = runs.artifacts(run_id).fetch(progress.ready.path)
        assert model.stat().st_size == progress.ready.certificate.bytes
    assert [each.resumed for each in of_kind(events(shared, ids[0]), RunStarted)] == [False, True]
    assert runs.progress(ids[0]).finished[: len(kept)] == kept
    assert runs.orphans() == []
    assert not list((shared.folder / "runs" / ids[0]).glob("scratch*")), "nothing of it was trained here"


def test_a_worker_leaves_a_run_whose_table_it_cannot_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLEWRIGHT_TRAIN_ON", "workers")
    monkeypatch.setenv("TABLEWRIGHT_DATABASE", f"sqlite:///{(tmp_path / 'shared.db').as_posix()}")
    with open_workspace(tmp_path / "app") as app, open_workspace(tmp_path / "worker") as place:
        run_id = new_run(app, TINY)
        start_now(app, run_id)
        said: list[str] = []
        standing = StandingWorker(place, 1, said.append)
        standing.look()
        standing.look()
        assert len(said) == 1
        assert "waits for a worker that has its table" in said[0]
        assert app.runs.queue() == [run_id]


def test_who_trains_is_said_in_one_of_two_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert os.environ.get("TABLEWRIGHT_TRAIN_ON") is None
    assert not trains_on_workers(tmp_path)
    monkeypatch.setenv("TABLEWRIGHT_TRAIN_ON", "workers")
    assert trains_on_workers(tmp_path)
    monkeypatch.setenv("TABLEWRIGHT_TRAIN_ON", "them")
    with pytest.raises(WorkspaceError, match="is them, which is nobody who trains"):
        trains_on_workers(tmp_path)
