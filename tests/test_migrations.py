"""A workspace of an older version keeps everything; one of a newer version is refused."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from engine.config import ExperimentConfig
from engine.errors import InputError, WorkspaceError
from engine.events import Paused
from storage.access import Actor, Role
from storage.database import connect, sqlite_address, transaction
from storage.schema import METADATA, REVISION
from storage.text import to_text
from storage.upgrade import MIGRATIONS, upgrade_to
from storage.workspace import open_workspace

CONFIG = ExperimentConfig(target="price", seconds=60.0)


def revisions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def make_first_revision(folder: Path) -> None:
    """Write a database as version 1 did, with rows of each table."""
    engine = connect(sqlite_address(folder))
    event = {"run": "r1", "payload": to_text(Paused(seconds=3.0).to_json())}
    with transaction(engine) as connection:
        upgrade_to(connection, "0001")
        connection.execute(
            text("INSERT INTO datasets VALUES ('d1', 'ada', 'houses', 'h.csv', 'abc', 100, 5, 1700000000.0)")
        )
        connection.execute(
            text("INSERT INTO runs VALUES ('r1', 'ada', 'houses', 'old', 1700000000.0, 'd1', :config, 'stop', NULL)"),
            {"config": to_text(CONFIG.to_json())},
        )
        connection.execute(
            text("INSERT INTO events VALUES (:run, 1, 'ada', 'houses', 1700000001.0, 'paused', 1, :payload)"), event
        )
    engine.dispose()


def test_a_workspace_of_the_first_version_keeps_its_rows(tmp_path: Path) -> None:
    make_first_revision(tmp_path)
    with open_workspace(tmp_path) as place:
        record = place.runs.get("r1")
        assert (record.owner, record.name, record.config) == ("ada", "old", CONFIG)
        assert place.runs.events("r1") == [(1, Paused(seconds=3.0))]
        assert place.datasets.record("d1").n_rows == 100
        assert (record.notes, record.tags, record.added_seconds) == ("", (), 0.0)
        assert place.runs.queue() == []
        place.runs.delete("r1")
        assert place.runs.records(owner="ada") == []


def test_rows_from_before_there_was_a_team_stay_their_owners(tmp_path: Path) -> None:
    make_first_revision(tmp_path)
    with open_workspace(tmp_path) as place:
        ada, bob = (place.seen_by(Actor(name=name, role=Role.BUILDER)) for name in ("ada", "bob"))
        assert [record.id for record in ada.runs.records()] == ["r1"]
        assert bob.runs.records() == []
        with pytest.raises(InputError, match="already"):  # else what is hers would become shared unasked
            bob.people.create_project("houses")
        ada.runs.rename("r1", "new")
        with place.engine.connect() as connection, pytest.raises(DBAPIError, match="only grow"):
            connection.execute(text("DELETE FROM audit"))


def test_a_workspace_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    with open_workspace(tmp_path) as place, transaction(place.engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(WorkspaceError, match=r"newer version of Tablewright \(schema 9999.*Install the newer version"):
        open_workspace(tmp_path)
    engine = connect(sqlite_address(tmp_path))
    with transaction(engine) as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"
    engine.dispose()


def test_the_revisions_lead_to_the_schema_that_the_code_uses(tmp_path: Path) -> None:
    with open_workspace(tmp_path) as place, place.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_revisions_are_numbered_without_gaps_up_to_the_one_the_code_expects() -> None:
    found = revisions()
    assert found == [f"{n:04d}" for n in range(1, len(found) + 1)]
    assert found[-1] == REVISION


def test_an_upgrade_that_fails_leaves_the_old_database_as_it_was(tmp_path: Path) -> None:
    make_first_revision(tmp_path)
    engine = connect(sqlite_address(tmp_path))
    with engine.connect() as connection:  # closing it without a commit is what a power cut leaves
        connection.begin()
        upgrade_to(connection, REVISION)
        assert {"deleted_at", "notes", "queued_at"} <= set(connection.execute(text("SELECT * FROM runs")).keys())
    with transaction(engine) as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "0001"
        assert "deleted_at" not in connection.execute(text("SELECT * FROM runs")).keys()  # noqa: SIM118
    engine.dispose()


def test_processes_that_open_a_new_workspace_at_once_all_succeed(tmp_path: Path) -> None:
    code = f"import pathlib, storage.workspace as w; w.open_workspace(pathlib.Path({str(tmp_path)!r}))"
    openers = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(3)]
    said = [opener.communicate()[1] for opener in openers]
    assert [opener.returncode for opener in openers] == [0, 0, 0], said
