"""From a file to a question: reading in a job, the columns, the target, the findings, the start."""

import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from app import jobs, readings
from app.findings import button_words
from app.opened import settle
from app.tables import Table, table, with_columns, with_target
from app.wording import plain
from engine.checks.check import leave_out
from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig
from engine.errors import InputError
from engine.intended_use import IntendedUse
from engine.messages import render
from engine.progress import Status
from engine.search.settings import SearchSettings
from engine.table.schema import Kind, Role
from engine.tasks.task import TaskKind
from storage.workspace import Workspace
from tests.app import made_runs
from tests.app.looking import PATIENCE_SECONDS, Show, labels, read_to_the_end, run, said

N_ROWS = 120


@pytest.fixture(scope="session")
def read_shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A small table with an id and a leak, read once for all tests."""
    bought = ["yes" if n % 3 == 0 else "no" for n in range(N_ROWS)]
    frame = pd.DataFrame(
        {
            "order_id": [f"A-{n:05d}" for n in range(N_ROWS)],
            "age": [20 + (7 * n) % 50 for n in range(N_ROWS)],
            "town": [("Ulm", "Bonn", "Kiel")[n % 7 % 3] for n in range(N_ROWS)],
            "*bold* <b>name</b>": [n % 5 for n in range(N_ROWS)],
            "receipt": ["printed" if answer == "yes" else "none" for answer in bought],
            "bought": bought,
        }
    )
    folder = tmp_path_factory.mktemp("shop")
    frame.to_csv(folder / "shop.csv", index=False)
    before = os.environ.get("TABLEWRIGHT_WORKSPACE", "")
    with settle(folder / "workspace"):
        reading = readings.begin(
            folder / "shop.csv", "shop.csv", question="Who will buy?", config=ExperimentConfig(target="bought")
        )
        dataset_id = readings.wait(reading, PATIENCE_SECONDS).dataset_id
        readings.forget(reading)
    assert dataset_id is not None
    os.environ["TABLEWRIGHT_WORKSPACE"] = before
    return folder / "workspace", dataset_id


@pytest.fixture
def shop(place: Workspace, read_shop: tuple[Path, str]) -> str:
    """The small table in a workspace of one's own."""
    folder, dataset_id = read_shop
    place.close()
    shutil.copytree(folder, place.folder, dirs_exist_ok=True)
    return dataset_id


def test_a_file_becomes_a_table_with_a_suggested_question(place: Workspace, shop: str) -> None:
    seen = table(shop)
    assert (seen.name, seen.n_rows, seen.question, seen.target) == ("shop.csv", N_ROWS, "Who will buy?", "bought")
    assert seen.inspection.task is not None
    assert seen.inspection.task.kind is TaskKind.BINARY
    assert len(seen.preview) == 20
    assert seen.profile("town").top[0][0] in ("Ulm", "Bonn", "Kiel")
    assert place.datasets.record(shop).owner == "local"


@pytest.mark.parametrize(("name", "content"), [("empty.csv", b""), ("one.csv", b"a\n1\n2\n"), ("bad.xlsx", b"no book")])
def test_a_file_that_is_no_table_is_refused_in_one_sentence(
    place: Workspace, tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    found = readings.wait(readings.begin(path, name), PATIENCE_SECONDS)
    assert found.problem is not None
    assert name in render(found.problem)
    assert not place.datasets.records("local"), "nothing half-written"


def test_a_table_that_nobody_looked_at_yet_is_looked_at_when_it_is_opened(place: Workspace, tmp_path: Path) -> None:
    from engine.table.reading import read_table

    path = tmp_path / "plain.csv"
    path.write_text("a,b\n" + "".join(f"{n},{n % 2}\n" for n in range(80)), encoding="utf-8")
    assert table(place.datasets.save(read_table(path), owner="local")).target == "b"


def test_an_unknown_table_is_an_error_in_words(place: Workspace) -> None:
    with pytest.raises(InputError):
        jobs.review("nowhere", ExperimentConfig())


def test_choosing_another_target_changes_the_task(shop: str) -> None:
    jobs.review(shop, with_target(table(shop).config, "age"))
    task = table(shop).inspection.task
    assert task is not None
    assert (task.target, task.kind) == ("age", TaskKind.REGRESSION)


def test_a_target_that_cannot_be_predicted_blocks_and_says_why(shop: str) -> None:
    jobs.review(shop, replace(with_target(table(shop).config, "town"), task=TaskKind.REGRESSION))
    seen = table(shop)
    assert seen.blocked
    assert seen.inspection.problem is not None


def test_changes_to_columns_add_up_and_a_new_target_frees_the_old_one() -> None:
    first = with_columns(ExperimentConfig(target="a"), {"b": ColumnChoice(kind=Kind.CATEGORY)})
    second = with_columns(first, {"b": ColumnChoice(role=Role.IGNORED)})
    assert (second.columns or {})["b"] == ColumnChoice(kind=Kind.CATEGORY, role=Role.IGNORED)
    third = with_columns(second, {"b": ColumnChoice(role=Role.TARGET)})
    assert third.target == "b"
    assert (third.columns or {})["b"].role is None


def test_data_shows_what_each_column_is_and_why(show: Show, shop: str) -> None:
    page = show("data", table=shop)
    assert page.title[0].value == "Is this how your table looks?"
    assert "shop.csv · 120 rows · 6 columns".replace(".", r"\.") in said(page)
    columns = page.data_editor[0].value.set_index("Column")
    assert columns.loc["order_id", "Kind"] == "id"
    assert columns.loc["bought", "Role"] == "target"
    assert columns.loc["age", "Why this kind"]
    assert len(page.dataframe[0].value) == 20


def test_changing_a_kind_on_the_page_is_kept(show: Show, shop: str) -> None:
    edit(show("data", table=shop), shop, "age", "Kind", "category")
    assert table(shop).schema["age"].kind is Kind.CATEGORY


@pytest.mark.parametrize("role", [Role.IGNORED, Role.FEATURE])
def test_a_target_that_is_made_something_else_is_none_any_more(show: Show, shop: str, role: Role) -> None:
    edit(show("data", table=shop), shop, "bought", "Role", role)
    seen = table(shop)
    assert seen.target != "bought", "another one may be suggested"
    assert seen.schema["bought"].role is role


def test_a_target_can_go_to_another_column_and_come_back(show: Show, shop: str) -> None:
    page = edit(show("data", table=shop), shop, "town", "Role", "target")
    assert table(shop).target == "town"
    edit(page, shop, "bought", "Role", "target")
    assert table(shop).target == "bought"


def test_a_change_that_is_refused_is_said_in_words_and_not_tried_again(
    show: Show, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = show("data", table=shop)
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", shutil.which("false") or "false")
        page = edit(page, shop, "age", "Kind", "category")
    assert "broke off" in page.error[0].value
    assert not run(page).error
    assert table(shop).schema["age"].kind is Kind.NUMBER


def test_a_remedy_that_cannot_be_followed_is_said_in_words(
    show: Show, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = show("goal", table=shop)
    monkeypatch.setattr(sys, "executable", shutil.which("false") or "false")
    remedy = next(button for button in page.button if button.label == "Leave out receipt")
    assert "broke off" in run(remedy.click()).error[0].value


def edit(page: AppTest, shop: str, column: str, what: str, to: str) -> AppTest:
    """Choose something in the grid of columns, as the browser would send it: an editor keeps what was edited."""
    row = list(page.data_editor[0].value["Column"]).index(column)
    edits = {"edited_rows": {row: {what: str(to)}}, "added_rows": [], "deleted_rows": []}
    page.session_state[f"columns_{shop}_{page.session_state[f'taken_{shop}']}"] = edits
    return run(page)


def test_goal_suggests_and_says_why(show: Show, shop: str) -> None:
    page = show("goal", table=shop)
    assert page.selectbox(key=f"target_{shop}").value == "bought"
    assert "Suggested." in said(page)
    assert page.get("vega_lite_chart")


def test_goal_follows_another_target_and_back(show: Show, shop: str) -> None:
    page = show("goal", table=shop)
    page = run(page.selectbox(key=f"target_{shop}").select("age"))
    assert table(shop).target == "age"
    assert "Suggested." not in said(page)


def test_a_remedy_is_one_click(show: Show, shop: str) -> None:
    page = show("goal", table=shop)
    leaks = [finding for finding in table(shop).inspection.findings if "receipt" in finding.columns]
    assert leaks, "the receipt is written after buying"
    remedies = [button for button in page.button if button.label == "Leave out receipt"]
    page = run(remedies[0].click())
    assert table(shop).schema["receipt"].role is Role.IGNORED
    assert "Leave out receipt" not in labels(page)


def test_start_creates_a_run_with_every_choice_and_leaves_for_the_training(
    show: Show, shop: str, place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TABLEWRIGHT_MLFLOW", "off")
    page = show("goal", table=shop)
    page.text_input(key=f"use_row_{shop}").set_value("visitor ")
    page.text_input(key=f"use_when_{shop}").set_value("somebody comes in")
    page.number_input(key=f"seconds_{shop}").set_value(7)
    page.number_input(key=f"seed_{shop}").set_value(3)
    page.number_input(key=f"memory_gb_{shop}").set_value(2.0)
    page.number_input(key=f"candidates_{shop}").set_value(1)
    page.multiselect(key=f"families_{shop}").select("linear")
    page.selectbox(key=f"way_{shop}").set_value("joint")
    page.selectbox(key=f"sampler_{shop}").set_value("cmaes")
    page = run(page)
    assert next(button for button in page.button if button.label == "Start training").disabled
    assert "cannot search in the way joint" in said(page)
    assert "Look at the columns with that moment in mind" in said(page)
    page.selectbox(key=f"sampler_{shop}").set_value("random")
    page = run(page.button_group(key=f"worse_{shop}_bought_yes").set_value("overlooked"))
    page.number_input(key=f"times_{shop}_bought_yes").set_value(20.0)
    page = run(page)
    start = next(button for button in page.button if button.label == "Start training")
    page = run(start.click())
    (record,) = place.runs.records(owner="local")
    assert record.name == "Who will buy?"
    assert (record.config.target, record.config.seconds, record.config.seed) == ("bought", 7.0, 3)
    assert (record.config.candidates, record.config.families) == (1, ("linear",))
    assert (record.config.jobs, record.config.memory_gb) == (None, 2.0)
    assert record.config.use == IntendedUse(row="visitor", when="somebody comes in")
    assert record.config.search == SearchSettings(way="joint", sampler="random")
    assert record.config.decisions.costs == {"no": {"yes": 1.0}, "yes": {"no": 20.0}}
    assert page.title[0].value == "Who will buy?"
    assert place.runs.progress(record.id).status in {Status.QUEUED, Status.TRAINING}
    place.runs.delete(record.id)


def test_an_exact_time_counts_even_where_it_is_the_usual_one(
    show: Show, shop: str, place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TABLEWRIGHT_MLFLOW", "off")
    page = show("goal", table=shop)
    page = run(page.button_group(key=f"minutes_{shop}").set_value(60.0))
    assert "exact time given" not in said(page)
    n_captions = len(page.caption)
    page = run(page.number_input(key=f"seconds_{shop}").set_value(300))
    assert len(page.caption) == n_captions  # what moves down is drawn anew: the choices folded out would close
    assert "The exact time given under “More choices” counts: 5 min." in said(page)
    assert page.button_group(key=f"minutes_{shop}").disabled
    run(next(button for button in page.button if button.label == "Start training").click())
    (record,) = place.runs.records(owner="local")
    assert record.config.seconds == 300.0
    place.runs.delete(record.id)


def test_the_measure_on_the_page_is_the_one_that_the_run_will_have(show: Show, shop: str) -> None:
    page = show("goal", table=shop)
    measures = [each for each in page.selectbox if each.label == "Measure of success"]
    assert [each.value for each in measures] == ["auc"]
    page = run(page.button_group(key=f"worse_{shop}_bought_yes").set_value("overlooked"))
    measures = [each for each in page.selectbox if each.label == "Measure of success"]
    assert [each.value for each in measures] == ["log_loss"]


def test_an_address_that_names_a_run_alone_shows_its_table(show: Show, shop: str, place: Workspace) -> None:
    for dataset_id, is_there in ((shop, True), ("deleted", False)):
        config = ExperimentConfig(target="bought")
        run_id = place.runs.create(owner="local", name="Who?", dataset_id=dataset_id, config=config)
        page = show("goal", run=run_id)
        assert ("No table yet" not in said(page)) is is_there
    theirs = place.runs.create(owner="somebody", name="Who?", dataset_id=shop, config=config)
    assert "No table yet" in said(show("goal", run=theirs))


def test_goal_draws_how_the_model_will_be_checked(show: Show, shop: str) -> None:
    page = show("goal", table=shop)
    assert "How it will be checked" in said(page)
    assert plain("are kept for the final test: no model sees them before the end") in said(page)
    page.toggle(key=f"own_holdout_{shop}").set_value(True)
    page = run(page)
    page = run(page.slider(key=f"holdout_{shop}").set_value(0))
    assert "No rows are kept for a final test" in said(page)


def test_goal_says_what_the_last_training_with_the_table_took(show: Show, shop: str, place: Workspace) -> None:
    assert "The last training" not in said(show("goal", table=shop))
    told = "The last training with this table was done after"
    for target, is_told in (("age", False), ("bought", True)):  # of another question nothing is told
        config = ExperimentConfig(target=target)
        run_id = place.runs.create(owner="local", name=target, dataset_id=shop, config=config)
        for event in made_runs.finished():
            place.runs.append(run_id, event)
        assert (told in said(show("goal", table=shop))) is is_told
    progress = place.runs.progress(run_id)
    assert f"candidates tried: {progress.n_tried}." in said(show("goal", table=shop))


def test_goal_refuses_to_start_while_something_must_be_fixed(show: Show, shop: str) -> None:
    jobs.review(shop, replace(with_target(table(shop).config, "town"), task=TaskKind.REGRESSION))
    page = show("goal", table=shop)
    assert next(button for button in page.button if button.label == "Start training").disabled
    assert page.error


def test_names_of_columns_are_never_markup(show: Show, shop: str) -> None:
    seen: Table = table(shop)
    jobs.review(shop, with_target(seen.config, "*bold* <b>name</b>"))
    words = said(show("goal", table=shop))
    assert "<b>" not in words.replace(r"\<b\>", "")


def test_names_on_buttons_are_never_markup() -> None:
    assert button_words(leave_out(["*a* :red[b]"])) == r"Leave out \*a\* \:red\[b\]"
    assert button_words(leave_out(["a" * 20, "b" * 20])) == "Leave out these columns"


def test_a_sample_is_one_click_away(show: Show, place: Workspace) -> None:
    page = show("home")
    page = read_to_the_end(run(page.button(key="sample_customers").click()))
    assert page.title[0].value == "Is this how your table looks?"
    (record,) = place.datasets.records("local")
    assert table(record.id).question == "Which customers will leave?"
