"""Deletes a project for good: rows, tables, models, predictions, logs, and what the database has freed."""

import json
import shutil
import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import ColumnElement, Engine, Table, delete, select, update

from engine.errors import WorkspaceError
from engine.messages import phrase
from engine.progress import Command
from storage.access import OWN_PROJECT
from storage.carried import copied_table, kept_candidates
from storage.database import BUSY_SECONDS, transaction
from storage.schema import DATASETS, EVENTS, MEMBERS, PROJECTS, RUNS
from storage.settings import ARTIFACTS
from storage.workspace import Workspace

STOP_SECONDS = 60.0  # that a training may take to stop
READINGS = "readings"
STILL_TRAINING = phrase(
    "removal_training",
    "The project cannot be deleted while {n} of its trainings are still ending.",
    "They have been told to stop; try again in a minute.",
)


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a project holds. `owner`: whose, for a project that is not shared; None where it is."""

    name: str
    owner: str | None
    run_ids: tuple[str, ...]
    dataset_ids: tuple[str, ...]


def projects_of(place: Workspace, owner: str) -> tuple[str, ...]:
    """Return the names of the projects that somebody's runs and tables carry, the usual one first even if empty."""
    found = {OWN_PROJECT}
    with transaction(place.engine) as connection:
        for rows in (RUNS, DATASETS):
            carried = select(rows.c.project).where(rows.c.owner == owner).distinct()
            found.update(connection.execute(carried).scalars())
    return tuple(sorted(found, key=lambda name: (name != OWN_PROJECT, name)))


def contents(place: Workspace, name: str, *, owner: str) -> Contents:
    """Return what lies in a project: in a shared one everything, else what is the owner's."""
    with transaction(place.engine) as connection:
        shared = connection.execute(select(PROJECTS.c.id).where(PROJECTS.c.name == name)).first() is not None
        whose = None if shared else owner
        runs = connection.execute(select(RUNS.c.id).where(_within(RUNS, name, whose))).scalars().all()
        tables = connection.execute(select(DATASETS.c.id).where(_within(DATASETS, name, whose))).scalars().all()
    return Contents(name=name, owner=whose, run_ids=tuple(runs), dataset_ids=tuple(tables))


def remove(place: Workspace, found: Contents) -> None:
    """Delete all of it; trainings were stopped, and what MLflow keeps removed, by `storage.mlflow_removal`, before."""
    address = ARTIFACTS.value(place.folder)
    for run_id in found.run_ids:
        _remove_files_elsewhere(place, run_id)
        if address:
            kept_candidates(address, run_id).remove()
        shutil.rmtree(place.folder / "runs" / run_id, ignore_errors=True)
    for dataset_id in found.dataset_ids:
        if address:
            copied_table(address, dataset_id).remove()
        shutil.rmtree(place.folder / "datasets" / dataset_id, ignore_errors=True)
    for room in _readings(place.folder, found):
        shutil.rmtree(room, ignore_errors=True)
    with transaction(place.engine) as connection:
        for some in _chunks(found.run_ids):
            connection.execute(delete(EVENTS).where(EVENTS.c.run_id.in_(some)))
            connection.execute(delete(RUNS).where(RUNS.c.id.in_(some)))
        for some in _chunks(found.dataset_ids):
            connection.execute(delete(DATASETS).where(DATASETS.c.id.in_(some)))
        if found.owner is None:
            connection.execute(delete(MEMBERS).where(MEMBERS.c.project == found.name))
            connection.execute(delete(PROJECTS).where(PROJECTS.c.name == found.name))
    forget_deleted(place.engine)
    mirrored = place.folder / "mlflow.db"
    if mirrored.is_file():
        _rewrite(mirrored)


def forget_deleted(engine: Engine) -> None:
    """Rewrite an SQLite database so that nothing of deleted rows is left in its file or its log."""
    if engine.dialect.name == "sqlite" and engine.url.database:
        engine.dispose()
        _rewrite(Path(engine.url.database))


def _rewrite(path: Path) -> None:
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as database:
        database.execute("VACUUM")
        give_up = time.monotonic() + BUSY_SECONDS
        while database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:  # somebody is reading
            if time.monotonic() > give_up:
                break
            time.sleep(0.05)


def _within(rows: Table, name: str, owner: str | None) -> ColumnElement[bool]:
    within = rows.c.project == name
    return within if owner is None else within & (rows.c.owner == owner)


def stop(place: Workspace, found: Contents, *, patience_seconds: float = STOP_SECONDS) -> None:
    """Let all trainings of a project end; raises WorkspaceError while one does not."""
    with transaction(place.engine) as connection:
        for some in _chunks(found.run_ids):
            stopped = {"command": str(Command.STOP), "queued_at": None}
            connection.execute(update(RUNS).where(RUNS.c.id.in_(some)).values(stopped))
    give_up = time.monotonic() + patience_seconds
    while alive := [run_id for run_id in found.run_ids if place.runs.is_alive(run_id)]:
        if time.monotonic() > give_up:
            raise WorkspaceError(STILL_TRAINING(n=len(alive)))
        time.sleep(0.2)


def _remove_files_elsewhere(place: Workspace, run_id: str) -> None:
    from storage.remote_artifacts import RemoteArtifacts

    kept = place.runs.artifacts(run_id)
    if isinstance(kept, RemoteArtifacts):
        kept.remove_all()


def _readings(folder: Path, found: Contents) -> Iterable[Path]:
    """Yield the rooms in which files of the project were read."""
    for room in (folder / READINGS).glob("*"):
        order, end = _word(room / "order.json"), _word(room / "end.json")
        own = order.get("project") == found.name and found.owner in {None, order.get("owner")}
        if own or end.get("dataset_id") in found.dataset_ids:
            yield room


def _word(path: Path) -> dict[str, object]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}


def _chunks(ids: tuple[str, ...], size: int = 500) -> Iterable[tuple[str, ...]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
