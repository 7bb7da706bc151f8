"""Runs side by side, and what is written beside them, in the terminal."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.command import DONE, INPUT_AT_FAULT
from app.comparing import are_comparable, different_settings, gathered, remarks
from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig
from engine.events import Event, ModelReady
from engine.outcomes import Estimate
from engine.run.again import Again
from engine.table.schema import Role
from storage.workspace import Workspace, open_workspace
from tests.app import made_runs


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workspace]:
    with open_workspace(tmp_path / "workspace") as opened:
        yield opened


def printed(capsys: pytest.CaptureFixture[str], place: Workspace, *words: str) -> Any:
    assert main([*words, "--workspace", str(place.folder), "--json"]) == DONE
    return json.loads(capsys.readouterr().out)


def keep(place: Workspace, events: list[Event], **config: Any) -> str:
    asked = ExperimentConfig(**{"target": "left", **config})
    run_id = place.runs.create(owner="local", name="n", dataset_id="none", config=asked)
    for event in events:
        place.runs.append(run_id, event)
    return run_id


def scored(value: float) -> list[Event]:
    """Return a finished run with this score and a narrow interval."""
    narrow = {"auc": Estimate(value=value, low=value - 0.01, high=value + 0.01)}
    return [
        replace(event, holdout=narrow) if isinstance(event, ModelReady) else event for event in made_runs.finished()
    ]


def test_only_settings_that_differ_are_named(place: Workspace) -> None:
    first = keep(place, scored(0.8), seed=3, families=("linear",), columns={"a.b": ColumnChoice(role=Role.IGNORED)})
    second = keep(place, scored(0.8), seed=3, seconds=60.0)
    place.runs.add_time(second, 60.0)
    assert different_settings(gathered(place, [first, second])) == {
        "columns.a.b.role": ("ignored", None),
        "families": (["linear"], None),
        "seconds": (300.0, 60.0),
        "added_seconds": (None, 60.0),
    }
    assert different_settings(gathered(place, [first, first])) == {}


def test_what_to_bear_in_mind_is_said(place: Workspace) -> None:
    good, poor = keep(place, scored(0.9)), keep(place, scored(0.8))
    other_rows, early = keep(place, scored(0.7), seed=1), keep(place, made_runs.begun())
    regression = keep(place, made_runs.finished(made_runs.REGRESSION), target="price")

    def codes(*run_ids: str) -> list[str]:
        return [message.code for message in remarks(gathered(place, run_ids))]

    assert codes(good, poor) == []
    assert codes(good, good) == ["compare_chance"]
    assert codes(good, other_rows) == ["compare_rows"]
    again = keep(place, scored(0.7), seed=1, again=Again(of=good, candidates=()))
    assert codes(good, again) == [], "with whatever seed it trains, its rows are divided as before"
    assert codes(good, early) == ["compare_not_ready"]
    assert codes(good, keep(place, [], metric=None)) == ["compare_not_ready"], "it has not chosen its measure yet"
    kept_together = keep(place, scored(0.7), columns={"town": ColumnChoice(role=Role.GROUP)})
    assert codes(good, kept_together) == ["compare_ways"]
    assert codes(good, regression) == ["compare_targets"]
    assert not are_comparable(gathered(place, [good, regression]))


def test_the_terminal_holds_runs_against_each_other(place: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = keep(place, scored(0.9)), keep(place, scored(0.8), seconds=60.0)
    found = printed(capsys, place, "compare", first, second)
    assert found["comparable"] is True
    assert found["remarks"] == []
    assert found["settings"] == {"seconds": [300.0, 60.0]}
    one = found["runs"][0]
    assert one["score"] == {"value": 0.9, "low": 0.89, "high": 0.91}
    assert one["baseline"] == 0.5
    assert one["families"] == pytest.approx({"catboost": 0.6, "lightgbm": 0.3, "linear": 0.1})
    assert one["columns"] == list(made_runs.COLUMNS[:-1]), "what moves next to nothing is not counted as used"
    assert (one["seconds"], one["bytes"], one["row_microseconds"]) == (64, 1_234_567, 142.0)
    assert main(["compare", first, second, "--workspace", str(place.folder)]) == DONE
    shown = capsys.readouterr().out
    assert "0.9 (0.89 to 0.91)" in shown
    assert "catboost 60%" in shown
    assert main(["compare", first, "nosuch", "--workspace", str(place.folder)]) == INPUT_AT_FAULT
    assert "no run called nosuch" in capsys.readouterr().err


def test_runs_are_renamed_noted_tagged_and_found(place: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = keep(place, scored(0.9)), keep(place, scored(0.8))
    assert printed(capsys, place, "rename", first, "Who leaves?")["name"] == "Who leaves?"
    assert printed(capsys, place, "note", first, "with the new fee")["notes"] == "with the new fee"
    assert printed(capsys, place, "tag", first, "Best", "fees")["tags"] == ["Best", "fees"]
    (found,) = printed(capsys, place, "runs", "--search", "BEST leaves new")
    assert (found["run_id"], found["name"], found["tags"]) == (first, "Who leaves?", ["Best", "fees"])
    assert {row["run_id"] for row in printed(capsys, place, "runs", "--search", "left")} == {first, second}
    assert printed(capsys, place, "runs", "--search", "best nowhere") == []
    assert printed(capsys, place, "tag", first)["tags"] == []
    assert main(["rename", first, "", "--workspace", str(place.folder)]) == INPUT_AT_FAULT


def test_the_terminal_works_for_whoever_owns_a_run(place: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    config = ExperimentConfig(target="left")
    hers, his = (
        place.runs.create(owner=owner, name="n", dataset_id="none", config=config) for owner in ("ada@x.org", "local")
    )
    assert {row["run_id"] for row in printed(capsys, place, "runs")} == {hers, his}
    assert [run["run_id"] for run in printed(capsys, place, "compare", hers, his)["runs"]] == [hers, his]
    assert printed(capsys, place, "rename", hers, "Who leaves?")["name"] == "Who leaves?"


def test_leaderboards_say_in_which_direction_scores_get_better(
    place: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    for task, words in ((made_runs.TASK, "of auc, higher"), (made_runs.REGRESSION, "of rmse, lower")):
        run_id = keep(place, made_runs.finished(task))
        assert main(["leaderboard", run_id, "--workspace", str(place.folder)]) == DONE
        assert f"{words} is better." in capsys.readouterr().out
