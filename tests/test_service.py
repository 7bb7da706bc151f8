"""The scoring service: it answers as the file does, refuses what it cannot read, and goes on whatever is sent."""

import json
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from app.cli import main
from engine.model import open_model
from exporters.predictor.predict import Model
from exporters.service.serve import bound, example_rows
from exporters.service.serve_app import Service, create
from exporters.service.serve_rows import described
from exporters.service.serve_watch import MOST_BYTES, PredictionLog
from tests.conftest import Trained, free_port

MOST_ROWS = 50
START_SECONDS = 60.0


def service_of(bundle: Path, log: PredictionLog | None = None) -> Service:
    golden = json.loads((bundle / "golden_rows.json").read_text(encoding="utf-8"))
    model = Model(bundle / "model.onnx", n_threads=1)
    examples = example_rows(golden, model.columns)
    return Service(model, bundle / "model.onnx", most_rows=MOST_ROWS, log=log, examples=examples)


@pytest.fixture(scope="module")
def client(trained: Trained) -> Iterator[TestClient]:
    with TestClient(create(service_of(trained.bundle))) as made:
        yield made


ROW: dict[str, Any] = {
    "Fläche": "52,5 m²",
    "rooms": 3,
    "town": "Kiel",
    "sold on": "05.03.2021",
    "remark": "quiet garden near the park",
    "lift": "yes",
    "noise": -0.25,
}


def answers_of_the_engine(trained: Trained, rows: list[dict[str, str]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(ROW)).astype("str")
    return open_model(trained.bundle / "model.onnx").predict_and_tell(frame, doubt=True)[0]


def test_a_row_gets_the_answer_of_the_engine(trained: Trained, client: TestClient) -> None:
    answer = client.post("/predict", json=ROW).json()
    (expected,) = answers_of_the_engine(trained, [{name: str(cell) for name, cell in ROW.items()}]).to_dict("records")
    assert answer["prediction"] == expected["prediction"]
    assert answer["probabilities"]["dear"] == pytest.approx(expected["probability_dear"], rel=1e-6)
    assert ", ".join(answer["possible"]) == expected["possible"]
    assert ", ".join(answer["unlike"]) == expected["unlike"]
    assert answer["unread"] == []


def test_rows_get_the_answers_of_the_engine_however_many_they_are(trained: Trained, client: TestClient) -> None:
    table = pd.read_csv(trained.table, dtype="str", keep_default_na=False)[list(ROW)]
    rows = table.head(MOST_ROWS).to_dict("records")
    expected = answers_of_the_engine(trained, rows)
    for n_rows in (1, 2, MOST_ROWS):
        made = client.post("/predict", json={"rows": rows[:n_rows]}).json()["predictions"]
        assert [answer["prediction"] for answer in made] == list(expected["prediction"].head(n_rows))
        chances = [answer["probabilities"]["dear"] for answer in made]
        assert chances == pytest.approx(list(expected["probability_dear"].head(n_rows)), rel=1e-6)
    assert client.post("/predict", json={"rows": []}).json() == {"predictions": []}


def test_numbers_may_be_numbers_or_texts(client: TestClient) -> None:
    as_text = {**ROW, "Fläche": "52,5", "rooms": "3", "noise": "-0.25"}
    as_number = {**ROW, "Fläche": 52.5, "rooms": 3.0}
    told = client.post("/predict", json=ROW).json()
    assert client.post("/predict", json=as_text).json() == told
    assert client.post("/predict", json=as_number).json() == told
    other = client.post("/predict", json={**ROW, "Fläche": 110.5}).json()
    assert other["probabilities"] != told["probabilities"]


def test_what_is_left_out_is_missing(client: TestClient) -> None:
    assert client.post("/predict", json={}).json() == client.post("/predict", json=dict.fromkeys(ROW)).json()
    assert client.post("/predict", json={}).json() == client.post("/predict", json=dict.fromkeys(ROW, "")).json()


@pytest.mark.parametrize(
    ("body", "row", "field", "said"),
    [
        ({"rooms": [1]}, 0, "rooms", "a list came"),
        ({"rooms": True}, 0, "rooms", "true or false came"),
        ({"rooms": {}}, 0, "rooms", "an object came"),
        ({"rooms": "three"}, 0, "rooms", '"three" is no number'),
        ({"sold on": "31.02.2021"}, 0, "sold on", "is no date"),
        ({"Flache": 50}, 0, "Flache", 'is "Fläche" meant?'),
        ({"rows": [ROW, {**ROW, "town": []}]}, 1, "town", 'rows[1]: field "town"'),
        ({"rows": [ROW, 3]}, 1, None, "a number came"),
        ({"rows": [ROW, ROW, {"rooms": "three"}]}, 2, "rooms", 'rows[2]: field "rooms"'),
        ({"rows": [{}] * (MOST_ROWS + 1)}, None, None, f"At most {MOST_ROWS} rows"),
        ({"rows": 3}, None, None, "a list of objects"),
        ({"rows": [ROW], "more": 1}, None, None, 'Beside "rows" nothing else'),
        ([ROW], None, None, "a list came"),
    ],
)
def test_a_refusal_names_the_row_and_the_field(
    client: TestClient, body: Any, row: int | None, field: str | None, said: str
) -> None:
    answer = client.post("/predict", json=body)
    assert answer.status_code == 422, answer.text
    told = answer.json()
    assert said in told["error"]
    assert (told["problems"][0]["row"], told["problems"][0]["field"]) == (row, field)


def test_many_problems_are_counted_and_not_all_told(client: TestClient) -> None:
    told = client.post("/predict", json={"rows": [{"rooms": "x" * 500}] * MOST_ROWS}).json()
    assert told["n_problems"] == MOST_ROWS
    assert len(told["problems"]) < MOST_ROWS
    assert len(json.dumps(told)) < 10_000


def test_unreadable_cells_may_count_as_missing(client: TestClient) -> None:
    wrong = {**ROW, "rooms": "three", "sold on": "31.02.2021"}
    lenient = client.post("/predict?unread=missing", json=wrong).json()
    missing = client.post("/predict", json={**ROW, "rooms": None, "sold on": None}).json()
    assert sorted(lenient.pop("unread")) == ["rooms", "sold on"]
    assert missing.pop("unread") == []
    assert lenient == missing
    assert client.post("/predict?unread=maybe", json=ROW).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"no JSON",
        b"\xff\xfe\x00",
        b'{"noise": NaN}',
        b'{"noise": 1e999}',
        b'{"noise": ' + b"9" * 5000 + b"}",
        b'{"town": "\\ud800"}',
        b"[" * 100_000,
        b'{"' + b"x" * 100_000 + b'": 1}',
    ],
    ids=["nothing", "half", "words", "bytes", "NaN", "huge", "digits", "surrogate", "deep", "long"],
)
def test_a_body_that_is_none_is_refused(client: TestClient, body: bytes) -> None:
    answer = client.post("/predict", content=body)
    assert answer.status_code == 422
    assert len(answer.text) < 2_000


@pytest.mark.parametrize("path", ["/predict", "/predict/csv"])
def test_a_body_that_is_too_long_is_refused(client: TestClient, path: str) -> None:
    answer = client.post(path, content=b" " * 10_000_000)
    assert answer.status_code == 413
    assert str(MOST_BYTES) in answer.json()["error"]
    parts = (b" " * 1_000_000 for _part in range(9))
    assert client.post(path, content=parts).status_code == 413
    assert client.get("/healthz").status_code == 200


def test_other_addresses_and_methods_are_refused(client: TestClient) -> None:
    assert client.get("/nowhere").status_code == 404
    assert client.get("/predict").status_code == 405
    assert "error" in client.get("/nowhere").json()


def test_a_csv_text_comes_back_as_the_script_writes_it(trained: Trained, client: TestClient, tmp_path: Path) -> None:
    text = "".join(trained.table.read_text(encoding="utf-8").splitlines(keepends=True)[:20])
    (tmp_path / "few.csv").write_text(text, encoding="utf-8")
    command: list[str | Path] = [sys.executable, trained.bundle / "predict.py", tmp_path / "few.csv", "--doubt"]
    told = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True).stdout
    answer = client.post("/predict/csv?doubt=true", content=text.encode())
    assert answer.text == told
    assert answer.headers["x-unread-cells"] == "0"
    turned = client.post("/predict/csv?separator=;&doubt=true", content=text.replace(",", ";").encode())
    assert turned.status_code == 200
    assert "unsure" in turned.text


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "lacks what the model needs"),
        (b"a,b\n1,2\n", "lacks what the model needs"),
        (b"\x81", "no text in UTF-8"),
        (b"town\n" + b"Ulm\n" * 3, "rooms"),
    ],
)
def test_a_csv_text_that_is_none_is_refused(client: TestClient, body: bytes, said: str) -> None:
    answer = client.post("/predict/csv", content=body)
    assert answer.status_code == 422
    assert said in answer.json()["error"]
    assert client.post("/predict/csv?separator=x", content=body).status_code == 422


def test_no_formula_leaves_in_a_csv_text(client: TestClient) -> None:
    head, cells = ",".join([*ROW, "note"]), ",3,Ulm,,,,,=1+1"
    assert "'=1+1" in client.post("/predict/csv", content=f"{head}\n{cells}\n".encode()).text
    many = f"{head}\n" + f"{cells}\n" * (MOST_ROWS + 1)
    assert f"At most {MOST_ROWS}" in client.post("/predict/csv", content=many.encode()).json()["error"]


def test_the_openapi_document_names_every_column_with_examples(trained: Trained, client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert set(document["components"]["schemas"]["Row"]["properties"]) == set(ROW)
    body = document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]
    assert len(body["examples"]) > 1
    for example in body["examples"].values():
        assert client.post("/predict", json=example["value"]).status_code == 200
    assert client.get("/schema").json()["row"]["properties"].keys() == set(ROW)


def test_a_field_of_times_of_day_is_described_as_people_write_them() -> None:
    column = {"kind": "date", "date_formats": ["%Y-%m-%d %H:%M:%S"], "rules": {"moments": ["%H:%M"]}}
    assert described(column).startswith("a time of day, written as %H:%M;")


def test_the_golden_rows_get_the_recorded_answers(trained: Trained, client: TestClient) -> None:
    golden = json.loads((trained.bundle / "golden_rows.json").read_text(encoding="utf-8"))
    rows = [dict(zip(golden["columns"], row, strict=True)) for row in golden["rows"]]
    answer = client.post("/predict", json={"rows": rows})
    assert answer.status_code == 200, answer.text
    assert [each["prediction"] for each in answer.json()["predictions"]] == [row[0] for row in golden["expected"]]


def test_the_figures_are_what_prometheus_reads(trained: Trained) -> None:
    with TestClient(create(service_of(trained.bundle))) as client:
        client.post("/predict", json=ROW)
        client.post("/predict?unread=missing", json={"rows": [ROW, {"rooms": "three"}]})
        client.post("/predict", content=b"{")
        client.get("/some/where")
        answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    assert 'tablewright_requests_total{path="/predict",status="200"} 2' in lines
    assert 'tablewright_requests_total{path="/predict",status="422"} 1' in lines
    assert 'tablewright_requests_total{path="other",status="404"} 1' in lines
    assert "tablewright_rows_total 3" in lines
    assert 'tablewright_unread_cells_total{column="rooms"} 1' in lines
    assert 'tablewright_request_seconds_bucket{path="/predict",le="+Inf"} 3' in lines
    assert all(line.startswith("#") or float(line.rpartition(" ")[2]) >= 0 for line in lines)


def test_the_log_holds_inputs_and_answers(trained: Trained, tmp_path: Path) -> None:
    path = tmp_path / "asked.jsonl"
    with TestClient(create(service_of(trained.bundle, PredictionLog(path)))) as client:
        told = client.post("/predict", json=ROW).json()
        client.post("/predict", json={"rooms": []})
        client.post("/predict/csv", content=",".join(ROW).encode() + b",note\n,3,Ulm,,,,,secret\n")
    first, second = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    assert first["inputs"] == ROW
    assert first["outputs"] == told
    assert second["inputs"] == {**dict.fromkeys(ROW, ""), "rooms": "3", "town": "Ulm"}


def test_requests_at_the_same_time_get_their_own_answers(client: TestClient) -> None:
    rows = [{**ROW, "Fläche": 20 + 2 * number} for number in range(40)]
    alone = [client.post("/predict", json=row).json() for row in rows]
    found: dict[int, Any] = {}

    def ask(number: int) -> None:
        found[number] = client.post("/predict", json=rows[number]).json()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(rows))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Rows that are answered together may differ from those answered alone in the last digit.
    for number, told in enumerate(alone):
        assert found[number].pop("probabilities") == pytest.approx(told.pop("probabilities"), abs=1e-6)
        assert found[number] == told


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_json_is_sent_it_is_answered_or_refused(client: TestClient, data: st.DataObject) -> None:
    value = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=5,
    )
    row = st.dictionaries(st.sampled_from([*ROW, "rows"]) | st.text(), value, max_size=6)
    body = json.dumps(data.draw(row | st.fixed_dictionaries({"rows": st.lists(row, max_size=3)}) | value))
    way = data.draw(st.sampled_from(["refuse", "missing"]))
    answer = client.post(f"/predict?unread={way}", content=body.encode())
    assert answer.status_code in {200, 422}, answer.text
    assert answer.json()


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("path", ["/predict", "/predict/csv"])
def test_no_request_makes_the_service_fail(trained: Trained, path: str, mode: GenerationMode) -> None:
    api = schemathesis.openapi.from_asgi("/openapi.json", create(service_of(trained.bundle)))

    @settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=api[path]["POST"].as_strategy(generation_mode=mode))
    def holds(case: schemathesis.Case[Any]) -> None:
        assert case.call().status_code < 500

    holds()


def test_a_port_that_is_taken_is_named(trained: Trained, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["serve", str(trained.bundle), "--port", str(port)]) == 2
    said = capsys.readouterr().err
    assert f"Port {port} of 127.0.0.1 cannot be used" in said


def test_a_model_that_is_none_is_refused(trained: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "model.onnx"
    broken.write_bytes(b"no model")
    for model in (broken, tmp_path / "nothing"):
        assert main(["serve", str(model), "--port", "0"]) == 2
        assert "Traceback" not in capsys.readouterr().err
    gone = tmp_path / "no folder" / "log.jsonl"
    assert main(["serve", str(trained.bundle), "--port", "0", "--log", str(gone)]) == 2
    assert "cannot be written" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["serve", str(trained.bundle), "--port", "70000"])
    with pytest.raises(SystemExit, match="2"):
        main(["serve", str(trained.bundle), "--max-rows", "0"])


def test_only_this_computer_is_listened_to_unless_asked() -> None:
    with bound("127.0.0.1", 0) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"


def test_the_command_serves_a_run_until_it_is_ended(trained: Trained) -> None:
    port = free_port()
    where = ["--workspace", str(trained.workspace), "--port", str(port), "--max-rows", "3"]
    command = [sys.executable, "-m", "app.cli", "serve", trained.document["run_id"], *where]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            address, end = f"http://127.0.0.1:{port}", time.monotonic() + START_SECONDS
            while process.poll() is None and time.monotonic() < end:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            request = urllib.request.Request(f"{address}/predict", data=json.dumps(ROW).encode())
            with urllib.request.urlopen(request, timeout=START_SECONDS) as response:
                assert json.loads(response.read())["prediction"] in {"cheap", "dear"}
            with urllib.request.urlopen(f"{address}/schema", timeout=START_SECONDS) as response:
                assert json.loads(response.read())["max_rows"] == 3
            half = socket.create_connection(("127.0.0.1", port))
            half.sendall(b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
            half.close()
            with urllib.request.urlopen(f"{address}/healthz", timeout=START_SECONDS) as response:
                assert response.status == 200
        finally:
            process.terminate()
        said = process.communicate(timeout=START_SECONDS)
    assert address in said[0].decode()
    assert "Traceback" not in said[1].decode()
