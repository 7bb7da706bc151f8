"""Watches a process and all that it starts: how much memory they take together, and that none is left behind."""

import contextlib
import itertools
import json
import threading
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

SAMPLE_SECONDS = 0.5
_SAMPLES_PER_LOOK = (
    4  # looking for children reads every process of the computer, which takes time from what is measured
)
Known = tuple[int, float]  # a process's number, which is used again one day, and when it was made


class Watch:
    """Samples the memory of a tree of processes until `stop`; children whose parent is gone are not lost.

    `note`: a file that always names the processes, for whoever has to end them after a kill. `peak_private_bytes`:
    memory that no other process has a part in.
    """

    def __init__(self, process_id: int, note: Path) -> None:
        self.peak_private_bytes = 0
        self._note = note
        self._known: dict[Known, psutil.Process] = {}
        self._over = threading.Event()
        with contextlib.suppress(psutil.Error):
            self._add(psutil.Process(process_id))
        self._thread = threading.Thread(target=self._run, daemon=True, name="memory of the tree")
        self._thread.start()

    def stop(self) -> None:
        """Take no more samples."""
        self._over.set()
        self._thread.join()

    def alive(self) -> list[psutil.Process]:
        """Look for new processes of the tree, and return those that still run."""
        seen: set[int] = set()
        for process in self._running():
            if process.pid not in seen:  # else it came with its parent
                with contextlib.suppress(psutil.Error):
                    children = process.children(recursive=True)
                    seen.update(each.pid for each in children)
                    self._add(*children)
        return self._running()

    def _running(self) -> list[psutil.Process]:
        return [each for each in self._known.values() if _runs(each)]

    def wait_for_all(self, seconds: float) -> None:
        """Wait until nothing of the tree runs, then end what does, and what that still starts while it is ended."""
        until = time.monotonic() + seconds
        while left := self.alive():
            if time.monotonic() >= until:
                end(left)
            time.sleep(SAMPLE_SECONDS)
        self._note.unlink(missing_ok=True)

    def _run(self) -> None:
        for number in itertools.count():
            look = number % _SAMPLES_PER_LOOK == 0
            private_bytes = memory(self.alive() if look else self._running())
            self.peak_private_bytes = max(self.peak_private_bytes, private_bytes)
            if self._over.wait(SAMPLE_SECONDS):
                return

    def _add(self, *processes: psutil.Process) -> None:
        n_known = len(self._known)
        for process in processes:
            with contextlib.suppress(psutil.Error):
                self._known.setdefault((process.pid, process.create_time()), process)
        if len(self._known) > n_known:
            part = self._note.with_suffix(".part")
            part.write_text(json.dumps(list(self._known)), encoding="utf-8")
            part.replace(self._note)


def memory(processes: Iterable[psutil.Process]) -> int:
    """Return the private memory of processes together, in bytes."""
    private_bytes = 0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            private_bytes += process.memory_full_info().uss
    return private_bytes


def end(processes: Iterable[psutil.Process]) -> None:
    """End processes at once."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()


def end_noted(note: Path) -> int:
    """End what a benchmark that was killed has left running; return how many processes that were."""
    if not note.is_file():
        return 0
    noted = {(pid, made) for pid, made in json.loads(note.read_text(encoding="utf-8"))}
    left = []
    for pid, made in noted:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            if process.create_time() == made and _runs(process):
                left += [process, *process.children(recursive=True)]
    end(left)
    note.unlink()
    return len(left)


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
