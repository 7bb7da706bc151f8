"""Who trains a run, where workers on several computers share one database.

A lease stands in the run's row and is renewed while its holder lives. On one computer the kernel's lock says at once
that a worker has died; from elsewhere it is seen when the lease ends.
"""

import hashlib
import logging
import platform
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Engine, Float, extract, func, literal, or_, select, type_coerce, update

from engine.errors import WorkspaceError
from storage.database import transaction
from storage.schema import RUNS

PLACE_FILE = ".place"
RENEWALS = 4  # in the time of a lease: three may fail without harm
MOST_TAKEOVERS = 5  # in a row: a run that ends each of its workers must not go round for ever

logger = logging.getLogger(__name__)


class Leases:
    """The leases of a database, as they look from one workspace folder of one computer. `seconds`: how long one holds.

    All times are the database's where it has a clock of its own: those of computers differ.
    """

    def __init__(self, engine: Engine, folder: Path, seconds: float) -> None:
        self._engine = engine
        self._folder = folder
        self.seconds = seconds

    @property
    def place(self) -> str:
        """The name of this folder on this computer: what is held here is guarded by the kernel's locks as well."""
        path = self._folder / PLACE_FILE
        try:
            own = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            try:
                with path.open("x", encoding="utf-8") as file:
                    own = uuid.uuid4().hex
                    file.write(own)
            except FileExistsError:  # another process was quicker
                own = path.read_text(encoding="utf-8")
        mark = hashlib.sha256(f"{own} {self._folder.absolute()}".encode()).hexdigest()[:12]
        return f"{platform.node()[:200]}/{mark}"

    def is_held_elsewhere(self, run_id: str) -> bool:
        """Whether a worker of another place has the run."""
        query = select(RUNS.c.held_by).where(RUNS.c.id == run_id, RUNS.c.held_until > self._now())
        with transaction(self._engine) as connection:
            holder = connection.execute(query).scalar()
        return holder is not None and holder != self.place

    def claim(self, run_id: str, *, starting_seconds: float) -> bool:
        """Take a run that waits or whose worker is gone, for one that is about to start; returns whether it is ours.

        Of all who try, one succeeds. What was asked of a run stays asked where its worker has died.
        """
        now = self._now()
        ours: dict[str, Any] = {"held_by": self.place, "held_until": now + (self.seconds + starting_seconds)}
        row = update(RUNS).where(RUNS.c.id == run_id, RUNS.c.deleted_at.is_(None))
        waiting = row.where(RUNS.c.queued_at.is_not(None), self._free(now))
        orphaned = row.where(self._orphaned(now)).values(n_takeovers=RUNS.c.n_takeovers + 1)
        with transaction(self._engine) as connection:
            if connection.execute(waiting.values(**ours, queued_at=None, launched_at=time.time())).rowcount:
                return True
            return bool(connection.execute(orphaned.values(**ours, launched_at=time.time())).rowcount)

    def held_by_owner(self) -> dict[str, int]:
        """Count the runs that workers have in hands anywhere, by whose they are."""
        query = select(RUNS.c.owner, func.count()).where(RUNS.c.held_until > self._now()).group_by(RUNS.c.owner)
        with transaction(self._engine) as connection:
            return {owner: int(n) for owner, n in connection.execute(query)}

    def orphans(self) -> list[str]:
        """Return the runs whose workers have died, the longest first."""
        query = select(RUNS.c.id).where(RUNS.c.deleted_at.is_(None), self._orphaned(self._now()))
        with transaction(self._engine) as connection:
            return list(connection.execute(query.order_by(RUNS.c.held_until, RUNS.c.id)).scalars())

    def take(self, run_id: str) -> bool:
        """Take a run for a worker that has the kernel's lock here; False where another place has it."""
        now = self._now()
        row = update(RUNS).where(RUNS.c.id == run_id, self._free(now))
        with transaction(self._engine) as connection:
            return bool(connection.execute(row.values(held_by=self.place, held_until=now + self.seconds)).rowcount)

    def still_ours(self) -> ColumnElement[bool]:
        """Return the condition under which a run that was taken here is still ours."""
        return RUNS.c.held_by == self.place

    def release(self, run_id: str) -> None:
        """Let go of a run that needs no worker any more."""
        self._change_ours(run_id, held_by=None, held_until=None)

    def give_up(self, run_id: str) -> None:
        """Say that the worker here is gone, so that another one need not wait for the end of the lease."""
        self._change_ours(run_id, held_until=self._now() - 1.0)

    @contextmanager
    def renewing(self, run_id: str) -> Iterator[None]:
        """Renew the lease of a run while the block runs; a database that cannot be asked is asked again."""
        over = threading.Event()

        def renew() -> None:
            while not over.wait(self.seconds / RENEWALS):
                try:
                    self._change_ours(run_id, held_until=self._now() + self.seconds)
                except WorkspaceError:
                    logger.warning("The lease could not be renewed", exc_info=True)

        thread = threading.Thread(target=renew, daemon=True, name="renews the lease")
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _change_ours(self, run_id: str, **values: Any) -> None:
        row = update(RUNS).where(RUNS.c.id == run_id, self.still_ours())
        with transaction(self._engine) as connection:
            connection.execute(row.values(**values))

    def _free(self, now: ColumnElement[float]) -> ColumnElement[bool]:
        return or_(RUNS.c.held_until.is_(None), RUNS.c.held_until < now, self.still_ours())

    def _orphaned(self, now: ColumnElement[float]) -> ColumnElement[bool]:
        """Return the condition under which a run has lost its worker; who ends a run in order lets go of it."""
        return (RUNS.c.held_until < now) & RUNS.c.queued_at.is_(None) & (RUNS.c.n_takeovers < MOST_TAKEOVERS)

    def _now(self) -> ColumnElement[float]:
        if self._engine.dialect.name == "postgresql":
            return type_coerce(extract("epoch", func.clock_timestamp()), Float)
        return literal(time.time())
