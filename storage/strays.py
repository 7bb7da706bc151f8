"""What processes that died have left in a workspace: removed when the app starts, never what somebody may be using."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select

from engine.events import Finished
from storage.database import transaction
from storage.schema import DATASETS, EVENTS, RUNS
from storage.settings import KEEP_PREDICTIONS
from storage.workspace import Workspace

OLD_SECONDS = 3600.0  # younger things may be under way
SCRATCH = "scratch"
MADE_AGAIN = ("predictions", "exports")  # what a run made for somebody, and can make again


def reap(place: Workspace, *, older_than_seconds: float = OLD_SECONDS) -> list[Path]:
    """Remove strays, and predictions and exports beyond those that are to be kept; returns what was removed."""
    edge = time.time() - older_than_seconds
    found = [each for each in _strays(place) if _touched_at(each) < edge]
    found += _beyond_those_kept(place, edge)
    for each in found:
        shutil.rmtree(each, ignore_errors=True) if each.is_dir() else each.unlink(missing_ok=True)
    return found


def _strays(place: Workspace) -> Iterator[Path]:
    """Yield tables that were never whole or are in no row, parts of files, and scratch of runs that have ended."""
    with transaction(place.engine) as connection:
        tables = set(connection.execute(select(DATASETS.c.id)).scalars())
        runs = set(connection.execute(select(RUNS.c.id)).scalars())
        ended = set(connection.execute(select(EVENTS.c.run_id).where(EVENTS.c.kind == Finished.kind)).scalars())
    yield from (each for each in (place.folder / "datasets").iterdir() if each.name not in tables)
    yield from place.folder.glob(".writable-*")
    for run in (place.folder / "runs").iterdir():
        if not run.is_dir() or place.runs.is_alive(run.name):
            continue
        if run.name not in runs:
            yield run
            continue
        yield from run.glob(".*.part")
        yield from (run / "artifacts").rglob(".partial-*")
        if run.name in ended and (run / SCRATCH).exists():
            yield run / SCRATCH


def _beyond_those_kept(place: Workspace, edge: float) -> list[Path]:
    kept = int(KEEP_PREDICTIONS.value(place.folder) or 0)
    found: list[Path] = []
    for folder in (each for name in MADE_AGAIN for each in (place.folder / "runs").glob(f"*/{name}")):
        newest = sorted(folder.iterdir(), key=_touched_at, reverse=True)
        found += [each for each in newest[kept:] if _touched_at(each) < edge]
    return found


def _touched_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # gone meanwhile
        return time.time()
