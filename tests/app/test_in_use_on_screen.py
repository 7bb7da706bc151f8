"""The page In use shows the light, the score and the rows to label, and the same figures as the terminal."""

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from app import jobs
from app.in_use import LABELS_CSV, bearing_of, folder_of, kept_looks, look_at
from app.wording import plain
from engine.errors import InputError
from engine.figures import figure
from engine.insight.in_use.bearing_kept import BEARING
from engine.insight.in_use.look import FOLDER
from engine.messages import render
from engine.table.options import AUTOMATIC
from storage.workspace import Workspace
from tests.app.looking import Show, labels, run, said


@pytest.fixture
def run_id(trained: Any, place: Workspace) -> str:
    """A really trained run, in a workspace of one's own."""
    place.close()
    shutil.copytree(trained.workspace, place.folder, dirs_exist_ok=True)
    run_id = str(trained.document["run_id"])
    kept = place.runs.folder(run_id) / "artifacts"  # others may have looked at the shared run before
    shutil.rmtree(kept / FOLDER, ignore_errors=True)
    (kept / BEARING).unlink(missing_ok=True)
    return run_id


@pytest.fixture
def new_rows(trained: Any, tmp_path: Path) -> Path:
    """New flats, of which one *town* is new everywhere, and half have no outcome."""
    table = pd.read_csv(trained.table, dtype=str).head(100)
    table["Fläche"] = "119,5 m²"
    table.loc[:49, "dear"] = ""
    path = tmp_path / "new.csv"
    table.to_csv(path, index=False)
    return path


def test_the_page_shows_what_a_file_showed(run_id: str, new_rows: Path, place: Workspace, show: Show) -> None:
    empty = show("in_use", run=run_id)
    assert "Is it still right?" in said(empty)
    assert "Much of what matters" not in said(empty)
    look_at(place, run_id, new_rows, "new <rows>.csv", "l1", AUTOMATIC)
    (look,) = kept_looks(place.runs, run_id)
    assert look.drift is not None
    assert look.scored is not None
    assert look.labels is not None
    page = show("in_use", run=run_id)
    text = said(page)
    assert "Much of what matters has changed" in text
    for message in (*look.drift.said, *look.drift.told, *look.scored.said, *look.scored.words):
        assert plain(render(message)) in text, message
    tables = [each.value for each in page.dataframe]
    columns = next(each for each in tables if "Matters" in each)
    assert list(columns["Column"])[: len(look.drift.columns)] == [each.column for each in look.drift.columns]
    rows = next(each for each in tables if "Why" in each)
    assert list(rows["Row"]) == [each.row for each in look.labels.rows]
    assert (folder_of(place.runs, run_id, look.id) / LABELS_CSV).is_file()
    assert "What can it withstand?" in text
    assert "Try it" in labels(page)
    assert bearing_of(place.runs, run_id) is not None
    page = run(page)
    borne = next(each.value for each in page.dataframe if "Noisy" in each.value)
    assert "Try it" not in labels(page)
    assert borne["Empty"].str.startswith(figure(0.5)[:2]).any()


def test_rows_of_the_training_are_no_success(run_id: str, trained: Any, place: Workspace, show: Show) -> None:
    look_at(place, run_id, trained.table, "again.csv", "l1", AUTOMATIC)
    page = show("in_use", run=run_id)
    assert any("equal to rows of the training table" in each.value for each in page.warning)
    assert not any("equal to rows of the training table" in each.value for each in page.success)


def test_a_file_that_does_not_fit_is_refused(run_id: str, new_rows: Path, place: Workspace, tmp_path: Path) -> None:
    short = tmp_path / "short.csv"
    pd.read_csv(new_rows).drop(columns="rooms").to_csv(short, index=False)
    with pytest.raises(InputError, match="rooms"):
        jobs.look_in_use(run_id, short, "short.csv", "l2")
    assert kept_looks(place.runs, run_id) == []


def test_there_is_something_to_read_before_a_training(show: Show) -> None:
    assert "No training yet" in said(show("in_use"))
