"""Prove that this computer gives the recorded answers: the file by predict.py, and the service over HTTP.

    python test_golden.py        (or: pytest test_golden.py)

Needs requirements-serve.txt.
"""

import json
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

try:
    import uvicorn
except ModuleNotFoundError:
    sys.exit("Answering over HTTP needs a few packages more: pip install -r requirements-serve.txt")

from exporters.predictor.predict import Model, check, near
from exporters.service.serve import bound, example_rows
from exporters.service.serve_app import Service, create

HERE = Path(__file__).resolve().parent
MODEL = HERE / "model.onnx"
START_SECONDS = 60.0


def golden() -> dict[str, Any]:
    """Return the recorded rows with their answers."""
    document: dict[str, Any] = json.loads((HERE / "golden_rows.json").read_text(encoding="utf-8"))
    return document


@contextmanager
def running() -> Iterator[str]:
    """Yield the address of the service, at a free port of this computer."""
    model = Model(MODEL, n_threads=1)
    service = Service(model, MODEL, most_rows=1000, log=None, examples=example_rows(golden(), model.columns))
    listening = bound("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(create(service), log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    end = time.monotonic() + START_SECONDS
    while not server.started and time.monotonic() < end:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()


def ask(address: str, body: Any) -> tuple[int, Any]:
    """Post a document; return the status and the answer."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(address, data=content, headers={"Content-Type": "application/json"})  # noqa: S310 - our own address
    try:
        with urllib.request.urlopen(request) as response:  # noqa: S310
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read())


def cells(answer: dict[str, Any]) -> list[Any]:
    """Return an answer of the service as it was recorded: a cell for each output."""
    made = [answer["prediction"], *answer.get("probabilities", {}).values()]
    if "interval" in answer:
        made += [answer["interval"]["low"], answer["interval"]["high"]]
    if "possible" in answer:
        made += [len(answer["possible"]) > 1, ", ".join(map(str, answer["possible"]))]
    if "unlike" in answer:
        made.append(", ".join(answer["unlike"]))
    return made


def test_the_file_gives_the_recorded_answers() -> None:
    """Cells are read, and rows predicted, as they were when the bundle was made."""
    assert check(Model(MODEL)) == 0


def test_the_service_gives_the_recorded_answers() -> None:
    """All rows at once, and one of them alone."""
    told = golden()
    rows = [dict(zip(told["columns"], row, strict=True)) for row in told["rows"]]
    with running() as address:
        status, several = ask(f"{address}/predict", {"rows": rows})
        assert status == 200, several
        answers = [cells(answer) for answer in several["predictions"]]
        assert all(near(*both) for both in zip(answers, told["expected"], strict=True))
        status, one = ask(f"{address}/predict", rows[1])
        assert status == 200, one
        assert near(cells(one), told["expected"][1])


def test_the_service_refuses_what_it_cannot_read() -> None:
    """The answer names the field, and the service goes on."""
    with running() as address:
        name = golden()["columns"][0]
        wrongs: list[Any] = [b"no JSON", {name: [1]}, {"no such column": 1}, {"rows": [{}, {name: {}}]}]
        for wrong in wrongs:
            status, said = ask(f"{address}/predict", wrong)
            assert status == 422, said
            assert said["error"]
        assert ask(f"{address}/predict", {})[0] == 200


def main() -> int:
    """Run every test of this file without a test runner."""
    tests = {name: test for name, test in globals().items() if name.startswith("test_")}
    outcomes: Counter[str] = Counter()
    for name, test in tests.items():
        try:
            test()
        except AssertionError as failed:
            print(f"FAILED {name}: {failed}")
            outcomes["failed"] += 1
        else:
            outcomes["passed"] += 1
    print(f"{outcomes['passed']} passed, {outcomes['failed']} failed")
    return 1 if outcomes["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
