"""Every number on screen is the one in --json, in MLflow and in the report: one run, looked at through every door."""

import json
import shutil
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.cli import main
from app.command import DONE
from app.quality_view.head import N_CARDS
from app.wording import plain
from engine.figures import chance, figure
from storage.mlflow_mirror import _metrics
from storage.workspace import Workspace
from tests.app.looking import Show, run, said
from tests.conftest import Trained


@pytest.fixture
def run_id(trained: Trained, place: Workspace) -> str:
    place.close()
    shutil.copytree(trained.workspace, place.folder, dirs_exist_ok=True)
    return str(trained.document["run_id"])


def same(found: Any, wanted: Any) -> None:
    """Compare plain data, every number to the last sign."""
    assert json.loads(json.dumps(found)) == json.loads(json.dumps(wanted))


def picked(rows: list[Mapping[str, Any]], *names: str) -> list[list[Any]]:
    return [[row[name] for name in names] for row in rows]


def test_all_doors_tell_the_same_numbers(
    run_id: str,
    show: Show,
    place: Workspace,
    trained: Trained,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def told(*words: str) -> Any:
        assert main([*words, "--workspace", str(place.folder), "--json"]) == DONE
        return json.loads(capsys.readouterr().out)

    quality, why, board = told("quality", run_id), told("why", run_id), told("leaderboard", run_id)
    document = trained.document
    told("export", run_id, "--as", "report", "--out", str(tmp_path))
    card = json.loads((tmp_path / "model_card.json").read_text(encoding="utf-8"))
    report = unescape((tmp_path / "report.html").read_text(encoding="utf-8"))
    mirrored = json.loads(json.dumps(_metrics(place.runs.progress(run_id))))
    page, why_page = show("quality", run=run_id), show("why", run=run_id)
    why_page.session_state[f"more_effects_{run_id}"] = True  # of columns that are folded away at first
    why_page = run(why_page)

    # Scores, with their intervals, beside the baseline.
    same(quality["scores"], document["holdout"])
    same(card["quality"]["scores"], document["holdout"])
    same(quality["baseline"], document["baseline"])
    same(card["quality"]["baseline"], document["baseline"])
    for key, score in document["holdout"].items():
        for end, value in (("", score["value"]), (".low", score["low"]), (".high", score["high"])):
            assert mirrored[f"holdout.{key}{end}"] == value
        assert f"{figure(score['low'])} to {figure(score['high'])}" in report
    for key, value in document["baseline"].items():
        assert mirrored[f"baseline.{key}"] == value
    first = [document["metric"], *(key for key in document["holdout"] if key != document["metric"])]
    cards = [document["holdout"][key] for key in first]
    for metric, score in zip(page.metric[:N_CARDS], cards[:N_CARDS], strict=True):
        assert metric.value == figure(score["value"])
        assert f"{figure(score['low'])} to {figure(score['high'])}" in said(page)

    # Candidates.
    same(board, document["leaderboard"])
    same(picked(card["model"]["candidates"], "number", "score", "spread"), picked(board, "number", "score", "spread"))
    assert mirrored[f"best_candidate.{document['metric']}"] == board[0]["score"]
    (shown,) = (each.value for each in page.dataframe if "± over folds" in each.value)
    assert shown["Score"].tolist() == [each["score"] for each in board]
    assert shown["± over folds"].tolist() == [each["spread"] for each in board]

    # Everything that is worked out from rows that were never seen: sentences hold numbers, too.
    same(card["quality"], {name: quality[name] for name in card["quality"]})
    for sentence in (*quality["words"], *quality["weak"]["slices"]["said"], quality["money"]["said"]):
        assert plain(sentence) in said(page)
        assert sentence in report
    answers = next(each.value for each in page.dataframe if "Finds of 100" in each.value)
    assert answers["Rows"].tolist() == [each["n_rows"] for each in quality["classes"]["each"]]
    lift = next(each.value for each in page.dataframe if "Found" in each.value)
    gained = np.interp([0.01, 0.5], quality["curves"]["named"], quality["curves"]["found"])
    assert [lift["Found"].iloc[0], lift["Found"].iloc[-1]] == [chance(gain) for gain in gained]
    worst = next(each.value for each in page.dataframe if "It says" in each.value)
    assert worst["Row"].tolist() == [each["row"] for each in quality["weak"]["worst_rows"]]

    # What matters.
    shares = {each["column"]: each["share"] for each in document["importances"]}
    assert {each["column"]: each["share"] for each in why["importances"] if each["column"] in shares} == shares
    assert {each["column"]: each["share"] for each in card["why"]["importances"]} == shares
    (table,) = (each.value for each in why_page.dataframe if "Mean absolute SHAP value" in each.value)
    assert dict(zip(table["Column"], table["Share"], strict=True)) == shares
    strongest = max(shares, key=lambda name: shares[name])
    assert chance(shares[strongest]) in report
    assert chance(shares[strongest]) in said(why_page)
    for each in why["effects"]:
        assert plain(each["sentence"]) in said(why_page)
        assert each["sentence"] in report

    # The file.
    for name in ("max_abs_diff", "rows_checked", "bytes", "row_microseconds"):
        assert card["certificate"][name] == document["onnx"][name] == mirrored[f"certificate.{name}"]
    assert card["certificate"]["sha256"] == document["onnx"]["sha256"]
