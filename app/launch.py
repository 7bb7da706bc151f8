"""Starts processes that outlive the one that starts them: workers and the mirror."""

import subprocess
import sys
import threading
from pathlib import Path

from app.bootstrap import workspace

LOG_FILE = "worker.log"
ACCESS_DENIED = 5  # what Windows says where a group of processes may not be left


def launch(run_id: str, workspace_folder: Path, *, clock_started: float | None = None) -> None:
    """Start the worker of a run, and return at once.

    `clock_started`: `time.time()` at which the run's budget began; None lets it begin with the worker.
    Raises InputError when there is no such run.
    """
    with workspace(workspace_folder) as place:
        place.runs.note_launch(run_id)
        log = place.runs.folder(run_id) / LOG_FILE
    clock = [] if clock_started is None else ["--clock-started", repr(clock_started)]
    start_detached("app.worker", [run_id, "--workspace", str(workspace_folder), *clock], log=log)


def start_detached(module: str, arguments: list[str], *, log: Path) -> None:
    """Start a module as a process of its own session that goes on when this one ends.

    It inherits no handles; what it says is added to `log`.
    """
    # -P: a folder called `app` where the person happens to be must not be taken for ours
    command = [sys.executable, "-P", "-X", "faulthandler", "-m", module, *arguments]
    with log.open("ab") as said:
        process = _start(command, said.fileno())
    # Someone has to wait for it, or it stays a zombie for as long as this process lives.
    threading.Thread(target=process.wait, daemon=True, name=f"reaper of {module}").start()


if sys.platform == "win32":

    def _start(command: list[str], log: int) -> subprocess.Popen[bytes]:
        alone = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
        try:
            return _start_with(command, log, alone | subprocess.CREATE_BREAKAWAY_FROM_JOB)
        except OSError as problem:
            if problem.winerror != ACCESS_DENIED:
                raise
            return _start_with(command, log, alone)

    def _start_with(command: list[str], log: int, flags: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, creationflags=flags)
else:

    def _start(command: list[str], log: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
