"""What the runs of a workspace teach later ones, and what they must not."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine import ExperimentConfig, run_experiment
from engine.column_choice import ColumnChoice
from engine.events import CandidateFinished, DataPrepared, Event, TableDescribed, of_kind
from engine.progress import Command
from engine.run.dividing import divide_rows
from engine.run.question import settle_question
from engine.search.describing import describe
from engine.search.experience import Experience, Outcome
from engine.search.table_features import TableFeatures
from engine.table.dataset import Dataset
from engine.table.reading import read_table
from engine.table.schema import Role
from engine.tasks.task import Task, TaskKind
from storage.experience import workspace_experience
from storage.workspace import Workspace, open_workspace
from tests.conftest import flats

TASK = Task(kind=TaskKind.REGRESSION, targets=("price",))
FEATURES = TableFeatures(kind=TaskKind.REGRESSION, target="t1", columns=("a", "b"))
OTHER = TableFeatures(kind=TaskKind.REGRESSION, target="t2", columns=("c", "d"))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workspace]:
    with open_workspace(tmp_path / "workspace") as opened:
        yield opened


def finished(number: int, family: str, score: float, *, pruned: bool = False) -> CandidateFinished:
    return CandidateFinished(
        seconds=number,
        number=number,
        family=family,
        parameters={"depth": number},
        score=score,
        spread=0.0,
        fold_scores=(score,),
        train_seconds=1.5,
        pruned=pruned,
    )


def events(features: TableFeatures, *candidates: CandidateFinished) -> list[Event]:
    prepared = DataPrepared(
        seconds=0,
        task=TASK,
        metric="rmse",
        greater_is_better=False,
        n_rows=100,
        n_columns=3,
        n_train=80,
        n_holdout=20,
        n_folds=5,
        baseline=4.0,
    )
    return [prepared, TableDescribed(seconds=0, features=features), *candidates]


def keep(place: Workspace, name: str, happened: list[Event]) -> str:
    run_id = place.runs.create(owner="ada", name=name, dataset_id="d", config=ExperimentConfig(target="price"))
    for event in happened:
        place.runs.append(run_id, event)
    return run_id


def test_runs_teach_what_they_tried_the_best_first(place: Workspace) -> None:
    candidates = (
        finished(0, "baseline", 4.0),
        finished(1, "linear", 3.0),
        finished(2, "catboost", 1.0),
        finished(3, "lightgbm", 0.5, pruned=True),
    )
    keep(place, "houses", events(FEATURES, *candidates))
    (taught,) = workspace_experience(place.runs, owner="ada")
    assert (taught.name, taught.features, taught.gain) == ("houses", FEATURES, 0.75)
    assert [(each.family, dict(each.parameters), each.loss) for each in taught.outcomes] == [
        ("catboost", {"depth": 2}, 1.0),
        ("linear", {"depth": 1}, 3.0),
    ]


def test_what_was_gained_is_measured_by_guessing_on_the_same_folds(place: Workspace) -> None:
    keep(place, "rising", events(FEATURES, finished(0, "baseline", 20.0), finished(1, "linear", 5.0)))
    (taught,) = workspace_experience(place.runs, owner="ada")
    assert taught.gain == 0.75


def test_nothing_is_learnt_from_deleted_runs_other_owners_or_runs_without_a_result(place: Workspace) -> None:
    deleted = keep(place, "deleted", events(FEATURES, finished(1, "linear", 3.0)))
    keep(place, "begun", events(OTHER))
    keep(place, "older", events(OTHER, finished(1, "linear", 3.0))[2:])
    place.runs.delete(deleted)
    assert workspace_experience(place.runs, owner="ada") == []
    place.runs.restore(deleted)
    assert workspace_experience(place.runs, owner="bob") == []
    assert [each.name for each in workspace_experience(place.runs, owner="ada")] == ["deleted"]


def test_of_runs_on_one_table_the_one_that_tried_most_speaks(place: Workspace) -> None:
    keep(place, "long", events(FEATURES, finished(1, "linear", 3.0), finished(2, "catboost", 2.0)))
    keep(place, "short", events(FEATURES, finished(1, "lightgbm", 1.0)))
    keep(place, "other", events(OTHER, finished(1, "lightgbm", 1.0)))
    assert sorted(each.name for each in workspace_experience(place.runs, owner="ada")) == ["long", "other"]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    path = tmp_path_factory.mktemp("table") / "flats.csv"
    flats().to_csv(path, index=False)
    return read_table(path)


def alike_in_a_run(table: Dataset, folder: Path, **changes: object) -> tuple[str, ...]:
    """Return the runs that a run begins with, when two are known: of the same table, and of one just like it."""
    usual = {"target": "dear", "columns": {"worth": ColumnChoice(role=Role.IGNORED)}, "families": ("linear",)}
    config = ExperimentConfig(**{**usual, **changes})  # type: ignore[arg-type]
    features = describe(divide_rows(settle_question(table, config), config)[0])
    taught = Outcome(family="linear", parameters={"strength": 7.25}, loss=0.1, seconds=0.1)
    own = [
        Experience(name=name, features=of, metric="auc", baseline_loss=0.5, outcomes=(taught,))
        for name, of in (("itself", features), ("like it", replace(features, target="another")))
    ]
    said: list[Event] = []
    run_experiment(
        table, config, folder=folder, emit=said.append, experience=own, control=lambda: Command.STOP
    )  # what it begins with is settled before anything is tried
    (described,) = of_kind(said, TableDescribed)
    assert described.features == features
    return described.alike


def test_a_run_begins_with_what_worked_on_another_table_like_its_own(table: Dataset, tmp_path: Path) -> None:
    assert alike_in_a_run(table, tmp_path, seconds=6.0) == ("like it",)


def test_a_fixed_number_of_candidates_promises_the_same_whatever_was_done_before(
    table: Dataset, tmp_path: Path
) -> None:
    assert alike_in_a_run(table, tmp_path, candidates=1) == ()
