"""A workspace in one file and back: everything, or nothing and a sentence that says why."""

import json
import sqlite3
import zipfile
from pathlib import Path

import pytest

from app.cli import main
from engine.config import ExperimentConfig
from engine.errors import InputError, WorkspaceError
from engine.table.reading import read_table
from storage.backup import CONTENTS, back_up, restore
from storage.workspace import Workspace, open_workspace
from tests.app.made_runs import begun

CONFIG = ExperimentConfig(target="left", seconds=30.0)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("TABLEWRIGHT_MLFLOW", "off")
    return open_workspace(tmp_path / "workspace")


def a_run(place: Workspace, tmp_path: Path) -> str:
    table_file = tmp_path / "客户.csv"
    table_file.write_text("x,left\n北京,no\n上海,yes\n北京,no\n", encoding="utf-8")
    dataset = read_table(table_file)
    table = place.datasets.save(dataset, owner="ada")
    run_id = place.runs.create(owner="ada", name="who leaves", dataset_id=table, config=CONFIG)
    for event in begun():
        place.runs.append(run_id, event)
    model = tmp_path / "made.onnx"
    model.write_bytes(bytes(range(256)) * 40)
    place.runs.artifacts(run_id).save("model.onnx", model)
    (place.runs.folder(run_id) / "scratch").mkdir()
    (place.runs.folder(run_id) / "scratch" / "folds.pkl").write_bytes(b"half done")
    return run_id


def test_everything_that_is_kept_comes_back(place: Workspace, tmp_path: Path) -> None:
    run_id = a_run(place, tmp_path)
    (place.folder / "preferences.json").write_text('{"language": "zh_CN"}')
    back_up(place, tmp_path / "kept.zip")
    restore(tmp_path / "kept.zip", tmp_path / "again")
    with open_workspace(tmp_path / "again") as again:
        assert again.runs.get(run_id) == place.runs.get(run_id)
        assert again.runs.events(run_id) == place.runs.events(run_id)
        table = again.datasets.load(place.runs.get(run_id).dataset_id)
        assert list(table.frame["x"]) == ["北京", "上海", "北京"]
        kept = again.runs.artifacts(run_id).fetch("model.onnx")
        assert kept.read_bytes() == bytes(range(256)) * 40
        assert (again.folder / "preferences.json").read_text() == '{"language": "zh_CN"}'
        assert not list(again.folder.rglob("*.pkl")), "a backup must hold no pickles"
    assert {path.name for path in tmp_path.iterdir()} - {"made.onnx", "客户.csv"} == {"again", "kept.zip", "workspace"}


@pytest.mark.parametrize("name", ["shop.db", "lock", ".hidden.csv", "notes.tmp"])
def test_the_file_of_a_table_is_kept_whatever_it_is_called(place: Workspace, tmp_path: Path, name: str) -> None:
    table, source = tmp_path / "t.csv", tmp_path / name
    for path in (table, source):
        path.write_text("x,y\n1,2\n" * 60, encoding="utf-8")
    dataset_id = place.datasets.save(read_table(table), source=source)
    back_up(place, tmp_path / "kept.zip")
    restore(tmp_path / "kept.zip", tmp_path / "again")
    with open_workspace(tmp_path / "again") as again:
        found = again.datasets.source(dataset_id)
        assert found is not None
        assert found.read_bytes() == source.read_bytes()


def test_what_is_written_meanwhile_is_in_it_whole_or_not_at_all(place: Workspace, tmp_path: Path) -> None:
    run_id = a_run(place, tmp_path)
    open_elsewhere = sqlite3.connect(place.folder / "tablewright.db", isolation_level=None)
    open_elsewhere.execute("BEGIN IMMEDIATE")
    open_elsewhere.execute("UPDATE runs SET name = 'half'")
    back_up(place, tmp_path / "kept.zip")
    open_elsewhere.execute("ROLLBACK")
    open_elsewhere.close()
    restore(tmp_path / "kept.zip", tmp_path / "again")
    with open_workspace(tmp_path / "again") as again:
        assert again.runs.get(run_id).name == "who leaves"


@pytest.mark.parametrize("harm", ["cut", "flipped", "added", "missing", "outside", "no list", "no zip"])
def test_a_damaged_backup_changes_nothing(place: Workspace, tmp_path: Path, harm: str) -> None:
    a_run(place, tmp_path)
    whole, bad, folder = tmp_path / "whole.zip", tmp_path / "bad.zip", tmp_path / "again"
    back_up(place, whole)
    harmed(whole, bad, harm)
    with pytest.raises(InputError) as told:
        restore(bad, folder)
    assert told.value.message.code == "backup_not_one"
    assert not folder.exists()
    assert not list(tmp_path.glob(".restoring*"))
    assert not (tmp_path / "outside.txt").exists()


def harmed(whole: Path, bad: Path, harm: str) -> None:
    """Write what a backup has become after a fault, or in the hands of a stranger."""
    with zipfile.ZipFile(whole) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    if harm == "cut":
        bad.write_bytes(whole.read_bytes()[:-200])
        return
    if harm == "no zip":
        bad.write_bytes(b"PK but no more")
        return
    model = next(name for name in parts if name.endswith("model.onnx"))
    listed = json.loads(parts[CONTENTS])
    match harm:
        case "flipped":
            parts[model] = parts[model][:-1] + b"?"
        case "added":
            parts["runs/more.txt"] = b"more"
        case "missing":
            del parts[model]
        case "outside":
            parts["../outside.txt"] = b""
            listed["sizes"]["../outside.txt"] = 0
            listed["checksums"]["../outside.txt"] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            parts[CONTENTS] = json.dumps(listed).encode()
        case "no list":
            del parts[CONTENTS]
    with zipfile.ZipFile(bad, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)


def test_a_backup_goes_only_where_it_harms_nothing(
    place: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = a_run(place, tmp_path)
    with pytest.raises(InputError, match="outside"):
        back_up(place, place.folder / "kept.zip")
    back_up(place, tmp_path / "kept.zip")
    with pytest.raises(InputError, match="not empty"):
        restore(tmp_path / "kept.zip", place.folder)
    assert place.runs.get(run_id).name == "who leaves"
    monkeypatch.setenv("TABLEWRIGHT_DATABASE", "postgresql+psycopg://ada:secret@host/runs")
    with pytest.raises(WorkspaceError) as told:
        back_up(place, tmp_path / "more.zip")
    assert "secret" not in str(told.value)
    assert "pg_dump" in str(told.value)


def test_the_commands_say_what_they_did(place: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a_run(place, tmp_path)
    kept, folder = str(tmp_path / "kept.zip"), str(tmp_path / "again")
    assert main(["backup", kept, "--workspace", str(place.folder)]) == 0
    assert folder not in capsys.readouterr().out
    assert main(["restore", kept, "--workspace", folder, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"] == 1
    assert main(["restore", kept, "--workspace", folder]) == 2
