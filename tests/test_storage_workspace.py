"""Opening a workspace: quickly, where it was asked for, or with a sentence that says what is wrong."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from engine.errors import WorkspaceError
from storage.database import DATABASE_FILE, transaction
from storage.runs import RunStore
from storage.settings import MLFLOW, SETTINGS, SETTINGS_FILE
from storage.workspace import open_workspace

OPEN = """
import json, pathlib, sys, time
from app.bootstrap import workspace
begun = time.process_time()
workspace(pathlib.Path(sys.argv[1]))
seconds = time.process_time() - begun
print(json.dumps({"seconds": seconds, "modules": sorted(sys.modules)}))
"""
HEAVY = {"alembic", "mlflow", "fsspec", "sklearn", "lightgbm", "catboost", "optuna", "shap", "onnx", "streamlit"}


@pytest.fixture(autouse=True)
def _usual_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.variable, raising=False)


def test_an_up_to_date_workspace_opens_at_once_and_loads_nothing_heavy(tmp_path: Path) -> None:
    open_workspace(tmp_path).close()
    done = subprocess.run([sys.executable, "-c", OPEN, str(tmp_path)], capture_output=True, text=True, check=True)
    seen = json.loads(done.stdout)
    assert seen["seconds"] < 0.05
    assert HEAVY.isdisjoint(seen["modules"])


def test_a_workspace_is_made_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLEWRIGHT_WORKSPACE", str(tmp_path / "new" / "place"))
    with open_workspace() as place:
        assert place.folder == tmp_path / "new" / "place"
        assert (place.folder / DATABASE_FILE).is_file()


def test_what_was_kept_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    from engine.config import ExperimentConfig

    with open_workspace(tmp_path) as place:
        run_id = place.runs.create(owner="ada", name="n", dataset_id="d", config=ExperimentConfig())
    with open_workspace(tmp_path) as place:
        assert [record.id for record in place.runs.records(owner="ada")] == [run_id]


@pytest.mark.parametrize("name", ["why?", "100%20", "a#b", "a b;c"])
def test_every_folder_has_a_database_of_its_own_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    with open_workspace(tmp_path / name) as place:
        assert not place.runs.records()
    assert (tmp_path / name / DATABASE_FILE).is_file()
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WorkspaceError, match=r"folder .*file.inside cannot be written to: .*--workspace"):
        open_workspace(tmp_path / "file" / "inside")


@pytest.mark.parametrize("content", [b"this is not a database at all, it is a letter" * 30, b"SQLite format 3\0" * 99])
def test_a_damaged_database_is_named_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    (tmp_path / DATABASE_FILE).write_bytes(content)
    with pytest.raises(WorkspaceError, match="is damaged or is not a Tablewright database"):
        open_workspace(tmp_path)
    assert (tmp_path / DATABASE_FILE).read_bytes() == content


def test_a_missing_database_driver_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLEWRIGHT_DATABASE", "oracle+cx_oracle://ada@nowhere/x")  # needs what nobody here installs
    with pytest.raises(WorkspaceError, match=r"driver that is not installed: .*cx_Oracle.*psycopg"):
        open_workspace(tmp_path)


@pytest.mark.parametrize("address", ["nonsense", "unheardof://x/y"])
def test_a_wrong_address_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("TABLEWRIGHT_DATABASE", address)
    with pytest.raises(WorkspaceError, match=r"database address cannot be used.*TABLEWRIGHT_DATABASE"):
        open_workspace(tmp_path)


def test_a_lost_table_is_said_in_words(tmp_path: Path) -> None:
    with open_workspace(tmp_path) as place:
        with transaction(place.engine) as connection:
            connection.execute(text("DROP TABLE events"))
            connection.execute(text("DROP TABLE runs"))
        store: RunStore = place.runs
        with pytest.raises(WorkspaceError, match="database cannot be used: no such table: runs"):
            store.records(owner="ada")


def test_settings_come_from_the_environment_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MLFLOW.value(tmp_path) == ""
    (tmp_path / SETTINGS_FILE).write_text('mlflow = "http://from-the-file:5000"\n', encoding="utf-8")
    assert MLFLOW.value(tmp_path) == "http://from-the-file:5000"
    monkeypatch.setenv("TABLEWRIGHT_MLFLOW", "http://from-the-environment:5000")
    assert MLFLOW.value(tmp_path) == "http://from-the-environment:5000"


def test_the_settings_file_can_move_the_database(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.db"
    (tmp_path / SETTINGS_FILE).write_text(f'database = "sqlite:///{elsewhere.as_posix()}"\n', encoding="utf-8")
    with open_workspace(tmp_path):
        assert elsewhere.is_file()
        assert not (tmp_path / DATABASE_FILE).exists()


def test_a_broken_settings_file_is_named(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).write_text("mlflow = \n", encoding="utf-8")
    with pytest.raises(WorkspaceError, match=r"settings file .*settings.toml cannot be read"):
        open_workspace(tmp_path)
