"""The part of the store of runs that says who trains what and when: what is asked of runs, the queue, and leases."""

import json
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import Engine, Table, select, update

from engine.config import ExperimentConfig
from engine.errors import InputError, WorkspaceError
from engine.messages import Message, phrase
from engine.progress import Command
from engine.search.sharing import Waiting, in_turn
from storage.access import Act, Gate, guarded
from storage.database import transaction
from storage.leases import Leases
from storage.locks import LOCK_HELD, hold, is_held
from storage.schema import RUNS

STARTING_SECONDS = 20.0  # how long a launched worker may take to report before it counts as gone
USUAL_LEASE_SECONDS = 30.0
AT_ONCE = 0.0  # waiting since 1970: before everybody else
NO_SUCH_RUN = phrase(
    "run_unknown",
    "There is no run called {run_id}.",
    "List the runs with: tablewright runs.",
)
TAKEN_OVER = phrase(
    "run_taken_over",
    "The run {run_id} was given to another worker, because nothing had been heard of this one for too long.",
    "Nothing needs to be done: the run goes on there.",
)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is asked of a run under way: to go on, pause or stop, and so much more time in all."""

    command: Command = Command.CONTINUE
    added_seconds: float = 0.0


class RunTurns:
    """What is asked of runs, which of them waits, and who has one in hands; `RunStore` adds the rest.

    Every method asks the gate of whoever it works for.
    """

    rows: ClassVar[Table] = RUNS

    def __init__(self, *, engine: Engine, folder: Path, gate: Gate | None, lease_seconds: float) -> None:
        self._engine = engine
        self._folder = folder
        self.gate = gate or Gate(engine=engine)
        self._leases = Leases(engine, folder, lease_seconds)
        self._in_hands: set[str] = set()

    def missing(self, row_id: str) -> Message:
        """Say that there is no such run."""
        return NO_SUCH_RUN(run_id=row_id)

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
        """Return all that is asked of a run, in one look; cheap enough to look often.

        Raises WorkspaceError for a worker that has lost the run to another one.
        """
        with transaction(self._engine) as connection:
            query = select(RUNS.c.command, RUNS.c.added_seconds, RUNS.c.held_by).where(RUNS.c.id == run_id)
            found = connection.execute(query).first()
        if found is None:
            return Wish()
        if run_id in self._in_hands and found.held_by != self._leases.place:
            raise WorkspaceError(TAKEN_OVER(run_id=run_id))
        return Wish(command=Command(found.command), added_seconds=found.added_seconds)

    @guarded(Act.WRITE)
    def note_launch(self, run_id: str) -> None:
        """Say that a worker is being started: what was asked of the one before is forgotten, and it waits no more."""
        self._change(run_id, launched_at=time.time(), command=str(Command.CONTINUE), queued_at=None, n_takeovers=0)

    @guarded(Act.WRITE)
    def enqueue(self, run_id: str, *, first: bool = False) -> None:
        """Let a run wait for room, in turn with those that wait already, or before them all."""
        since = AT_ONCE if first else time.time()
        self._change(run_id, queued_at=since, command=str(Command.CONTINUE), n_takeovers=0)

    @guarded(Act.WRITE)
    def leave_queue(self, run_id: str) -> None:
        """Let a run wait no more; nothing else happens to it."""
        self._change(run_id, queued_at=None)

    def queue(self) -> list[str]:
        """Return the runs that wait for room, whoever's they are, the next one first."""
        query = select(RUNS.c.id, RUNS.c.owner, RUNS.c.queued_at, RUNS.c.config, RUNS.c.added_seconds)
        query = query.where(RUNS.c.queued_at.is_not(None), RUNS.c.deleted_at.is_(None))
        with transaction(self._engine) as connection:
            rows = connection.execute(query).all()
        waiting = [
            Waiting(
                run_id=row.id,
                owner=row.owner,
                asked_at=row.queued_at,
                seconds=ExperimentConfig.from_json(json.loads(row.config)).seconds + row.added_seconds,
            )
            for row in rows
        ]
        return in_turn(waiting, self._leases.held_by_owner() if len(waiting) > 1 else {})

    def place_in_queue(self, run_id: str) -> int | None:
        """Return how many runs start before this one does, itself counted; None when it does not wait."""
        waiting = self.queue()
        return waiting.index(run_id) + 1 if run_id in waiting else None

    def orphans(self) -> list[str]:
        """Return the runs whose workers have died anywhere, the longest first, but those that end every worker."""
        return [run_id for run_id in self._leases.orphans() if not self._is_alive_here(run_id)]

    @guarded(Act.WRITE)
    def claim(self, run_id: str) -> bool:
        """Take a run that waits, or has lost its worker, for one that starts here; of all who try, one succeeds."""
        return self._leases.claim(run_id, starting_seconds=STARTING_SECONDS)

    @guarded(Act.WRITE)
    def give_up(self, run_id: str) -> None:
        """Say that the worker which had the run here is gone, so that another one takes it at once."""
        if not self._is_alive_here(run_id):
            self._leases.give_up(run_id)

    @guarded(Act.WRITE)
    def hold_lock(self, run_id: str) -> AbstractContextManager[None]:
        """Have a run in hands while its worker lives; raises WorkspaceError when another worker has it.

        A worker that was thought dead and has lost the run meanwhile can write nothing more of it.
        """
        return self._hold(run_id)

    @contextmanager
    def _hold(self, run_id: str) -> Iterator[None]:
        with hold(self._own_folder(run_id) / "lock"):
            if not self._leases.take(run_id):
                raise WorkspaceError(LOCK_HELD(name=run_id))
            self._in_hands.add(run_id)
            try:
                with self._leases.renewing(run_id):
                    yield
            finally:
                self._in_hands.discard(run_id)
                self._leases.release(run_id)

    @guarded(Act.READ)
    def is_alive(self, run_id: str) -> bool:
        """Whether a worker has the run, here or on another computer."""
        return self._is_alive(run_id)

    def _is_alive(self, run_id: str) -> bool:
        return self._is_alive_here(run_id) or self._leases.is_held_elsewhere(run_id)

    def _is_alive_here(self, run_id: str) -> bool:
        return is_held(self._folder / run_id / "lock")

    def _own_folder(self, run_id: str) -> Path:
        if not run_id.isalnum():
            raise InputError(NO_SUCH_RUN(run_id=run_id))
        folder = self._folder / run_id
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _change(self, run_id: str, **values: Any) -> None:
        with transaction(self._engine) as connection:
            changed = connection.execute(update(RUNS).where(RUNS.c.id == run_id).values(**values)).rowcount
        if not changed:
            raise InputError(NO_SUCH_RUN(run_id=run_id))
