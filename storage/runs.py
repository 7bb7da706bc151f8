"""The runs of a workspace: what was asked, what happened, what is commanded, and the files."""

import json
import time
import uuid
from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import Engine, Row, Table, func, insert, literal, select, update

from engine.artifacts import Artifacts, FolderArtifacts
from engine.config import ExperimentConfig
from engine.errors import InputError
from engine.events import REQUESTS, Event, Finished, Request, event_from_json
from engine.messages import Message, phrase
from engine.progress import ACTIVE, Command, Progress, Status
from storage.access import ITSELF, OWN_PROJECT, Act, Actor, Gate, guarded
from storage.database import transaction
from storage.folded import FoldedRuns
from storage.locks import hold, is_held
from storage.readonly import ReadOnlyArtifacts
from storage.schema import DATASETS, EVENTS, RUNS
from storage.text import to_text

STARTING_SECONDS = 20.0  # how long a launched worker may take to report before it counts as gone
NO_SUCH_RUN = phrase(
    "run_unknown",
    "There is no run called {run_id}.",
    "List the runs with: tablewright runs.",
)
SEVERAL_RUNS = phrase(
    "run_ambiguous",
    "Several runs begin with {run_id}: {choices}.",
    "Give more of the name.",
)
NO_SUCH_DATASET = phrase("dataset_unknown", "There is no table called {dataset_id}.", "Open the file again.")
NO_NAME = phrase("run_no_name", "A run needs a name.", "Give it one that says what was asked.")


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """What was asked for, by whom and when.

    `notes`, `tags`: what people wrote beside it. `added_seconds`: time that was added while it was under way.
    """

    id: str
    owner: str
    project: str
    name: str
    created_at: datetime
    dataset_id: str
    config: ExperimentConfig
    notes: str = ""
    tags: tuple[str, ...] = ()
    added_seconds: float = 0.0

    @property
    def budget_seconds(self) -> float:
        """The time that the run may take in all."""
        return self.config.seconds + self.added_seconds


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is asked of a run under way: to go on, pause or stop, and so much more time in all."""

    command: Command = Command.CONTINUE
    added_seconds: float = 0.0


class RunStore:
    """Keeps runs in a database and their files in a folder, or at an fsspec address when one is given.

    Every method asks the gate of whoever it works for; runs that they may not see are not there for them.
    """

    rows: ClassVar[Table] = RUNS

    def __init__(self, *, engine: Engine, folder: Path, artifact_address: str = "") -> None:
        self._engine = engine
        self._folder = folder
        self._artifact_address = artifact_address
        self._known = FoldedRuns()
        self.gate = Gate(engine=engine)

    def seen_by(self, actor: Actor) -> "RunStore":
        """Return the same runs as they are for somebody."""
        seen = copy(self)  # what is known of how runs stand is shared; whoever may not see a run is not told it
        seen.gate = Gate(engine=self._engine, actor=actor)
        return seen

    def missing(self, row_id: str) -> Message:
        """Say that there is no such run."""
        return NO_SUCH_RUN(run_id=row_id)

    def create(
        self, *, name: str, dataset_id: str, config: ExperimentConfig, owner: str = "", project: str = OWN_PROJECT
    ) -> str:
        """Keep a new run, and return its id. `owner`: for processes that work for nobody; a person owns what they make.

        Raises InputError where the table is not there for whoever asks, or the project is closed to them.
        """
        owner = self.gate.require_place(project, "create") or owner
        if self.gate.actor.name and not self.gate.actor.is_alone:  # a run shows what is in its table
            self.gate.require(Act.READ, DATASETS, dataset_id, "create", NO_SUCH_DATASET(dataset_id=dataset_id))
        run_id = uuid.uuid4().hex[:12]
        self.gate.note("create", run_id)
        values = {
            "id": run_id,
            "owner": owner,
            "project": project,
            "name": name,
            "created_at": time.time(),
            "dataset_id": dataset_id,
            "config": to_text(config.to_json()),
        }
        with transaction(self._engine) as connection:
            connection.execute(insert(RUNS).values(values))
        return run_id

    def get(self, run_id: str, *, owner: str | None = None) -> RunRecord:
        """Return the run of this id, or the only one whose id begins so.

        Raises InputError when there is none, it is deleted, or it is another owner's.
        """
        query = select(RUNS).where(RUNS.c.id.startswith(run_id, autoescape=True), RUNS.c.deleted_at.is_(None))
        query = query.where(self.gate.where(RUNS))
        if owner is not None:
            query = query.where(RUNS.c.owner == owner)
        with transaction(self._engine) as connection:
            found = connection.execute(query.order_by(RUNS.c.id).limit(5)).all() if run_id else []
        exact = [row for row in found if row.id == run_id] or found
        if not exact:
            raise InputError(NO_SUCH_RUN(run_id=run_id))
        if len(exact) > 1:
            raise InputError(SEVERAL_RUNS(run_id=run_id, choices=", ".join(row.id for row in exact)))
        return _record(exact[0])

    def records(
        self, *, owner: str | None = None, project: str | None = None, limit: int | None = None
    ) -> list[RunRecord]:
        """Return runs, the newest first. `owner`: only theirs. `limit`: how many at most; None for all."""
        query = select(RUNS).where(RUNS.c.deleted_at.is_(None), self.gate.where(RUNS))
        if owner is not None:
            query = query.where(RUNS.c.owner == owner)
        if project is not None:
            query = query.where(RUNS.c.project == project)
        with transaction(self._engine) as connection:
            rows = connection.execute(query.order_by(RUNS.c.created_at.desc(), RUNS.c.id).limit(limit)).all()
        return [_record(row) for row in rows]

    @guarded(Act.WRITE)
    def rename(self, run_id: str, name: str) -> None:
        """Give a run another name; raises InputError when it has no letters."""
        words = " ".join(name.split())
        if not words:
            raise InputError(NO_NAME())
        self._change(run_id, name=words)

    @guarded(Act.WRITE)
    def note(self, run_id: str, text: str) -> None:
        """Write notes beside a run, in place of those before; an empty text takes them away."""
        self._change(run_id, notes=text.strip())

    @guarded(Act.WRITE)
    def tag(self, run_id: str, tags: Iterable[str]) -> None:
        """Give a run these tags, in place of those before."""
        kept = dict.fromkeys(" ".join(tag.split()) for tag in tags)
        self._change(run_id, tags=to_text([tag for tag in kept if tag]))

    @guarded(Act.WRITE)
    def delete(self, run_id: str) -> None:
        """Hide a run and stop it if it is under way; `restore` brings it back."""
        self._change(run_id, deleted_at=time.time(), command=str(Command.STOP))

    @guarded(Act.WRITE)
    def restore(self, run_id: str) -> None:
        """Undo `delete`."""
        self._change(run_id, deleted_at=None)

    @guarded(Act.WRITE)
    def append(self, run_id: str, event: Event) -> None:
        """Keep an event; when this returns, it survives the death of any process.

        Raises InputError when there is no such run.
        """
        data = event.to_json()
        next_number = (
            select(func.coalesce(func.max(EVENTS.c.sequence), 0) + 1).where(EVENTS.c.run_id == run_id).scalar_subquery()
        )
        row = select(
            RUNS.c.id,
            next_number,
            RUNS.c.owner,
            RUNS.c.project,
            literal(time.time()),
            literal(data["kind"]),
            literal(data["version"]),
            literal(to_text(data)),
        ).where(RUNS.c.id == run_id)
        statement = insert(EVENTS).from_select([column.name for column in EVENTS.columns], row)
        with transaction(self._engine) as connection:
            # Writers of one run take turns: this change locks the run's row (in SQLite, the whole file) until the end.
            turn = update(RUNS).where(RUNS.c.id == run_id).values(id=run_id)
            if not connection.execute(turn).rowcount:
                raise InputError(NO_SUCH_RUN(run_id=run_id))
            connection.execute(statement)

    @guarded(Act.READ)
    def events(self, run_id: str, after: int = 0) -> list[tuple[int, Event]]:
        """Return the events numbered above `after`, in order; kinds that this version does not know are left out."""
        return [(number, event) for number, _, event in self._events(run_id, after)]

    @guarded(Act.READ)
    def requests(self, run_id: str, after: int = 0) -> list[tuple[int, Request]]:
        """Return what a person has asked of a search, numbered above `after`, in order; other events are not read."""
        query = select(EVENTS.c.sequence, EVENTS.c.payload).where(
            EVENTS.c.run_id == run_id, EVENTS.c.sequence > after, EVENTS.c.kind.in_([each.kind for each in REQUESTS])
        )
        with transaction(self._engine) as connection:
            rows = connection.execute(query.order_by(EVENTS.c.sequence)).all()
        read = ((row.sequence, event_from_json(json.loads(row.payload))) for row in rows)
        return [(number, event) for number, event in read if isinstance(event, REQUESTS)]

    def events_of_kinds(self, run_ids: Collection[str], kinds: Collection[str]) -> dict[str, list[Event]]:
        """Return the events of some kinds, in order, by run; other events are not even read."""
        there = select(RUNS.c.id).where(RUNS.c.id.in_(run_ids), self.gate.where(RUNS))
        query = select(EVENTS.c.run_id, EVENTS.c.payload).where(EVENTS.c.run_id.in_(there), EVENTS.c.kind.in_(kinds))
        with transaction(self._engine) as connection:
            rows = connection.execute(query.order_by(EVENTS.c.run_id, EVENTS.c.sequence)).all()
        found: dict[str, list[Event]] = {run_id: [] for run_id in run_ids}
        for row in rows:
            event = event_from_json(json.loads(row.payload))
            if event is not None:
                found[row.run_id].append(event)
        return found

    @guarded(Act.READ)
    def progress(self, run_id: str) -> Progress:
        """Return where a run stands: its events added up, corrected by whether its worker lives."""
        return self._progress(run_id)

    def _progress(self, run_id: str) -> Progress:
        alive = self._is_alive(run_id)  # asked first: a worker that ends in between has written its last event
        query = select(RUNS.c.created_at, RUNS.c.launched_at, RUNS.c.queued_at).where(RUNS.c.id == run_id)
        with transaction(self._engine) as connection:
            times = connection.execute(query).first()
        if times is None:
            raise InputError(NO_SUCH_RUN(run_id=run_id))
        known = self._known.up_to_now(run_id, partial(self._events, run_id))
        now = known.progress
        if now.status not in ACTIVE | {Status.FAILED}:
            return now
        if times.queued_at is not None:
            return replace(now, status=Status.QUEUED, under_way=(), failure=None)
        asked_at = max(times.created_at, times.launched_at or 0.0)
        unheard = known.heard_at is None or known.heard_at < asked_at
        if unheard and (alive or time.time() - asked_at < STARTING_SECONDS):
            return replace(now, status=Status.QUEUED, under_way=(), failure=None)
        if alive or now.status is Status.FAILED:
            return now
        return replace(now, status=Status.INTERRUPTED, under_way=())

    @guarded(Act.WRITE)
    def request(self, run_id: str, command: Command) -> None:
        """Ask something of a run under way."""
        self._change(run_id, command=str(command))

    @guarded(Act.READ)
    def command(self, run_id: str) -> Command:
        """Return what is asked of a run."""
        return self.wish(run_id).command

    @guarded(Act.WRITE)
    def add_time(self, run_id: str, seconds: float) -> None:
        """Give a run more time, on top of what was added before."""
        self._change(run_id, added_seconds=RUNS.c.added_seconds + seconds)

    @guarded(Act.READ)
    def wish(self, run_id: str) -> Wish:
        """Return all that is asked of a run, in one look; cheap enough to look often."""
        with transaction(self._engine) as connection:
            query = select(RUNS.c.command, RUNS.c.added_seconds).where(RUNS.c.id == run_id)
            found = connection.execute(query).first()
        return Wish() if found is None else Wish(command=Command(found.command), added_seconds=found.added_seconds)

    @guarded(Act.WRITE)
    def note_launch(self, run_id: str) -> None:
        """Say that a worker is being started: what was asked of the one before is forgotten, and it waits no more."""
        self._change(run_id, launched_at=time.time(), command=str(Command.CONTINUE), queued_at=None)

    @guarded(Act.WRITE)
    def enqueue(self, run_id: str) -> None:
        """Let a run wait for room behind those that wait already."""
        self._change(run_id, queued_at=time.time(), command=str(Command.CONTINUE))

    @guarded(Act.WRITE)
    def leave_queue(self, run_id: str) -> None:
        """Let a run wait no more; nothing else happens to it."""
        self._change(run_id, queued_at=None)

    def queue(self) -> list[str]:
        """Return the runs that wait for room, whoever's they are, the next one first."""
        query = select(RUNS.c.id).where(RUNS.c.queued_at.is_not(None), RUNS.c.deleted_at.is_(None))
        with transaction(self._engine) as connection:
            return list(connection.execute(query.order_by(RUNS.c.queued_at, RUNS.c.id)).scalars())

    def place_in_queue(self, run_id: str) -> int | None:
        """Return how many runs start before this one does, itself counted; None when it does not wait."""
        waiting = self.queue()
        return waiting.index(run_id) + 1 if run_id in waiting else None

    def n_taking_room(self) -> int:
        """Count the runs that train on this machine or are about to, whoever's they are; paused ones do not count."""
        ended = select(EVENTS.c.run_id).where(EVENTS.c.run_id == RUNS.c.id, EVENTS.c.kind == Finished.kind).exists()
        query = select(RUNS.c.id, RUNS.c.launched_at).where(
            RUNS.c.launched_at.is_not(None), RUNS.c.queued_at.is_(None), ~ended
        )
        with transaction(self._engine) as connection:
            launched = connection.execute(query).all()
        lately = time.time() - STARTING_SECONDS
        likely = [row.id for row in launched if row.launched_at > lately or self._is_alive(row.id)]
        return sum(self._progress(run_id).status in {Status.QUEUED, Status.TRAINING} for run_id in likely)

    @guarded(Act.READ)
    def folder(self, run_id: str) -> Path:
        """Return a run's own folder, for its lock, log and scratch files."""
        return self._own_folder(run_id)

    def _own_folder(self, run_id: str) -> Path:
        if not run_id.isalnum():
            raise InputError(NO_SUCH_RUN(run_id=run_id))
        folder = self._folder / run_id
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @guarded(Act.READ)
    def artifacts(self, run_id: str) -> Artifacts:
        """Return the place that keeps a run's files."""
        kept = self._artifacts(run_id)
        may_change = self.gate.actor is ITSELF or self.gate.opens(Act.WRITE, RUNS, run_id)
        return kept if may_change else ReadOnlyArtifacts(kept)

    def _artifacts(self, run_id: str) -> Artifacts:
        folder = self._own_folder(run_id)
        if not self._artifact_address:
            return FolderArtifacts(folder / "artifacts")
        from storage.remote_artifacts import RemoteArtifacts

        return RemoteArtifacts(f"{self._artifact_address.rstrip('/')}/{run_id}", cache=folder / "cache")

    @guarded(Act.WRITE)
    def hold_lock(self, run_id: str) -> AbstractContextManager[None]:
        """Hold a run's lock while its worker lives; raises WorkspaceError when another worker holds it."""
        return hold(self._own_folder(run_id) / "lock")

    @guarded(Act.READ)
    def is_alive(self, run_id: str) -> bool:
        """Whether a worker holds the run's lock on this machine."""
        return self._is_alive(run_id)

    def _is_alive(self, run_id: str) -> bool:
        return is_held(self._folder / run_id / "lock")

    def _change(self, run_id: str, **values: Any) -> None:
        with transaction(self._engine) as connection:
            changed = connection.execute(update(RUNS).where(RUNS.c.id == run_id).values(**values)).rowcount
        if not changed:
            raise InputError(NO_SUCH_RUN(run_id=run_id))

    def _events(self, run_id: str, after: int = 0) -> list[tuple[int, float, Event]]:
        query = select(EVENTS.c.sequence, EVENTS.c.written_at, EVENTS.c.payload).where(
            EVENTS.c.run_id == run_id, EVENTS.c.sequence > after
        )
        with transaction(self._engine) as connection:
            rows = connection.execute(query.order_by(EVENTS.c.sequence)).all()
        read = ((row.sequence, row.written_at, event_from_json(json.loads(row.payload))) for row in rows)
        return [(number, written_at, event) for number, written_at, event in read if event is not None]


def _record(row: Row[Any]) -> RunRecord:
    return RunRecord(
        id=row.id,
        owner=row.owner,
        project=row.project,
        name=row.name,
        created_at=datetime.fromtimestamp(row.created_at, UTC),
        dataset_id=row.dataset_id,
        config=ExperimentConfig.from_json(json.loads(row.config)),
        notes=row.notes,
        tags=tuple(json.loads(row.tags)),
        added_seconds=row.added_seconds,
    )
