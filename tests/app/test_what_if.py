"""A row can be changed, and what is said of it is what the file says."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from app.what_if import Playground, playground
from engine.events import Explained, ExplanationFailed
from engine.unseen import ANSWERS, CELLS, ROW, TABLE
from storage.workspace import Workspace
from tests.app import made_runs
from tests.app.looking import Show, run, said


@pytest.fixture
def run_id(trained: Any, place: Workspace) -> str:
    """A really trained run, in a workspace of one's own."""
    place.close()
    shutil.copytree(trained.workspace, place.folder, dirs_exist_ok=True)
    return str(trained.document["run_id"])


@pytest.fixture
def play(run_id: str, place: Workspace) -> Playground:
    files = place.runs.artifacts(run_id)
    progress = place.runs.progress(run_id)
    assert progress.ready is not None
    return playground(files.fetch(progress.ready.path), pd.read_parquet(files.fetch(CELLS)))


def test_rows_are_those_of_the_table_and_answers_those_of_the_file(play: Playground, trained: Any) -> None:
    given = pd.read_csv(trained.table, dtype=str)
    rooms = set(pd.to_numeric(given["rooms"]))
    row = play.row(0)
    assert row["rooms"] in rooms
    assert row["town"] is None or row["town"] in set(given["town"].dropna())
    (answer,) = play.answers([row]).to_dict("records")
    assert answer["probability_dear"] + answer["probability_cheap"] == pytest.approx(1.0, abs=1e-5)
    typical = play.typical()
    assert set(typical) == {column.name for column in play.columns}
    assert typical["rooms"] in rooms


def test_along_a_number_every_step_is_answered_and_the_own_cell_is_within(play: Playground) -> None:
    column = next(column for column in play.columns if column.name == "rooms")
    moved = play.along({**play.typical(), "rooms": 9.0}, column)
    assert moved["cell"].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    town = next(column for column in play.columns if column.name == "town")
    assert set(play.along({**play.typical(), "town": "Atlantis"}, town)["cell"]) >= {"Ulm", "Atlantis"}


def test_levels_stand_in_their_order(play: Playground) -> None:
    town = next(column for column in play.columns if column.name == "town")
    backwards = tuple(reversed(play.choices(town)))
    ordered = replace(town, order=backwards)
    assert play.choices(ordered) == backwards != play.choices(town)
    moved = play.along({**play.typical(), "town": "Atlantis"}, ordered)["cell"].tolist()
    assert moved == [*(level for level in backwards if level in moved), "Atlantis"]


def test_a_cell_unlike_all_others_is_named(play: Playground) -> None:
    (answer,) = play.answers([{**play.typical(), "rooms": 900.0}]).to_dict("records")
    assert answer["unlike"] == "rooms"
    for column in play.columns:
        assert len(play.answers([{**play.typical(), column.name: None}])) == 1


def test_the_page_follows_a_change(run_id: str, show: Show) -> None:
    page = show("whatif", run=run_id)
    assert "What if it were different?" in said(page)
    assert page.metric[0].label == "Chance of dear"
    before = float(page.metric[0].value.rstrip(" %"))
    rooms = next(field for field in page.number_input if field.label == "rooms")
    page = run(rooms.set_value(900.0))
    assert "No training row was like this one, or only one, in: rooms" in said(page)
    area = next(field for field in page.number_input if field.label.startswith("Fläche"))
    page = run(area.set_value(20.0))
    assert float(page.metric[0].value.rstrip(" %")) < max(before, 50.0)
    page = run(next(button for button in page.button if button.label == "Keep this scenario").click())
    assert "Scenarios side by side" in said(page)
    assert page.dataframe[0].value.shape[1] == 1
    row = next(field for field in page.selectbox if field.label == "Begin with row")
    page = run(row.set_value(3))
    assert "No training row was like this one" not in said(page)


def test_rows_have_the_numbers_of_the_table_and_one_row_hands_its_own_over(
    run_id: str, show: Show, place: Workspace, trained: Any
) -> None:
    answers = pd.read_parquet(place.runs.artifacts(run_id).fetch(ANSWERS))
    in_table = int(answers[ROW].iloc[2])
    page = show("whatif", run=run_id, row="2")
    field = next(each for each in page.selectbox if each.label == "Begin with row")
    assert field.value == 2
    assert field.options[2] == str(in_table + 1)
    rooms = next(each for each in page.number_input if each.label == "rooms")
    assert rooms.value == pd.to_numeric(pd.read_csv(trained.table, dtype=str)["rooms"]).iloc[in_table]
    links = show("one_row", run=run_id).get("page_link")
    assert "Change this row by hand" in [getattr(link, "label", "") for link in links]


def test_what_is_typed_is_read_as_in_a_file(run_id: str, show: Show) -> None:
    page = show("whatif", run=run_id)

    def answers(typed: str) -> list[str]:
        nonlocal page
        field = next(field for field in page.text_input if field.label == "sold on")
        page = run(field.set_value(typed))
        return [metric.value for metric in page.metric]

    assert answers("2019-12-05") == answers("05.12.2019") != answers("soon")
    assert "soon cannot be read here and counts as no value." in said(page)


def test_a_number_and_a_level_can_be_emptied(run_id: str, show: Show, play: Playground) -> None:
    page = show("whatif", run=run_id)
    rooms = next(field for field in page.number_input if field.label == "rooms")
    town = next(field for field in page.selectbox if field.label == "town")
    assert rooms.value == play.typical()["rooms"]
    assert town.value == play.typical()["town"]
    assert not rooms.proto.HasField("default")  # the browser lets nothing be emptied that begins with a value
    assert not town.proto.HasField("default")
    page = run(town.set_value(None))
    page = run(next(field for field in page.number_input if field.label == "rooms").set_value(None))
    (answer,) = play.answers([{**play.typical(), "rooms": None, "town": None}]).to_dict("records")
    assert float(page.metric[0].value.rstrip(" %")) == pytest.approx(100 * answer["probability_dear"], rel=0.01)


def test_where_no_rows_were_kept_the_page_says_so(show: Show, place: Workspace) -> None:
    page = show("whatif", run=made_runs.keep(place, made_runs.finished()))
    assert "runs of an older version have kept none" in said(page)


def test_rows_can_be_changed_although_nobody_could_say_what_matters_most(
    run_id: str, show: Show, place: Workspace, tmp_path: Path
) -> None:
    record, files = place.runs.get(run_id), place.runs.artifacts(run_id)
    copy = place.runs.create(owner="local", name="Flats", dataset_id=record.dataset_id, config=record.config)
    failed = ExplanationFailed(seconds=9, cause=made_runs.TOOK_TOO_LONG(seconds=9))
    for _number, event in place.runs.events(run_id):
        place.runs.append(copy, failed if isinstance(event, Explained) else event)
    for name in ("model.onnx", ANSWERS, CELLS, TABLE):
        place.runs.artifacts(copy).save(name, Path(shutil.copyfile(files.fetch(name), tmp_path / name)))
    page = show("whatif", run=copy)
    assert "Change a value; the answer follows" in said(page)
    assert "How the answer moves with" in [box.label for box in page.selectbox]
