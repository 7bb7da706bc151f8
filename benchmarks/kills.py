"""Kills a run again and again in the middle of its work, resumes it each time, and looks whether anything was lost.

Run `python benchmarks/kills.py` (about three minutes for 20 kills). Each time the worker, a trial's process or the fork
server is killed at a random moment. Afterwards every candidate that was ever reported finished must still be there, as
it was, each number once, and the run must end with a verified model.
"""

import random
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

import psutil

from app.launch import launch
from engine.config import ExperimentConfig
from engine.events import CandidateFinished, RunStarted, of_kind
from engine.progress import ACTIVE, Status
from engine.table.reading import read_table
from storage.runs import RunStore
from storage.workspace import Workspace, open_workspace

PATIENCE_SECONDS = 600.0
WAITS_FOR_A_CANDIDATE = 0.6  # of the kills: so that a slow computer comes forward too, and has something to lose
VICTIMS = ("worker", "trial", "fork server")


def main() -> int:
    """Run as often as asked; returns 0 when nothing was lost."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--table", type=Path, default=Path(__file__).parents[1] / "sample_data" / "houses.csv")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--candidates", type=int, default=30)
    parser.add_argument("--longest-wait", type=float, default=3.0, help="seconds until a kill, at most")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, open_workspace(Path(folder) / "workspace") as place:
        run_id = new_run(place, options.table, ExperimentConfig(candidates=options.candidates, seed=options.seed))
        faults = torment(place, run_id, options.kills, options.longest_wait, random.Random(options.seed))
        end = place.runs.progress(run_id)
        print(f"{len(end.finished)} candidates finished; the run has {end.status}; faults: {faults or 'none'}")
    return 1 if faults else 0


def new_run(place: Workspace, table: Path, config: ExperimentConfig) -> str:
    """Create a run over a table and return its id."""
    dataset_id = place.datasets.save(read_table(table), owner="local")
    return place.runs.create(owner="local", name="killed", dataset_id=dataset_id, config=config)


def torment(place: Workspace, run_id: str, n_kills: int, longest_wait: float, chance: random.Random) -> list[str]:
    """Start, kill and resume until so many processes were killed, let the run end, and return what went wrong."""
    runs, seen, faults, n_killed = place.runs, dict[int, CandidateFinished](), list[str](), 0
    while n_killed < n_kills:
        launch(run_id, place.folder)
        if not _began(runs, run_id):
            return [*faults, "the worker did not start"]
        while n_killed < n_kills and runs.is_alive(run_id):
            if chance.random() < WAITS_FOR_A_CANDIDATE:
                _wait_for_another(runs, run_id)
            time.sleep(chance.uniform(0.0, longest_wait))
            victim = chance.choice(VICTIMS)
            if _kill(runs, run_id, victim):
                n_killed += 1
                print(f"kill {n_killed}: {victim}; {len(_finished(runs, run_id))} candidates", flush=True)
            faults += _lost(seen, _finished(runs, run_id))
        _wait_until_gone(runs, run_id)
        if runs.progress(run_id).status not in {*ACTIVE, Status.INTERRUPTED, Status.FAILED}:
            break  # it came to its end between two kills
    if runs.progress(run_id).status not in {Status.FINISHED, Status.STOPPED}:
        launch(run_id, place.folder)
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and (runs.progress(run_id).status in ACTIVE or runs.is_alive(run_id)):
        time.sleep(0.2)
    faults += _lost(seen, _finished(runs, run_id))
    progress = runs.progress(run_id)
    if progress.status is not Status.FINISHED or progress.ready is None:
        faults.append(f"the run did not end well: {progress.status} {progress.failure}")
    return faults


def _finished(runs: RunStore, run_id: str) -> Sequence[CandidateFinished]:
    return of_kind((event for _, event in runs.events(run_id)), CandidateFinished)


def _lost(seen: dict[int, CandidateFinished], finished: Sequence[CandidateFinished]) -> list[str]:
    """Return which candidates are gone, changed or there twice, and remember those that are new."""
    numbers = [each.number for each in finished]
    now = {each.number: each for each in finished}
    faults = [f"candidate {number} is there twice" for number in now if numbers.count(number) > 1]
    faults += [f"candidate {number} is lost or changed" for number, each in seen.items() if now.get(number) != each]
    seen.update(now)
    return faults


def _began(runs: RunStore, run_id: str) -> bool:
    """Wait until the worker has the run, or has come to its end already."""
    before = len(of_kind((event for _, event in runs.events(run_id)), RunStarted))
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if runs.is_alive(run_id) or len(of_kind((e for _, e in runs.events(run_id)), RunStarted)) > before:
            return True
        if runs.progress(run_id).status not in ACTIVE:
            return runs.progress(run_id).status in {Status.FINISHED, Status.STOPPED}
        time.sleep(0.02)
    return False


def _wait_for_another(runs: RunStore, run_id: str) -> None:
    """Wait until one more candidate has finished, or the worker is gone."""
    n_before, end = len(_finished(runs, run_id)), time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and runs.is_alive(run_id) and len(_finished(runs, run_id)) == n_before:
        time.sleep(0.05)


def _wait_until_gone(runs: RunStore, run_id: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while runs.is_alive(run_id) and time.monotonic() < end:
        time.sleep(0.05)


def _kill(runs: RunStore, run_id: str, victim: str) -> bool:
    """Kill one process of the run; returns whether there was one."""
    started = of_kind((event for _, event in runs.events(run_id)), RunStarted)
    if not started or not runs.is_alive(run_id):
        return False
    try:
        worker = psutil.Process(started[-1].process_id)
        if run_id not in " ".join(worker.cmdline()):
            return False  # another process has been given the number of one that is gone
        if victim == "worker":
            worker.kill()
            return True
        servers = [child for child in worker.children() if "forkserver" in " ".join(child.cmdline())]
        chosen = servers if victim == "fork server" else [child for server in servers for child in server.children()]
        if chosen:
            chosen[0].kill()
        return bool(chosen)
    except psutil.Error:
        return False


if __name__ == "__main__":
    sys.exit(main())
