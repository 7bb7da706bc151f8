"""What runs inside a guarded process: it stands apart, dies with its parent, and sends back one answer."""

import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import reduction
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import psutil
from threadpoolctl import threadpool_limits

from engine import logs
from engine.errors import TablewrightError, TrialError, TrialMemoryError
from engine.messages import phrase
from engine.priority import keep_step

RAISED = phrase(
    "trial_raised",
    "Training this candidate failed with {type}: {text}.",
    "The run goes on without it.",
)
NO_MEMORY = phrase(
    "trial_no_memory",
    "Training this candidate asked for more memory than the computer could give.",
    "Close other programs, or train on fewer rows or columns.",
)
UNSENDABLE = phrase(
    "trial_unsendable",
    "This candidate was trained, but its result could not be handed over ({type}: {text}).",
    "The run goes on without it.",
)

# The first to go when the whole computer runs out of memory: rather one candidate than the run or the desktop.
_OOM_SCORE = "900"
_OOM_FILE = "/proc/{process_id}/oom_score_adj"
_MAX_TEXT = 300
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What comes back from a child: a value, or an error with its traceback. `memory_bytes`: in use at the end."""

    value: Any = None
    error: TablewrightError | None = None
    traceback: str = ""
    memory_bytes: int = 0


def private_bytes(process: psutil.Process) -> int:
    """Return the memory that only this process uses: a table that several processes map counts for none of them."""
    info = process.memory_info()
    return max(int(info.rss) - int(getattr(info, "shared", 0)), 0)


class StandardError:
    """Sent to a process that is being started, it becomes the sender's standard error there, as a number.

    Under a fork server that process would inherit the server's, and the server began before the run had its log.
    """

    def __reduce__(self) -> tuple[Callable[[Any], int], tuple[Any]]:
        """Say how it is sent: `multiprocessing` allows that while it starts a process, and at no other time."""
        return _detached, (reduction.DupFd(2),)


def _detached(sent: Any) -> int:
    return int(sent.detach())


def run(
    writer: "Connection[Any, Any]",
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    said: int | None = None,
    about: logs.About | None = None,
) -> None:
    """Call the function and send back one pickled `Answer`; the entry point of the child process.

    `said`: what the parent's `StandardError` has become here; None leaves the one that was inherited.
    `about`: for whom this process works, in its log; None: nobody has begun one.
    """
    if said is not None and said != 2:  # a process of its own has it as its own already
        os.dup2(said, 2)
        os.close(said)
    _stand_apart()
    if about is not None:
        logs.begin(about)
    # Others work beside it: what may have more threads takes them itself. The first line is for what is loaded later.
    os.environ.update(dict.fromkeys(_THREAD_VARIABLES, "1"))
    with threadpool_limits(1):
        writer.send_bytes(_answer(function, arguments))
    writer.close()


def _answer(function: Callable[..., Any], arguments: tuple[Any, ...]) -> bytes:
    try:
        value = function(*arguments)
    except TablewrightError as known:
        return _failure(known)
    except MemoryError:
        return _failure(TrialMemoryError(NO_MEMORY()))
    except Exception as fault:  # noqa: BLE001 - whatever a library raises must reach the run as a typed error
        return _failure(TrialError(RAISED(**_words(fault))))
    try:
        payload = pickle.dumps(Answer(value=value, memory_bytes=private_bytes(psutil.Process())))
        pickle.loads(payload)  # noqa: S301 - our own bytes: what cannot be read back must fail here, not in the run
    except Exception as fault:  # noqa: BLE001 - pickling calls into the value, which may raise anything
        return _failure(TrialError(UNSENDABLE(**_words(fault))))
    return payload


def _failure(error: TablewrightError) -> bytes:
    return pickle.dumps(
        Answer(error=error, traceback=traceback.format_exc(), memory_bytes=private_bytes(psutil.Process()))
    )


def _words(fault: Exception) -> dict[str, str]:
    lines = str(fault).strip().splitlines() or ["no further words"]
    return {"type": type(fault).__name__, "text": lines[0].rstrip(".")[:_MAX_TEXT]}


def _stand_apart() -> None:
    """Leave the parent's terminal and standard output, and make sure not to outlive the parent."""
    if sys.platform != "win32":
        os.setsid()
        keep_step()
    with contextlib.suppress(OSError):
        os.dup2(2, 1)  # libraries print; standard output belongs to the command's own answer
    parent = multiprocessing.parent_process()
    if parent is not None:
        _let_kernel_watch(parent.sentinel)
        if wait([parent.sentinel], timeout=0):  # gone before the kernel watched; in a hang no thread would see it
            os._exit(1)
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()
    with contextlib.suppress(OSError):
        Path(_OOM_FILE.format(process_id="self")).write_text(_OOM_SCORE, encoding="ascii")


def stands_apart(process_id: int) -> bool:
    """Return whether a process has got as far as to die with its parent, standing still or not; always elsewhere."""
    try:
        return Path(_OOM_FILE.format(process_id=process_id)).read_text(encoding="ascii").strip() == _OOM_SCORE
    except OSError:  # no Linux, or it is gone
        return True


def _let_kernel_watch(sentinel: int) -> None:
    """Have Linux kill the whole group when the parent's end of its pipe closes.

    This also ends a child that is paused, or that hangs in native code where no thread of ours would get its turn.
    PR_SET_PDEATHSIG would not do: under a fork server the parent is the server, which lives as long as its children.
    """
    if sys.platform == "linux":
        import fcntl

        fcntl.fcntl(sentinel, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(sentinel, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(sentinel, fcntl.F_SETFL, fcntl.fcntl(sentinel, fcntl.F_GETFL) | os.O_ASYNC)


def _follow(parent: Any) -> None:
    """Wait for the parent's end, then end too: the way that works on every system."""
    parent.join()
    if sys.platform != "win32":
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)
