"""A workspace: the folder and the addresses where one person's or one team's tables and runs are kept."""

import os
import weakref
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from sqlalchemy import Engine

from engine.errors import WorkspaceError
from engine.messages import phrase
from storage.access import ITSELF, Actor, Gate
from storage.database import connect, sqlite_address
from storage.datasets import DatasetStore
from storage.people import People
from storage.runs import RunStore
from storage.settings import ARTIFACTS, DATABASE, LEASE_SECONDS, WORKSPACE
from storage.upgrade import bring_up_to_date

APPLICATION = "tablewright"
NOT_WRITABLE = phrase(
    "workspace_not_writable",
    "The workspace folder {folder} cannot be written to: {reason}.",
    "Choose another folder with --workspace or TABLEWRIGHT_WORKSPACE, or change its permissions.",
)


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """Everything that is kept. Close it, or use it in a `with` block, to let go of the database's files."""

    folder: Path
    runs: RunStore
    datasets: DatasetStore
    engine: Engine
    people: People
    actor: Actor = ITSELF

    def seen_by(self, actor: Actor) -> "Workspace":
        """Return the same workspace as it is for somebody: what they may not see is not there."""
        gate = Gate(engine=self.engine, actor=actor)
        return replace(
            self,
            runs=self.runs.seen_by(actor),
            datasets=self.datasets.seen_by(actor),
            people=People(engine=self.engine, gate=gate),
            actor=actor,
        )

    def close(self) -> None:
        """Let go of the database; a later use opens it again."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_workspace(folder: Path | None = None) -> Workspace:
    """Open the workspace in `folder`, and make it when there is none yet.

    Without a folder: TABLEWRIGHT_WORKSPACE, else the usual place for a person's data on this system.
    Raises WorkspaceError when it cannot be written to, is damaged, or was written by a newer version.
    """
    folder = (folder or _usual_folder()).expanduser().absolute()
    require_writable(folder)
    engine = connect(DATABASE.value(folder) or sqlite_address(folder))
    try:
        bring_up_to_date(engine, folder)
    except BaseException:
        engine.dispose()
        raise
    opened = Workspace(
        folder=folder,
        runs=RunStore(
            engine=engine,
            folder=folder / "runs",
            artifact_address=ARTIFACTS.value(folder),
            lease_seconds=float(LEASE_SECONDS.value(folder)),
        ),
        datasets=DatasetStore(engine=engine, folder=folder / "datasets", artifact_address=ARTIFACTS.value(folder)),
        engine=engine,
        people=People(engine=engine, gate=Gate(engine=engine)),
    )
    weakref.finalize(opened, engine.dispose)
    return opened


def _usual_folder() -> Path:
    chosen = WORKSPACE.value()
    if chosen:
        return Path(chosen)
    from platformdirs import user_data_path

    return user_data_path(APPLICATION, appauthor=False)


def require_writable(folder: Path) -> None:
    """Make the folders of a workspace where they lack, and write into them; raises WorkspaceError where that fails."""
    try:
        for part in (folder, folder / "runs", folder / "datasets"):
            part.mkdir(parents=True, exist_ok=True)
        probe = folder / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as problem:
        raise WorkspaceError(NOT_WRITABLE(folder=str(folder), reason=problem.strerror or str(problem))) from problem
