"""A report holds what trains its run again; what came out otherwise is told with the reasons that there are."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from app.bootstrap import workspace
from app.cli import main
from app.command import DONE, FAILED, INPUT_AT_FAULT
from app.handing_over import hand_over
from app.replaying import find_table, read_record
from engine.errors import InputError
from engine.insight.again.record import Record
from engine.insight.again.replay import Nearness, replayed
from engine.messages import render
from engine.outcomes import Estimate
from engine.progress import fold
from exporters.report import CARD_FILE, REPORT_FILE
from storage.workspace import Workspace
from tests.app.made_runs import failed
from tests.conftest import Trained


@pytest.fixture(scope="module")
def place(trained: Trained) -> Iterator[Workspace]:
    with workspace(trained.workspace) as opened:
        yield opened


@pytest.fixture(scope="module")
def report(place: Workspace, trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the run's report."""
    folder = tmp_path_factory.mktemp("report")
    hand_over(place.runs, place.runs.get(trained.document["run_id"]), "report", folder)
    return folder


@pytest.fixture(scope="module")
def record(report: Path) -> Record:
    return read_record(report / REPORT_FILE)


def test_the_page_and_the_card_hold_the_same_record(report: Path, record: Record, trained: Trained) -> None:
    assert read_record(report / CARD_FILE) == record
    assert record.run_id == trained.document["run_id"]
    assert [each.score for each in record.candidates] == [
        each["score"] for each in sorted(trained.document["leaderboard"], key=lambda each: each["number"])
    ]
    assert record.score is not None
    assert record.score.value == trained.document["holdout"][record.metric]["value"]
    assert not record.clock_decided
    assert (record.config_again, record.config.seed) == (record.config, 1)


def test_where_the_clock_decided_its_candidates_are_given(record: Record) -> None:
    timed = replace(record, clock_decided=True, config=replace(record.config, candidates=None))
    config = timed.config_again
    assert config.again is not None
    assert config.candidates == len(record.candidates) - 1, "the baseline stands beside them"
    assert [(each.family, each.share) for each in config.again.candidates] == [
        (each.family, each.share) for each in record.candidates
    ]
    assert config.again.split_seed == record.config.seed
    assert Record.from_json(json.loads(json.dumps(timed.to_json()))) == timed


def test_the_table_is_known_by_its_fingerprint(
    place: Workspace, record: Record, trained: Trained, tmp_path: Path
) -> None:
    kept = place.runs.get(trained.document["run_id"]).dataset_id
    assert find_table(place, record, None, owner="local") == kept
    with workspace(tmp_path / "other") as other:
        with pytest.raises(InputError, match="is not in this workspace"):
            find_table(other, record, None, owner="local")
        changed = tmp_path / trained.table.name
        pd.read_csv(trained.table).assign(noise=0.5).to_csv(changed, index=False)
        with pytest.raises(InputError, match="is not the table of the report"):
            find_table(other, record, changed, owner="local")
        found = find_table(other, record, trained.table, owner="local")
        assert other.datasets.load(found).n_rows == 240
        assert find_table(other, record, None, owner="local") == found


def test_what_came_out_otherwise_is_said_with_its_reasons(record: Record) -> None:
    same = replayed(record, record)
    assert (same.outcome, same.n_same) == (Nearness.SAME, len(record.candidates))
    assert [render(each).split(":")[0] for each in same.said] == ["It came out the same"]
    assert record.score is not None
    first, *others = record.candidates
    near = replace(
        record,
        score=replace(record.score, value=record.score.low),
        candidates=(*others, replace(first, score=first.score + 0.01)),
    )
    found = replayed(record, near)
    assert (found.outcome, found.n_same) == (Nearness.NEAR, len(others))
    assert [each.code for each in found.said] == ["replay_within", "replay_board", "replay_no_reason"]
    other_versions = replace(near, versions={**near.versions, "onnxruntime": "0.1"})
    found = replayed(replace(record, clock_decided=True), other_versions)
    assert [each.code for each in found.said][2:] == ["replay_versions", "replay_clock"]
    assert "onnxruntime" in render(found.said[2])
    far = replace(record, score=Estimate(value=record.score.low - 0.1, low=0.0, high=1.0), candidates=tuple(others))
    found = replayed(record, far)
    assert found.outcome is Nearness.DIFFERENT
    assert [each.code for each in found.said] == ["replay_beyond", "replay_lost", "replay_no_reason"]


def test_a_report_without_a_score_is_judged_by_its_candidates_and_a_lost_score_is_told(record: Record) -> None:
    without = replace(record, score=None)
    first, *others = record.candidates
    moved = replace(record, candidates=(replace(first, score=first.score + 0.01), *others))
    nothing = replace(record, score=None, candidates=record.candidates)
    for reported, now, outcome, codes in (
        (without, record, Nearness.SAME, ["replay_no_score", "replay_board_same"]),
        (without, moved, Nearness.DIFFERENT, ["replay_no_score", "replay_board", "replay_no_reason"]),
        (record, nothing, Nearness.DIFFERENT, ["replay_no_score_now", "replay_board_same", "replay_no_reason"]),
        (record, record, Nearness.SAME, ["replay_same"]),
    ):
        found = replayed(reported, now)
        assert (found.outcome, [each.code for each in found.said]) == (outcome, codes)
    assert record.score is not None
    assert f"{record.score.value:.2f}"[:4] in render(replayed(record, nothing).said[0])


def test_files_without_a_record_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in (("a.json", "[]"), ("b.html", "<p>nothing</p>"), ("c.json", '{"reproduce": {}}')):
        (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match="is no report and no model card"):
            read_record(tmp_path / name)
    words = ["--workspace", str(tmp_path / "w")]
    assert main(["replay", str(tmp_path / "none.html"), *words]) == INPUT_AT_FAULT
    assert "There is no file" in capsys.readouterr().err


def test_a_run_is_trained_again_from_its_report_and_comes_out_the_same(
    report: Path, trained: Trained, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(report / REPORT_FILE), "--workspace", str(trained.workspace), "--json"]) == DONE
    found = json.loads(capsys.readouterr().out)
    assert (found["outcome"], found["n_same"]) == ("same", 3)
    assert found["score"] == found["reported"]
    assert found["run"]["leaderboard"][0]["score"] == trained.document["leaderboard"][0]["score"]


def test_a_run_that_fails_is_told_in_one_document(
    report: Path, trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("app.launch.launch", lambda *_args: None)
    monkeypatch.setattr("app.following.follow", lambda *_args: fold(failed()))
    given = ["--table", str(trained.table), "--workspace", str(tmp_path / "w")]
    words = ["replay", str(report / REPORT_FILE), *given]
    assert main([*words, "--json"]) == FAILED
    assert json.loads(capsys.readouterr().out)["run"]["status"] == "failed"
    assert main(words) == FAILED
    assert "failed" in capsys.readouterr().out
