"""Puts twenty people at once on one server while trainings wait in its queue, and measures what they and it see.

Run `python -m benchmarks.load --minutes 20`. People are clients that speak Streamlit's web socket as a browser does:
they open pages, read for some seconds, let pages that poll poll, and now and then download a model, upload a file or
open a new window. Eight small trainings always wait. All of it happens on this computer, in a folder of its own that
goes afterwards. It ends by itself, with 0 when there was no error and the figures are as promised.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from argparse import ArgumentParser, Namespace
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles

import pandas as pd

from app.screen import screens
from app.waiting import start_or_wait
from benchmarks.load_people import Person, Seen
from benchmarks.load_server import ServerWatch, Taken, growth_per_hour
from engine.config import ExperimentConfig
from engine.progress import Status
from engine.table.reading import read_table
from storage.workspace import Workspace, open_workspace
from tests.conftest import free_port

TABLE = Path(__file__).parents[1] / "sample_data" / "customers.csv"
N_ROWS = 1500
LOOK_SECONDS = 2.0
START_SECONDS = 60.0
FIRST_MODEL_SECONDS = 120.0
ALLOWED_PAGE_SECONDS = 3.0
MOST_GROWTH = 0.1  # of the memory when all is warm
WARM_SECONDS = 240.0  # windows that were closed are kept for two minutes, and what is kept of models fills up
LINES_BEFORE = 30


def main() -> int:
    """Do it, print the figures, and return 0 when they are as promised."""
    options = _options()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made, open_workspace(Path(made) / "w") as place:
        dataset_id = _table(place)
        port = free_port()
        server = _served(place.folder, port)
        try:
            _wait_until_answers(port, server)
            _first_model(place, dataset_id, options.budget)
            seen, taken = asyncio.run(_load(place, dataset_id, port, server.pid, options))
        finally:
            _end_trainings(place)
            server.terminate()
            server.wait(timeout=30)
        return _told(seen, taken, _complaints(place.folder / "server.log"), options)


def _options() -> Namespace:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20.0, help="at most 60")
    parser.add_argument("--people", type=int, default=20, help="at most 50")
    parser.add_argument("--queued", type=int, default=8, help="trainings that wait at every moment")
    parser.add_argument("--budget", type=float, default=20.0, help="seconds of each training")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    given.minutes, given.people, given.queued = min(given.minutes, 60.0), min(given.people, 50), min(given.queued, 20)
    return given


def _table(place: Workspace) -> str:
    file = place.folder / "customers.csv"
    pd.read_csv(TABLE).head(N_ROWS).to_csv(file, index=False)
    dataset_id = place.datasets.save(read_table(file), owner="local", source=file)
    place.datasets.save_inspection(dataset_id, {})
    return dataset_id


def _served(folder: Path, port: int) -> "subprocess.Popen[bytes]":
    place = f"pathlib.Path({str(folder)!r})"
    code = f"import pathlib; from app.server import serve; serve({port}, {place}, open_browser=False)"
    environment = {**os.environ, "TABLEWRIGHT_LOG": "json", "TABLEWRIGHT_MLFLOW": "off", "TABLEWRIGHT_WORKSPACE": ""}
    with (folder / "server.log").open("wb") as log:
        return subprocess.Popen([sys.executable, "-c", code], stdout=log, stderr=subprocess.STDOUT, env=environment)


def _wait_until_answers(port: int, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server does not answer")


def _new_run(place: Workspace, dataset_id: str, seconds: float, number: int) -> str:
    config = ExperimentConfig(target="left", seconds=seconds, seed=number)
    return place.runs.create(owner="local", name=f"Run {number}", dataset_id=dataset_id, config=config)


def _first_model(place: Workspace, dataset_id: str, seconds: float) -> None:
    """Train one run before anybody comes: pages about models need one."""
    run_id = _new_run(place, dataset_id, seconds, 0)
    start_or_wait(place, run_id)
    end = time.monotonic() + FIRST_MODEL_SECONDS
    while place.runs.progress(run_id).status not in (Status.FINISHED, Status.STOPPED):
        if time.monotonic() > end:
            raise RuntimeError(f"the first training did not end: {place.runs.progress(run_id).status}")
        time.sleep(0.5)


async def _load(
    place: Workspace, dataset_id: str, port: int, process_id: int, options: Namespace
) -> tuple[Seen, Sequence[Taken]]:
    draw, seen, watch = random.Random(options.seed), Seen(), ServerWatch(process_id)
    keys = [screen.key if place_in_row else "" for place_in_row, screen in enumerate(screens())]
    people = [Person(port, keys, dataset_id, seen, random.Random(draw.random())) for _each in range(options.people)]
    end, number = time.monotonic() + 60 * options.minutes, 1
    tasks = [asyncio.create_task(person.live(end)) for person in people]
    while time.monotonic() < end:
        watch.look()
        number += await asyncio.to_thread(_keep_waiting, place, dataset_id, options, number)
        seen.runs, seen.with_model = await asyncio.to_thread(_known, place)
        await asyncio.sleep(LOOK_SECONDS)
    await asyncio.wait(tasks, timeout=60)
    unfinished = [task for task in tasks if not task.done()]
    for task in unfinished:
        task.cancel()
        seen.errors["a person did not come to an end"] += 1
    for task in tasks:
        if task.done() and not task.cancelled() and (problem := task.exception()) is not None:
            seen.errors[f"a client broke off: {problem!r}"] += 1
    watch.look()
    seen.n_ended = sum(1 for run in place.runs.records() if place.runs.progress(run.id).ready is not None)
    return seen, watch.taken


def _keep_waiting(place: Workspace, dataset_id: str, options: Namespace, number: int) -> int:
    """Let as many trainings wait as are asked for; returns how many were added."""
    missing: int = max(0, options.queued - len(place.runs.queue()))
    for each in range(missing):
        start_or_wait(place, _new_run(place, dataset_id, options.budget, number + each))
    return missing


def _known(place: Workspace) -> tuple[list[str], list[str]]:
    """Return the newest runs, and those of them that have a model."""
    known = [record.id for record in place.runs.records(limit=40)]
    return known, [run_id for run_id in known if place.runs.progress(run_id).ready is not None]


def _end_trainings(place: Workspace) -> None:
    """Let nothing that was begun here go on."""
    from engine.progress import Command

    for run_id in place.runs.queue():
        place.runs.leave_queue(run_id)
    alive = [record.id for record in place.runs.records() if place.runs.is_alive(record.id)]
    for run_id in alive:
        place.runs.request(run_id, Command.STOP)
    end = time.monotonic() + 60
    while any(place.runs.is_alive(run_id) for run_id in alive) and time.monotonic() < end:
        time.sleep(0.5)


def _complaints(log: Path) -> list[str]:
    """Return what the server calls an error, each with the last of what was said outside of its log before."""
    found: list[str] = []
    before: deque[str] = deque(maxlen=LINES_BEFORE)
    for line in log.read_text(encoding="utf-8").splitlines():
        if '"level": "error"' in line or '"level": "critical"' in line:
            found.append("\n".join([*before, line]))
            before.clear()
        elif not line.startswith("{"):
            before.append(line)
    return found


def _told(seen: Seen, taken: Sequence[Taken], complaints: Sequence[str], options: Namespace) -> int:
    pages = seen.pages
    spread = quantiles(pages, n=20) if len(pages) > 1 else pages * 20
    later = [each for each in taken if each.seconds >= min(WARM_SECONDS, taken[-1].seconds / 2)]
    growth = growth_per_hour(later)
    figures = {
        "minutes": options.minutes,
        "people": options.people,
        "pages": len(pages),
        "page_seconds_p50": round(median(pages), 2),
        "page_seconds_p95": round(spread[18], 2),
        "page_seconds_most": round(max(pages), 2),
        "polls": seen.n_polls,
        "poll_seconds_p95": round(quantiles(seen.polls, n=20)[18], 2) if len(seen.polls) > 1 else None,
        "slowest_screens": seen.slowest(),
        "downloads": seen.n_downloads,
        "uploads": seen.n_uploads,
        "windows": seen.n_windows,
        "trainings_ended_with_a_model": seen.n_ended,
        "errors": dict(seen.errors),
        "errors_in_the_servers_log": len(complaints),
        "cores_taken_by_the_server": round((taken[-1].core_seconds - taken[0].core_seconds) / taken[-1].seconds, 2),
        "waiting_for_a_core": round(median(each.n_waiting for each in taken), 1),
        "memory_mb": {"start": taken[0].megabytes, "after_warm_up": later[0].megabytes, "end": taken[-1].megabytes},
        "growth_mb_per_hour": round(growth, 1),
        "files": {"start": taken[0].n_files, "after_warm_up": later[0].n_files, "end": taken[-1].n_files},
        "threads": {"start": taken[0].n_threads, "after_warm_up": later[0].n_threads, "end": taken[-1].n_threads},
    }
    print(json.dumps(figures, indent=1, ensure_ascii=False))
    for line in complaints[:5]:
        print(line)
    flat = growth * options.minutes / 60 <= MOST_GROWTH * later[0].megabytes
    well = not seen.errors and not complaints and spread[18] <= ALLOWED_PAGE_SECONDS and flat
    print("As promised." if well else "Not as promised.")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
