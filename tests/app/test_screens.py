"""Every screen in its states: nothing yet, under way, interrupted, failed, finished."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.screen import screens
from app.wording import plain
from engine.checks.check import Finding, Severity
from engine.events import Checked, Finished, ModelReady
from engine.outcomes import Estimate
from engine.progress import Command
from engine.registry import parts
from exporters.exporter import Exporter
from storage.database import transaction
from storage.schema import RUNS
from storage.workspace import Workspace
from tests.app import made_runs
from tests.app.looking import Show, labels, primary, run, said

ABOUT_A_MODEL = ("quality", "why", "predict", "handover")


@pytest.mark.parametrize("key", [screen.key for screen in screens()])
def test_every_screen_says_what_to_do_when_there_is_nothing_yet(show: Show, key: str) -> None:
    page = show(key)
    assert len(page.title) == 1
    assert page.title[0].value
    if key not in ("home", "settings"):
        assert page.get("page_link") or primary(page), "an empty screen leads on"


def test_home_leads_back_to_what_trains_and_to_models(show: Show, place: Workspace) -> None:
    first = show("home")
    assert "Under way" not in said(first)
    assert "Your latest models" not in said(first)
    under_way = made_runs.keep(place, made_runs.begun(), name="Who stays?")
    made_runs.keep(place, made_runs.finished(), name="Who leaves?")
    with place.runs.hold_lock(under_way):
        page = show("home")
        assert "Who stays" in said(page)
        run(next(each for each in page.button if each.label == "Stop and keep the best").click())
        assert place.runs.command(under_way) is Command.STOP
    page = show("home")
    assert "Stop and keep the best" not in labels(page), "it is interrupted"
    assert "Your latest models" in said(page)
    assert "Ranking quality" in said(page)


def test_keys_titles_and_places_are_each_ones_own() -> None:
    assert len({screen.order for screen in screens()}) == len(screens())
    assert len({screen.title.text for screen in screens()}) == len(screens())
    assert screens()[0].key == "home"


def test_training_under_way_shows_what_happens_and_takes_commands(show: Show, place: Workspace) -> None:
    run_id = made_runs.keep(place, made_runs.begun())
    with place.runs.hold_lock(run_id):
        page = show("training", run=run_id)
        assert page.title[0].value == "Which customers will leave?"
        assert "22 s of 1 min used · candidates tried: 6" in said(page)
        assert "Training now: CatBoost." in said(page)
        assert "Closing this page is safe" in said(page)
        board = page.dataframe[0].value
        assert list(board["Model family"])[:2] == ["CatBoost", "LightGBM"]
        assert page.get("vega_lite_chart")
        assert page.expander[0].label == "Did not work: 1"
        page = run(page.button(key="more_60").click())
        assert place.runs.wish(run_id).added_seconds == 60
        assert "22 s of 2 min used" in said(page)
        assert "Score: Ranking quality (AUC), higher is better" in said(page)
        page = run(page.button(key="command_pause").click())
        assert place.runs.command(run_id) is Command.PAUSE
        assert "Pausing, as soon as" in said(page)
        place.runs.request(run_id, Command.CONTINUE)
        page = run(page)
        page = run(page.button(key="command_stop").click())
        assert place.runs.command(run_id) is Command.STOP
        assert "Stopping: the best so far" in said(page)
        assert labels(page) == []


def test_training_before_the_first_candidate_says_that_it_gets_ready(show: Show, place: Workspace) -> None:
    run_id = made_runs.keep(place, made_runs.begun()[:2])
    with place.runs.hold_lock(run_id):
        page = show("training", run=run_id)
    assert "Reading the table" in said(page)
    assert not page.dataframe


def test_an_interrupted_training_can_be_resumed(show: Show, place: Workspace) -> None:
    page = show("training", run=made_runs.keep(place, made_runs.begun()))
    assert page.warning
    assert "Resume training" in labels(page)


def test_a_training_that_waits_says_its_place_and_can_be_started_now(show: Show, place: Workspace) -> None:
    first, second = (made_runs.keep(place, []) for _ in range(2))
    for run_id in (first, second):
        place.runs.enqueue(run_id)
    assert "Next in the queue" in said(show("training", run=first))
    page = show("training", run=second)
    assert "Place 2 in the queue" in said(page)
    assert labels(page) == ["Start now", "Leave the queue"]
    assert not page.get("skeleton"), "nothing is about to come here"
    run(page.button(key="leave").click())
    assert place.runs.queue() == [first]


def test_a_training_that_has_not_begun_can_be_started(show: Show, place: Workspace) -> None:
    run_id = made_runs.keep(place, [])
    with transaction(place.engine) as connection:
        connection.execute(RUNS.update().where(RUNS.c.id == run_id).values(created_at=1.0))
    page = show("training", run=run_id)
    assert page.info[0].value.startswith("Nothing has been tried yet")
    assert labels(page) == ["Start training"]


def test_a_training_that_could_not_go_on_says_why(show: Show, place: Workspace) -> None:
    page = show("training", run=made_runs.keep(place, made_runs.failed()))
    assert page.error[0].value == plain("It was stopped after 1 s. Give more time.")
    assert "Resume training" in labels(page), "what could not go on may be mended"


def test_a_finished_training_leads_on_and_asks_nothing_any_more(show: Show, place: Workspace) -> None:
    page = show("training", run=made_runs.keep(place, made_runs.finished()))
    assert labels(page) == ["See how good it is"]


def test_how_good_says_it_in_words_first(show: Show, place: Workspace) -> None:
    page = show("quality", run=made_runs.keep(place, made_runs.finished()))
    assert page.header[0].value == "Ready"
    assert plain("right for 91 of 100 rows (between 89 and 93)") in said(page)
    assert plain("most frequent in training is right for 81.") in said(page)
    assert plain("on 800 rows that the model has never seen.") in said(page)
    assert [metric.value for metric in page.metric] == ["0.854", "0.907", "0.281", "0.688"]
    assert "A blend of 3 candidates: CatBoost 60 %, LightGBM 30 %, Linear model 10 %." in said(page)


def test_how_good_speaks_of_errors_where_a_number_is_predicted(show: Show, place: Workspace) -> None:
    page = show("quality", run=made_runs.keep(place, made_runs.finished(made_runs.REGRESSION)))
    assert plain("is off by 15,203 on average") in said(page)


def test_how_good_repeats_what_was_open_when_the_training_started(show: Show, place: Workspace) -> None:
    open_question = Finding(severity=Severity.PLEASE_LOOK, message=made_runs.TOOK_TOO_LONG(seconds=3))
    events = [*made_runs.finished(), Checked(seconds=64, findings=(open_question,))]
    page = show("quality", run=made_runs.keep(place, events))
    assert page.warning[0].value.startswith("It was stopped after 3 s")


def test_why_names_the_strongest_columns_and_the_unused_ones(show: Show, place: Workspace) -> None:
    page = show("why", run=made_runs.keep(place, made_runs.finished()))
    assert "**contract** moves the prediction most (34 % of all movement)" in said(page)
    assert "Hardly used: newsletter." in said(page)
    assert page.get("vega_lite_chart")


def test_why_waits_while_the_explanation_is_worked_out(show: Show, place: Workspace) -> None:
    run_id = made_runs.keep(place, made_runs.ready())
    with place.runs.hold_lock(run_id):
        assert "Being worked out" in said(show("why", run=run_id))


def test_why_says_so_where_there_is_no_explanation(show: Show, place: Workspace) -> None:
    page = show("why", run=made_runs.keep(place, [*made_runs.ready(), Finished(seconds=60)]))
    assert "There is no explanation" in said(page)


def test_predict_asks_for_a_file(show: Show, place: Workspace) -> None:
    page = show("predict", run=made_runs.keep(place, made_runs.finished()))
    assert page.header[0].value == "What does it say about new rows?"


def test_hand_over_shows_what_smaller_versions_cost(show: Show, place: Workspace) -> None:
    page = show("handover", run=made_runs.keep(place, made_runs.with_smaller()))
    shown = next(each.value for each in page.dataframe if "Version" in each.value)
    assert list(shown["Version"]) == ["The whole model", "Less of it: 1", "Less of it: 2"]
    assert shown["Score (95 % interval)"][0] == "0.854 (0.829 – 0.877)"
    assert shown["Time for one row"][2] == "45 µs"
    curves = [json.loads(each.proto.spec) for each in page.get("vega_lite_chart")]
    drawn = {
        curve["layer"][0]["encoding"]["x"]["field"]: curve["layer"][0]["encoding"]["x"]["title"] for curve in curves
    }
    assert drawn == {"megabytes": "Size in MB", "milliseconds": "Time for one row in ms"}


def test_hand_over_shows_the_certificate_and_the_files(show: Show, place: Workspace) -> None:
    run_id = made_runs.keep(place, made_runs.finished())
    page = show("handover", run=run_id)
    assert [metric.value for metric in page.metric] == ["2.1e-7", "1,200", "142 µs", "1.2 MB"]
    assert "3f" * 32 in [code.value for code in page.code]
    links = [element.proto.url for element in page.get("link_button")]
    assert links[:2] == [f"/api/download/{run_id}/exports/bundle", f"/api/download/{run_id}/model.onnx"]


def test_hand_over_offers_every_other_form_or_says_what_is_lacking(
    show: Show, place: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = made_runs.keep(place, made_runs.finished())
    monkeypatch.setenv("TABLEWRIGHT_PAGE_RUNTIME", str(tmp_path))
    page = show("handover", run=run_id)
    others = {each.key: each for each in parts("exporters", Exporter) if each.key not in {"bundle", "onnx"}}
    assert {each.title for each in others.values()} <= {subheader.value for subheader in page.subheader}
    assert "npm pack onnxruntime\\-web" in said(page)
    links = {element.proto.url for element in page.get("link_button")}
    offered = {key for key in others if f"/api/download/{run_id}/exports/{key}" in links}
    assert offered == {key for key, each in others.items() if each.lacks() is None}
    assert "page" not in offered
    (tmp_path / "onnxruntime-web-1.30.0.tgz").touch()
    links = {element.proto.url for element in show("handover", run=run_id).get("link_button")}
    assert f"/api/download/{run_id}/exports/page" in links


def test_hand_over_begins_with_what_the_model_is_good_for(show: Show, place: Workspace) -> None:
    page = show("handover", run=made_runs.keep(place, made_runs.finished()))
    assert [box.value for box in page.success] == ["**Ready**"]
    same = Estimate(value=0.5, low=0.45, high=0.55)
    events = [
        replace(event, holdout={**(event.holdout or {}), "auc": same}) if isinstance(event, ModelReady) else event
        for event in made_runs.finished()
    ]
    page = show("handover", run=made_runs.keep(place, events))
    assert "**Not useful**: It is no better than giving the same answer for every row" in page.error[0].value


@pytest.mark.parametrize("key", ABOUT_A_MODEL)
def test_screens_about_a_model_lead_to_the_training_until_there_is_one(show: Show, place: Workspace, key: str) -> None:
    page = show(key, run=made_runs.keep(place, made_runs.begun()))
    assert "The model is not ready yet" in said(page)
    assert primary(page) == ["Watch the training"]


@pytest.mark.parametrize("key", ABOUT_A_MODEL)
def test_an_address_of_no_run_shows_no_other_one(show: Show, place: Workspace, key: str) -> None:
    made_runs.keep(place, made_runs.finished())
    page = show(key, run="nosuchrun")
    assert page.title[0].value == "There is no such run"
    assert "customers" not in said(page)


def test_runs_can_be_opened_and_deleted(show: Show, place: Workspace) -> None:
    done = made_runs.keep(place, made_runs.finished())
    broken = made_runs.keep(place, made_runs.failed(), name="*Markdown* <b>name</b>")
    page = show("runs")
    assert "Ranking quality" in said(page)
    assert r"\*Markdown\*" in said(page), "names are shown letter by letter"
    page = run(page.button(key=f"delete_{broken}").click())
    assert [record.id for record in place.runs.records(owner="local")] == [done]
    assert "was deleted" in said(page)
    page = run(page.button(key=f"undo_{broken}").click())
    assert {record.id for record in place.runs.records(owner="local")} == {done, broken}
    assert "was deleted" not in said(page)
    opened = run(page.button(key=f"open_{done}").click())
    assert opened.query_params["run"] in (done, [done])
    assert opened.title[0].value == "Which customers will leave?"


def test_home_shows_what_is_under_way(show: Show, place: Workspace) -> None:
    run_id = made_runs.keep(place, made_runs.begun())
    with place.runs.hold_lock(run_id):
        page = show("home")
        assert page.header[0].value == "Under way"
        assert f"watch_{run_id}" in [button.key for button in page.button]


def test_a_run_of_somebody_else_is_not_shown(show: Show, place: Workspace) -> None:
    from engine.config import ExperimentConfig

    theirs = place.runs.create(owner="somebody", name="Secret", dataset_id="none", config=ExperimentConfig())
    assert "Secret" not in said(show("training", run=theirs))


def test_settings_say_that_nothing_leaves_where_no_address_is_set(
    show: Show, place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TABLEWRIGHT_MLFLOW", "off")
    assert "Nothing is sent anywhere" in said(show("settings"))
    monkeypatch.setenv("TABLEWRIGHT_MLFLOW", "https://ada:geheim@server")
    page = show("settings")
    assert "Nothing is sent anywhere" not in said(page)
    assert "go to what is set for: mlflow" in said(page)


def test_settings_show_no_password(show: Show, place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLEWRIGHT_DATABASE", "postgresql://ada:geh:e@im@server/runs?sslpassword=geheim&x=1")
    rows = show("settings").dataframe[0].value.set_index("Environment variable")
    assert rows.loc["TABLEWRIGHT_DATABASE", "Value"] == "postgresql://ada:***@server/runs?sslpassword=***&x=1"
    assert rows.loc["TABLEWRIGHT_WORKSPACE", "Key"] == "–", "a workspace cannot say where it is itself"


def test_a_page_remembers_its_run_without_an_address(show: Show, place: Workspace) -> None:
    older = made_runs.keep(place, made_runs.finished(), name="Older")
    made_runs.keep(place, made_runs.finished(), name="Newer")
    page: AppTest = show("quality", run=older)
    del page.query_params["run"]
    assert run(page).title[0].value == "Older"
    assert show("quality").title[0].value == "Newer"
