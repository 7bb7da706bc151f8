"""Runs one function call in a process of its own that is killed from outside: at its deadline or memory limit."""

import contextlib
import json
import multiprocessing
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing import connection, forkserver
from pathlib import Path
from typing import Any

import psutil

from engine import logs
from engine.errors import (
    ConfigError,
    TablewrightError,
    TrialCrashError,
    TrialError,
    TrialMemoryError,
    TrialTimeoutError,
)
from engine.messages import Message, phrase
from engine.search import child
from engine.search.noted import noted, process_of, still_runs
from engine.search.sockets import reap_sockets

TIMED_OUT = phrase(
    "trial_timed_out",
    "Training this candidate was stopped after {seconds} seconds, the time it was given.",
    "Give the run more time if you want it finished.",
)
TOO_BIG = phrase(
    "trial_too_big",
    "Training this candidate was stopped because it used {megabytes} MB of memory; its limit is {limit} MB.",
    "Raise the memory limit, or train on fewer rows or columns.",
)
ENDED_BY_SIGNAL = phrase(
    "trial_ended_by_signal",
    "The process that trained this candidate was ended by the operating system or another program ({signal}).",
    "If this happens often, the computer may be short of memory: close other programs.",
)
ENDED_ITSELF = phrase(
    "trial_ended_itself",
    "The process that trained this candidate ended without a result (exit code {code}).",
    "The run goes on without it.",
)
STOPPED = phrase("trial_stopped", "Training this candidate was stopped because its result was no longer needed.")
BAD_START_METHOD = phrase(
    "start_method_unknown",
    "TABLEWRIGHT_START_METHOD is {value}, which is no way of starting processes here.",
    "Choose one of: {choices}, or leave it unset.",
)

START_METHODS = ("forkserver", "spawn")
_SAMPLE_SECONDS = 0.05
_FAMILY_SECONDS = 0.5  # finding a process's children reads every process of the computer, so it is done less often
_END_SECONDS = 10.0
_APART_SECONDS = 0.5
_MEGABYTE = 1_000_000


@dataclass(frozen=True, kw_only=True)
class CallOutcome:
    """How a guarded call ended: with a value, or with an error and, if it was raised inside, its traceback.

    `seconds`: from the start to the end, pauses excluded. `peak_memory_bytes`: the most that was seen in use.
    """

    value: Any | None = None
    error: TablewrightError | None = None
    traceback: str = ""
    seconds: float
    peak_memory_bytes: int


def start_method() -> str:
    """Return how processes are started here: TABLEWRIGHT_START_METHOD, else a fork server where there is one.

    Raises ConfigError when the variable names no such way.
    """
    possible = tuple(method for method in START_METHODS if method in multiprocessing.get_all_start_methods())
    chosen = os.environ.get("TABLEWRIGHT_START_METHOD") or possible[0]
    if chosen not in possible:
        raise ConfigError(BAD_START_METHOD(value=chosen, choices=", ".join(possible)))
    return chosen


def warm_up(modules: tuple[str, ...]) -> None:
    """Begin importing modules in the fork server, in the background, so that calls start in milliseconds.

    Does nothing where there is no fork server.
    """
    if start_method() == "forkserver":
        multiprocessing.set_forkserver_preload([child.__name__, *modules])
        forkserver.ensure_running()


class GuardedCall:
    """A call under way. Ask `poll` or `wait` for its outcome; the limits are kept only while someone asks.

    >>> outcome = GuardedCall.start(divmod, (7, 2), deadline_seconds=60, memory_bytes=None).wait(60)
    >>> outcome.value
    (3, 1)
    """

    @classmethod
    def start(
        cls,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        *,
        deadline_seconds: float | None,
        memory_bytes: int | None,
        record: Path | None = None,
        about: logs.About | None = None,
    ) -> "GuardedCall":
        """Start a process that calls `function(*arguments)`; both, and the value returned, must be picklable.

        `memory_bytes`: limit for the process and its children together. None means no limit.
        `record`: an existing folder that notes the process, for `reap_strays` after a crash of this process.
        `about`: for whom it works, in its log; None: for whom this process does.
        """
        context: Any = multiprocessing.get_context(start_method())
        reader, writer = context.Pipe(duplex=False)
        started = time.monotonic()
        said = None if sys.platform == "win32" else child.StandardError()
        process = context.Process(
            target=child.run, args=(writer, function, arguments, said, _trial_of(about)), daemon=True
        )
        process.start()
        writer.close()  # so that the child's end is the only one, and its death is seen
        return cls(process, reader, started, deadline_seconds, memory_bytes, record)

    def __init__(
        self,
        process: Any,
        reader: Any,
        started: float,
        deadline_seconds: float | None,
        memory_bytes: int | None,
        record: Path | None,
    ) -> None:
        self._process = process
        self._reader = reader
        self._deadline_seconds = deadline_seconds
        self._memory_bytes = memory_bytes
        self._since = started  # of the current active stretch
        self._active_seconds = 0.0  # in earlier stretches
        self._paused = False
        self._outcome: CallOutcome | None = None
        self._memory = _MemoryMeter(process.pid)
        self._note = _note(record, self._memory.process)

    @property
    def seconds(self) -> float:
        """Seconds since the start, pauses excluded."""
        if self._outcome is not None:
            return self._outcome.seconds
        return self._active_seconds + (0.0 if self._paused else time.monotonic() - self._since)

    def poll(self) -> CallOutcome | None:
        """Return the outcome, or None while the call is under way; ends a call that is over one of its limits."""
        if self._outcome is not None or self._paused:
            return self._outcome
        # Not `poll` of the pipe: on Windows that raises where the other end is gone, in place of saying so.
        if connection.wait([self._reader, self._process.sentinel], 0):
            return self._receive()
        seconds, used_bytes = self.seconds, self._memory.sample()
        if self._memory_bytes is not None and used_bytes > self._memory_bytes:
            used, limit = round(used_bytes / _MEGABYTE), round(self._memory_bytes / _MEGABYTE)
            return self._end(error=TrialMemoryError(TOO_BIG(megabytes=used, limit=limit)))
        if self._deadline_seconds is not None and seconds > self._deadline_seconds:
            return self._end(error=TrialTimeoutError(TIMED_OUT(seconds=round(seconds, 1))))
        return None

    def wait(self, seconds: float) -> CallOutcome | None:
        """Return the outcome as soon as there is one; None when there is none after so many seconds."""
        until = time.monotonic() + seconds
        while (outcome := self.poll()) is None:
            left = until - time.monotonic()
            if left <= 0:
                return None
            if self._paused:
                time.sleep(left)
            else:
                connection.wait([self._reader, self._process.sentinel], min(left, _SAMPLE_SECONDS))
        return outcome

    def pause(self) -> None:
        """Let the process and its children stand still; the deadline does not come nearer."""
        if self._outcome is None and not self._paused:
            self._wait_until_apart()
            self._active_seconds, self._paused = self.seconds, True
            for process in _with_children(self._memory.process):
                with contextlib.suppress(psutil.Error):
                    process.suspend()

    def _wait_until_apart(self) -> None:
        """Let a process that was started this moment get as far as to die with this one: afterwards it cannot."""
        until = time.monotonic() + _APART_SECONDS
        while time.monotonic() < until and not child.stands_apart(self._memory.process_id):
            time.sleep(_APART_SECONDS / 100)

    def resume(self) -> None:
        """Go on after a pause."""
        if self._outcome is None and self._paused:
            self._since, self._paused = time.monotonic(), False
            for process in _with_children(self._memory.process):
                with contextlib.suppress(psutil.Error):
                    process.resume()

    def kill(self) -> None:
        """End the call now; unless it already had an outcome, its error says that it was stopped."""
        if self._outcome is None:
            self._end(error=TrialError(STOPPED()))

    def _receive(self) -> CallOutcome:
        """Take the answer out of the pipe; a closed pipe means that the process died without one."""
        try:
            answer: child.Answer = pickle.loads(self._reader.recv_bytes())  # noqa: S301 - from our own child
        except (EOFError, OSError):
            self._process.join(_END_SECONDS)
            return self._end(error=TrialCrashError(_ending(self._process.exitcode)))
        self._memory.peak_bytes = max(self._memory.peak_bytes, answer.memory_bytes)
        return self._end(value=answer.value, error=answer.error, traceback=answer.traceback)

    def _end(self, *, value: Any = None, error: TablewrightError | None = None, traceback: str = "") -> CallOutcome:
        """Keep the outcome, and leave nothing of the process behind."""
        self._outcome = CallOutcome(
            value=value,
            error=error,
            traceback=traceback,
            seconds=self.seconds,
            peak_memory_bytes=self._memory.peak_bytes,
        )
        _kill_tree(self._memory.process)
        self._process.join(_END_SECONDS)
        if self._process.exitcode is not None:
            self._process.close()
        self._reader.close()
        if self._note is not None:
            self._note.unlink(missing_ok=True)
        return self._outcome


def _trial_of(about: logs.About | None) -> logs.About | None:
    """Return who a process that is started here is; None where this process has begun no log."""
    own = logs.current()
    if not own.process and about is None:
        return None
    return replace(about or own, process="trial", form=own.form or logs.wanted())


class _MemoryMeter:
    """Measures a process and its children together, at most every 50 ms."""

    def __init__(self, process_id: int) -> None:
        self.process_id, self.process = process_id, process_of(process_id)
        self.peak_bytes = 0
        self._family = [self.process] if self.process else []
        self._next_sample = self._next_family = 0.0
        self._used_bytes = 0

    def sample(self) -> int:
        """Return the bytes in use, at most 50 ms old."""
        now = time.monotonic()
        if now >= self._next_family:
            self._family, self._next_family = _with_children(self.process), now + _FAMILY_SECONDS
        if now >= self._next_sample:
            self._next_sample, self._used_bytes = now + _SAMPLE_SECONDS, sum(map(_private_bytes, self._family))
            self.peak_bytes = max(self.peak_bytes, self._used_bytes)
        return self._used_bytes


def reap_strays(folder: Path) -> int:
    """Kill the processes noted in a folder by a predecessor that was itself killed; return how many still ran.

    A process counts as the noted one only if it also began at the noted time: ids are used again.
    """
    n_killed = 0
    reap_sockets(folder)
    for note in sorted(folder.glob("*.process.json")):
        with contextlib.suppress(ValueError, KeyError):  # a note cut short by a power loss names nobody
            process = still_runs(json.loads(note.read_text(encoding="utf-8")))
            if process is not None:
                _kill_tree(process)
                n_killed += 1
        note.unlink(missing_ok=True)
    return n_killed


def _note(folder: Path | None, process: psutil.Process | None) -> Path | None:
    if folder is None or process is None:
        return None
    note = folder / f"{process.pid}.process.json"
    with contextlib.suppress(psutil.Error):  # it is already over: nothing to note
        note.write_text(json.dumps(noted(process)), encoding="utf-8")
    return note


def _with_children(process: psutil.Process | None) -> list[psutil.Process]:
    if process is None:
        return []
    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return [process]


def _private_bytes(process: psutil.Process) -> int:
    try:
        return child.private_bytes(process)
    except psutil.Error:
        return 0


def _kill_tree(process: psutil.Process | None) -> None:
    """Kill a process, its children, and on POSIX what is left of its group when the parents of those are gone."""
    if process is None:
        return
    for each in _with_children(process):
        with contextlib.suppress(psutil.Error):
            each.kill()
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _ending(exit_code: int | None) -> Message:
    """Say how a process ended. `exit_code`: None when even that could not be found out.

    >>> _ending(-9).parameters["signal"], _ending(3).parameters["code"]
    ('SIGKILL', 3)
    """
    if exit_code is not None and exit_code < 0:
        known = {int(each): each.name for each in signal.Signals}
        return ENDED_BY_SIGNAL(signal=known.get(-exit_code, str(-exit_code)))
    return ENDED_ITSELF(code="unknown" if exit_code is None else exit_code)
