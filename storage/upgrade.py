"""Brings the database to the newest schema, and refuses one that is newer than this program."""

from pathlib import Path

from sqlalchemy import Connection, Engine, func, inspect, select, text

from engine.errors import WorkspaceError
from engine.messages import phrase
from storage.database import transaction
from storage.locks import hold
from storage.schema import REVISION

UPGRADE_SECONDS = 120.0  # how long a second process waits while the first one upgrades
UPGRADE_LOCK = 7_461_626_517  # any number that nobody else takes
MIGRATIONS = Path(__file__).parent / "migrations"
NEWER_SCHEMA = phrase(
    "database_newer",
    "This workspace was written by a newer version of Tablewright (schema {found}; this version knows {known}).",
    "Install the newer version, or choose another workspace folder.",
)


def bring_up_to_date(engine: Engine, folder: Path) -> None:
    """Run the revisions that are missing; does next to nothing when none is.

    Raises WorkspaceError when the database is newer than this program.
    """
    with transaction(engine) as connection:
        found = _revision(connection)
    if found == REVISION:
        return
    if found is not None and found > REVISION:
        raise WorkspaceError(NEWER_SCHEMA(found=found, known=REVISION))
    with hold(folder / "upgrade.lock", wait_seconds=UPGRADE_SECONDS), transaction(engine) as connection:
        if engine.dialect.name == "postgresql":  # which several folders of several computers may share
            connection.execute(select(func.pg_advisory_xact_lock(UPGRADE_LOCK)))
        upgrade_to(connection, REVISION)


def upgrade_to(connection: Connection, revision: str) -> None:
    """Run the revisions up to this one within the connection's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", MIGRATIONS.as_posix().replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)
