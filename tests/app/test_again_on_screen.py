"""Training again on the pages: the way there, what is told before it begins, where a run comes from, old beside new."""

import shutil
from dataclasses import replace
from pathlib import Path

from app.again_view import ASKED
from app.bootstrap import workspace
from app.retraining import Prepared
from engine.config import ExperimentConfig
from engine.messages import Message
from engine.new_rows.joined import ROWS_ALL_NEW
from engine.progress import fold
from engine.run.again import Again, GivenCandidate
from engine.run.earlier import members_of
from engine.unseen import ANSWERS, CELLS, TABLE
from storage.workspace import Workspace
from tests.app import made_runs
from tests.app.looking import Show, labels, run, said
from tests.conftest import Trained

N = 120


def again_of(place: Workspace, run_id: str) -> str:
    """Keep a run that was trained again from another one."""
    members = members_of(fold(made_runs.finished()))
    config = ExperimentConfig(target="left", seconds=15, again=Again(of=run_id, candidates=members, n_held=N))
    made = place.runs.create(owner="local", name="Once more", dataset_id="none", config=config)
    for event in made_runs.finished():
        place.runs.append(made, event)
    return made


def test_the_page_hand_over_leads_to_it_and_tells_before_it_begins(show: Show, place: Workspace) -> None:
    run_id = made_runs.keep(place, made_runs.finished())
    assert "Once it is known what really came of new rows" in said(show("handover", run=run_id))
    page = run(next(button for button in show("handover", run=run_id).button if "Train again" in button.label).click())
    assert page.query_params[ASKED] == "1", "the address says it too, so that it outlives what is done on the page"
    page = show("handover", run=run_id, **{ASKED: "1"})
    assert "Train again with new rows" in [header.value for header in page.header]
    assert "both models are scored on rows that neither has learnt from" in said(page)
    assert "Train again" not in labels(page)
    config = ExperimentConfig(target="left", seconds=15, again=Again(of=run_id, candidates=()))
    told = (ROWS_ALL_NEW(n_rows=70), Message("test_made_up"))
    prepared = Prepared(config=config, dataset_id="none", name="Which customers will leave?", told=told)
    page.session_state[f"again_{run_id}"] = {"prepared": prepared.to_json(), "asked": (False, None)}
    page = run(page)
    assert "All 70 rows of the file are new" in said(page)
    assert "It takes about 15 s." in said(page)
    assert "Train again" in labels(page)
    page = run(page.toggle(key=f"again_alone_{run_id}").set_value(True))
    assert "Train again" not in labels(page), "it would not do what the page asks for"
    assert "Add it again, or take them back" in page.info[0].value
    page = run(page.toggle(key=f"again_alone_{run_id}").set_value(False))
    assert "Train again" in labels(page)
    assert "Train again" not in labels(run(page.number_input(key=f"again_seconds_{run_id}").set_value(30)))
    assert Prepared.from_json(prepared.to_json()) == prepared


def test_the_list_says_where_a_run_comes_from(show: Show, place: Workspace) -> None:
    first = made_runs.keep(place, made_runs.finished(), name="The *first*")
    again_of(place, first)
    orphan = again_of(place, "gone")
    page = show("runs")
    assert r"Trained again from: The \*first\*" in said(page)
    assert "Trained again from a run that is no longer here (gone)" in said(page)
    assert place.runs.get(orphan).name == "Once more"
    page = show("runs", compare=f"{first},{orphan}")
    assert "Old model beside new model" not in said(page), "they have nothing to do with each other"


def test_runs_of_a_family_stand_side_by_side_with_what_was_asked(show: Show, place: Workspace) -> None:
    first = made_runs.keep(place, made_runs.finished())
    second = again_of(place, first)
    page = show("runs", compare=f"{first},{second}")
    settings = page.table[-1].value.set_index("What is compared")
    assert list(settings.loc["Trained again from the run"]) == ["–", first]
    assert not [name for name in settings.index if name.startswith("again")]


def test_old_and_new_model_are_held_against_each_other(
    show: Show, place: Workspace, trained: Trained, tmp_path: Path
) -> None:
    members = members_of(fold(made_runs.finished()))
    copies: list[str] = []
    with workspace(trained.workspace) as other:
        record, kept = other.runs.get(trained.document["run_id"]), other.runs.artifacts(trained.document["run_id"])
        for again in (None, Again(of="", candidates=members)):
            again = None if again is None else replace(again, of=copies[0])
            config = replace(record.config, again=again)
            copies.append(place.runs.create(owner="local", name="Flats", dataset_id="none", config=config))
            for _number, event in other.runs.events(record.id):
                place.runs.append(copies[-1], event)
            for name in ("model.onnx", ANSWERS, CELLS, TABLE):
                copy = shutil.copyfile(kept.fetch(name), tmp_path / name)  # what is kept is moved to its place
                place.runs.artifacts(copies[-1]).save(name, Path(copy))
    page = show("runs", compare=",".join(copies))
    assert "Old model beside new model" in [header.value for header in page.header]
    assert "The two models do exactly as well" in page.info[0].value
    assert "again before this one" in said(page)
    first = page.table[0].value.set_index("What is compared")
    assert list(first.columns) == [r"Old\: Flats", r"New\: Flats"]
    assert first.iloc[0, 0] == first.iloc[0, 1]
    page = show("quality", run=copies[1])
    assert "The two models do exactly as well" in page.info[0].value
    assert "Trained again from: Flats" in said(page)
    assert "Old model beside new model" in labels(page)
    assert "The two models do exactly as well" not in said(show("quality", run=copies[0]))


def test_the_page_how_good_says_which_parts_of_the_recipe_were_lost(show: Show, place: Workspace) -> None:
    first = made_runs.keep(place, made_runs.finished())
    orphan = again_of(place, "gone")
    page = show("quality", run=orphan)
    assert "Trained again from a run that is no longer here (gone)" in said(page)
    assert "parts of the recipe" not in said(page)
    members = (*members_of(fold(made_runs.finished())), GivenCandidate(family="xgboost", parameters={}, share=0.2))
    config = ExperimentConfig(target="left", seconds=15, again=Again(of=first, candidates=members, n_held=N))
    made = place.runs.create(owner="local", name="Once more", dataset_id="none", config=config)
    for event in made_runs.finished():
        place.runs.append(made, event)
    page = show("quality", run=made)
    assert any("1 of the 4 parts of the recipe could not be trained" in each.value for each in page.warning)
    assert "Old model beside new model" in labels(page)
