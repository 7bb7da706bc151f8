"""Starts processes that outlive the one that starts them: workers and the mirror."""

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.logs import event

logger = logging.getLogger(__name__)

LOG_FILE = "worker.log"
STANDBY = "-"  # in place of a run: it follows on standard input
ACCESS_DENIED = 5  # what Windows says where a group of processes may not be left


def launch(run_id: str, workspace_folder: Path, *, clock_started: float | None = None, behind: bool = False) -> None:
    """Start the worker of a run, and return at once.

    `clock_started`: `time.time()` at which the run's budget began; None lets it begin with the worker.
    `behind`: pages and other programs go first where more wants to run than there are cores.
    Raises InputError when there is no such run.
    """
    log = _note_launch(run_id, workspace_folder)
    clock = [] if clock_started is None else ["--clock-started", repr(clock_started)]
    order = ["--behind"] if behind else []
    start_detached("app.worker", [run_id, "--workspace", str(workspace_folder), *clock, *order], log=log)


def _note_launch(run_id: str, workspace_folder: Path) -> Path:
    """Say in the workspace that a worker starts; returns where what it says is kept."""
    from app.bootstrap import workspace  # not before a worker can stand by: it takes a while

    with workspace(workspace_folder) as place:
        place.runs.note_launch(run_id)
        logger.info("A worker is started", extra=event(run=run_id))
        return place.runs.folder(run_id) / LOG_FILE


class Standby:
    """A worker that gets ready while its run is still being made: its imports take longer than reading a small table.

    Used in a `with` block; a worker that was given no run by the end of it is gone, and has left nothing. Should it be
    gone earlier, `launch` starts another.
    """

    def __init__(self) -> None:
        # What it says before it has a run is lost: should it break off, the one started in its place says it again.
        self._process: subprocess.Popen[bytes] | None = _start(
            _command("app.worker", [STANDBY]), subprocess.DEVNULL, stdin=subprocess.PIPE
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _where: TracebackType | None) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            _close(self._process)

    def launch(self, run_id: str, workspace_folder: Path, *, clock_started: float) -> None:
        """Let the worker train this run, as `launch` does."""
        process, self._process = self._process, None
        assert process is not None
        _reap(process, "app.worker")
        log = _note_launch(run_id, workspace_folder)
        order = {"run_id": run_id, "folder": str(workspace_folder), "log": str(log)}
        if not _told(process, {**order, "clock_started": clock_started}):
            launch(run_id, workspace_folder, clock_started=clock_started)


def _told(process: "subprocess.Popen[bytes]", order: Mapping[str, str | float]) -> bool:
    """Write a line to a process that waits for one; returns whether it was there to take it."""
    assert process.stdin is not None
    if process.poll() is not None:
        return False
    try:
        process.stdin.write(json.dumps(order).encode() + b"\n")
        process.stdin.flush()
    except OSError:
        return False
    finally:
        _close(process)
    return True


def _close(process: "subprocess.Popen[bytes]") -> None:
    assert process.stdin is not None
    with suppress(OSError):  # what could not be written is not written now either
        process.stdin.close()


def start_detached(module: str, arguments: list[str], *, log: Path) -> "subprocess.Popen[bytes]":
    """Start a module as a process of its own session that goes on when this one ends, and return it.

    It inherits no handles; what it says is added to `log`.
    """
    with log.open("ab") as said:
        process = _start(_command(module, arguments), said.fileno())
    _reap(process, module)
    return process


def _command(module: str, arguments: list[str]) -> list[str]:
    # -P: a folder called `app` where the person happens to be must not be taken for ours
    return [sys.executable, "-P", "-X", "faulthandler", "-m", module, *arguments]


def _reap(process: "subprocess.Popen[bytes]", module: str) -> None:
    # Someone has to wait for it, or it stays a zombie for as long as this process lives.
    threading.Thread(target=process.wait, daemon=True, name=f"reaper of {module}").start()


if sys.platform == "win32":

    def _start(command: list[str], log: int, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        alone = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
        try:
            return _start_with(command, log, stdin, alone | subprocess.CREATE_BREAKAWAY_FROM_JOB)
        except OSError as problem:
            if problem.winerror != ACCESS_DENIED:
                raise
            return _start_with(command, log, stdin, alone)

    def _start_with(command: list[str], log: int, stdin: int, flags: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, stdin=stdin, stdout=log, stderr=log, creationflags=flags)
else:

    def _start(command: list[str], log: int, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, stdin=stdin, stdout=log, stderr=log, start_new_session=True)
