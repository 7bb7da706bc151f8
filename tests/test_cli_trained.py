"""What the terminal says and does about a run that has been trained."""

import io
import json
import shutil
from argparse import Namespace
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from app.bootstrap import workspace
from app.cli import main
from app.command import DONE, FAILED, INPUT_AT_FAULT
from app.commands import train
from app.handing_over import bundle_into
from engine.errors import InputError
from engine.events import Event, Explained, ExplanationFailed, ModelReady
from engine.messages import phrase
from engine.outcomes import Estimate
from storage.workspace import open_workspace
from tests.conftest import Trained

KEYS = {
    "run_id",
    "status",
    "task",
    "target",
    "metric",
    "holdout",
    "validation",
    "baseline",
    "leaderboard",
    "blend",
    "seconds",
    "onnx",
    "findings",
    "classes",
}


def document(capsys: pytest.CaptureFixture[str], trained: Trained, *words: str) -> object:
    """Run a command on the trained run's workspace and return the one document it prints."""
    assert main([*words, "--workspace", str(trained.workspace), "--json"]) == DONE
    return json.loads(capsys.readouterr().out)


def test_train_prints_everything_about_the_run(trained: Trained) -> None:
    told = trained.document
    assert set(told) >= KEYS
    assert told["status"] == "finished"
    assert (told["task"], told["target"], told["metric"]) == ("binary", "dear", "auc")
    assert told["classes"] == ["cheap", "dear"]
    assert set(told["holdout"]["auc"]) == {"value", "low", "high"}
    assert told["holdout"]["auc"]["low"] <= told["holdout"]["auc"]["value"] <= told["holdout"]["auc"]["high"]
    assert told["holdout"]["auc"]["value"] > told["baseline"]["auc"]
    assert set(told["leaderboard"][0]) >= {"family", "score", "spread", "seconds"}
    assert [line["score"] for line in told["leaderboard"]] == sorted(
        (line["score"] for line in told["leaderboard"]), reverse=True
    )
    assert sum(member["weight"] for member in told["blend"]) == pytest.approx(1)
    assert set(told["seconds"]) == {"total", "read", "search", "model_ready"}
    assert told["onnx"]["max_abs_diff"] <= 1e-5
    assert told["onnx"]["rows_checked"] > 0
    assert Path(told["onnx"]["path"]) == trained.written / "model.onnx"
    assert Path(told["onnx"]["path"]).stat().st_size == told["onnx"]["bytes"]
    assert all(set(finding) >= {"code", "severity", "columns", "message", "remedies"} for finding in told["findings"])


def test_train_says_how_it_goes_on_standard_error(trained: Trained) -> None:
    assert "Model ready: verified on" in trained.said
    assert trained.said.rstrip().endswith(f"The bundle is in {trained.written}.")
    assert "{'" not in trained.said  # every message was said in words


def test_the_run_is_listed_and_found_by_its_first_letters(trained: Trained, capsys: pytest.CaptureFixture[str]) -> None:
    run_id = trained.document["run_id"]
    runs = document(capsys, trained, "runs")
    assert isinstance(runs, list)
    (listed,) = runs
    assert listed["run_id"] == run_id
    assert listed["score"] == trained.document["holdout"]["auc"]["value"]
    assert listed["candidates"] == sum(row["family"] != "baseline" for row in trained.document["leaderboard"])
    assert document(capsys, trained, "leaderboard", run_id[:5]) == trained.document["leaderboard"]
    status = document(capsys, trained, "status", run_id[:5])
    assert isinstance(status, dict)
    assert {name: status[name] for name in ("holdout", "blend", "findings")} == {
        name: trained.document[name] for name in ("holdout", "blend", "findings")
    }


def test_predictions_go_to_the_file_behind_a_link_and_keep_its_permissions(trained: Trained, tmp_path: Path) -> None:
    behind, link = tmp_path / "behind.csv", tmp_path / "link.csv"
    behind.write_text("old")
    behind.chmod(0o640)
    link.symlink_to(behind)
    assert main(["predict", str(trained.bundle), str(trained.table), "--out", str(link)]) == DONE
    assert link.is_symlink()
    assert "prediction" in behind.read_text(encoding="utf-8-sig").splitlines()[0]
    assert behind.stat().st_mode & 0o777 == 0o640


def test_people_read_tables(trained: Trained, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", trained.document["run_id"], "--workspace", str(trained.workspace)]) == DONE
    shown = capsys.readouterr().out
    assert "rows the model has never seen (hold-out)" in shown
    assert "What matters most" in shown


@pytest.mark.parametrize("command", ["stop", "pause", "resume"])
def test_nothing_can_be_asked_of_a_finished_run(
    command: str, trained: Trained, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, trained.document["run_id"], "--workspace", str(trained.workspace)]) == INPUT_AT_FAULT
    assert "finished" in capsys.readouterr().err


def test_doubt_stands_beside_the_predictions(trained: Trained, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["predict", str(trained.bundle), str(trained.table), "--doubt"]
    assert main(words) == DONE
    table = pd.read_csv(io.StringIO(capsys.readouterr().out))
    assert list(table.columns[-3:]) == ["unsure", "possible", "unlike"]
    several = table["possible"].str.contains(", ")
    assert (several == table["unsure"]).all()
    assert all(name in names for name, names in zip(table["prediction"], table["possible"], strict=True))
    decided = trained.document["onnx"]["decided"]
    assert decided["wanted"] == 0.9
    assert 0 < decided["coverage"] <= 1


def test_a_run_a_folder_and_a_file_are_the_same_model(
    trained: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = []
    for model in (trained.document["run_id"], trained.bundle, trained.bundle / "model.onnx"):
        words = ["predict", str(model), str(trained.table), "--workspace", str(trained.workspace)]
        assert main(words) == DONE
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1] == printed[2]
    assert printed[0].splitlines()[0].endswith("dear,prediction,probability_cheap,probability_dear")


def test_predictions_stand_beside_the_input(trained: Trained, tmp_path: Path) -> None:
    out, others = tmp_path / "out.csv", tmp_path / "out.part.csv"
    others.write_text("keep")
    assert main(["predict", str(trained.bundle), str(trained.table), "--out", str(out)]) == DONE
    assert sorted(tmp_path.iterdir()) == [out, others]
    assert others.read_text() == "keep"
    table, made = (pd.read_csv(path, dtype="str", keep_default_na=False) for path in (trained.table, out))
    pd.testing.assert_frame_equal(made[table.columns], table)
    assert (made["prediction"] == table["dear"]).mean() > 0.8
    sums = made["probability_cheap"].astype(float) + made["probability_dear"].astype(float)
    assert sums.to_numpy() == pytest.approx(1, abs=1e-6)


def test_an_excel_file_holds_numbers_and_no_formulas(trained: Trained, tmp_path: Path) -> None:
    table, out = tmp_path / "new.csv", tmp_path / "out.xlsx"
    rows = pd.read_csv(trained.table, dtype="str").head(5)
    rows.loc[0, "remark"] = '=HYPERLINK("http://example.org")'
    rows.to_csv(table, index=False)
    assert main(["predict", str(trained.bundle), str(table), "--out", str(out)]) == DONE
    (head, *cells) = openpyxl.load_workbook(out).active.iter_rows()
    first = {name.value: cell for name, cell in zip(head, cells[0], strict=True)}
    assert first["remark"].value == '\'=HYPERLINK("http://example.org")'
    assert first["remark"].data_type == "s"
    assert first["rooms"].data_type == "n"
    assert isinstance(first["probability_dear"].value, float)


def test_a_column_of_the_name_of_an_output_stays_beside_it(
    trained: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "new.csv"
    pd.read_csv(trained.table, dtype="str").head(5).assign(prediction="mine").to_csv(table, index=False)
    assert main(["predict", str(trained.bundle), str(table)]) == DONE
    head = capsys.readouterr().out.splitlines()[0].split(",")
    assert "prediction_in" in head
    assert head.count("prediction") == 1


def test_a_missing_column_is_named_and_nothing_is_written(
    trained: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, out = tmp_path / "less.csv", tmp_path / "out.csv"
    pd.read_csv(trained.table, dtype="str").drop(columns=["town", "rooms"]).to_csv(table, index=False)
    assert main(["predict", str(trained.bundle), str(table), "--out", str(out)]) == INPUT_AT_FAULT
    said = capsys.readouterr().err
    assert "town" in said
    assert "rooms" in said
    assert sorted(tmp_path.iterdir()) == [table]


def test_cells_that_do_not_fit_are_told_and_the_sign_that_is_given_has_effect(
    trained: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = pd.read_csv(trained.table, dtype="str").head(6)
    written = []
    for rooms, words in (("3.5", []), ("3,5", ["--decimal", ","]), ("3,5", []), ("many", []), ("", [])):
        table = tmp_path / "new.csv"
        rows.assign(rooms=rooms).to_csv(table, index=False)
        assert main(["predict", str(trained.bundle), str(table), *words]) == DONE
        written.append(capsys.readouterr())
    answers = [each.out.replace('"3,5"', "3.5").replace(",many,", ",,") for each in written]
    assert answers[0] == answers[1] == answers[2]
    assert answers[3] == answers[4]
    assert written[0].err == written[4].err == ""
    assert written[1].err == written[2].err == "tablewright: rooms: 6 cells were read with a decimal comma.\n"
    assert "rooms: 6 of 6 cells could not be read as numbers and count as missing, such as many" in written[3].err


def test_export_takes_any_exporter(trained: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "bare"
    written = document(capsys, trained, "export", trained.document["run_id"], "--as", "onnx", "--out", str(out))
    assert written == {"files": [str(out / "model.onnx")]}
    assert (out / "model.onnx").read_bytes() == (trained.bundle / "model.onnx").read_bytes()


def test_an_exporter_that_is_not_there(trained: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["export", trained.document["run_id"], "--as", "stone", "--out", str(tmp_path / "new")]
    assert main([*words, "--workspace", str(trained.workspace)]) == INPUT_AT_FAULT
    assert "bundle" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


TOO_SLOW = phrase("test_too_slow", "It took too long.")


def another_run(trained: Trained, folder: Path, change: Callable[[Event], Event]) -> str:
    """Keep the trained run a second time in a workspace of its own, with changed events, and return its id."""
    with open_workspace(trained.workspace) as place, open_workspace(folder) as other:
        old = place.runs.get(trained.document["run_id"])
        run_id = other.runs.create(owner=old.owner, name=old.name, dataset_id=old.dataset_id, config=old.config)
        for _number, event in place.runs.events(old.id):
            other.runs.append(run_id, change(event))
        shutil.copytree(place.runs.folder(old.id) / "artifacts", other.runs.folder(run_id) / "artifacts")
    return run_id


def end(folder: Path, run_id: str, out: Path) -> int:
    """Do what `train` does when its run has ended."""
    with open_workspace(folder) as place:
        return train._end(Namespace(out=out, json=True), place.runs, run_id, place.runs.progress(run_id))


def test_a_model_that_could_not_be_explained_is_handed_over(
    trained: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def unexplained(event: Event) -> Event:
        return ExplanationFailed(seconds=event.seconds, cause=TOO_SLOW()) if isinstance(event, Explained) else event

    run_id = another_run(trained, tmp_path / "workspace", unexplained)
    assert end(tmp_path / "workspace", run_id, tmp_path / "bundle") == DONE
    told = json.loads(capsys.readouterr().out)
    assert (told["status"], told["failure"], told["importances"]) == ("finished", None, [])
    assert told["unexplained"] == "It took too long."
    assert (tmp_path / "bundle" / "model.onnx").is_file()
    assert main(["status", run_id, "--workspace", str(tmp_path / "workspace")]) == DONE
    assert "could not be found out: It took too long." in capsys.readouterr().out


def test_a_score_that_is_not_defined_leaves_as_null(trained: Trained, tmp_path: Path) -> None:
    def undefined(event: Event) -> Event:
        if not isinstance(event, ModelReady):
            return event
        nothing = float("nan")
        return replace(event, validation={"auc": Estimate(value=nothing, low=nothing, high=nothing)})

    run_id = another_run(trained, tmp_path / "workspace", undefined)
    words = ["export", run_id, "--as", "bundle", "--out", str(tmp_path / "out")]
    assert main([*words, "--workspace", str(tmp_path / "workspace")]) == DONE
    told = json.loads((tmp_path / "out" / "certificate.json").read_text(encoding="utf-8"))
    assert told["validation"] == {"auc": {"value": None, "low": None, "high": None}}


def test_train_tells_of_the_run_even_when_the_bundle_cannot_be_written(
    trained: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    with pytest.raises(InputError, match="not a folder"):
        end(trained.workspace, trained.document["run_id"], taken)
    told = json.loads(capsys.readouterr().out)
    assert told["leaderboard"] == trained.document["leaderboard"]
    assert Path(told["onnx"]["path"]).is_relative_to(trained.workspace)


def one_sentence(lines: Iterable[str]) -> str:
    (line,) = lines
    assert line.startswith("tablewright: ")
    return line


def test_a_place_that_cannot_be_written_is_one_sentence(
    trained: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, folder = tmp_path / "f", tmp_path / "folder.csv"
    file.write_text("mine")
    folder.mkdir()
    where = ["--workspace", str(trained.workspace)]
    assert main(["export", trained.document["run_id"], "--as", "onnx", "--out", str(file / "sub"), *where]) == (
        INPUT_AT_FAULT
    )
    assert "cannot be written into" in one_sentence(capsys.readouterr().err.splitlines())
    assert main(["predict", str(trained.bundle), str(trained.table), "--out", str(folder)]) == INPUT_AT_FAULT
    assert "cannot be written" in one_sentence(capsys.readouterr().err.splitlines())
    assert sorted(tmp_path.iterdir()) == [file, folder]


def test_what_prevents_a_bundle_comes_back_so_that_all_else_is_told_first(trained: Trained, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("mine")
    with workspace(trained.workspace) as place:
        model, problem = bundle_into(place.runs, str(trained.document["run_id"]), tmp_path / "f" / "sub")
        assert model is None
        assert problem is not None
        assert "cannot be written into" in str(problem)
        model, problem = bundle_into(place.runs, str(trained.document["run_id"]), tmp_path / "sub")
    assert problem is None
    assert model is not None
    assert model.is_file()


def test_a_model_that_is_gone_is_one_sentence(
    trained: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = tmp_path / "workspace"
    run_id = another_run(trained, workspace, lambda event: event)
    (workspace / "runs" / run_id / "artifacts" / "model.onnx").unlink()
    where = ["--workspace", str(workspace)]
    exported = ["export", run_id, "--as", "bundle", "--out", str(tmp_path / "out"), *where]
    for words in (exported, ["predict", run_id, str(trained.table), *where]):
        assert main(words) == FAILED
        assert "no longer where it was kept" in one_sentence(capsys.readouterr().err.splitlines())
    assert main(["status", run_id, "--json", *where]) == DONE
    assert json.loads(capsys.readouterr().out)["onnx"]["path"] is None
