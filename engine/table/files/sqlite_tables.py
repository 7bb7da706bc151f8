"""The tables of an SQLite file, and which of them is read."""

import sqlite3
import time
from contextlib import suppress
from dataclasses import dataclass

from engine.errors import TableError
from engine.messages import Message, phrase
from engine.table.files.raw import EMPTY

NO_SUCH_TABLE = phrase("sqlite_no_such_table", "{name} holds no table called {table}.", "It holds these: {choices}.")
TABLE_CHOSEN = phrase(
    "read_table_chosen",
    "The database holds {n} tables; {table}, which has the most rows, was read. The others: {others}.",
    "Choose another table, or write a query, if this is not the one.",
)
MADE_BY_EXTENSION = phrase(
    "sqlite_made_by_extension",
    "The table {table} is a search index or the like, which an extension of SQLite makes; extensions are not run here.",
    "Choose another table, or export this one as CSV.",
)

_VIEW_SECONDS = 1.0  # to count the rows of one view
_VIEWS_SECONDS = 10.0  # and of all


@dataclass(frozen=True, kw_only=True)
class SqliteTables:
    """The names of what is in a database, without what SQLite keeps for itself. `made`: by extensions."""

    own: tuple[str, ...]
    views: tuple[str, ...]
    made: tuple[str, ...]

    @property
    def readable(self) -> tuple[str, ...]:
        """Tables, then views."""
        return self.own + self.views


def find_tables(connection: sqlite3.Connection) -> SqliteTables:
    """Return what is in a database."""
    listed = [(str(row[1]), str(row[2])) for row in connection.execute("PRAGMA table_list") if row[0] == "main"]
    names = sorted((name, sort) for name, sort in listed if not name.startswith("sqlite_"))
    own, views, made = (tuple(name for name, its in names if its == sort) for sort in ("table", "view", "virtual"))
    return SqliteTables(own=own, views=views, made=made)


def choose_table(
    connection: sqlite3.Connection, found: SqliteTables, name: str, wanted: str | None
) -> tuple[str, list[Message]]:
    """Return the table that is wanted, else the one with the most rows, and tell of the others.

    Raises TableError when there is none such, or an extension would have to make it.
    """
    tables = found.readable
    if wanted in found.made or (wanted is None and found.made and not tables):
        raise TableError(MADE_BY_EXTENSION(table=wanted or found.made[0]))
    if not tables:
        raise TableError(EMPTY(name=name))
    if wanted is not None:
        if wanted not in tables:
            raise TableError(NO_SUCH_TABLE(name=name, table=wanted, choices=", ".join(tables[:20])))
        return wanted, []
    if len(tables) == 1:
        return tables[0], []
    counts = {table: _count(connection, table) for table in found.own}
    if not any(counts.values()):  # views are made of tables: they are counted only where these say nothing
        counts |= _counts_of_views(connection, found.views)
    chosen = max(counts, key=lambda table: counts[table])
    others = ", ".join(table for table in (*tables, *found.made) if table != chosen)
    return chosen, [TABLE_CHOSEN(n=len(tables) + len(found.made), table=chosen, others=others[:300])]


def _counts_of_views(connection: sqlite3.Connection, views: tuple[str, ...]) -> dict[str, int]:
    """Count the rows of views; one that takes long counts as empty."""
    counts = dict.fromkeys(views, 0)
    give_up = time.monotonic() + _VIEWS_SECONDS
    for view in views:
        stop_after(connection, min(_VIEW_SECONDS, give_up - time.monotonic()))
        with suppress(sqlite3.OperationalError):
            counts[view] = _count(connection, view)
    return counts


def _count(connection: sqlite3.Connection, table: str) -> int:
    """Count rows; what cannot be read counts as empty."""
    try:
        return int(connection.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()[0])  # noqa: S608 - quoted
    except sqlite3.OperationalError as problem:
        if str(problem) == "interrupted":
            raise
        return 0


def quoted(name: str) -> str:
    """Write a name so that it can stand in a statement.

    >>> quoted('odd "name')
    '"odd ""name"'
    """
    return '"' + name.replace('"', '""') + '"'


def stop_after(connection: sqlite3.Connection, seconds: float) -> None:
    """Interrupt what goes on for longer than that from now."""
    deadline = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > deadline, 100_000)
