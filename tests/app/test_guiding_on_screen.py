"""A search is guided from the page of its training and from the terminal, and says what came of it."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.cli import main
from app.command import DONE, INPUT_AT_FAULT
from app.training_view.details import details_key
from app.training_view.effort import memory, time_left
from app.wording import plain
from app.worker import _Wishes
from engine.config import ExperimentConfig
from engine.events import (
    CandidateAsked,
    CandidateFinished,
    CandidatePinned,
    Event,
    FamilyBanned,
    RequestAnswered,
    SearchEnded,
    SearchOpened,
    StageStarted,
)
from engine.progress import fold
from engine.search.option import Option
from engine.search.policy import TIME_IS_UP
from storage.runs import RunRecord
from storage.workspace import Workspace
from tests.app import made_runs
from tests.app.looking import Show, run, said

OPTIONS = {
    "lightgbm": (
        Option(name="num_leaves", low=4, high=64, whole=True),
        Option(name="learning_rate", low=0.01, high=0.2, log=True),
        Option(name="extra_trees", choices=(False, True)),
    ),
    "linear": (Option(name="strength", low=0.01, high=10.0, log=True),),
    "catboost": (Option(name="depth", low=4, high=8, whole=True),),
}


def lightgbm(number: int = 8, score: float = 0.9) -> CandidateFinished:
    return CandidateFinished(
        seconds=23,
        number=number,
        family="lightgbm",
        parameters={"num_leaves": 31, "learning_rate": 0.05},
        score=score,
        spread=0.01,
        fold_scores=(score,) * 5,
        train_seconds=2,
        memory_bytes=200 * 1024 * 1024,
    )


def opened(show: Show, run_id: str) -> AppTest:
    """Show the page of a training with its details open."""
    page = show("training", run=run_id)
    page.session_state[details_key(run_id)] = True
    return run(page)


def searching() -> list[Event]:
    return [*made_runs.begun(), SearchOpened(seconds=1, options=OPTIONS), lightgbm()]


def asked(place: Workspace, run_id: str) -> list[Any]:
    return [request for _number, request in place.runs.requests(run_id)]


def test_the_last_family_cannot_be_banned_and_the_reason_stays(show: Show, place: Workspace) -> None:
    run_id = made_runs.keep(place, searching())
    with place.runs.hold_lock(run_id):
        for chosen in (["catboost", "linear"], ["catboost", "linear", "lightgbm"]):
            page = opened(show, run_id)
            bans = next(each for each in page.multiselect if each.label == "Families that get no new candidates")
            page = run(bans.set_value(chosen))
        assert "lightgbm is the last one that is left" in said(page)
        page = run(page)
        assert "lightgbm is the last one that is left" in said(page), "also when the page is drawn anew"
        assert {each.family for each in asked(place, run_id)} == {"catboost", "linear"}


def test_families_are_banned_and_candidates_pinned_on_the_page(show: Show, place: Workspace) -> None:
    run_id = made_runs.keep(place, searching())
    with place.runs.hold_lock(run_id):
        assert "Pinned candidates" not in [each.label for each in show("training", run=run_id).multiselect]
        page = opened(show, run_id)
        pins = next(each for each in page.multiselect if each.label == "Pinned candidates")
        assert pins.options[0] == "No. 8: LightGBM, 0.900"
        page = run(pins.set_value([8]))
        bans = next(each for each in page.multiselect if each.label == "Families that get no new candidates")
        page = run(bans.set_value(["catboost"]))
        first, second = asked(place, run_id)
        assert isinstance(first, CandidatePinned)
        assert isinstance(second, FamilyBanned)
        assert (first.number, second.family) == (8, "catboost")
        assert "You pinned candidate 8. It takes effect in a moment." in said(page)
        place.runs.append(run_id, RequestAnswered(seconds=24, request=first.request, before=9))
        page = run(page)
        assert "You pinned candidate 8. It counts from candidate 9 on." in said(page)
        pins = next(each for each in page.multiselect if each.label == "Pinned candidates")
        assert pins.value == [8]
        run(pins.set_value([]))
        assert asked(place, run_id)[-1].lifted


def test_a_candidate_of_ones_own_is_asked_for_with_a_form_of_its_settings(show: Show, place: Workspace) -> None:
    run_id = made_runs.keep(place, searching())
    with place.runs.hold_lock(run_id):
        page = opened(show, run_id)
        fields = {each.label: each for each in page.number_input}
        assert fields["num leaves"].value == 31
        assert fields["learning rate"].value == 0.05
        assert (fields["num leaves"].min, fields["num leaves"].max) == (4, 64)
        fields["num leaves"].set_value(50)
        page = run(next(each for each in page.button if each.label == "Try it next").click())
        (request,) = asked(place, run_id)
        assert isinstance(request, CandidateAsked)
        assert (request.family, request.like) == ("lightgbm", 8)
        assert request.parameters == {"num_leaves": 50, "learning_rate": 0.05}
        assert "You asked to try LightGBM with num leaves = 50." in said(page)


def test_what_cannot_be_asked_is_said_on_the_page(show: Show, place: Workspace) -> None:
    run_id = made_runs.keep(place, searching())
    with place.runs.hold_lock(run_id):
        page = opened(show, run_id)
        page = run(next(each for each in page.button if each.label == "Try it next").click())
        assert "Candidate 8 is the same" in page.error[0].value
        bans = next(each for each in page.multiselect if each.label == "Families that get no new candidates")
        page = run(bans.set_value(["lightgbm", "linear", "catboost"]))
        assert "the last one that is left" in page.error[0].value
        assert [request.family for request in asked(place, run_id)] == ["lightgbm", "linear"]


def test_nothing_can_be_asked_before_and_after_the_search_and_the_details_stay(show: Show, place: Workspace) -> None:
    ended = [*made_runs.finished()[:-1], SearchOpened(seconds=1, options=OPTIONS)]
    pinned = CandidatePinned(seconds=3, request="p", number=4)
    late = [pinned, SearchEnded(seconds=4, reason=TIME_IS_UP()), made_runs.finished()[-1]]
    page = opened(show, made_runs.keep(place, [*ended, *late]))
    assert not page.multiselect
    assert "You pinned candidate 4. It came too late: the search had ended." in said(page)
    assert plain("Seed of the random numbers: 0") in said(page)


def test_the_terminal_guides_a_search(place: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    run_id = made_runs.keep(place, searching())
    folder = ["--workspace", str(place.folder)]

    def told(*words: str, code: int = DONE) -> str:
        assert main([*words, *folder]) == code
        heard = capsys.readouterr()
        return heard.out + heard.err

    assert "interrupted" in told("ban", run_id, "linear", code=INPUT_AT_FAULT)
    with place.runs.hold_lock(run_id):
        assert "No new candidates of it" in told("ban", run_id, "linear")
        assert "tried again" in told("ban", run_id, "linear", "--lift")
        assert "Every second new candidate" in told("pin", run_id, "8")
        assert "like any other again" in told("pin", run_id, "8", "--lift")
        assert "It is tried next" in told("enqueue", run_id, "8", "--set", "num_leaves=12", "--set", "extra_trees=true")
        document = json.loads(told("enqueue", run_id, "8", "--set", "num_leaves=13", "--json"))
        assert document["asked"]["parameters"] == {"num_leaves": 13, "learning_rate": 0.05}
        assert asked(place, run_id)[-2].parameters["extra_trees"] is True
        for words, problem in {
            ("enqueue", run_id, "8", "--set", "num_leaves=900"): "Choose from 4 to 64.",
            ("enqueue", run_id, "8", "--set", "num_leaves"): "says no value",
            ("enqueue", run_id, "8", "--set", "leaves=3"): "Name one of: num_leaves, learning_rate, extra_trees.",
            ("enqueue", run_id, "99"): "has no candidate 99",
            ("pin", run_id, "6"): "no score over all rows",
            ("ban", run_id, "forest"): "Choose one of: lightgbm, linear, catboost.",
        }.items():
            assert problem in told(*words, code=INPUT_AT_FAULT)
        place.runs.append(run_id, StageStarted(seconds=30, stage="blend"))
        assert "The search has ended" in told("pin", run_id, "8", code=INPUT_AT_FAULT)


def test_a_request_alone_does_not_make_a_run_look_as_if_it_trained(place: Workspace) -> None:
    run_id = made_runs.keep(place, searching())
    with place.runs.hold_lock(run_id):
        assert place.runs.progress(run_id).status == "training"
        place.runs.note_launch(run_id)
        place.runs.append(run_id, CandidatePinned(seconds=24, request="p", number=8))
        assert place.runs.progress(run_id).status == "queued", "the new worker has not spoken yet"


def test_the_worker_hears_what_is_asked_now_and_then(place: Workspace) -> None:
    run_id = made_runs.keep(place, searching())
    wishes = _Wishes(place.runs, run_id, place.folder)
    assert list(wishes.requests()) == []
    pinned = CandidatePinned(seconds=24, request="p", number=8)
    place.runs.append(run_id, pinned)
    assert list(wishes.requests()) == [], "it has just looked"
    for _look in range(2):
        wishes._looked_at = float("-inf")
        assert list(wishes.requests()) == [pinned], "each is heard once"
    late = CandidatePinned(seconds=24, request="late", number=8)
    place.runs.append(run_id, late)
    wishes.note(SearchEnded(seconds=24, reason=TIME_IS_UP()))
    assert list(wishes.requests()) == [pinned, late], "what was asked while it ended is heard too"


def record(place: Workspace, **changes: Any) -> RunRecord:
    config = ExperimentConfig(target="left", **{"seconds": 600.0, **changes})
    return place.runs.get(place.runs.create(name="Which?", dataset_id="none", config=config))


@pytest.mark.parametrize(
    ("later", "changes", "words"),
    [
        ([], {}, "The model is ready in 10 min at most."),
        ([], {"seconds": 60.0}, "The model is ready in 40 s at most."),
        ([], {"seconds": 22.0}, "The time is up; the model is ready in a moment."),
        ([StageStarted(seconds=30, stage="refit")], {}, "The model is ready in a moment."),
        ([], {"candidates": 12}, "About 20 s more, if the others take as long as those so far."),
    ],
)
def test_the_time_that_is_left_is_said_in_words(
    place: Workspace, later: Sequence[Event], changes: dict[str, Any], words: str
) -> None:
    assert time_left(record(place, **changes), fold([*made_runs.begun(), *later])) == words


def test_a_training_that_has_ended_says_nothing_of_time_and_memory(place: Workspace) -> None:
    ended = fold(made_runs.finished())
    assert (time_left(record(place), ended), memory(ended)) == ("", "")
    assert memory(fold(made_runs.begun())) == "", "nothing is known before a candidate has told"
    assert memory(fold(searching())).startswith("One candidate took up to 200.0 MB of memory; ")
