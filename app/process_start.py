"""When this process began: the clock of a run that the terminal starts begins with the command."""

import sys
import time

import psutil

MOST_LOST_SECONDS = 1.0  # by counting in whole seconds


def process_began() -> float:
    """Return `time.time()` at which this process began, to a hundredth of a second where the system tells as much.

    Linux counts from the start of the computer, and gives that in whole seconds: psutil's answer is up to one too
    early (proc_pid_stat(5), `starttime`; proc_stat(5), `btime`).

    >>> process_began() < time.time()
    True
    """
    began = float(psutil.Process().create_time())
    if sys.platform == "linux":
        lost = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) - psutil.boot_time()
        began += lost if 0 < lost < MOST_LOST_SECONDS else 0.0
    return began
