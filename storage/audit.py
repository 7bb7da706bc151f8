"""The log of who did what: written before it is done, never changed, without a word of anybody's tables."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine, insert, select

from storage.database import transaction
from storage.schema import AUDIT

HEAD = ("when", "who", "what", "on")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line. `subject`: the id of what it was done to, or a person's name."""

    at: datetime
    person: str
    action: str
    subject: str


def write(engine: Engine, *, person: str, action: str, subject: str = "") -> None:
    """Add a line; the database refuses to change or remove it."""
    with transaction(engine) as connection:
        connection.execute(insert(AUDIT).values(at=time.time(), person=person, action=action, subject=subject))


def entries(engine: Engine, *, limit: int | None = None) -> list[Entry]:
    """Return the lines, the newest first."""
    query = select(AUDIT).order_by(AUDIT.c.id.desc()).limit(limit)
    with transaction(engine) as connection:
        rows = connection.execute(query).all()
    return [
        Entry(at=datetime.fromtimestamp(row.at, UTC), person=row.person, action=row.action, subject=row.subject)
        for row in rows
    ]


def lines(found: list[Entry]) -> list[tuple[str, str, str, str]]:
    """Return entries as texts for a table, times in UTC."""
    return [(each.at.isoformat(timespec="seconds"), each.person, each.action, each.subject) for each in found]
