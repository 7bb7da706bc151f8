"""The terminal says of new files what the engine finds, and keeps it with the run."""

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from app.cli import main
from app.command import DONE, INPUT_AT_FAULT
from app.in_use import bearing_of, in_use, kept_looks
from engine.insight.in_use.bearing_kept import kept_bearing
from storage.workspace import open_workspace
from tests.conftest import Trained


@pytest.fixture
def new_rows(trained: Trained, tmp_path: Path) -> Path:
    """New flats: much larger ones, no outcome in some rows, a slip in one, and a cell that looks like a formula."""
    table = pd.read_csv(trained.table, dtype=str).head(120)
    area = table["Fläche"].str.removesuffix(" m²").str.replace(",", ".").astype(float) + 70
    table["Fläche"] = [f"{value:.1f} m²".replace(".", ",") for value in area]
    table.loc[:59, "dear"] = ""
    table.loc[60, "dear"] = "free"
    table.loc[:30, "remark"] = "=HYPERLINK(1)"
    path = tmp_path / "new.csv"
    table.to_csv(path, index=False)
    return path


def asked(capsys: pytest.CaptureFixture[str], trained: Trained, command: str, *words: object) -> dict[str, Any]:
    given = [command, trained.document["run_id"], *map(str, words), "--workspace", str(trained.workspace), "--json"]
    assert main(given) == DONE
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_drift_names_what_moved_and_leaves_the_rest(
    trained: Trained, new_rows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    same = asked(capsys, trained, "drift", trained.table)
    assert (same["drift"]["light"], same["title"]) == ("green", "Nothing that matters has changed")
    found = asked(capsys, trained, "drift", new_rows)
    changed = {each["column"] for each in found["drift"]["columns"] if each["size"] != "no"}
    assert changed == {"Fläche", "remark"}
    assert found["drift"]["light"] == "red"
    assert any("train again with newer rows" in sentence for sentence in found["drift"]["said"])
    words = ["drift", trained.document["run_id"], str(new_rows), "--workspace", str(trained.workspace)]
    assert main(words) == DONE
    text = capsys.readouterr().out
    assert text.startswith("RED: Much of what matters has changed")
    assert "Fläche: the middle half of its values lay between" in text


def test_a_file_is_scored_beside_the_hold_out(
    trained: Trained, new_rows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = asked(capsys, trained, "score", trained.table)["score"]
    assert (seen["n_scored"], seen["n_seen"]) == (240, 240)
    assert seen["before"] == trained.document["holdout"]
    found = asked(capsys, trained, "score", new_rows)["score"]
    assert (found["n_scored"], found["n_empty"], found["n_unknown"]) == (59, 60, 1)
    assert found["scores"]["auc"]["low"] <= found["scores"]["auc"]["value"] <= found["scores"]["auc"]["high"]
    sentences = " ".join(found["said"])
    assert "such as free" in sentences
    assert "60 of 120 rows have no outcome" in sentences
    assert main(["score", trained.document["run_id"], str(new_rows), "--workspace", str(trained.workspace)]) == DONE
    assert "hold-out" in capsys.readouterr().out
    short = new_rows.with_name("short.csv")
    pd.read_csv(new_rows, dtype=str).drop(columns="dear").to_csv(short, index=False)
    words = ["score", trained.document["run_id"], str(short), "--workspace", str(trained.workspace)]
    assert main(words) == INPUT_AT_FAULT
    assert "no column dear" in capsys.readouterr().err


def test_rows_to_label_are_written_for_spreadsheets(
    trained: Trained, new_rows: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "label.csv"
    kept = new_rows.read_bytes()
    assert main(["label-next", trained.document["run_id"], str(new_rows), "--out", str(new_rows)]) == INPUT_AT_FAULT
    assert "is the file with all rows" in capsys.readouterr().err
    assert new_rows.read_bytes() == kept
    found = asked(capsys, trained, "label-next", new_rows, "--count", 8, "--out", out)["label_next"]
    assert (len(found["rows"]), found["n_open"]) == (8, 60)
    written = pd.read_csv(out, dtype=str, keep_default_na=False)
    assert list(written.columns[:5]) == ["dear", "rank", "row", "prediction", "why"]
    assert set(written["dear"]) == {""}
    assert [int(row) for row in written["row"]] == [each["row"] for each in found["rows"]]
    given = pd.read_csv(new_rows, dtype=str, keep_default_na=False)
    rooms = [given["rooms"][int(row) - 1] for row in written["row"]]
    assert written["rooms"].tolist() == rooms
    assert not any(text.startswith("=") for text in written["remark"])
    assert all(written["why"])
    words = ["label-next", trained.document["run_id"], str(new_rows), "--count", "2"]
    assert main([*words, "--workspace", str(trained.workspace)]) == DONE
    assert capsys.readouterr().out.startswith("1. row ")
    assert main([*words, "--workspace", str(trained.workspace), "--out", str(tmp_path / "a.txt")]) == INPUT_AT_FAULT
    capsys.readouterr()


def test_looks_are_kept_with_the_run(trained: Trained, new_rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys, trained, "drift", new_rows)
    with open_workspace(trained.workspace) as place:
        latest = kept_looks(place.runs, trained.document["run_id"])[0]
    assert latest.drift is not None
    assert (latest.file, latest.n_rows, latest.scored) == ("new.csv", 120, None)
    assert latest.drift.light == found["drift"]["light"]


def test_without_its_table_a_run_compares_with_the_rows_it_has_kept(trained: Trained, tmp_path: Path) -> None:
    with open_workspace(Path(shutil.copytree(trained.workspace, tmp_path / "own"))) as place:
        run_id = trained.document["run_id"]
        whole = in_use(place, run_id)
        shutil.rmtree(place.datasets.folder(whole.record.dataset_id))
        kept = in_use(place, run_id)
    assert len(whole.trained.cells) == 240
    assert 0 < len(kept.trained.cells) < 240
    assert list(kept.trained.cells.columns) == list(whole.trained.cells.columns)


def test_what_the_model_bears_is_said_with_the_reasons(trained: Trained, capsys: pytest.CaptureFixture[str]) -> None:
    borne = asked(capsys, trained, "why")["bearing"]
    area = next(each for each in borne["columns"] if each["column"] == "Fläche")
    assert area["missing"]["part"] > 0.25
    assert any("Fläche" in sentence for sentence in borne["said"])
    with open_workspace(trained.workspace) as place:
        kept = kept_bearing(place.runs.artifacts(trained.document["run_id"]))
        assert kept == bearing_of(place.runs, trained.document["run_id"])
    assert main(["why", trained.document["run_id"], "--workspace", str(trained.workspace)]) == DONE
    assert "What it withstands" in capsys.readouterr().out
