"""A worker that stands ready on any computer: it takes the runs that wait in the shared database, one after another.

Each run trains in a process of its own, as everywhere. A run whose worker has died, here or elsewhere, is taken as well
and goes on with every candidate that had finished.
"""

import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from app.launch import LOG_FILE, start_detached
from engine.errors import TablewrightError, WorkspaceError
from engine.messages import phrase
from storage.carried import Carried, kept_candidates
from storage.settings import ARTIFACTS, ON_WORKERS, TRAIN_ON
from storage.workspace import Workspace

LOOK_EVERY_SECONDS = 1.0
NOT_ASKED = "The queue cannot be asked: {reason} It is asked again."
LACKS_TABLE = (
    "Run {run_id} waits for a worker that has its table: none of the kept files is at TABLEWRIGHT_ARTIFACTS, "
    "and this workspace folder has no copy."
)
UNKNOWN_TRAINER = phrase(
    "train_on_unknown",
    "TABLEWRIGHT_TRAIN_ON is {value}, which is nobody who trains.",
    "Set it to here or to workers, or leave it empty.",
)


def trains_on_workers(folder: Path) -> bool:
    """Whether runs are left to workers that stand ready; raises WorkspaceError where the setting says neither."""
    value = TRAIN_ON.value(folder)
    if value not in {TRAIN_ON.default, ON_WORKERS}:
        raise WorkspaceError(UNKNOWN_TRAINER(value=value))
    return value == ON_WORKERS


def candidates_elsewhere(folder: Path, run_id: str) -> Carried | None:
    """Return where finished candidates are kept for a worker on another computer; None where there is no such place."""
    address = ARTIFACTS.value(folder)
    return kept_candidates(address, run_id) if address and trains_on_workers(folder) else None


class StandingWorker:
    """A worker of one workspace folder. `n_at_once`: how many runs it trains at the same time."""

    def __init__(self, place: Workspace, n_at_once: int, tell: Callable[[str], None]) -> None:
        self._place = place
        self._n_at_once = n_at_once
        self._tell = tell
        self._at_work: dict[str, subprocess.Popen[bytes]] = {}
        self._told: set[str] = set()

    def work(self, over: threading.Event) -> None:
        """Take runs until it is over; those under way are then left to other workers."""
        try:
            while not over.wait(LOOK_EVERY_SECONDS):
                try:
                    self.look()
                except TablewrightError as problem:  # the database does not answer: there is a next time
                    self._tell(NOT_ASKED.format(reason=problem))
        finally:
            for run_id, process in self._at_work.items():
                _end(process)
                with suppress(TablewrightError):
                    self._place.runs.give_up(run_id)

    def look(self) -> None:
        """Let go of runs whose process has ended, and take as many as there is room for."""
        runs = self._place.runs
        for run_id in [run_id for run_id, process in self._at_work.items() if process.poll() is not None]:
            runs.give_up(run_id)  # one that ended in order is nobody's any more, and stays so
            del self._at_work[run_id]
            self._tell(f"Run {run_id} has ended here.")
        n_free = self._n_at_once - runs.n_taking_room()
        for run_id in [*runs.orphans(), *runs.queue()]:
            if n_free <= 0:
                return
            if self._has_table(run_id) and runs.claim(run_id):
                self._tell(f"Run {run_id} is trained here.")
                self._at_work[run_id] = self._start(run_id)
                n_free -= 1

    def _has_table(self, run_id: str) -> bool:
        there = self._place.datasets.is_at_hand(self._place.runs.get(run_id).dataset_id)
        if not there and run_id not in self._told:
            self._told.add(run_id)
            self._tell(LACKS_TABLE.format(run_id=run_id))
        return there

    def _start(self, run_id: str) -> "subprocess.Popen[bytes]":
        log = self._place.runs.folder(run_id) / LOG_FILE
        return start_detached("app.worker", [run_id, "--workspace", str(self._place.folder)], log=log)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process and all that it has started."""
    with suppress(psutil.Error):
        family = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        for each in family:
            with suppress(psutil.Error):
                each.kill()
    process.wait()
