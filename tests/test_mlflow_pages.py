"""MLflow's pages are started once, on this computer, and nothing of them stays behind."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from app import mlflow_pages
from app.side_pages import ended_afterwards

PATIENCE_SECONDS = 30.0  # that only a failure uses up
# Stands in for the whole of MLflow, which takes ten seconds to start: it answers as MLflow does, and has a child.
SERVER = """
import http.server, pathlib, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path(__file__).with_name("child").write_text(str(child.pid))
pathlib.Path(__file__).with_name("words").write_text(" ".join(sys.argv[1:]))
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer((sys.argv[sys.argv.index("--host") + 1], int(sys.argv[sys.argv.index("--port") + 1])), Health
).serve_forever()
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that is taken for MLflow."""
    folder = tmp_path / "packages" / "mlflow"
    folder.mkdir(parents=True)
    (folder / "__main__.py").write_text(SERVER, encoding="utf-8")
    (folder / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(folder.parent))
    yield folder
    mlflow_pages.PAGES.end()


def wait_for(true: Callable[[], bool], what: str) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < give_up, what
        time.sleep(0.05)


def lives(process_id: int) -> bool:
    """Whether a process is there and is more than a name that nobody has taken note of."""
    try:
        return bool(psutil.Process(process_id).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_it_is_started_once_and_ends_with_all_that_it_started(package: Path, tmp_path: Path) -> None:
    assert mlflow_pages.PAGES.started() is None
    with ended_afterwards():
        mlflow_pages.start(tmp_path)
        wait_for(lambda: mlflow_pages.PAGES.started() is not None, (tmp_path / mlflow_pages.PAGES.log).read_text())
        address = mlflow_pages.PAGES.started()
        assert address is not None
        assert address.startswith("http://127.0.0.1:")
        mlflow_pages.start(tmp_path)
        assert mlflow_pages.PAGES.started() == address
        child = int((package / "child").read_text())
        assert lives(child)
    assert mlflow_pages.PAGES.started() is None
    wait_for(lambda: not lives(child), "its child is still there")
    words = (package / "words").read_text()
    assert "--host 127.0.0.1" in words
    assert f"sqlite:///{tmp_path.as_posix()}/mlflow.db" in words


def test_it_is_offered_where_there_is_something_to_see(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLEWRIGHT_MLFLOW", "")
    assert not mlflow_pages.can_be_shown(tmp_path)
    (tmp_path / "mlflow.db").touch()
    assert mlflow_pages.can_be_shown(tmp_path)
    assert mlflow_pages.pages_elsewhere(tmp_path) is None
    monkeypatch.setenv("TABLEWRIGHT_MLFLOW", "off")
    assert not mlflow_pages.can_be_shown(tmp_path)
    monkeypatch.setenv("TABLEWRIGHT_MLFLOW", "https://mlflow.example")
    assert mlflow_pages.pages_elsewhere(tmp_path) == "https://mlflow.example"
