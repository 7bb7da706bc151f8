"""Kills the processes of trainings at random moments, resumes each time, and looks whether anything was lost.

Run `python -m benchmarks.kills --kills 300` (some forty minutes); with `--seconds 90` a piece of it, and the next call
goes on where it was. Every second piece has the trials on a cluster and the app's server beside. What the workspace
acknowledged stands on a list that workers write with fsync; in the end all of it must be in the workspace, in order,
each candidate once, every run ended with its verified file, and no process or file left that belongs to none.
"""

import json
import random
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.acknowledging import LIST_FILE, acknowledged
from benchmarks.killable import Scene
from engine.config import ExperimentConfig
from engine.events import CandidateFinished, Event, of_kind
from engine.progress import Status
from engine.search.validation import ValidationSettings
from engine.table.reading import read_table
from storage.runs import RunStore
from storage.workspace import Workspace, open_workspace

RESULTS = Path(__file__).parent / "results" / "kills.jsonl"
PATIENCE_SECONDS = 600.0
LONGEST_SECONDS = 30.0  # that a candidate is waited for
WAITS_FOR_A_CANDIDATE = 0.4  # of the kills: so that a slow computer comes forward too, and has something to lose
WAITS_WIDE = 0.6
AT_ONCE = (1, 2, 3, 4)  # so many processes die at one moment
AT_ONCE_WIDE = (1, 1, 2)  # a server and a cluster need time to come back, or nothing but starts would be killed
OF_LIBRARIES = {".ses"}  # one small file for all processes, which onnxruntime keeps
QUICK = ExperimentConfig(
    target="price",
    candidates=30,
    families=("linear", "lightgbm"),
    validation=ValidationSettings(n_folds=3, n_repeats=1),
)
OVER = {Status.FINISHED, Status.STOPPED}


def main() -> int:
    """Kill as often as asked, in pieces; returns 0 when nothing was lost in any of them."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20, help="how many in all, with those of earlier calls")
    parser.add_argument("--seconds", type=float, help="begin no further kill after so long; the runs still end")
    parser.add_argument("--longest-wait", type=float, default=1.5, help="seconds until a kill, at most")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    options.results.parent.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + (options.seconds or 1e9)
    while (left := options.kills - sum(sum(each["kills"].values()) for each in pieces(options.results))) > 0:
        number = len(pieces(options.results))
        with tempfile.TemporaryDirectory() as folder:
            until_here = min(until, time.monotonic() + 90)
            found = piece(Path(folder), number, min(left, 30), until_here, options.longest_wait)
        with options.results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(found) + "\n")
        if time.monotonic() >= until:
            break
    done = pieces(options.results)
    kills = sum((Counter(each["kills"]) for each in done), Counter())
    print(f"{sum(kills.values())} kills: {dict(kills)}")
    for name in ("runs", "acknowledged"):
        print(f"{sum(each[name] for each in done)} {name}")
    faults = [fault for each in done for fault in each["faults"]]
    print(f"faults: {faults or 'none'}")
    return 1 if faults else 0


def pieces(results: Path) -> list[dict[str, Any]]:
    """Return what earlier calls have found."""
    return [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()] if results.exists() else []


def piece(folder: Path, number: int, n_kills: int, until: float, longest_wait: float) -> dict[str, Any]:
    """Kill so many processes, or until the time is up, over as many runs as that takes; returns what was found."""
    table = houses(folder)
    chance = random.Random(number)
    kills: Counter[str] = Counter()
    with open_workspace(folder / "workspace") as place:
        scene, run_ids, faults = Scene(place=place, is_wide=number % 2 == 1), list[str](), list[str]()
        try:
            while kills.total() < n_kills and time.monotonic() < until and not faults:
                run_ids.append(new_run(place, table, QUICK))
                here, faults = torment(scene, run_ids[-1], n_kills - kills.total(), longest_wait, chance, until)
                kills += here
        finally:
            scene.close()
        n_acknowledged = len(list(acknowledged(folder / LIST_FILE)))
        faults += [fault for run_id in run_ids for fault in judged(place, run_id, folder / LIST_FILE)]
    faults += [f"a stray {each}" for each in scene.strays]
    if not scene.is_wide:  # Dask tidies up after its workers itself, when others start
        left = [each.name for each in (folder / "temporary").iterdir() if each.name not in OF_LIBRARIES]
        faults += [f"left in the folder for temporary files: {name}" for name in left]
    return {"number": number, "kills": kills, "runs": len(run_ids), "acknowledged": n_acknowledged, "faults": faults}


def houses(folder: Path) -> Path:
    """Write a small table."""
    chance = np.random.default_rng(0)
    size = chance.uniform(20, 200, 120)
    table = folder / "houses.csv"
    pd.DataFrame({"size": size, "price": 1000 * size + chance.normal(0, 5000, 120)}).to_csv(table, index=False)
    return table


def new_run(place: Workspace, table: Path, config: ExperimentConfig) -> str:
    """Create a run over a table and return its id."""
    dataset_id = place.datasets.save(read_table(table), owner="local")
    return place.runs.create(owner="local", name="killed", dataset_id=dataset_id, config=config)


def torment(
    scene: Scene, run_id: str, n_kills: int, longest_wait: float, chance: random.Random, until: float
) -> tuple[Counter[str], list[str]]:
    """Start, kill and resume one run until it ends; returns who was killed, and why it did not end, if it did not."""
    runs, killed = scene.place.runs, Counter[str]()
    end, calm_until, n_before = time.monotonic() + PATIENCE_SECONDS, 0.0, 0
    while runs.progress(run_id).status not in OVER or runs.is_alive(run_id):
        if time.monotonic() > end:
            return killed, [f"the run does not end: {runs.progress(run_id).status} {runs.progress(run_id).failure}"]
        scene.mend()
        if run_id not in runs.queue() and not scene.workers(run_id):
            scene.resume(run_id, chance)
        calm = len(_finished(runs, run_id)) <= n_before and time.monotonic() < calm_until
        if calm or killed.total() >= n_kills or time.monotonic() > until:
            time.sleep(0.2)
            continue
        time.sleep(chance.uniform(0.0, longest_wait))
        for victim in chance.sample(scene.victims, chance.choice(AT_ONCE_WIDE if scene.is_wide else AT_ONCE)):
            if killed.total() < n_kills and scene.kill(run_id, victim, chance):
                killed[victim] += 1
                print(f"{killed.total()}: {victim}; {len(_finished(runs, run_id))} candidates", flush=True)
        n_before = len(_finished(runs, run_id))
        waits = chance.random() < (WAITS_WIDE if scene.is_wide else WAITS_FOR_A_CANDIDATE)
        calm_until = time.monotonic() + LONGEST_SECONDS * waits
    return killed, []


def judged(place: Workspace, run_id: str, noted: Path) -> list[str]:
    """Return what is wrong with a run that has ended: what was acknowledged and is not there, and what is left over."""
    events = [event for _, event in place.runs.events(run_id)]
    faults = lost(events, [event for told_of, event in acknowledged(noted) if told_of == run_id])
    numbers = Counter(event.number for event in of_kind(events, CandidateFinished))
    faults += [f"candidate {number} is there {n} times" for number, n in numbers.items() if n > 1]
    progress = place.runs.progress(run_id)
    if progress.status is not Status.FINISHED or progress.ready is None:
        faults.append(f"the run did not end well: {progress.status} {progress.failure}")
    elif place.runs.artifacts(run_id).fetch(progress.ready.path).stat().st_size != progress.ready.certificate.bytes:
        faults.append("its file is not the certified one")
    left = [part for part in place.runs.folder(run_id).rglob("*") if part.name.startswith((".", "scratch"))]
    return faults + [f"left behind: {part.name}" for part in left]


def lost(events: Sequence[Event], told: Sequence[Any]) -> list[str]:
    """Return what was acknowledged and is not among the events, in the order in which it was."""
    kept, missing = [json.dumps(event.to_json(), sort_keys=True) for event in events], list[str]()
    position = 0
    for each in told:
        wanted = json.dumps(each, sort_keys=True)
        if wanted in kept[position:]:
            position = kept.index(wanted, position) + 1
        else:
            missing.append(f"acknowledged and lost: {each['kind']}")
    return missing


def _finished(runs: RunStore, run_id: str) -> list[CandidateFinished]:
    return of_kind((event for _, event in runs.events(run_id)), CandidateFinished)


if __name__ == "__main__":
    sys.exit(main())
