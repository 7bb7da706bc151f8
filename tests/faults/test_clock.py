"""The clock of the computer is set to another time."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.launch import launch
from engine.config import ExperimentConfig
from engine.events import CandidateFinished, Finished, RunStarted, of_kind
from engine.progress import Status
from storage.workspace import Workspace, open_workspace
from tests.test_worker import QUICK, log_of, new_run, wait_for, wait_for_end

DAY_SECONDS = 86_400.0
BUDGET_SECONDS = 12.0
# What a process looks at when it asks for the time: the real one, moved by what stands in a file.
JUMPING = """
import os, time
_now, _moved = time.time, os.environ["CLOCK_MOVED"]
def _time():
    try:
        with open(_moved) as file:
            return _now() + float(file.read() or 0)
    except OSError:
        return _now()
time.time = _time
"""


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    now = time.time

    def set_clock(moved_seconds: float) -> None:
        monkeypatch.setattr(time, "time", lambda: now() + moved_seconds)

    return set_clock


def a_run(place: Workspace) -> str:
    return place.runs.create(owner="local", name="n", dataset_id="d", config=ExperimentConfig())


@pytest.mark.parametrize("moved_seconds", [-DAY_SECONDS, DAY_SECONDS])
def test_a_clock_that_is_set_back_lets_a_run_neither_wait_nor_take_room_for_ever(
    tmp_path: Path, set_clock: Callable[[float], None], moved_seconds: float
) -> None:
    with open_workspace(tmp_path) as place:
        runs = place.runs
        never_begun, begun = a_run(place), a_run(place)
        for run_id in (never_begun, begun):
            runs.note_launch(run_id)
            assert runs.progress(run_id).status is Status.QUEUED
        set_clock(moved_seconds)
        assert runs.progress(never_begun).status is Status.INTERRUPTED
        with runs.hold_lock(begun):
            runs.append(begun, RunStarted(seconds=0.0, process_id=1))
            assert runs.progress(begun).status is Status.TRAINING
            assert runs.n_taking_room() == 1
        assert runs.progress(begun).status is Status.INTERRUPTED
        assert runs.n_taking_room() == 0
        set_clock(0.0)
        runs.note_launch(begun)
        with runs.hold_lock(begun):
            runs.append(begun, RunStarted(seconds=1.0, process_id=1, resumed=True))
            assert runs.progress(begun).status is Status.TRAINING
            runs.append(begun, Finished(seconds=2.0))
        assert runs.progress(begun).status is Status.FINISHED


@pytest.mark.long
def test_a_run_keeps_its_budget_though_the_clock_jumps_to_and_fro(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(JUMPING, encoding="utf-8")
    moved = tmp_path / "moved"
    paths = [str(tmp_path), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
    monkeypatch.setenv("CLOCK_MOVED", str(moved))
    monkeypatch.setenv("TABLEWRIGHT_MLFLOW", "off")
    with open_workspace(tmp_path / "workspace") as place:
        asked = ExperimentConfig(target="price", seconds=BUDGET_SECONDS, families=("linear",), validation=QUICK)
        run_id = new_run(place, asked)
        launch(run_id, place.folder)
        wait_for(place.runs, run_id, RunStarted)
        for seconds in (-DAY_SECONDS, DAY_SECONDS):
            moved.write_text(str(seconds), encoding="utf-8")
            n_before = len(place.runs.progress(run_id).finished)
            wait_for(place.runs, run_id, CandidateFinished, n_before + 1)
            assert place.runs.progress(run_id).status in {Status.TRAINING, Status.FINISHED}
        progress = wait_for_end(place.runs, run_id)
        assert progress.status is Status.FINISHED, (progress.failure, log_of(place, run_id))
        times = [event.seconds for _, event in place.runs.events(run_id)]
        assert times == sorted(times)
        assert times[-1] < 10 * BUDGET_SECONDS
        assert len(of_kind((event for _, event in place.runs.events(run_id)), Finished)) == 1
