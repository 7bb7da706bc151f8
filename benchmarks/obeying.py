"""Measures how soon a training obeys when a person asks it to pause, to go on and to stop.

Run `python -m benchmarks.obeying [FILE --target NAME] [--pauses 10] [--stops 5]`. Each is asked at a random moment of
the search of a real run. A pause counts as obeyed when it is told and no process of a candidate works, going on when it
is told and one works again, a stop when the search has ended. Medians, and the slowest.
"""

import random
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from statistics import median

import psutil

from engine.events import CandidateFinished, Continued, Event, Paused, RunStarted, SearchEnded, of_kind
from engine.progress import Command
from storage.runs import RunStore
from storage.workspace import open_workspace

CUSTOMERS = Path(__file__).resolve().parents[1] / "sample_data" / "customers.csv"
BUDGET_SECONDS = 120
LOOK_SECONDS = 0.01
LONGEST_SECONDS = 60.0
FEWEST_CANDIDATES = 3


def main() -> None:
    """Run the command line."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", default=CUSTOMERS)
    parser.add_argument("--target", default="left")
    parser.add_argument("--pauses", type=int, default=10)
    parser.add_argument("--stops", type=int, default=5)
    options = parser.parse_args()
    moments = random.Random(0)
    paused, resumed, stopped = [], [], []
    for number in range(options.stops):
        with tempfile.TemporaryDirectory() as folder:
            run = _Training(options, Path(folder))
            run.wait(lambda: len(of_kind(run.events(), CandidateFinished)) >= FEWEST_CANDIDATES)  # noqa: B023 - at once
            for _ in range(options.pauses // options.stops + (number < options.pauses % options.stops)):
                time.sleep(moments.uniform(0, 2))
                paused.append(run.ask(Command.PAUSE, run.is_paused))
                time.sleep(moments.uniform(0, 1))
                resumed.append(run.ask(Command.CONTINUE, run.goes_on))
            time.sleep(moments.uniform(0, 2))
            stopped.append(run.ask(Command.STOP, run.has_stopped))
            run.end()
    for what, seconds in (("paused", paused), ("goes on", resumed), ("stopped", stopped)):
        print(f"{what}: after {median(seconds):.2f} s, at most {max(seconds):.2f} s ({len(seconds)} times)")


class _Training:
    """A training in a process of its own, as the terminal starts it."""

    def __init__(self, options: Namespace, folder: Path) -> None:
        words = ["train", str(options.file), "--target", options.target, "--seconds", str(BUDGET_SECONDS)]
        command = [sys.executable, "-m", "app.cli", *words, "--workspace", str(folder)]
        self._runs: RunStore = open_workspace(folder).runs
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.wait(lambda: bool(self._runs.records()))
        self._id = self._runs.records()[0].id
        self.wait(lambda: bool(of_kind(self.events(), RunStarted)))
        self._worker = psutil.Process(of_kind(self.events(), RunStarted)[0].process_id)

    def events(self) -> list[Event]:
        """Return what the run has told so far."""
        return [event for _, event in self._runs.events(self._id)]

    def wait(self, happened: Callable[[], bool]) -> None:
        """Wait until something has happened; a training that never gets there ends the benchmark."""
        until = time.monotonic() + LONGEST_SECONDS
        while not happened():
            if time.monotonic() > until:
                raise SystemExit("The training did not do what it was asked.")
            time.sleep(LOOK_SECONDS)

    def ask(self, command: Command, obeyed: Callable[[], bool]) -> float:
        """Ask for something and return the seconds until it is obeyed."""
        asked = time.monotonic()
        self._runs.request(self._id, command)
        self.wait(obeyed)
        return time.monotonic() - asked

    def is_paused(self) -> bool:
        """Say whether the run has told its last pause and no candidate is worked on."""
        return self._n(Paused) > self._n(Continued) and not self._at_work()

    def goes_on(self) -> bool:
        """Say whether every pause is over and a candidate is worked on."""
        return self._n(Paused) == self._n(Continued) and self._at_work()

    def has_stopped(self) -> bool:
        """Say whether the run has left its search."""
        return self._n(SearchEnded) > 0

    def end(self) -> None:
        """Wait for the end of the run."""
        self._process.wait()

    def _n(self, kind: type[Event]) -> int:
        return len(of_kind(self.events(), kind))

    def _at_work(self) -> bool:
        for process in self._worker.children(recursive=True):
            try:
                if process.status() == psutil.STATUS_RUNNING:
                    return True
            except psutil.Error:
                continue
        return False


if __name__ == "__main__":
    main()
