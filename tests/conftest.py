"""Fixtures that several tests share: the browser, the server of the app, a run that has been trained."""

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from storage.locks import hold
from tests.chromium import chromium

START_SECONDS = 60.0
TRAIN_SECONDS = 250.0


# Files are handed to processes whole, in this order: a long one that began last would be waited for alone.
LONGEST_FIRST = (
    "tests/browser/test_journey.py",
    "tests/test_exits.py",
    "tests/properties/test_whole_models.py",
    "tests/test_experiment.py",
    "tests/test_worker.py",
    "tests/test_mirror.py",
    "tests/test_cluster.py",
    "tests/test_standing.py",
    "tests/faults/test_processes.py",
    "tests/test_larger_runs.py",
    "tests/app/test_predictions.py",
    "tests/app/test_reading_on_screen.py",
    "tests/contracts/test_families.py",
    "tests/browser/test_desktop_window.py",
    "tests/test_kills.py",
    "tests/test_guard.py",
    "tests/test_smaller.py",
    "tests/test_bundle.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest."""
    places = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(places)))


def find_browser() -> str:
    """Return the Chromium of this computer; without one no test can go on."""
    try:
        return chromium()
    except LookupError as lacking:
        pytest.exit(str(lacking), 3)


@pytest.fixture(scope="session")
def page_runtime() -> None:
    """See to it that what a one-page export carries is on this computer; `make page-runtime` fetches it too."""
    from engine.errors import InputError
    from exporters.page_parts.runtime import fetch

    try:
        fetch()
    except InputError as refused:
        pytest.exit(str(refused), 3)


@pytest.fixture
def printing_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let reports be printed with the Chromium of this computer, also where the tests brought it along."""
    monkeypatch.setenv("TABLEWRIGHT_BROWSER", find_browser())


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Start the Chromium of this computer; nothing is downloaded."""
    return {
        "executable_path": find_browser(),
        "headless": True,
        "args": ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
    }


@pytest.fixture(scope="session")
def base_url() -> None:
    """Tests give whole addresses; the plug-in's own fixture of this name is written in a way that pytest warns of."""


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """The app, as a person starts it, on a workspace of its own; it can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        self.started_seconds = 0.0

    def start(self) -> None:
        """Start it, and wait until it answers."""
        begun = time.monotonic()
        place = f"pathlib.Path({str(self.folder)!r})"
        code = f"import pathlib; from app.server import serve; serve({self.port}, {place}, open_browser=False)"
        with (self.folder / "server.log").open("ab") as log:
            quiet = {**os.environ, "TABLEWRIGHT_MLFLOW": "off"}
            command = [sys.executable, "-c", code]
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=quiet)
        while time.monotonic() - begun < START_SECONDS:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1):
                    self.started_seconds = time.monotonic() - begun
                    return
            except (urllib.error.URLError, OSError):
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
        raise RuntimeError((self.folder / "server.log").read_text(encoding="utf-8"))

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The running app."""
    running = Server(tmp_path_factory.mktemp("workspace"))
    running.start()
    yield running
    running.kill()


N_FLATS = 240
REMARKS = (
    "quiet garden near the park",
    "loud street at the station",
    "new kitchen and bath",
    "needs repair of the roof",
)


def flats() -> pd.DataFrame:
    """Return a made-up table with every kind of column, with cells as people write them, and two things to predict."""
    draw = random.Random(7)
    rows = []
    for _row in range(N_FLATS):
        area, town = draw.uniform(20, 120), draw.choice(("Ulm", "Bonn", "Kiel", ""))
        worth = area * 30 + {"Ulm": 500, "Bonn": 0, "Kiel": 900, "": 200}[town] + draw.gauss(0, 200)
        rows.append(
            {
                "Fläche": f"{area:.1f} m²".replace(".", ","),
                "rooms": draw.randint(1, 6),
                "town": town,
                "sold on": f"{draw.randint(1, 28):02d}.{draw.randint(1, 12):02d}.20{draw.randint(18, 24)}",
                "remark": f"{draw.choice(REMARKS)} {draw.randint(1, 99)}",
                "lift": draw.choice(("yes", "no")),
                "noise": draw.gauss(0, 1),
                "worth": round(worth, 1),
                "dear": "dear" if worth > 2700 else "cheap",
            }
        )
    return pd.DataFrame(rows)


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A run that the terminal has trained: the table, the workspace, the bundle and what `--json` printed.

    `written`: the folder that it was told to write, of which `bundle` is a copy.
    """

    table: Path
    workspace: Path
    bundle: Path
    written: Path
    document: dict[str, Any]
    said: str


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Train on the flats through the terminal: the clock decides nothing, so that the outcome is always the same.

    It is done once; each process that tests has a copy of its own, which it may change.
    """
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "trained-once"
    place.mkdir(exist_ok=True)
    table = place / "flats.csv"
    with hold(place / "lock", wait_seconds=TRAIN_SECONDS):
        if not (place / "said").exists():
            flats().drop(columns="worth").to_csv(table, index=False)
            words = ["--target", "dear", "--candidates", "2", "--folds", "3", "--repeats", "1", "--seed", "1", "--json"]
            folders = ["--workspace", str(place / "workspace"), "--out", str(place / "bundle")]
            command = [sys.executable, "-m", "app.cli", "train", str(table), *words, *folders]
            quiet = {**os.environ, "TABLEWRIGHT_MLFLOW": "off", "TABLEWRIGHT_LOG": "json"}  # test_logs.py reads it
            finished = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, env=quiet)
            assert finished.returncode == 0, finished.stderr
            (place / "document.json").write_text(finished.stdout, encoding="utf-8")
            (place / "said").write_text(finished.stderr, encoding="utf-8")
    own = Path(shutil.copytree(place, tmp_path_factory.mktemp("trained") / "own"))
    return Trained(
        table=own / table.name,
        workspace=own / "workspace",
        bundle=own / "bundle",
        written=place / "bundle",
        document=json.loads((own / "document.json").read_text(encoding="utf-8")),
        said=(own / "said").read_text(encoding="utf-8"),
    )
