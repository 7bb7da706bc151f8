"""Processes of a training die, hang and answer nonsense, each alone."""

import json
import multiprocessing
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from app.waiting import start_or_wait
from engine import ExperimentConfig, run_experiment
from engine.column_choice import ColumnChoice
from engine.errors import TrialCrashError
from engine.events import CandidateFinished
from engine.progress import Status
from engine.search.data import TrainingData
from engine.search.executors.here import Here
from engine.search.guard import GuardedCall, reap_strays
from engine.search.order import Order
from engine.search.scoring import score_of
from engine.search.sharing import MOST_WORTH
from engine.search.trial import run_trial
from engine.search.validation import ValidationSettings
from engine.table.reading import read_table
from engine.table.schema import Role
from engine.tasks.metric import metric_named
from storage.workspace import open_workspace
from tests.conftest import Server, flats, free_port
from tests.test_worker import TINY, kill_worker, new_run, wait_for, wait_for_end

LONG = 60.0  # never reached: only so that a defect ends as a failed test
CONFIG = ExperimentConfig(
    target="dear",
    columns={"worth": ColumnChoice(role=Role.IGNORED)},
    candidates=6,
    families=("linear",),
    jobs=1,
    validation=ValidationSettings(n_folds=3, n_repeats=1),
)


def score_what_is_no_number(order: Order) -> Any:
    """Train as usual, but let the predictions overflow."""
    data = TrainingData.load(order.folder / "data")
    valid = data.fold_rows()[0][1]
    return score_of(np.full((len(valid), 1), np.nan), data, valid, metric_named(order.metric))


def crash(_order: Order) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def make_a_function(_order: Order) -> object:
    return lambda: 1


def hang_with_the_gil(_order: Order) -> None:
    re.match(r"(a+)+$", "a" * 64 + "b")


BROKEN = {2: score_what_is_no_number, 3: crash, 4: make_a_function, 5: hang_with_the_gil}


@dataclass
class Breaking(Here):
    """The usual place, but for some trials in which something else happens."""

    n_slots: int | None = None
    is_elsewhere: bool = field(default=False, init=False)

    def start(
        self, order: Order, *, deadline_seconds: float | None, memory_bytes: int | None, worth: float = MOST_WORTH
    ) -> GuardedCall:
        return GuardedCall.start(
            BROKEN.get(order.number, run_trial),
            (order,),
            deadline_seconds=1.0 if order.number == 5 else deadline_seconds,
            memory_bytes=memory_bytes,
            record=order.folder,
        )


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="signals are of POSIX")
def test_a_candidate_without_a_number_for_a_score_fails_alone(tmp_path: Path) -> None:
    table = tmp_path / "flats.csv"
    flats()[["Fläche", "rooms", "town", "worth", "dear"]].head(160).to_csv(table, index=False)
    outcome = run_experiment(read_table(table), CONFIG, folder=tmp_path, executor=Breaking())
    failed = {each.number: each.cause.code for each in outcome.progress.failed}
    assert failed == {
        2: "trial_not_a_number",
        3: "trial_ended_by_signal",
        4: "trial_unsendable",
        5: "trial_timed_out",
    }
    assert {each.number for each in outcome.progress.finished} >= {0, 1, 6}
    assert outcome.progress.ready is not None
    assert outcome.model_path.stat().st_size == outcome.progress.ready.certificate.bytes


def wait_and_answer(seconds: float) -> int:
    time.sleep(seconds)
    return 1


@pytest.mark.skipif("forkserver" not in multiprocessing.get_all_start_methods(), reason="there is no fork server")
def test_calls_go_on_after_the_fork_server_was_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLEWRIGHT_START_METHOD", "forkserver")
    monkeypatch.setattr(forkserver._forkserver, "_preload_modules", [])
    under_way = GuardedCall.start(wait_and_answer, (0.5,), deadline_seconds=None, memory_bytes=None)
    server = psutil.Process(forkserver._forkserver._forkserver_pid)  # type: ignore[attr-defined]
    server.kill()
    outcome = under_way.wait(LONG)
    assert outcome is not None
    assert outcome.value == 1 or isinstance(outcome.error, TrialCrashError)
    after = GuardedCall.start(wait_and_answer, (0.0,), deadline_seconds=None, memory_bytes=None).wait(LONG)
    assert after is not None
    assert after.value == 1
    assert forkserver._forkserver._forkserver_pid != server.pid  # type: ignore[attr-defined]


def test_folders_of_sockets_go_with_the_process_that_was_killed_and_no_others(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    folders = [tmp_path / name for name in ("pymp-dead", "pymp-alive", "precious")]
    for folder in folders:
        folder.mkdir()
    dead, alive = {"process_id": os.getpid(), "began": 5.0}, psutil.Process()
    notes = [dead, {"process_id": alive.pid, "began": alive.create_time()}, dead]
    for place, (note, folder) in enumerate(zip(notes, folders, strict=True)):
        text = json.dumps({**note, "folder": str(folder)})
        (scratch / f"{place}.sockets.json").write_text(text, encoding="utf-8")
    assert reap_strays(scratch) == 0
    assert [folder.exists() for folder in folders] == [False, True, True]
    assert [note.name for note in scratch.iterdir()] == ["1.sockets.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="processes do not talk through files there")
def test_a_folder_of_sockets_is_noted_before_it_is_made(tmp_path: Path) -> None:
    """Whoever is killed at the worst moment has a note and no folder, not the other way about."""
    program = """
import os, pathlib, sys
from engine.search.sockets import note_sockets
worst, folder = sys.argv[1] == "worst", pathlib.Path(sys.argv[2])
if worst:
    pathlib.Path.mkdir = lambda *_arguments, **_names: os._exit(9)
note_sockets(folder)
from multiprocessing import util
print(util.get_temp_dir(), flush=True)
os._exit(9)
"""
    temporary = {**os.environ, "TMPDIR": str(tmp_path / "temporary")}
    (tmp_path / "temporary").mkdir()
    for moment, n_folders in (("worst", 0), ("later", 1)):
        scratch = tmp_path / moment
        scratch.mkdir()
        command = [sys.executable, "-c", program, moment, str(scratch)]
        done = subprocess.run(command, capture_output=True, text=True, env=temporary, check=False)
        assert done.returncode == 9, done.stderr
        assert len(list(scratch.glob("*.sockets.json"))) == 1
        left = list((tmp_path / "temporary").glob("pymp-*"))
        assert [str(each) for each in left] == done.stdout.split()
        assert len(left) == n_folders
        reap_strays(scratch)
        assert not list((tmp_path / "temporary").iterdir())
        assert not list(scratch.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="there the command stays the parent of what it starts")
def test_who_kills_the_command_of_a_cluster_kills_the_cluster() -> None:
    port = free_port()
    command = [sys.executable, "-m", "app.cli", "cluster", "start", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as scheduler:
        assert _listens(port, True)
        scheduler.kill()
    assert _listens(port, False)


def _listens(port: int, wanted: bool) -> bool:
    """Wait until somebody listens at a port, or nobody does."""
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        with socket.socket() as probe:
            if (probe.connect_ex(("127.0.0.1", port)) == 0) is wanted:
                return True
        time.sleep(0.05)
    return False


@pytest.mark.long
def test_a_killed_server_loses_no_run_and_starts_what_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLEWRIGHT_MLFLOW", "off")
    server = Server(tmp_path)
    with open_workspace(tmp_path) as place:
        (tmp_path / "preferences.json").write_text('{"runs_at_once": 1}', encoding="utf-8")
        first, second = (new_run(place, TINY) for _ in range(2))
        try:
            server.start()
            place.runs.enqueue(first)
            place.runs.enqueue(second)
            wait_for(place.runs, first, CandidateFinished)
            acknowledged = place.runs.events(first)
            server.kill()
            assert place.runs.events(first)[: len(acknowledged)] == acknowledged
            assert wait_for_end(place.runs, first).status is Status.FINISHED
            server.start()
            start_or_wait(place, second)
            assert wait_for_end(place.runs, second).status is Status.FINISHED
        finally:
            server.kill()
            for run_id in (first, second):
                kill_worker(place.runs, run_id)
