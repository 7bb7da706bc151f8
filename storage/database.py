"""The connection to the workspace's database: SQLite with a write-ahead log, or any SQLAlchemy address."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, NoSuchModuleError, OperationalError

from engine.errors import WorkspaceError
from engine.messages import phrase

DATABASE_FILE = "tablewright.db"
BUSY_SECONDS = 30
BAD_ADDRESS = phrase(
    "database_address",
    "The database address cannot be used: {reason}.",
    "Correct TABLEWRIGHT_DATABASE, or leave it empty to keep everything in the workspace folder.",
)
DRIVER_MISSING = phrase(
    "database_driver",
    "The database address needs a driver that is not installed: {reason}.",
    'For PostgreSQL: pip install "psycopg[binary]", and let the address begin with postgresql+psycopg://.',
)
DATABASE_PROBLEM = phrase(
    "database_problem",
    "The workspace's database cannot be used: {reason}.",
    "Check that the disk is not full and the workspace folder can be written to, then try again.",
)
DATABASE_LOCKED = phrase(
    "database_locked",
    "Another program has kept the workspace's database to itself for more than {seconds} seconds.",
    "Close what has the file {path} open, such as a database viewer or a backup, then try again or resume the run.",
)
DATABASE_AWAY = phrase(
    "database_away",
    "The database server does not answer as it should: {reason}.",
    "See to it that the server runs and can be reached, then try again or resume the run; what was kept is there.",
)
DATABASE_CORRUPT = phrase(
    "database_corrupt",
    "The file {path} is damaged or is not a Tablewright database: {reason}.",
    "Restore it from a backup, or move it away to start with an empty workspace. Models already exported are safe.",
)
_SIGNS_OF_DAMAGE = ("malformed", "not a database", "disk image", "file is encrypted")


def sqlite_address(folder: Path) -> str:
    """Return the address of a workspace's own database."""
    return address_of(folder / DATABASE_FILE)


def address_of(file: Path) -> str:
    """Return the address of a SQLite file, whatever signs its path has.

    >>> address_of(Path("/why?/100%.db"))
    'sqlite:////why%3F/100%25.db'
    """
    return URL.create("sqlite", database=file.as_posix()).render_as_string(hide_password=False)


def connect(address: str) -> Engine:
    """Return an engine for an address; nothing is opened yet."""
    try:
        if not address.startswith("sqlite"):
            return create_engine(address, pool_pre_ping=True)
        engine = create_engine(address, connect_args={"timeout": BUSY_SECONDS})
    except ImportError as problem:
        raise WorkspaceError(DRIVER_MISSING(reason=str(problem).rstrip("."))) from problem
    except (ArgumentError, NoSuchModuleError) as problem:
        raise WorkspaceError(BAD_ADDRESS(reason=str(problem).rstrip("."))) from problem
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """Run statements that all happen or none; raises WorkspaceError when the database cannot do it."""
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as problem:
        raise _in_words(problem, engine) from problem


def _in_words(problem: DBAPIError, engine: Engine) -> WorkspaceError:
    reason = str(problem.orig).strip().partition("\n")[0].rstrip(".")
    if engine.dialect.name != "sqlite":
        away = isinstance(problem, (OperationalError, InterfaceError)) or problem.connection_invalidated
        return WorkspaceError((DATABASE_AWAY if away else DATABASE_PROBLEM)(reason=reason))
    if any(sign in reason for sign in _SIGNS_OF_DAMAGE):
        return WorkspaceError(DATABASE_CORRUPT(path=str(engine.url.database), reason=reason))
    if "locked" in reason:
        return WorkspaceError(DATABASE_LOCKED(path=str(engine.url.database), seconds=BUSY_SECONDS))
    return WorkspaceError(DATABASE_PROBLEM(reason=reason))


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy says so, also around schema changes
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")  # what is committed survives the death of any process
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")  # what is deleted is overwritten
    cursor.execute("PRAGMA recursive_triggers=ON")  # else a line of the log could be replaced without being deleted
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
