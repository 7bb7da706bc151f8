"""How good a model is: the page and the terminal say the same, from what the run kept of rows it never saw."""

import json
import math
import shutil
from dataclasses import replace
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.cli import main
from app.command import DONE, INPUT_AT_FAULT
from app.quality_view.charts import matrix, scatter
from app.quality_view.reading import n_looks, quality_of
from app.wording import plain
from engine.checks.check import Finding, Severity
from engine.checks.leakage import MAY_LEAK
from engine.events import BlendChosen, CandidateFinished, Checked, Event, Explained, ModelReady
from engine.figures import figure
from engine.insight.quality.classes import by_class
from engine.insight.quality.judged import read_judged
from engine.messages import render
from engine.outcomes import Estimate
from engine.run.electing import NO_ROOM
from engine.tasks.metric import metric_named
from engine.tasks.task import Task, TaskKind
from storage.workspace import Workspace
from tests import judged_rows
from tests.app import made_runs
from tests.app.looking import Show, run, said
from tests.conftest import Trained

THREE = Task(kind=TaskKind.MULTICLASS, targets=("kind",), classes=("ant", "bee", "cow"))


@pytest.fixture
def run_id(trained: Trained, place: Workspace) -> str:
    """A really trained run, in a workspace of one's own."""
    place.close()
    shutil.copytree(trained.workspace, place.folder, dirs_exist_ok=True)
    return str(trained.document["run_id"])


def asked(capsys: pytest.CaptureFixture[str], place: Workspace, *words: str) -> str:
    assert main(["quality", *words, "--workspace", str(place.folder)]) == DONE
    return capsys.readouterr().out


def kept(place: Workspace, tmp_path: Path, task: Task) -> str:
    """Keep a made-up run of a task with rows that it never saw."""
    random = np.random.default_rng(3)
    n = 600
    columns = {
        "region": random.choice(["north", "south", "east"], n),
        "size": random.normal(size=n),
        "day": [f"{np.datetime64('2021-01-01') + day}" for day in random.integers(0, 700, n)],
    }
    run_id = made_runs.keep(place, made_runs.finished(task))
    if task.classes:
        y = random.integers(0, len(task.classes), n)
        predicted = random.dirichlet(np.ones(len(task.classes)), n) + 0.3 * np.eye(len(task.classes))[y]
        answers = judged_rows.answers_of(task, y, predicted / predicted.sum(axis=1, keepdims=True))
    else:
        amounts = random.normal(100, 20, n)
        noise = random.normal(size=n) * np.where(columns["region"] == "east", 20, 4)
        answers = judged_rows.answers_of(task, amounts, amounts + noise, half=9.0)
    judged_rows.keep(place.runs.artifacts(run_id), tmp_path / "kept", answers, columns)
    return run_id


def test_screen_terminal_and_run_say_the_same_numbers(
    run_id: str, show: Show, place: Workspace, trained: Trained, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(asked(capsys, place, run_id, "--json"))
    assert document["scores"] == trained.document["holdout"]
    assert document["holdout_looks"] == 1
    page = show("quality", run=run_id)
    assert page.header[0].value.lower() == document["judgement"]["level"]
    shown = said(page)
    for sentence in (*document["words"], *document["weak"]["slices"]["said"], document["ties"]["said"].split(" (")[0]):
        assert plain(sentence) in shown, sentence
    assert document["money"]["said"] in shown.replace("\\", "")
    best = document["scores"]["auc"]
    assert page.metric[0].value == figure(best["value"])
    text = asked(capsys, place, run_id[:6])
    for sentence in (*document["words"], *document["judgement"]["reasons"], document["money"]["said"]):
        assert sentence in text


def test_prices_of_a_question_with_other_than_two_answers_are_refused(
    place: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    task = Task(kind=TaskKind.MULTICLASS, targets=("grade",), classes=("a", "b", "c"))
    run_id = made_runs.keep(place, made_runs.finished(task))
    assert main(["quality", run_id, "--miss", "3", "--workspace", str(place.folder)]) == INPUT_AT_FAULT
    assert "Prices such as --miss are of questions with two answers" in capsys.readouterr().err


def test_the_figures_are_those_of_the_file_on_rows_it_never_saw(run_id: str, place: Workspace) -> None:
    progress = place.runs.progress(run_id)
    assert progress.prepared is not None
    assert progress.ready is not None
    assert progress.ready.holdout is not None
    rows = read_judged(place.runs.artifacts(run_id), progress.prepared.task)
    assert rows is not None
    assert rows.held_out
    for key in ("auc", "accuracy", "log_loss"):
        score = metric_named(key).score(rows.y, rows.predicted, None)
        assert score == pytest.approx(progress.ready.holdout[key].value, abs=1e-6), key


def test_a_price_moves_the_best_threshold_on_the_page_and_in_the_terminal(
    run_id: str, show: Show, place: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    page = show("quality", run=run_id)
    before = page.select_slider[0].value
    page = run(page.number_input(key=f"quality_miss_{run_id}").set_value(50.0))
    after = page.select_slider[0].value
    assert isinstance(before, float)
    assert isinstance(after, float)
    assert after < before
    document = json.loads(asked(capsys, place, run_id, "--miss", "50", "--json"))
    assert document["money"]["best"] == after
    assert document["money"]["prices"] == {"miss": 50.0, "alarm": 1.0, "hit": 0.0}
    counts = document["money"]["counts"]
    shown = next(table.value for table in page.dataframe if "acted on" in table.value)
    assert list(shown["acted on"]) == [counts["hits"], counts["alarms"]]


def test_several_classes_are_named_with_what_they_are_taken_for(show: Show, place: Workspace, tmp_path: Path) -> None:
    run_id = kept(place, tmp_path, THREE)
    page = show("quality", run=run_id)
    assert "Of 100 rows that are" in said(page)
    each = next(table.value for table in page.dataframe if "Finds of 100" in table.value)
    assert list(each["Answer"]) == ["ant", "bee", "cow"]
    assert quality_of(place.runs, place.runs.get(run_id)).money is None


def test_numbers_name_the_bad_group_the_broken_promise_and_the_worst_rows(
    show: Show, place: Workspace, tmp_path: Path
) -> None:
    events = made_runs.finished(made_runs.REGRESSION)
    run_id = kept(place, tmp_path, made_runs.REGRESSION)
    ready = next(event for event in events if isinstance(event, ModelReady))
    place.runs.append(run_id, replace(ready, decided={"wanted": 0.9}))
    page = show("quality", run=run_id)
    assert "Where region is east, the prediction is off by" in said(page)
    assert plain("less often than promised: 90") in said(page)
    worst = next(table.value for table in page.dataframe if "Off by" in table.value)
    assert set(worst["region"]) == {"east"}
    assert (np.diff(np.abs(worst["Off by"])) <= 0).all()
    assert plain("Along day it stays about as good") in said(page)


def test_without_kept_rows_the_verdict_stands_and_what_is_missing_is_said(
    show: Show, place: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = made_runs.keep(place, made_runs.finished())
    page = show("quality", run=run_id)
    assert page.header[0].value == "Ready"
    assert "has not kept what it predicted" in said(page)
    assert "A blend of 3 candidates: CatBoost 60 %, LightGBM 30 %, Linear model 10 %." in said(page)
    assert "has not kept" in asked(capsys, place, run_id)


def test_an_open_leak_and_poor_answers_make_it_usable_with_care(show: Show, place: Workspace) -> None:
    events = list(made_runs.finished())
    ready = next(event for event in events if isinstance(event, ModelReady))
    assert ready.holdout is not None
    poor = {**ready.holdout, "accuracy": Estimate(value=0.81, low=0.79, high=0.83)}
    events[events.index(ready)] = replace(ready, holdout=poor)
    suspect = Finding(severity=Severity.PLEASE_LOOK, message=MAY_LEAK(columns="code"))
    page = show("quality", run=made_runs.keep(place, [*events, Checked(seconds=64, findings=(suspect,))]))
    assert page.header[0].value == "Usable with care"
    assert plain(render(suspect.message)) in page.warning[0].value
    assert "right no more often than the most frequent answer" in page.warning[0].value


def test_where_only_the_same_answer_was_ready_more_time_is_asked_for_and_no_column_named(
    show: Show, place: Workspace
) -> None:
    def is_lost(event: Event) -> bool:
        return isinstance(event, CandidateFinished) and event.family != "baseline"

    events = [
        replace(event, importances=tuple(replace(each, value=0.0, share=0.0) for each in event.importances))
        if isinstance(event, Explained)
        else event
        for event in made_runs.finished()
        if not is_lost(event)
    ]
    run_id = made_runs.keep(place, events)
    page = show("quality", run=run_id)
    assert page.header[0].value == "Not useful"
    assert "no other candidate came to its end" in said(page)
    assert "columns that have to do with the answer" not in said(page)
    why = said(show("why", run=run_id))
    assert "No column moves the prediction" in why
    assert "moves the prediction most" not in why


@pytest.mark.parametrize("letters", [3, 40])
def test_every_class_of_the_matrix_has_a_row_of_its_own_however_long_its_name(letters: int) -> None:
    y = np.repeat([0, 1, 2, 3], 10)
    found = by_class(y, y, tuple(letter * letters for letter in "abcd"))
    drawn = matrix(found).to_dict()
    named = drawn["layer"][0]["encoding"]["x"]["axis"]
    foot = named["labelLimit"] * abs(math.sin(math.radians(named["labelAngle"]))) if letters > 3 else 20
    assert drawn["height"] >= 34 * 4 + foot + 30, "the names and the title below take nothing of it"


@pytest.mark.parametrize(
    ("predicted", "ends"),
    [
        ([13_489.051758, 13_489.051758], (12_814.6, 14_163.5)),
        ([13_489.051757, 13_489.051758], (12_814.6, 14_163.5)),
        ([0.0, 0.0], (-1.0, 1.0)),
    ],
)
def test_one_answer_for_every_row_has_room_for_round_figures(predicted: list[float], ends: tuple[float, float]) -> None:
    points = pd.DataFrame({"x": predicted, "y": [-4000.0, 2500.0]})
    drawn = scatter(points, "Prediction", "Prediction less truth", [[predicted[0], 0.0], [predicted[1], 0.0]]).to_dict()
    for layer in drawn["layer"]:
        low, high = layer["encoding"]["x"]["scale"]["domain"]
        assert (low, high) == pytest.approx(ends, abs=0.1)
        assert "domain" not in layer["encoding"]["y"]["scale"]


def test_looks_at_rows_set_aside_are_counted(show: Show, place: Workspace) -> None:
    first = made_runs.keep(place, made_runs.finished(), table="t1")
    made_runs.keep(place, made_runs.begun(), table="t1")
    made_runs.keep(place, made_runs.finished(), table="t2")
    assert n_looks(place.runs, place.runs.get(first)) == 1
    assert "looked at by" not in said(show("quality", run=first))
    place.runs.delete(made_runs.keep(place, made_runs.finished(), table="t1"))
    assert n_looks(place.runs, place.runs.get(first)) == 2, "who looked and threw the model away has looked"
    assert "looked at by 2 trainings" in said(show("quality", run=first))


def test_better_candidates_for_which_the_file_has_no_room_are_named(show: Show, place: Workspace) -> None:
    no_room = NO_ROOM(numbers="7, 9")
    events = [
        replace(event, no_room=no_room) if isinstance(event, BlendChosen) else event for event in made_runs.finished()
    ]
    run = made_runs.keep(place, events)
    assert plain("too slow or too large for its file: candidate 7, 9") in said(show("quality", run=run))


def test_what_cannot_be_answered_is_refused_in_words(place: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    under_way, done = made_runs.keep(place, made_runs.begun()), made_runs.keep(place, made_runs.finished())
    for words in ([under_way], [done, "--miss", "nan"]):
        assert main(["quality", *words, "--workspace", str(place.folder)]) == INPUT_AT_FAULT
    refused = capsys.readouterr().err
    assert "has no model yet" in refused
    assert "no amount of money" in refused


def test_whether_more_rows_would_help_is_asked_on_the_page_and_told_everywhere(
    run_id: str, show: Show, place: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = show("quality", run=run_id)
    next(button for button in page.button if button.label == "Work it out").click()
    page.run(timeout=120)
    assert not page.exception
    found = json.loads(asked(capsys, place, run_id, "--more-rows", "--json"))["more_rows"]
    assert found["points"][-1]["n_rows"] > found["points"][0]["n_rows"]
    assert plain(found["said"][0]) in said(page)
    assert found["said"][0] in asked(capsys, place, run_id)
    assert main(["export", run_id, "--as", "report", "--out", str(tmp_path), "--workspace", str(place.folder)]) == DONE
    assert escape(found["said"][0]) in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "model_card.json").read_text(encoding="utf-8"))["quality"]["more_rows"] == found
