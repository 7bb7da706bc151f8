"""Who goes first where more wants to run than there are cores."""

import os
import sys
from contextlib import suppress
from pathlib import Path

import psutil

BEHIND = 10  # of -20 to 19: a process in front gets about nine times as much of a core that both want


def step_back() -> None:
    """Let this process, and all that it starts, run behind others: on a free core it is as fast as ever."""
    if sys.platform == "win32":
        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.setpriority(os.PRIO_PROCESS, 0, max(BEHIND, os.getpriority(os.PRIO_PROCESS, 0)))
        keep_step()


def keep_step() -> None:
    """Stay as far behind in a session of its own: Linux shares cores among sessions, whatever their processes say.

    Source: sched(7), "The autogroup feature".
    """
    if sys.platform == "linux" and (behind := os.getpriority(os.PRIO_PROCESS, 0)) > 0:
        with suppress(OSError):  # not all kernels are built with it
            Path("/proc/self/autogroup").write_text(str(behind), encoding="ascii")
