"""What the terminal says and does about a run that has been trained."""

import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from app.cli import main
from app.command import DONE, INPUT_AT_FAULT
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
    assert Path(told["onnx"]["path"]) == trained.bundle / "model.onnx"
    assert Path(told["onnx"]["path"]).stat().st_size == told["onnx"]["bytes"]
    assert all(set(finding) == {"code", "severity", "columns", "message"} for finding in told["findings"])


def test_train_says_how_it_goes_on_standard_error(trained: Trained) -> None:
    assert "Model ready: verified on" in trained.said
    assert trained.said.rstrip().endswith(f"The bundle is in {trained.bundle}.")
    assert "{'" not in trained.said  # every message was said in words


def test_the_run_is_listed_and_found_by_its_first_letters(trained: Trained, capsys: pytest.CaptureFixture[str]) -> None:
    run_id = trained.document["run_id"]
    (listed,) = document(capsys, trained, "runs")
    assert listed["run_id"] == run_id
    assert listed["score"] == trained.document["holdout"]["auc"]["value"]
    assert document(capsys, trained, "leaderboard", run_id[:5]) == trained.document["leaderboard"]
    status = document(capsys, trained, "status", run_id[:5])
    assert isinstance(status, dict)
    assert {name: status[name] for name in ("holdout", "blend", "findings")} == {
        name: trained.document[name] for name in ("holdout", "blend", "findings")
    }


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
    out = tmp_path / "out.csv"
    assert main(["predict", str(trained.bundle), str(trained.table), "--out", str(out)]) == DONE
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
