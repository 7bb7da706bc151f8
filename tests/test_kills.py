"""Processes of a run are killed at random moments, and what was acknowledged is there."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from benchmarks import kills
from benchmarks.acknowledging import LIST_FILE, acknowledged
from engine.events import CandidateStarted, Event, StageStarted


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder for sockets, whose addresses may hardly be longer than a hundred letters."""
    with TemporaryDirectory() as folder:
        yield Path(folder)


def test_killed_workers_trials_and_fork_servers_lose_nothing_that_was_acknowledged(
    short_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TMPDIR", "PYTHONPATH", "TABLEWRIGHT_MLFLOW", "TABLEWRIGHT_EXECUTOR", "TABLEWRIGHT_KILLS_MARK"):
        monkeypatch.setenv(name, "")  # so that they are afterwards what they were
        monkeypatch.delenv(name)
    monkeypatch.setattr(kills, "QUICK", replace(kills.QUICK, candidates=4))
    found = kills.piece(short_path, number=0, n_kills=3, until=float("inf"), longest_wait=0.5)
    assert found["faults"] == []
    assert found["kills"].total() == 3
    assert found["acknowledged"] == len(list(acknowledged(short_path / LIST_FILE))) > 20


def test_what_is_lost_changed_or_out_of_order_is_seen() -> None:
    kept: list[Event] = [
        StageStarted(seconds=1.0, stage="prepare"),
        CandidateStarted(seconds=2.0, number=1, family="f"),
    ]
    told = [event.to_json() for event in kept]
    assert kills.lost(kept, told) == kills.lost(kept, told[1:]) == []
    assert kills.lost(kept[:1], told) == ["acknowledged and lost: candidate_started"]
    assert kills.lost(kept[::-1], told) == ["acknowledged and lost: candidate_started"]
    assert kills.lost(kept, [{**told[0], "stage": "search"}]) == ["acknowledged and lost: stage_started"]
