"""The page of all runs: finding, writing beside, comparing and cloning them."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from app.tables import table
from engine.blend.decisions import DecisionSettings
from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig
from engine.events import ModelReady
from engine.intended_use import IntendedUse
from engine.limits import ModelLimits
from engine.run.again import Again
from engine.search.settings import SearchSettings
from engine.search.validation import ValidationSettings
from engine.table.reading import read_table
from engine.table.schema import Role
from engine.tasks.task import TaskKind
from sample_data.catalogue import SAMPLES
from storage.runs import RunStore
from storage.workspace import Workspace
from tests.app import made_runs
from tests.app.looking import Show, labels, run, said

CUSTOMERS = next(sample for sample in SAMPLES if sample.key == "customers")


def shown(page: AppTest) -> list[str]:
    """Return the ids of the runs in the list."""
    return [str(button.key).removeprefix("open_") for button in page.button if str(button.key).startswith("open_")]


def test_runs_are_found_by_words_in_whatever_belongs_to_them(show: Show, place: Workspace) -> None:
    first = made_runs.keep(place, made_runs.finished(), name="Which customers leave?")
    second = made_runs.keep(place, made_runs.finished(), name="价格")
    place.runs.note(second, "without Outliers")
    place.runs.tag(second, ["best"])
    page = show("runs")
    assert set(shown(page)) == {first, second}
    for words, found in {
        "CUSTOMERS": [first],
        "价": [second],
        "outliers best": [second],
        "best customers": [],
        "left": [second, first],
    }.items():
        page = run(page.text_input(key="search_runs").set_value(words))
        assert sorted(shown(page)) == sorted(found), words
    page = run(page.text_input(key="search_runs").set_value("nowhere"))
    assert "No run has all these words." in said(page)


def test_name_notes_and_tags_are_kept_and_shown_letter_by_letter(show: Show, place: Workspace) -> None:
    run_id = made_runs.keep(place, made_runs.finished())
    page = show("runs")
    page.text_input(key=f"name_{run_id}").set_value("Better *name*")
    page.text_area(key=f"notes_{run_id}").set_value("look at [this](http://x)")
    page = run(next(each for each in page.button if each.label == "Save").click())
    record = place.runs.get(run_id)
    assert (record.name, record.notes) == ("Better *name*", "look at [this](http://x)")
    assert r"Better \*name\*" in said(page)
    assert r"\[this\]" in said(page)
    page.text_input(key=f"name_{run_id}").set_value(" ")
    page = run(next(each for each in page.button if each.label == "Save").click())
    assert "needs a name" in page.error[0].value
    assert place.runs.get(run_id).name == "Better *name*"


def test_picked_runs_stand_side_by_side(show: Show, place: Workspace) -> None:
    first = made_runs.keep(place, made_runs.finished(), name="First")
    events = [
        replace(event, certificate=replace(event.certificate, bytes=250_000))
        if isinstance(event, ModelReady)
        else event
        for event in made_runs.finished()
    ]
    config = ExperimentConfig(target="left", seconds=300, families=("catboost",))
    second = place.runs.create(owner="local", name="Second", dataset_id="none", config=config)
    for event in events:
        place.runs.append(second, event)
    page = show("runs")
    assert page.button(key="compare_runs").disabled
    page = run(page.checkbox(key=f"pick_{first}").check())
    assert page.button(key="compare_runs").disabled
    page = run(page.checkbox(key=f"pick_{second}").check())
    page = run(page.button(key="compare_runs").click())
    assert page.title[0].value == "How do these runs differ?"
    results, settings = (each.value.set_index("What is compared") for each in page.table)
    assert [name.split()[-1] for name in results.columns] == ["Second", "First"]
    score = next(row for row in results.index if row.startswith("Ranking quality"))
    assert results.loc[score].iloc[0].startswith(r"0\.854 \(0\.829"), results.index
    assert list(results.loc["Size of the file"]) == [r"0\.2 MB", r"1\.2 MB"]
    assert list(settings.loc["Time given"]) == ["5 min", "1 min"]
    assert list(settings.loc["Model families to try"]) == ["CatBoost", "all that apply"]
    assert page.get("vega_lite_chart")
    assert "intervals of the scores overlap" in page.info[0].value


def test_runs_about_different_things_are_said_not_to_be_comparable(show: Show, place: Workspace) -> None:
    first = made_runs.keep(place, made_runs.finished())
    second = made_runs.keep(place, made_runs.finished(made_runs.REGRESSION), table="another")
    page = show("runs", compare=f"{first},{second}")
    assert "left, price" in page.warning[0].value
    assert "none, another" in page.warning[0].value
    assert not page.get("vega_lite_chart")
    page = show("runs", compare=f"{first},nosuchrun")
    assert "Nothing to compare" in said(page)


@pytest.mark.parametrize(("family", "setting"), [("linear", "strength"), ("lightgbm", "learning_rate")])
def test_a_clone_opens_the_goal_with_everything_filled_in(
    family: str, setting: str, show: Show, place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset_id = place.datasets.save(read_table(CUSTOMERS.path), owner="local")
    schema = place.datasets.load(dataset_id).schema
    ignored, rising = [column.name for column in schema.features if column.kind.is_number][:2]
    # No family can be followed and keeps directions as well.
    kept = {"interpretable": True} if family == "linear" else {"monotone": {rising: -1}}
    config = ExperimentConfig(
        target=CUSTOMERS.target,
        task=TaskKind.BINARY,
        metric="log_loss",
        columns={ignored: ColumnChoice(role=Role.IGNORED)},
        seconds=77.0,
        candidates=9,
        holdout=0.3,
        seed=11,
        jobs=1,
        families=(family,),
        search=SearchSettings(
            way="joint",
            sampler="random",
            space={family: {setting: {"_type": "loguniform", "_value": [0.1, 0.2]}}},
            use_past=False,
            use_all_time=True,
        ),
        validation=ValidationSettings(scheme="folds", n_folds=4, n_repeats=2),
        limits=ModelLimits(largest_file_mb=3.0, slowest_row_ms=0.5, **kept),
        decisions=DecisionSettings(costs={"yes": {"no": 5.0}, "no": {"yes": 1.0}}, coverage=0.8),
        use=IntendedUse(row="customer", when="a contract is about to end"),
    )
    run_id = place.runs.create(owner="local", name="Who leaves?", dataset_id=dataset_id, config=config)
    for event in made_runs.finished():
        place.runs.append(run_id, event)
    page = run(show("runs").button(key=f"clone_{run_id}").click())
    assert page.query_params["clone"] in (run_id, [run_id])
    assert "Filled in as in the run Who leaves" in said(page)
    page = show("goal", table=dataset_id, clone=run_id)  # a page that was switched to takes no clicks in these tests
    assert table(dataset_id).schema[ignored].role is Role.IGNORED
    assert not page.error
    assert said(page).count("As in the run that is cloned.") == 1, "of the task; its positive answer was found out"
    assert "because you chose it" not in said(page)
    monkeypatch.setattr(RunStore, "n_taking_room", lambda _store: 99)
    run(next(button for button in page.button if button.label == "Start training").click())
    (cloned,) = [each for each in place.runs.records(owner="local") if each.id != run_id]
    assert cloned.config == config
    assert cloned.name == "Who leaves?, changed"
    assert place.runs.queue() == [cloned.id]


def test_a_clone_keeps_what_only_a_terminal_sets(show: Show, place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset_id = place.datasets.save(read_table(CUSTOMERS.path), owner="local")
    config = ExperimentConfig(
        target=CUSTOMERS.target,
        task=TaskKind.BINARY,
        holdout=0.333,
        memory_gb=0.05,
        validation=ValidationSettings(n_folds=4, n_repeats=3, gap_rows=2),
        limits=ModelLimits(largest_file_mb=0.05, slowest_row_ms=0.02),
        decisions=DecisionSettings(coverage=0.995),
    )
    run_id = place.runs.create(owner="local", name="Who leaves?", dataset_id=dataset_id, config=config)
    page = show("goal", table=dataset_id, clone=run_id)
    monkeypatch.setattr(RunStore, "n_taking_room", lambda _store: 99)
    run(next(button for button in page.button if button.label == "Start training").click())
    (cloned,) = [each for each in place.runs.records(owner="local") if each.id != run_id]
    assert cloned.config == config
    page = run(show("goal", table=dataset_id, clone=run_id).slider(key=f"coverage_{dataset_id}_{run_id}").set_value(95))
    run(next(button for button in page.button if button.label == "Start training").click())
    assert 0.95 in {each.config.decisions.coverage for each in place.runs.records(owner="local")}


def test_the_clone_of_a_run_that_was_trained_again_says_itself_why_its_usual_measure_judges(
    show: Show, place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset_id = place.datasets.save(read_table(CUSTOMERS.path), owner="local")
    config = ExperimentConfig(
        target=CUSTOMERS.target,
        task=TaskKind.BINARY,
        positive="no",
        metric="auc",
        again=Again(of="gone", candidates=()),
    )
    run_id = place.runs.create(owner="local", name="Who leaves?", dataset_id=dataset_id, config=config)
    run(show("runs").button(key=f"clone_{run_id}").click())
    page = show("goal", table=dataset_id, clone=run_id)
    assert said(page).count("As in the run that is cloned.") == 2, "of the task and of its positive answer"
    monkeypatch.setattr(RunStore, "n_taking_room", lambda _store: 99)
    run(next(button for button in page.button if button.label == "Start training").click())
    (cloned,) = [each for each in place.runs.records(owner="local") if each.id != run_id]
    assert (cloned.config.again, cloned.config.metric) == (None, None)


def test_the_choices_of_a_clone_are_still_there_after_a_look_at_another_page(show: Show, place: Workspace) -> None:
    dataset_id = place.datasets.save(read_table(CUSTOMERS.path), owner="local")
    config = ExperimentConfig(target=CUSTOMERS.target, seconds=25.0, use=IntendedUse(row="customer", when=""))
    run_id = place.runs.create(owner="local", name="Who leaves?", dataset_id=dataset_id, config=config)
    page = show("goal", table=dataset_id, clone=run_id)
    offered = [[option.content for option in group.proto.options] for group in page.get("button_group")]
    assert ["25 s", "1 min", "5 min", "15 min", "1 hour"] in offered
    page = run(page.text_input(key=f"use_row_{dataset_id}_{run_id}").set_value("contract"))
    page.query_params.clear()
    page.query_params["table"] = dataset_id
    page = run(page)
    assert "Filled in as in the run Who leaves" in said(page)
    assert page.text_input(key=f"use_row_{dataset_id}_{run_id}").value == "contract"
    assert page.query_params["clone"] in (run_id, [run_id]), "so that the page can be loaded again"
    page = run(page.button(key="usual_choices").click())
    assert "Filled in as in the run" not in said(page)
    assert "clone" not in page.query_params
    assert "Filled in as in the run" not in said(run(page))


def test_a_run_of_another_table_is_not_cloned(show: Show, place: Workspace) -> None:
    tables = [place.datasets.save(read_table(CUSTOMERS.path), owner="local") for _number in range(2)]
    config = ExperimentConfig(target=CUSTOMERS.target, seconds=25.0)
    run_id = place.runs.create(owner="local", name="Who leaves?", dataset_id=tables[0], config=config)
    page = show("goal", run=run_id, clone=run_id, table=tables[1])
    assert "Filled in as in the run" not in said(page)
    assert "clone" not in page.query_params


def test_the_run_of_a_table_that_is_gone_cannot_be_cloned_and_says_so(show: Show, place: Workspace) -> None:
    run_id = made_runs.keep(place, made_runs.finished())
    page = run(show("runs").button(key=f"clone_{run_id}").click())
    assert "no table called none" in page.error[0].value
    assert "Delete" in labels(page)
