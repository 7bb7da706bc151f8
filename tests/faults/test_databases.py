"""The database is locked, corrupt, older, newer, or gone."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from app.cli import main
from app.launch import launch
from engine.config import ExperimentConfig
from engine.errors import WorkspaceError
from engine.events import CandidateFinished, Paused, StageStarted
from engine.progress import Command, Status
from storage import database
from storage.database import DATABASE_FILE, connect, sqlite_address, transaction
from storage.text import to_text
from storage.upgrade import upgrade_to
from storage.workspace import Workspace, open_workspace
from tests.test_worker import TINY, kill_worker, log_of, new_run, run_worker, wait_for, wait_for_end, wait_until

LONGER = ExperimentConfig(**{**vars(TINY), "candidates": 6})
HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.readline()
"""


@pytest.fixture(autouse=True)
def _no_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLEWRIGHT_MLFLOW", "off")


def interrupted(place: Workspace, run_id: str) -> tuple[CandidateFinished, ...]:
    """Train until something has finished, and kill the worker; returns what was acknowledged."""
    launch(run_id, place.folder)
    wait_for(place.runs, run_id, CandidateFinished, 2)
    place.runs.request(run_id, Command.PAUSE)
    wait_for(place.runs, run_id, Paused)
    kept = place.runs.progress(run_id).finished
    kill_worker(place.runs, run_id)
    wait_until(lambda: not place.runs.is_alive(run_id), place.runs.folder(run_id) / "worker.log")
    return kept


def ends_well(place: Workspace, run_id: str, kept: tuple[CandidateFinished, ...] = ()) -> None:
    """Resume a run, and see that it has what it had and comes to its end."""
    launch(run_id, place.folder)
    progress = wait_for_end(place.runs, run_id)
    assert progress.status is Status.FINISHED, (progress.failure, log_of(place, run_id))
    assert progress.finished[: len(kept)] == kept
    assert progress.ready is not None
    assert place.runs.artifacts(run_id).fetch(progress.ready.path).is_file()


def test_a_database_that_another_program_holds_is_waited_for_and_then_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 1)
    with open_workspace(tmp_path) as place:
        run_id = place.runs.create(owner="ada", name="n", dataset_id="d", config=ExperimentConfig())
        place.runs.append(run_id, StageStarted(seconds=1.0, stage="search"))
        command = [sys.executable, "-c", HOLDER, str(tmp_path / DATABASE_FILE)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline().strip() == b"held"
            with pytest.raises(
                WorkspaceError, match=r"kept the workspace's database to itself .*Close what has the file"
            ):
                place.runs.append(run_id, StageStarted(seconds=2.0, stage="search"))
            holder.communicate(b"\n")
        place.runs.append(run_id, StageStarted(seconds=3.0, stage="search"))
        assert [event.seconds for _, event in place.runs.events(run_id)] == [1.0, 3.0]


def test_a_worker_on_a_newer_database_says_so_and_changes_nothing(tmp_path: Path) -> None:
    with open_workspace(tmp_path) as place:
        run_id = new_run(place, TINY)
        with transaction(place.engine) as connection:
            known = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        before = place.runs.events(run_id)
        ended = run_worker(place, run_id)
        assert ended.returncode == 1
        assert b"Install the newer version" in ended.stderr
        with transaction(place.engine) as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :known"), {"known": known})
        assert place.runs.events(run_id) == before


def test_a_restored_run_is_free_though_it_was_trained_when_the_backup_was_made(tmp_path: Path) -> None:
    backup, new = tmp_path / "backup.zip", tmp_path / "new"
    with open_workspace(tmp_path / "workspace") as place:
        run_id = new_run(place, TINY)
        with place.runs.hold_lock(run_id):
            assert main(["backup", str(backup), "--workspace", str(place.folder)]) == 0
            assert main(["restore", str(backup), "--workspace", str(new)]) == 0
            with open_workspace(new) as restored, restored.runs.hold_lock(run_id):
                assert restored.runs.is_alive(run_id)


@pytest.mark.long
def test_a_run_of_the_first_version_is_trained_to_its_end(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    with open_workspace(folder) as place:
        table = place.datasets.record(place.runs.get(new_run(place, TINY)).dataset_id)
    for left in folder.glob(f"{DATABASE_FILE}*"):
        left.unlink()
    engine = connect(sqlite_address(folder))
    with transaction(engine) as connection:
        upgrade_to(connection, "0001")
        kept = {"id": table.id, "print": table.fingerprint, "rows": table.n_rows, "columns": table.n_columns}
        connection.execute(
            text("INSERT INTO datasets VALUES (:id, 'ada', 'houses', 'h.csv', :print, :rows, :columns, 1.0)"), kept
        )
        connection.execute(
            text("INSERT INTO runs VALUES ('r1', 'ada', 'houses', 'old', 1.0, :id, :config, 'continue', NULL)"),
            {"id": table.id, "config": to_text(TINY.to_json())},
        )
    engine.dispose()
    with open_workspace(folder) as place:
        ends_well(place, "r1")


@pytest.mark.long
def test_after_a_corrupt_database_the_backup_is_restored_and_the_run_resumes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, backup = tmp_path / "workspace", tmp_path / "backup.zip"
    with open_workspace(folder) as place:
        run_id = new_run(place, LONGER)
        interrupted(place, run_id)
        acknowledged = place.runs.events(run_id)
        assert main(["backup", str(backup), "--workspace", str(folder)]) == 0
    for left in folder.glob(f"{DATABASE_FILE}-*"):
        left.unlink()
    (folder / DATABASE_FILE).write_bytes(b"\0" * 20_000)
    assert main(["runs", "--workspace", str(folder)]) != 0
    assert "Restore it from a backup" in capsys.readouterr().err
    assert main(["restore", str(backup), "--workspace", str(tmp_path / "new")]) == 0
    with open_workspace(tmp_path / "new") as place:
        assert place.runs.events(run_id) == acknowledged
        ends_well(place, run_id)


@pytest.mark.long
def test_when_postgresql_stops_in_mid_run_nothing_is_lost_and_the_run_resumes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.servers import new_database, postgresql

    with postgresql(tmp_path / "postgresql") as address:
        own = new_database(address)
        monkeypatch.setenv("TABLEWRIGHT_DATABASE", own)
        place = open_workspace(tmp_path / "workspace")
        run_id = new_run(place, LONGER)
        launch(run_id, place.folder)
        wait_for(place.runs, run_id, CandidateFinished, 2)
        acknowledged = place.runs.events(run_id)
    log = place.folder / "runs" / run_id / "worker.log"
    wait_until(lambda: "See to it that the server runs" in log.read_text(encoding="utf-8"), log)
    with pytest.raises(WorkspaceError, match=r"database server does not answer .*See to it that the server runs"):
        place.runs.events(run_id)
    with postgresql(tmp_path / "postgresql") as again:
        assert again == address
        wait_until(lambda: not place.runs.is_alive(run_id), log)
        assert place.runs.progress(run_id).status is Status.INTERRUPTED
        assert place.runs.events(run_id)[: len(acknowledged)] == acknowledged
        ends_well(place, run_id, place.runs.progress(run_id).finished)
        place.close()
