"""Why, on the pages and in the terminal: one answer, kept with the run."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from app import jobs
from app.cli import main
from app.command import DONE, INPUT_AT_FAULT
from app.directions import Cure, Sense, cured, keep_direction, kept_directions, searched_for
from app.kept_why import work_out_why
from app.what_if import playground
from app.why_view.charts import effect_chart, swarm_chart, waterfall_chart
from app.why_view.force import force_chart, forces
from app.why_view.parts import sentence, steps
from app.wording import plain
from engine.config import ExperimentConfig
from engine.errors import InputError
from engine.insight.asking import Asked
from engine.insight.effects import Effect
from engine.insight.row_parts import RowParts, row_parts
from engine.insight.why import Why
from engine.insight.why_kept import WHY, kept_why
from engine.limits import ModelLimits
from engine.messages import render
from engine.run.again import Again, GivenCandidate
from engine.table.schema import Role
from engine.unseen import CELLS
from storage.runs import RunStore
from storage.workspace import Workspace
from tests.app import made_runs
from tests.app.looking import Show, labels, run, said


@pytest.fixture
def run_id(trained: Any, place: Workspace) -> str:
    """A really trained run, in a workspace of one's own."""
    place.close()
    shutil.copytree(trained.workspace, place.folder, dirs_exist_ok=True)
    return str(trained.document["run_id"])


def test_what_two_people_ask_for_at_once_is_worked_out_once(run_id: str, place: Workspace) -> None:
    with ThreadPoolExecutor(2) as people:
        for asked in [people.submit(jobs.why, run_id) for _person in range(2)]:
            asked.result()
    (room,) = place.runs.folder(run_id).glob("**/why.json")
    first = room.stat().st_mtime_ns
    jobs.why(run_id)
    assert room.stat().st_mtime_ns == first, "what is kept is not worked out again"


def test_the_page_and_the_terminal_say_the_same(
    run_id: str, show: Show, place: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    page = show("why", run=run_id)
    page.session_state[f"more_effects_{run_id}"] = True  # unfolds the columns that matter less
    page = run(page)
    assert main(["why", run_id, "--workspace", str(place.folder), "--json"]) == DONE
    told = json.loads(capsys.readouterr().out)
    assert told["rows_never_seen"] is True
    assert told["effects"][0]["column"] == told["importances"][0]["column"]
    for each in [*told["effects"], *told["interactions"]]:
        assert plain(each["sentence"]) in said(page)
    assert told["rules"]["sentence"].startswith("These rules explain")
    assert plain(told["rules"]["sentence"]) in said(page)
    assert told["note"] in said(page)
    assert "associations that the model uses, not causes" in told["note"]
    assert {"Fläche", "rooms"} <= {each["column"] for each in told["importances"]}
    assert main(["why", run_id, "--workspace", str(place.folder)]) == DONE
    text = capsys.readouterr().out
    assert "What matters most:" in text
    assert told["effects"][0]["sentence"] in text


def test_the_larger_flat_is_the_dearer_one(run_id: str, place: Workspace) -> None:
    found = work_out_why(place.runs, run_id)
    (area,) = (effect for effect in found.effects if effect.column == found.importances[0].column)
    assert area.column.startswith("Fl")
    assert area.answer == "dear"
    assert area.ale[-1] - area.ale[0] > 0.3
    assert found.lost[0].column == area.column
    assert found.lost[0].is_felt
    assert any("chance of dear" in render(message) for message in found.effect_sentences())


def test_what_was_worked_out_is_kept_and_read_back_as_it_was(run_id: str, place: Workspace) -> None:
    made = work_out_why(place.runs, run_id)
    assert kept_why(place.runs.artifacts(run_id)) == made
    text = place.runs.artifacts(run_id).fetch(WHY).read_text(encoding="utf-8")
    assert Why.from_json({**json.loads(text), "version": 0}) is None, "another version is worked out anew"
    assert not list(place.runs.folder(run_id).glob("*.part"))


def test_a_run_without_rows_or_model_says_what_to_do(
    show: Show, place: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = made_runs.keep(place, made_runs.finished())
    with pytest.raises(InputError, match="train again"):
        jobs.why(run_id)
    assert main(["why", run_id, "--workspace", str(place.folder)]) == INPUT_AT_FAULT
    assert "train again" in capsys.readouterr().err
    assert "runs of an older version" in said(show("one_row", run=run_id))
    early = made_runs.keep(place, made_runs.begun())
    with pytest.raises(InputError, match="has no model yet"):
        work_out_why(place.runs, early)


def test_a_no_is_kept_with_the_run_and_offers_what_to_do(
    run_id: str, show: Show, place: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    column = work_out_why(place.runs, run_id).effects[0].column
    page = show("why", run=run_id)
    assert "Train again with this" not in labels(page)
    page.session_state[f"sense_{run_id}_{column}"] = Sense.NO
    page = run(page)
    assert kept_directions(place.runs, run_id) == {column: Sense.NO}
    assert main(["why", run_id, "--workspace", str(place.folder), "--json"]) == DONE
    assert json.loads(capsys.readouterr().out)["makes_sense"] == {column: "no"}
    assert f"this makes no sense: {plain(column)}" in said(page)
    (again,) = [button for button in page.button if button.label == "Train again with this"]
    assert again.disabled, "nothing is chosen yet"
    (cure,) = [box for box in page.selectbox if box.label == plain(column)]
    page = run(cure.select_index(0))
    (again,) = [button for button in page.button if button.label == "Train again with this"]
    assert not again.disabled
    monkeypatch.setattr(RunStore, "n_taking_room", lambda _store: 99)
    run(again.click())
    (new,) = place.runs.queue()
    assert place.runs.get(new).dataset_id == place.runs.get(run_id).dataset_id
    assert "Train again with this" in labels(show("why", run=run_id)), "it is remembered when the page is opened anew"
    keep_direction(place.runs, run_id, column, Sense.YES)
    assert "Train again with this" not in labels(show("why", run=run_id))


def test_a_cure_is_a_setting_of_the_new_run() -> None:
    again = Again(of="earlier", candidates=(GivenCandidate(family="lightgbm", parameters={}, share=1.0),))
    before = ExperimentConfig(target="y", limits=ModelLimits(monotone={"a": 1, "b": -1}), seconds=60, again=again)
    after = cured(before, {"b": Cure.LEAVE_OUT, "c": Cure.NEVER_RISE})
    assert after.limits.monotone == {"a": 1, "c": -1}
    assert after.columns is not None
    assert after.columns["b"].role is Role.IGNORED
    assert (after.target, after.seconds) == ("y", 60)
    assert after.again is None, "only a search is sure to find what keeps a direction"


def test_a_cure_of_a_run_that_was_trained_again_searches_as_long_as_the_first_run(
    place: Workspace, run_id: str
) -> None:
    first, candidates = place.runs.get(run_id), (GivenCandidate(family="lightgbm", parameters={}, share=1.0),)
    assert searched_for(place.runs, first) == first.config
    record = first
    for seconds in (15.0, 10.0):
        config = replace(
            first.config, again=Again(of=record.id, candidates=candidates), seconds=seconds, candidates=None
        )
        record = place.runs.get(place.runs.create(name="again", dataset_id=first.dataset_id, config=config))
    found = searched_for(place.runs, record)
    assert (found.seconds, found.candidates) == (first.config.seconds, first.config.candidates)
    gone = replace(record, config=replace(record.config, again=Again(of="gone", candidates=candidates)))
    assert searched_for(place.runs, gone).seconds == 10.0


def test_one_row_is_explained_with_parts_that_add_up_to_what_the_file_says(run_id: str, place: Workspace) -> None:
    files = place.runs.artifacts(run_id)
    play = playground(files.fetch("model.onnx"), pd.read_parquet(files.fetch(CELLS)))
    (answer,) = play.answers([play.row(3)]).to_dict("records")
    found = row_parts(Asked.of(play.model), play.rows.iloc[[3]], play.rows)
    assert found.outcome == pytest.approx(answer["probability_dear"], abs=1e-6)
    drawn = steps(found, dict.fromkeys(found.parts, "as it is"), share=True)
    assert drawn[0][2] == found.base
    assert drawn[-1][2] == found.outcome
    assert drawn[-2][2] == pytest.approx(found.outcome, abs=1e-9), "the last part ends where the outcome is"


def test_the_sentence_about_a_row_names_both_sides() -> None:
    found = RowParts(base=0.5, parts={"a": 0.2, "b": -0.3}, outcome=0.4, n_walks=2)
    row = {"a": "1", "b": "no value"}
    assert sentence(found, row, share=True) == (
        "What raises it most is **a** = 1 (by 20.0 points). What lowers it most is **b** = no value (by 30.0 points)."
    )
    other = RowParts(base=0.5, parts={"a": -0.2, "b": 0.0}, outcome=0.3, n_walks=2)
    assert sentence(other, row, share=True) == "What lowers it most is **a** = 1 (by 20.0 points)."
    still = RowParts(base=0.5, parts={"a": 0.0}, outcome=0.5, n_walks=2)
    assert sentence(still, row, share=True).startswith("Nothing about this row")


def test_the_page_of_one_row_shows_reasons_likes_and_changes(run_id: str, show: Show) -> None:
    page = show("one_row", run=run_id)
    assert page.metric[0].label == "Chance of dear"
    assert "The true answer is" in said(page)
    assert "most is **" in said(page)
    assert "Rows most like it" in said(page)
    likes = page.dataframe[0].value
    assert list(likes.columns[:4]) == ["Row", "True answer", "Model said", "Likeness"]
    assert len(likes) == 5
    find = next(button for button in page.button if button.label == "Find changes")
    assert find.disabled
    columns = next(box for box in page.multiselect if box.label == "Only these columns may change")
    area = next(name for name in columns.options if name.startswith("Fl"))
    page = run(columns.select(area))
    page = run(next(button for button in page.button if button.label == "Find changes").click())
    assert "These changes would be enough" in said(page)
    assert "This is what the model would say, not what would happen" in said(page)
    assert area in str(page.table[0].value)


def test_the_changes_are_offered_for_a_row_made_by_hand(run_id: str, show: Show) -> None:
    page = show("whatif", run=run_id)
    assert "What would change it?" in said(page)
    assert any(field.help.startswith("In the table: ") for field in page.number_input if field.help)


@pytest.mark.parametrize("scale", ["number", "date", "order", "levels"])
def test_every_sort_of_effect_can_be_drawn(scale: str) -> None:
    curve = tuple(np.linspace(0.1, 0.4, 4).tolist())
    effect = Effect(
        column="x",
        answer="yes",
        scale=scale,
        places=(0.0, 1.0, 2.0, 3.0),
        cells=("a", "b", "c", "d"),
        n_rows=(5, 5, 5, 5),
        ale=() if scale == "levels" else curve,
        pdp=curve,
        lines=(curve, curve),
        bars=() if scale == "levels" else (5, 5, 10),
        spread=0.3,
    )
    assert "0.4" in effect_chart(effect, "Chance of yes").to_json()


def test_a_flat_curve_has_one_short_figure_and_long_names_are_cut() -> None:
    flat = (0.38359046,) * 2
    effect = Effect(
        column="average blood pressure in the last four weeks",
        answer="yes",
        scale="number",
        places=(0.0, 1.0),
        cells=("0", "1"),
        n_rows=(5, 5),
        ale=flat,
        pdp=flat,
        lines=(flat,),
        bars=(5, 5),
        spread=0.0,
    )
    drawn = effect_chart(effect, "Chance of being admitted again within 30 days").to_dict()
    moved = drawn["layer"][1]["layer"][2]["encoding"]
    assert moved["y"]["axis"]["format"] == ".1%"
    assert moved["y"]["title"] == "Chance of being admitted …"
    assert moved["x"]["title"] == "average blood pressure in…"


def test_what_is_too_little_to_show_has_no_sign_below_nothing() -> None:
    drawn = waterfall_chart([("a", 0.0, 0.5), ("b", 0.5, 0.4999), ("c", 0.4999, 0.4999)], "Chance of yes", share=True)
    assert "+0.0 points" in drawn.to_json()
    assert "-0.0" not in drawn.to_json()


def test_dots_of_categories_are_drawn_too() -> None:
    points = pd.DataFrame({"column": ["x", "town"], "value": [0.5, -0.5], "place": [0.0, 0.0], "height": [1.0, np.nan]})
    numbers, others = swarm_chart(points).layer
    assert list(numbers.data["column"]) == ["x"]
    assert list(others.data["column"]) == ["town"]


def test_forces_meet_at_the_answer_and_take_the_room_of_their_parts() -> None:
    found = RowParts(base=0.5, parts={"a": 0.3, "b": -0.1, "c": 0.05, "d": 0.0}, outcome=0.75, n_walks=2)
    pushing = forces(found, dict.fromkeys(found.parts, "1"))
    raising = [each for each in pushing if each.raises]
    lowering = [each for each in pushing if not each.raises]
    assert [each.name for each in raising] == ["a = 1", "c = 1"]
    assert raising[0].high == lowering[0].low == found.outcome
    assert raising[-1].low == pytest.approx(0.4)
    assert lowering[-1].high == pytest.approx(0.85)
    assert sum(each.high - each.low for each in pushing) == pytest.approx(0.45)
    drawn = force_chart(pushing, found, "Chance of yes", share=True).to_json()
    assert "75.0 %" in drawn
    assert "a = 1" in drawn
