"""What earlier runs taught can be looked at on the page of the settings, and switched off there."""

from app.preferences import Preferences, preferences, preferences_in, save
from engine.events import TableDescribed
from engine.search.table_features import TableFeatures
from engine.tasks.task import TaskKind
from storage.workspace import Workspace
from tests.app import made_runs
from tests.app.looking import Show, run, said

FEATURES = TableFeatures(
    kind=TaskKind.BINARY, target="t1", columns=("a", "b"), log_rows=3.5, log_columns=1.0, n_classes=2
)


def test_an_empty_workspace_has_learnt_nothing_yet(show: Show) -> None:
    assert "Nothing yet: the first run that ends is listed here." in said(show("settings"))


def test_earlier_runs_are_listed_with_what_worked_best(show: Show, place: Workspace) -> None:
    run_id = made_runs.keep(place, made_runs.begun())
    place.runs.append(run_id, TableDescribed(seconds=2.0, features=FEATURES))
    listed = next(table.value for table in show("settings").dataframe if "Best model family" in table.value)
    (row,) = listed.to_dict("records")
    assert row["Best model family"] == "CatBoost"
    assert row["Rows learnt from"] == "3,162"
    assert row["Columns"] == 10
    assert round(row["Error taken away"], 3) == round(1 - (1 - 0.851) / 0.5, 3)


def test_learning_from_earlier_runs_can_be_switched_off_and_stays_so(show: Show, place: Workspace) -> None:
    save(Preferences(language="de"))
    page = show("settings")
    assert page.toggle(key="settings_use_past").value
    run(page.toggle(key="settings_use_past").set_value(False))
    assert preferences() == Preferences(language="de", use_past=False)
    assert preferences_in(place.folder) == preferences()
    assert not show("settings").toggle(key="settings_use_past").value


def test_a_training_says_which_earlier_runs_it_begins_with(show: Show, place: Workspace) -> None:
    run_id = made_runs.keep(place, made_runs.begun())
    assert "Tried early" not in said(show("training", run=run_id))
    place.runs.append(run_id, TableDescribed(seconds=2.0, features=FEATURES, alike=("houses", "flats *2020*")))
    assert "what won in houses, flats" in said(show("training", run=run_id))
