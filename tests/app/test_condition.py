"""Those who operate the app learn whether it is well, and how busy it is."""

import json
import re
from pathlib import Path

import pytest
from starlette.applications import Starlette

from app.condition import condition_routes
from app.opened import settle
from engine.config import ExperimentConfig
from tests.app.asgi import ask


@pytest.fixture
def app(tmp_path: Path) -> Starlette:
    settle(tmp_path)
    return Starlette(routes=condition_routes())


def figures(app: Starlette) -> dict[str, float]:
    lines = ask(app, "/metrics").body.decode().splitlines()
    return {name: float(value) for name, value in (line.split() for line in lines if not line.startswith("#"))}


def test_figures_are_as_prometheus_reads_them_and_follow_what_happens(app: Starlette, tmp_path: Path) -> None:
    before = figures(app)
    assert before["tablewright_runs_waiting"] == 0
    assert before["process_resident_memory_bytes"] > 1e7
    assert before["tablewright_disk_free_bytes"] > 0
    runs = settle(tmp_path).runs
    runs.enqueue(runs.create(owner="ada", name="Anna's secret", dataset_id="d", config=ExperimentConfig()))
    assert figures(app)["tablewright_runs_waiting"] == 1
    body = ask(app, "/metrics").body.decode()
    assert "Anna" not in body
    assert all(re.fullmatch(r"(# (HELP|TYPE) \w+ .+|\w+ [-+.e\d]+)", line) for line in body.splitlines())


def test_an_app_that_is_well_says_so_and_one_whose_database_is_damaged_does_not(app: Starlette, tmp_path: Path) -> None:
    well = ask(app, "/healthz")
    assert (well.status, json.loads(well.body)["status"]) == (200, "ok")
    settle(tmp_path).close()
    for part in tmp_path.glob("tablewright.db*"):
        part.write_bytes(b"no database at all" * 1000)
    ill = ask(app, "/healthz")
    assert ill.status == 503
    assert "damaged" in json.loads(ill.body)["reason"]
