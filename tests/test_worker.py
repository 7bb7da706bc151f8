"""A run cannot be lost: real workers on a small table, started, killed, resumed and left alone."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest

from app.launch import LOG_FILE, launch
from engine.config import ExperimentConfig
from engine.events import CandidateFinished, CandidateStarted, Continued, Event, Mirrored, Paused, RunStarted, of_kind
from engine.progress import ACTIVE, Command, Progress, Status
from engine.search.validation import ValidationSettings
from engine.table.reading import read_table
from storage.runs import RunStore
from storage.workspace import Workspace, open_workspace

PATIENCE_SECONDS = 120.0  # only ever used up by a failure
QUICK = ValidationSettings(n_folds=3, n_repeats=1)
TINY = ExperimentConfig(target="price", candidates=1, families=("linear",), jobs=1, validation=QUICK)
LAUNCHER = """
import sys
from pathlib import Path
from app.launch import launch
launch(sys.argv[1], Path(sys.argv[2]))
print("launched", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv("TABLEWRIGHT_MLFLOW", "off")
    with open_workspace(tmp_path / "workspace") as opened:
        yield opened
        for record in opened.runs.records(owner="ada"):
            kill_worker(opened.runs, record.id)


def new_run(place: Workspace, config: ExperimentConfig) -> str:
    random = np.random.default_rng(0)
    size = random.uniform(20, 200, 120)
    frame = pd.DataFrame({"size": size, "town": random.choice(["Bonn", "Ulm"], 120)})
    frame["price"] = 1000 * size + random.normal(0, 5000, 120) + 20_000 * (frame["town"] == "Bonn")
    path = place.folder / "houses.csv"
    frame.to_csv(path, index=False)
    dataset_id = place.datasets.save(read_table(path), owner="ada")
    return place.runs.create(owner="ada", name="houses", dataset_id=dataset_id, config=config)


def wait_until(true: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        said = log.read_text(encoding="utf-8") if log.exists() else "no log"
        assert time.monotonic() < deadline, said
        time.sleep(0.05)


def wait_for(runs: RunStore, run_id: str, kind: type[Event], count: int = 1) -> None:
    def happened() -> bool:
        return len(of_kind((event for _, event in runs.events(run_id)), kind)) >= count

    wait_until(happened, runs.folder(run_id) / LOG_FILE)


def wait_for_end(runs: RunStore, run_id: str) -> Progress:
    log = runs.folder(run_id) / LOG_FILE
    wait_until(lambda: runs.progress(run_id).status not in ACTIVE and not runs.is_alive(run_id), log)
    return runs.progress(run_id)


def worker_process(runs: RunStore, run_id: str) -> int:
    return of_kind((event for _, event in runs.events(run_id)), RunStarted)[-1].process_id


def kill_worker(runs: RunStore, run_id: str) -> None:
    if runs.is_alive(run_id):
        psutil.Process(worker_process(runs, run_id)).kill()


@pytest.mark.parametrize("start_method", ["spawn", "forkserver"])
def test_a_worker_trains_a_run_to_its_end_however_processes_are_started(
    place: Workspace, monkeypatch: pytest.MonkeyPatch, start_method: str
) -> None:
    if start_method == "forkserver" and sys.platform == "win32":
        start_method = "spawn"  # all that there is
    monkeypatch.setenv("TABLEWRIGHT_START_METHOD", start_method)
    run_id = new_run(place, TINY)
    launch(run_id, place.folder, clock_started=time.time())
    progress = wait_for_end(place.runs, run_id)
    assert progress.status is Status.FINISHED, (progress.failure, log_of(place, run_id))
    assert progress.ready is not None
    assert place.runs.artifacts(run_id).fetch(progress.ready.path).stat().st_size == progress.ready.certificate.bytes
    assert [part.name for part in place.runs.folder(run_id).iterdir() if part.is_dir()] == ["artifacts"]

    before = place.runs.events(run_id)
    assert run_worker(place, run_id).returncode == 0
    assert place.runs.events(run_id) == before  # a finished run is left alone


def test_a_killed_worker_shows_as_interrupted_and_the_run_resumes_with_what_it_had(place: Workspace) -> None:
    runs = place.runs
    run_id = new_run(place, replace(TINY, candidates=8, families=("linear", "lightgbm")))
    launch(run_id, place.folder)
    wait_for(runs, run_id, CandidateFinished)
    runs.request(run_id, Command.PAUSE)  # so that it does not come to its end meanwhile
    wait_for(runs, run_id, Paused)
    second = run_worker(place, run_id)
    assert second.returncode == 1
    assert b"already working" in second.stderr
    assert runs.progress(run_id).status is Status.PAUSED

    kill_worker(runs, run_id)
    wait_until(lambda: not runs.is_alive(run_id), runs.folder(run_id) / LOG_FILE)
    assert runs.progress(run_id).status is Status.INTERRUPTED
    kept = runs.progress(run_id).finished

    launch(run_id, place.folder)
    progress = wait_for_end(runs, run_id)
    assert progress.status is Status.FINISHED, (progress.failure, log_of(place, run_id))
    assert progress.finished[: len(kept)] == kept
    numbers = [result.number for result in progress.finished]
    assert sorted(numbers) == sorted(set(numbers))
    starts = of_kind((event for _, event in runs.events(run_id)), RunStarted)
    assert [start.resumed for start in starts] == [False, True]


def test_a_run_outlives_the_one_who_started_it_and_is_commanded_from_outside(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TABLEWRIGHT_MLFLOW")
    runs = place.runs
    run_id = new_run(place, ExperimentConfig(target="price", seconds=600))
    starter = subprocess.Popen(
        [sys.executable, "-c", LAUNCHER, run_id, str(place.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    with starter:
        assert starter.stdout is not None
        assert starter.stdout.readline().strip() == b"launched"
        wait_for(runs, run_id, RunStarted)
        kill_with_its_group(starter.pid)
    interrupt(worker_process(runs, run_id))
    wait_for(runs, run_id, CandidateFinished)
    assert runs.is_alive(run_id)

    runs.request(run_id, Command.PAUSE)
    log = runs.folder(run_id) / LOG_FILE
    wait_until(lambda: runs.progress(run_id).status is Status.PAUSED, log)
    runs.request(run_id, Command.CONTINUE)
    wait_for(runs, run_id, Continued)
    runs.request(run_id, Command.STOP)
    progress = wait_for_end(runs, run_id)
    assert progress.status is Status.STOPPED, (progress.failure, log_of(place, run_id))
    assert progress.ready is not None
    wait_for(runs, run_id, Mirrored)
    mirrored = runs.progress(run_id).mirrored
    assert mirrored is not None
    assert mirrored.mlflow_run_id, mirrored.problem
    assert runs.progress(run_id).status is Status.STOPPED


def test_a_run_whose_input_is_at_fault_says_so(place: Workspace) -> None:
    run_id = place.runs.create(owner="ada", name="n", dataset_id="lost", config=TINY)
    assert run_worker(place, run_id).returncode == 1
    progress = place.runs.progress(run_id)
    assert progress.status is Status.FAILED
    assert progress.failure is not None
    assert progress.failure.cause.code == "dataset_unknown"


def test_an_error_that_nobody_foresaw_ends_the_run_in_words_and_the_log_says_where_it_was(place: Workspace) -> None:
    run_id = new_run(place, TINY)
    record = place.runs.get(run_id)
    (place.datasets.folder(record.dataset_id) / "table.parquet").write_bytes(b"PAR1 broken")
    launch(run_id, place.folder)
    progress = wait_for_end(place.runs, run_id)
    assert progress.status is Status.FAILED
    assert progress.failure is not None
    assert progress.failure.cause.code == "worker_unexpected"
    assert progress.failure.cause.parameters["type"] == "ArrowInvalid"
    assert re.search(r"ArrowInvalid.*table/dataset\.py:\d+", log_of(place, run_id))
    assert of_kind((event for _, event in place.runs.events(run_id)), CandidateStarted) == []


def run_worker(place: Workspace, run_id: str) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "app.worker", run_id, "--workspace", str(place.folder)]
    return subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE_SECONDS)


def log_of(place: Workspace, run_id: str) -> str:
    return (place.runs.folder(run_id) / LOG_FILE).read_text(encoding="utf-8")


def interrupt(process_id: int) -> None:
    """Press Ctrl+C where it was meant for someone else; in Windows it does not reach another group at all."""
    if sys.platform != "win32":
        os.kill(process_id, signal.SIGINT)


def kill_with_its_group(process_id: int) -> None:
    if sys.platform == "win32":
        psutil.Process(process_id).kill()
    else:
        os.killpg(process_id, signal.SIGKILL)
