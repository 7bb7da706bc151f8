"""What processes say of themselves: one line for each event, and in none of them a cell of a table or a secret."""

import json
import logging
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette

from app.commands.cluster import _logging
from app.launch import LOG_FILE
from app.uploads import upload_route
from engine.errors import InputError
from engine.events import Failed
from engine.logs import JSON, About, Lines, event, take_over
from engine.messages import phrase
from exporters.service.serve_app import create
from storage.database import sqlite_address
from tests.app.asgi import ask
from tests.conftest import Trained
from tests.test_service import ROW, service_of

PLANTED = "Ada Lovelace 1815"
UNREADABLE = phrase("test_log_unreadable", "The cell {cell} cannot be read.")
ABOUT = About(process="worker", run="1f", project="houses", form=JSON)
IN_TEXT = About(process="worker", run="1f", project="houses")
KEYS = {"time", "level", "process", "run", "project", "pid", "logger", "message"}
BREAKS_OFF = f"""
import logging, sys, threading, warnings
from engine.logs import About, begin
begin(About(process="job", run="1f", form=sys.argv[1]))
warnings.warn("the column holds {PLANTED}")
other = threading.Thread(target=lambda: int("{PLANTED}"))
other.start()
other.join()
raise ValueError("could not convert {PLANTED}")
"""
AS_DASK_DOES = f"""
import logging.config, sys
logging.config.dictConfig(eval(sys.argv[1]))
logging.getLogger("distributed.worker").warning("The task %r failed", "{PLANTED}")
"""


def record(
    name: str, said: str, *arguments: object, problem: BaseException | None = None, **fields: object
) -> logging.LogRecord:
    exc_info = (type(problem), problem, problem.__traceback__) if problem is not None else None
    made = logging.LogRecord(name, logging.WARNING, "place.py", 1, said, arguments, exc_info)
    for key, value in event(**fields).items():
        setattr(made, key, value)
    return made


def raised(problem: BaseException) -> BaseException:
    try:
        raise problem
    except type(problem) as caught:
        return caught


def test_a_training_is_told_line_by_line_with_its_run(trained: Trained) -> None:
    run_id = trained.document["run_id"]
    text = (trained.workspace / "runs" / run_id / LOG_FILE).read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert all(set(line) >= KEYS for line in lines)
    assert {(line["run"], line["project"]) for line in lines} == {(run_id, "default")}
    assert {line["process"] for line in lines} == {"worker", "trial"}
    assert len({line["pid"] for line in lines}) > 2, "each trial is a process"
    tried = [line for line in lines if line["message"] == "candidate finished"]
    assert {line["number"] for line in tried} == {line["number"] for line in lines if line["process"] == "trial"}
    cells = {cell for row in trained.table.read_text(encoding="utf-8").splitlines()[1:] for cell in row.split(",")}
    planted = {cell for cell in (each.strip('"') for each in cells) if len(cell) > (3 if cell.isalpha() else 6)}
    assert {"Kiel", "cheap"} < planted
    assert [cell for cell in planted if cell in text] == []


@pytest.mark.parametrize("about", [ABOUT, IN_TEXT], ids=["json", "text"])
@pytest.mark.parametrize(
    ("said", "there"),
    [
        (record("app.x", "It broke", problem=raised(ValueError(PLANTED))), "ValueError"),
        (record("app.x", "It broke", problem=raised(InputError(UNREADABLE(cell=PLANTED)))), "test_log_unreadable"),
        (record("app.x", "Kept", run="2e"), "2e"),
        (record("mlflow.x", "The value %s is odd", PLANTED), "is odd"),
        (record("streamlit.x", f"Uncaught app execution of {PLANTED}"), "Uncaught app execution"),
        (record("app.x", f"No answer of postgresql+psycopg://{PLANTED.replace(' ', '')}@server/x"), "://***@server/x"),
        (record("app.x", "Two\nlines"), "Two lines"),
    ],
)
def test_an_event_is_one_line_without_what_is_nobodys_business(
    about: About, said: logging.LogRecord, there: str
) -> None:
    line = Lines(about).format(said)
    assert there in line
    assert "1f" in line or "2e" in line
    assert PLANTED not in line
    assert PLANTED.replace(" ", "") not in line
    assert "\n" not in line
    if about.form == JSON:
        assert set(json.loads(line)) >= KEYS


def test_a_number_that_is_none_keeps_the_line_readable() -> None:
    line = Lines(ABOUT).format(record("app.x", "Scored", score=float("nan"), number=3))
    told = json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert (told["score"], told["number"]) == (None, 3)


def test_what_is_ours_is_said_whole_and_causes_are_named() -> None:
    empty: dict[str, str] = {}
    try:
        try:
            empty["key"]
        except KeyError as cause:
            raise OSError(28, "No space left on device", "/secret/place") from cause
    except OSError as problem:
        told = json.loads(Lines(ABOUT).format(record("storage.x", "The file %s of %d", "kept", 3, problem=problem)))
    assert told["message"] == "The file kept of 3"
    assert (told["error"]["type"], told["error"]["system"]) == ("OSError", "No space left on device")
    assert told["error"]["cause"]["type"] == "KeyError"
    assert "tests/test_logs.py:" in told["error"]["at"][0]
    assert "secret" not in json.dumps(told)


@pytest.mark.parametrize("form", [JSON, ""])
def test_a_process_that_breaks_off_says_where_and_not_on_what(form: str) -> None:
    done = subprocess.run([sys.executable, "-c", BREAKS_OFF, form], capture_output=True, text=True, check=False)
    lines = done.stderr.splitlines()
    assert done.returncode == 1
    assert len(lines) == 3, done.stderr
    assert PLANTED not in done.stderr
    assert ["UserWarning" in lines[0], "ValueError" in lines[1], "ValueError" in lines[2]] == [True] * 3
    if form:
        assert {json.loads(line)["process"] for line in lines} == {"job"}


def test_computers_of_a_cluster_say_it_in_the_same_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLEWRIGHT_LOG", JSON)
    command = [sys.executable, "-c", AS_DASK_DOES, repr(_logging("worker"))]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    assert set(json.loads(said)) == KEYS
    assert (json.loads(said)["process"], json.loads(said)["logger"]) == ("cluster worker", "distributed.worker")
    assert PLANTED not in said


@pytest.mark.parametrize(("asked", "level"), [("Text", "INFO"), (JSON, "INFO"), ("", "WARNING"), ("no", "WARNING")])
def test_a_cluster_says_every_step_in_either_form_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, asked: str, level: str
) -> None:
    monkeypatch.setenv("TABLEWRIGHT_LOG", asked)
    assert _logging("scheduler")["root"] == {"handlers": ["said"], "level": level}


def test_the_service_logs_requests_without_rows_and_tokens(trained: Trained, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "exporters"), TestClient(create(service_of(trained.bundle))) as client:
        headers = {"authorization": f"Bearer {PLANTED}"}
        client.post("/predict?unread=missing", json={**ROW, "town": PLANTED, "rooms": PLANTED}, headers=headers)
        client.get(f"/{PLANTED}")
    lines = [Lines(ABOUT).format(each) for each in caplog.records]
    told = [(json.loads(line).get("path"), json.loads(line).get("status")) for line in lines]
    assert [each for each in told if each[0]] == [("/predict", 200), ("other", 404)]
    assert not any(PLANTED in line or "Ada" in line for line in lines)


def test_the_app_logs_uploads_without_names_and_cells(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    headers = {"x-tablewright": "1", "x-filename": "Ada.csv"}
    app = Starlette(routes=[upload_route(tmp_path)])
    with caplog.at_level(logging.INFO, "app"):
        ask(app, "/api/upload", method="POST", headers=headers, chunks=[b"name\n" + PLANTED.encode()])
        ask(app, "/api/upload", method="POST", headers={**headers, "x-filename": "Ada.exe"})
    kept, refused = (json.loads(Lines(ABOUT).format(each)) for each in caplog.records)
    assert kept["n_bytes"] == len(PLANTED) + 5
    assert refused["code"] == "upload_type"
    assert "Ada" not in json.dumps([kept, refused])


def test_an_address_with_a_password_is_not_said_by_a_worker(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "app.worker", "nothing", "--workspace", str(tmp_path)]
    broken = "postgresql+psycopg://ada:Lovelace1815@127.0.0.1:1/x"
    environment = {"TABLEWRIGHT_DATABASE": broken, "TABLEWRIGHT_LOG": JSON}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert json.loads(line)["run"] == "nothing"
    assert "Lovelace" not in line
    assert sqlite_address(tmp_path) not in line


def test_why_a_run_failed_is_named_by_its_code(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    from app import worker
    from engine.config import ExperimentConfig
    from storage.workspace import open_workspace

    with open_workspace(tmp_path) as place, caplog.at_level(logging.INFO, "app"):
        run_id = place.runs.create(owner="local", name="n", dataset_id="d", config=ExperimentConfig(target="y"))
        worker._keep(place.runs, run_id, Failed(seconds=1.0, cause=UNREADABLE(cell=PLANTED)))
    (line,) = (Lines(ABOUT).format(each) for each in caplog.records)
    assert json.loads(line)["code"] == "test_log_unreadable"
    assert PLANTED not in line


def test_libraries_speak_through_ours_unless_they_were_silenced() -> None:
    loud, silent = logging.getLogger("someone.loud"), logging.getLogger("someone.silent")
    loud.addHandler(logging.StreamHandler())
    loud.propagate = silent.propagate = False
    take_over("someone")
    assert (loud.handlers, loud.propagate, silent.propagate) == ([], True, False)


def test_warnings_stay_what_they_are_where_no_log_has_begun() -> None:
    with pytest.warns(UserWarning, match="as ever"):
        warnings.warn("as ever", UserWarning, stacklevel=1)
