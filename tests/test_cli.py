"""The terminal's door: what it prints, where, and with which exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from app.cli import main, parser
from app.command import DONE, FAILED, INPUT_AT_FAULT, commands
from app.commands.train import _config
from app.terminal import table
from engine.plain import finite
from engine.table.reading import read_table
from engine.table.schema import Role

N_ROWS = 60


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return tmp_path / "workspace"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A small table with a number, a category and a target of two classes."""
    rows = range(N_ROWS)
    frame = pd.DataFrame(
        {
            "size": [row * 1.5 for row in rows],
            "colour": [("red", "green", "blue")[row % 3] for row in rows],
            "empty": ["" for _row in rows],
            "same": ["x" for _row in rows],
            "bought": ["yes" if row % 2 else "no" for row in rows],
        }
    )
    path = tmp_path / "shop.csv"
    frame.to_csv(path, index=False)
    return path


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Run a command that must be refused, and return the one sentence it says."""
    assert main(words) == INPUT_AT_FAULT
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    assert len(err.splitlines()) == 1
    return err


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == DONE
    shown = capsys.readouterr().out
    assert all(f"    {command.key}" in shown for command in commands())


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from app.cli import parser; parser().format_help();"
        "heavy = {'pandas', 'numpy', 'sqlalchemy', 'streamlit', 'sklearn', 'onnx'} & set(sys.modules);"
        "sys.exit(', '.join(heavy) or 0)"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr


def test_without_a_command_it_is_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parser().parse_args(["app"]).run is next(each.run for each in commands() if each.key == "app")
    asked = []
    monkeypatch.setattr("app.server.serve", lambda *_words, **_named: asked.append(True))
    assert main([]) == DONE
    assert asked == [True]


def test_an_argument_it_does_not_know_is_the_inputs_fault(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["inspect", "x.csv", "--what"])
    assert ended.value.code == INPUT_AT_FAULT
    said = capsys.readouterr().err
    assert "--what" in said
    assert "--help" in said
    assert len(said.splitlines()) == 1


def test_inspect_prints_one_document(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(file), "--json"]) == DONE
    found = json.loads(capsys.readouterr().out)
    assert found["rows"] == N_ROWS
    assert found["target"] == "bought"
    assert found["task"] == "binary"
    size = next(column for column in found["columns"] if column["name"] == "size")
    assert {"name", "kind", "role", "reason", "probability", "missing"} <= set(size)
    assert size["kind"] == "number"
    assert {"done_to_the_file", "findings"} <= set(found)
    assert any("same" in finding["columns"] for finding in found["findings"])


def test_inspect_says_why(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(file), "--target", "colour"]) == DONE
    shown = capsys.readouterr().out
    assert "Target: colour (multiclass)" in shown
    assert "All values are numbers." in shown


BAD_FILES = {
    "missing": None,
    "empty": b"",
    "one column": b"a\n1\n2\n3\n",
    "header only": b"a,b\n",
    "picture": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)),
}


@pytest.mark.parametrize("content", BAD_FILES.values(), ids=BAD_FILES)
@pytest.mark.parametrize("command", ["inspect", "train"])
def test_a_file_that_is_no_table(
    command: str, content: bytes | None, tmp_path: Path, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.csv"
    if content is not None:
        path.write_bytes(content)
    more = ["--workspace", str(workspace)] if command == "train" else []
    assert "bad.csv" in refused(capsys, command, str(path), *more)
    assert not workspace.exists()


@pytest.mark.parametrize(
    ("target", "reason"),
    [("nowhere", "no column called nowhere"), ("same", "same value"), ("empty", "no value")],
)
def test_a_target_that_cannot_be_predicted(
    target: str, reason: str, file: Path, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(capsys, "train", str(file), "--target", target, "--workspace", str(workspace))
    assert reason in said
    assert not workspace.exists()


def test_costs_of_an_answer_that_is_not_there_begin_no_run(
    file: Path, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", str(file), "--target", "bought", "--cost", "no:perhaps=5", "--workspace", str(workspace)]
    assert main(words) == INPUT_AT_FAULT
    assert "A cost is given for perhaps" in capsys.readouterr().err
    assert not workspace.exists()


def test_too_few_rows(tmp_path: Path, workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "few.csv"
    pd.DataFrame({"a": [row % 7 + 0.5 for row in range(30)], "y": [0, 1] * 15}).to_csv(path, index=False)
    assert "30 rows" in refused(capsys, "train", str(path), "--target", "y", "--workspace", str(workspace))
    assert not workspace.exists()


def test_all_problems_of_the_settings_are_said_at_once(
    file: Path, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = ["--seconds", "1", "--holdout", "3", "--candidates", "0", "--family", "linear", "--family", "forest"]
    assert main(["train", str(file), *wrong, "--workspace", str(workspace)]) == INPUT_AT_FAULT
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 4
    assert any("forest" in line and "lightgbm" in line for line in said)
    assert not workspace.exists()


@pytest.mark.parametrize(("metric", "reason"), [("rmse", "does not measure"), ("nonsense", "nonsense")])
def test_a_metric_that_does_not_fit(
    metric: str, reason: str, file: Path, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reason in refused(
        capsys, "train", str(file), "--target", "bought", "--metric", metric, "--workspace", str(workspace)
    )


def test_out_must_not_be_a_file(file: Path, workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["train", str(file), "--target", "bought", "--out", str(file), "--workspace", str(workspace)]
    assert "not a folder" in refused(capsys, *words)
    assert not workspace.exists()


def test_out_is_tried_before_training(
    file: Path, tmp_path: Path, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", str(file), "--target", "bought", "--out", str(file / "sub"), "--workspace", str(workspace)]
    assert "cannot be written into" in refused(capsys, *words)
    assert not workspace.exists()


@pytest.mark.parametrize(
    "words",
    [
        ["worker", "--at-once=0"],
        ["worker", "--at-once=-1"],
        ["cluster", "start", "--port=99999"],
        ["cluster", "add-worker", "here:1", "--slots=-1"],
        ["log", "abc", "--last=-5"],
        ["label-next", "abc", "new.csv", "--count=0"],
        ["serve", "model.onnx", "--max-rows=0"],
        ["inspect", "table.csv", "--skip-rows=-1"],
    ],
)
def test_a_number_that_cannot_be_is_refused_before_anything_is_done(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == INPUT_AT_FAULT
    assert "give a whole number from" in capsys.readouterr().err


@pytest.mark.parametrize("what", [["--create"], ["--delete", "--yes"], ["--share=ada"], ["--unshare=ada"]])
def test_a_project_without_its_name_is_asked_for(
    what: list[str], workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "tablewright project NAME" in refused(capsys, "project", *what, "--workspace", str(workspace))
    assert not workspace.exists()


@pytest.mark.parametrize("port", ["99999", "0", "-1", "x", "8501.5"])
def test_a_port_that_is_none(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["app", f"--port={port}"])
    assert ended.value.code == INPUT_AT_FAULT
    assert "from 1 to 65535" in capsys.readouterr().err


def test_any_letter_is_printed_whatever_the_systems_encoding(tmp_path: Path) -> None:
    path = tmp_path / "u.csv"
    frame = pd.DataFrame({"面积": [row * 1.5 for row in range(N_ROWS)], "价格": [row * 7.3 for row in range(N_ROWS)]})
    frame.to_csv(path, index=False)
    command = [sys.executable, "-m", "app.cli", "inspect", str(path), "--json"]
    western = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    finished = subprocess.run(command, capture_output=True, check=False, env=western)
    assert finished.returncode == DONE, finished.stderr
    assert [column["name"] for column in json.loads(finished.stdout.decode("utf-8"))["columns"]] == ["面积", "价格"]


@pytest.mark.parametrize("command", ["status", "stop", "pause", "resume", "leaderboard"])
def test_a_run_that_does_not_exist(command: str, workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "tablewright runs" in refused(capsys, command, "abc", "--workspace", str(workspace))


def test_runs_of_an_empty_workspace(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "--json", "--workspace", str(workspace)]) == DONE
    assert json.loads(capsys.readouterr().out) == []
    assert main(["runs", "--workspace", str(workspace)]) == DONE
    assert "tablewright train" in capsys.readouterr().out


def test_the_log_is_written_and_printed_as_asked_for(
    tmp_path: Path, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["log", "--workspace", str(workspace), "--out"]
    assert main([*words, str(tmp_path / "log.csv"), "--json"]) == DONE
    assert json.loads(capsys.readouterr().out) == []
    assert (tmp_path / "log.csv").read_text(encoding="utf-8-sig").startswith("when,who,what,on")
    assert main([*words, str(tmp_path / "log.csv")]) == DONE
    assert capsys.readouterr().out == ""
    assert "cannot be written" in refused(capsys, *words, str(tmp_path / "none" / "log.csv"))


@pytest.mark.parametrize("model", ["nowhere.onnx", "abcdef"])
def test_predict_without_a_model(model: str, file: Path, workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "predict", model, str(file), "--workspace", str(workspace))
    assert f"no model {model}" in said


@pytest.mark.parametrize("content", [b"not a model", b""])
def test_predict_with_a_damaged_model(
    content: bytes, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, out = tmp_path / "model.onnx", tmp_path / "out.csv"
    model.write_bytes(content)
    assert "model.onnx" in refused(capsys, "predict", str(model), str(file), "--out", str(out))
    assert not out.exists()


def test_predict_says_what_it_can_write(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ".xlsx" in refused(capsys, "predict", "model.onnx", str(file), "--out", "out.pdf")


def test_parts_lists_every_sort(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parts", "--json"]) == DONE
    found = json.loads(capsys.readouterr().out)
    assert {part["part"] for part in found} == {
        *("family", "step", "metric", "transform", "sampler", "pruner"),
        *("check", "exporter", "screen", "command"),
    }
    assert all(part["title"] for part in found)


def test_doctor_looks_at_the_workspace(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json", "--workspace", str(workspace)]) == DONE
    found = {each["what"]: each for each in json.loads(capsys.readouterr().out)}
    assert str(workspace) in found["Workspace"]["found"]
    assert found["Python"]["well"]


def test_doctor_finds_the_browser_that_windows_and_reports_take(
    file: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("exporters.installed_browser.usual_places", lambda *_where: iter(()))
    for named in (str(file), ""):
        monkeypatch.setenv("TABLEWRIGHT_BROWSER", named)
        assert main(["doctor", "--json", "--workspace", str(workspace)]) == DONE
        (found,) = [each for each in json.loads(capsys.readouterr().out) if each["what"] == "Browser"]
        assert found["well"] is bool(named)
        assert (found["found"] == named) if named else ("PDF" in found["remedy"])


def test_doctor_says_what_to_do_about_a_workspace_it_cannot_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file, not a folder")
    assert main(["doctor", "--workspace", str(taken)]) == FAILED
    assert "--workspace" in capsys.readouterr().out


def test_a_reader_that_has_seen_enough_is_no_error(file: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "app.cli", "inspect", str(file), "--json"]
    with os.fdopen(writer, "wb") as closed:
        finished = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, text=True, check=False)
    assert finished.returncode == FAILED
    assert finished.stderr == ""


def test_numbers_that_json_lacks_become_null() -> None:
    assert finite({"a": float("inf"), "b": [float("nan"), 1]}) == {"a": None, "b": [None, 1]}


def test_a_table_without_rows_keeps_its_head() -> None:
    assert table(["a", "b"], []) == "a  b"


def test_families_can_be_named(file: Path) -> None:
    options = parser().parse_args(["train", str(file), "--family", "linear", "--family", "lightgbm"])
    assert _config(options, read_table(file)).families == ("linear", "lightgbm")


def test_columns_can_be_left_out(file: Path) -> None:
    options = parser().parse_args(["train", str(file), "--ignore", "size", "--ignore", "same"])
    columns = _config(options, read_table(file)).columns
    assert columns is not None
    assert {name: choice.role for name, choice in columns.items()} == {"size": Role.IGNORED, "same": Role.IGNORED}
