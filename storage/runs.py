"""The runs of a workspace: what was asked, what happened, what is commanded, and the files."""

import json
import time
import uuid
from collections.abc import Collection, Iterable
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial, reduce
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, case, func, insert, literal, or_, select, update

from engine.artifacts import Artifacts, FolderArtifacts
from engine.config import ExperimentConfig
from engine.errors import InputError, WorkspaceError
from engine.events import REQUESTS, Event, Finished, Request
from engine.messages import phrase
from engine.progress import ACTIVE, Command, Progress, Status
from engine.stored_events import event_from_json
from storage.access import ITSELF, OWN_PROJECT, Act, Actor, Gate, guarded
from storage.database import transaction
from storage.folded import FoldedRuns
from storage.readonly import ReadOnlyArtifacts
from storage.run_turns import NO_SUCH_RUN, STARTING_SECONDS, TAKEN_OVER, USUAL_LEASE_SECONDS, RunTurns
from storage.schema import DATASETS, EVENTS, RUNS
from storage.text import to_text

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


class RunStore(RunTurns):
    """Keeps runs in a database and their files in a folder, or at an fsspec address when one is given.

    Every method asks the gate of whoever it works for; runs that they may not see are not there for them.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        folder: Path,
        artifact_address: str = "",
        gate: Gate | None = None,
        lease_seconds: float = USUAL_LEASE_SECONDS,
    ) -> None:
        super().__init__(engine=engine, folder=folder, gate=gate, lease_seconds=lease_seconds)
        self._artifact_address = artifact_address
        self._known = FoldedRuns()

    def seen_by(self, actor: Actor) -> "RunStore":
        """Return the same runs as they are for somebody."""
        seen = copy(self)
        seen.gate = Gate(engine=self._engine, actor=actor)
        return seen

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
        self,
        *,
        owner: str | None = None,
        project: str | None = None,
        limit: int | None = None,
        with_deleted: bool = False,
    ) -> list[RunRecord]:
        """Return runs, the newest first. `owner`: only theirs. `limit`: how many at most; None for all.

        `with_deleted`: also those that were taken out of the list.
        """
        query = select(RUNS).where(self.gate.where(RUNS))
        if not with_deleted:
            query = query.where(RUNS.c.deleted_at.is_(None))
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

        Raises InputError when there is no such run, WorkspaceError for a worker that has lost it to another one.
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
            _now_or_later(run_id),
            literal(data["kind"]),
            literal(data["version"]),
            literal(to_text(data)),
        ).where(RUNS.c.id == run_id)
        statement = insert(EVENTS).from_select([column.name for column in EVENTS.columns], row)
        with transaction(self._engine) as connection:
            # Writers of one run take turns: this change locks the run's row (in SQLite, the whole file) until the end.
            turn = update(RUNS).where(RUNS.c.id == run_id).values(id=run_id)
            if run_id in self._in_hands:
                turn = turn.where(self._leases.still_ours())
            if not connection.execute(turn).rowcount:
                lost = run_id in self._in_hands
                raise WorkspaceError(TAKEN_OVER(run_id=run_id)) if lost else InputError(NO_SUCH_RUN(run_id=run_id))
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
        if unheard and (alive or _is_lately(asked_at)):
            return replace(now, status=Status.QUEUED, under_way=(), failure=None)
        if alive or now.status is Status.FAILED:
            return now
        return replace(now, status=Status.INTERRUPTED, under_way=())

    def n_taking_room(self) -> int:
        """Count the runs that train on this machine or are about to, whoever's they are; paused ones do not count."""
        ended = select(EVENTS.c.run_id).where(EVENTS.c.run_id == RUNS.c.id, EVENTS.c.kind == Finished.kind).exists()
        query = select(RUNS.c.id, RUNS.c.launched_at).where(
            RUNS.c.launched_at.is_not(None),
            RUNS.c.queued_at.is_(None),
            ~ended,
            or_(RUNS.c.held_by.is_(None), self._leases.still_ours()),
        )
        with transaction(self._engine) as connection:
            launched = connection.execute(query).all()
        likely = [row.id for row in launched if _is_lately(row.launched_at) or self._is_alive_here(row.id)]
        return sum(self._progress(run_id).status in {Status.QUEUED, Status.TRAINING} for run_id in likely)

    @guarded(Act.READ)
    def folder(self, run_id: str) -> Path:
        """Return a run's own folder, for its lock, log and scratch files."""
        return self._own_folder(run_id)

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

    def _events(self, run_id: str, after: int = 0) -> list[tuple[int, float, Event]]:
        query = select(EVENTS.c.sequence, EVENTS.c.written_at, EVENTS.c.payload).where(
            EVENTS.c.run_id == run_id, EVENTS.c.sequence > after
        )
        with transaction(self._engine) as connection:
            rows = connection.execute(query.order_by(EVENTS.c.sequence)).all()
        read = ((row.sequence, row.written_at, event_from_json(json.loads(row.payload))) for row in rows)
        return [(number, written_at, event) for number, written_at, event in read if event is not None]


def _is_lately(at: float) -> bool:
    """Whether something was so short a time ago that its worker may still be starting; the clock may have been set."""
    return abs(time.time() - at) < STARTING_SECONDS


def _now_or_later(run_id: str) -> ColumnElement[float]:
    """Return the time for an event: of a clock that was set back, never before the launch or what was written last."""
    last = select(func.coalesce(func.max(EVENTS.c.written_at), 0.0)).where(EVENTS.c.run_id == run_id).scalar_subquery()
    times = [literal(time.time()), RUNS.c.created_at, func.coalesce(RUNS.c.launched_at, 0.0), last]
    return reduce(lambda one, other: case((one > other, one), else_=other), times)


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
