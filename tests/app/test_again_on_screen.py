"""Training again on the pages: the way there, what is told before it begins, where a run comes from, old beside new."""

from app.again_view import ASKED
from app.retraining import Prepared
from engine.again import Again
from engine.config import ExperimentConfig
from engine.earlier import members_of
from engine.messages import Message
from engine.new_rows import ROWS_ALL_NEW
from engine.progress import fold
from storage.workspace import Workspace
from tests.app import made_runs
from tests.app.looking import Show, labels, run, said

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
    page = show("handover", run=run_id, **{ASKED: "1"})
    assert "Train again with new rows" in [header.value for header in page.header]
    assert "both models are scored on rows that neither has learnt from" in said(page)
    assert "Train again" not in labels(page)
    config = ExperimentConfig(target="left", seconds=15, again=Again(of=run_id, candidates=()))
    told = (ROWS_ALL_NEW(n_rows=70), Message("test_made_up"))
    prepared = Prepared(config=config, dataset_id="none", name="Which customers will leave?", told=told)
    page.session_state[f"again_{run_id}"] = prepared.to_json()
    page = run(page)
    assert "All 70 rows of the file are new" in said(page)
    assert "It takes about 15 s." in said(page)
    assert "Train again" in labels(page)
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
    settings = page.table[-1].value
    assert list(settings.loc["Trained again from the run"]) == [r"left to the run", first]
    assert not [name for name in settings.index if name.startswith("again")]
