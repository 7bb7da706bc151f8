"""The server: what it loads, whom it answers, what its answers carry."""

import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from app.server import free_port, options
from storage.workspace import Workspace, open_workspace
from tests.app.made_runs import finished, keep

ML_LIBRARIES = ("sklearn", "lightgbm", "catboost", "optuna", "shap", "mlflow", "onnx", "spox", "skl2onnx")
FIRST_PAGE_SECONDS = 3.0
EVERY_SCREEN = """
import asyncio, json, pathlib, sys
from app.opened import settle
folder, run_id, libraries = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3].split(",")
settle(folder)
from app.server import _lifespan, build
async def start():
    async with _lifespan(build(folder)):
        pass
asyncio.run(start())
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash
import app.main as main
from app.screen import screens
for screen in screens():
    page = AppTest.from_file(main.__file__, default_timeout=60)
    page.query_params["run"] = run_id
    page._page_hash = calc_hash(screen.key) if screen.order else ""
    page.run()
    assert not page.exception, page.exception[0].stack_trace
print(json.dumps(sorted(name for name in libraries if name in sys.modules)))
"""


def test_the_server_loads_no_machine_learning_library(tmp_path: Path) -> None:
    with open_workspace(tmp_path) as place:
        run_id = keep(place, finished())
    script = tmp_path / "every_screen.py"
    script.write_text(EVERY_SCREEN, encoding="utf-8")
    command = [sys.executable, str(script), str(tmp_path), run_id, ",".join(ML_LIBRARIES)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_the_first_page_is_there_soon(server: Any) -> None:
    assert server.started_seconds < 10 * FIRST_PAGE_SECONDS, "an order of magnitude: machines differ"
    with urllib.request.urlopen(server.url) as answer:
        assert answer.status == 200


def test_every_answer_forbids_outside_places(server: Any) -> None:
    for path in ("/", "/_stcore/health", "/api/download/none/model.onnx"):
        connection = HTTPConnection("127.0.0.1", server.port)
        connection.request("GET", path)
        answer = connection.getresponse()
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "http:" not in policy
        assert "*" not in policy.replace("ws://localhost:*", "").replace("ws://127.0.0.1:*", "")
        assert not {"ws:", "wss:"} & set(policy.replace(";", "").split())
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        connection.close()


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8501", "127.0.0.1.evil.example"])
def test_other_host_names_are_turned_away(server: Any, host: str) -> None:
    connection = HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", "/", headers={"Host": host})
    assert connection.getresponse().status == 400
    connection.close()


def test_the_running_server_takes_uploads_from_its_own_pages_only(server: Any) -> None:
    request = urllib.request.Request(f"{server.url}/api/upload", data=b"a,b\n1,2\n", headers={"x-filename": "t.csv"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 403
    refused.value.close()
    request.add_header("x-tablewright", "1")
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)["bytes"] == 8


def test_unknown_files_are_not_there(server: Any) -> None:
    for path in ("none/model.onnx", "none/..%2f..%2ftablewright.db", "x/exports/bundle"):
        with pytest.raises(urllib.error.HTTPError) as missing:
            urllib.request.urlopen(f"{server.url}/api/download/{path}")
        assert missing.value.code in (400, 404)
        missing.value.close()


def test_a_port_that_is_taken_is_left_alone() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) != port
    assert free_port(port) == port


def test_the_settings_keep_to_this_computer_and_tell_nobody(place: Workspace) -> None:
    chosen = options()
    assert chosen["server.address"] == "127.0.0.1"
    assert chosen["browser.gatherUsageStats"] is False
    assert chosen["client.showErrorDetails"] == "none"
    from streamlit import config

    unknown = [name for name in chosen if name not in config.get_config_options()]
    assert unknown == []
