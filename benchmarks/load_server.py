"""What a server takes while it is under load: memory, open files, threads."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

MEGABYTE = 1e6


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What it took at one moment. `core_seconds`: since it began; `n_waiting`: what wants to run here."""

    seconds: float
    megabytes: float
    n_files: int
    n_threads: int
    core_seconds: float = 0.0
    n_waiting: float = 0.0


class ServerWatch:
    """Looks at a process now and then."""

    def __init__(self, process_id: int) -> None:
        self._process = psutil.Process(process_id)
        self._began = time.monotonic()
        self.taken: list[Taken] = []

    def look(self) -> None:
        """Note what it takes now."""
        with self._process.oneshot():
            self.taken.append(
                Taken(
                    seconds=time.monotonic() - self._began,
                    megabytes=round(self._process.memory_info().rss / MEGABYTE, 1),
                    n_files=self._process.num_fds() if os.name == "posix" else self._process.num_handles(),
                    n_threads=self._process.num_threads(),
                    core_seconds=sum(self._process.cpu_times()[:2]),
                    n_waiting=psutil.getloadavg()[0],
                )
            )


def growth_per_hour(taken: Sequence[Taken]) -> float:
    """Return how many megabytes are added in an hour, by the line through all of them.

    >>> at = [Taken(seconds=60.0 * n, megabytes=100.0 + n, n_files=1, n_threads=1) for n in range(10)]
    >>> round(growth_per_hour(at))
    60
    """
    n = len(taken)
    mean_x, mean_y = sum(each.seconds for each in taken) / n, sum(each.megabytes for each in taken) / n
    spread = sum((each.seconds - mean_x) ** 2 for each in taken)
    together = sum((each.seconds - mean_x) * (each.megabytes - mean_y) for each in taken)
    return 3600 * together / spread if spread else 0.0
