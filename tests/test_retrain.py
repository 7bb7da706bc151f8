"""Training again: the recipe alone, on rows that are really new, beside the model there was, on rows neither knows."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.bootstrap import workspace
from app.challenging import challenge_of
from app.cli import main
from app.command import DONE, INPUT_AT_FAULT
from app.retraining import Changes, again_on_same_rows, again_with_file, keeping_directions, lost_members, start
from engine.artifacts import FolderArtifacts
from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig
from engine.errors import ConfigError, InputError
from engine.insight.again.challenge import Verdict, challenge
from engine.insight.quality.judged import read_judged
from engine.messages import Message, render
from engine.model import open_model
from engine.new_rows.joined import _sides
from engine.progress import Command, Progress, fold
from engine.run.afterwards import Afterwards
from engine.run.again import Again, GivenCandidate
from engine.run.earlier import LEAST_SECONDS, all_of, folds_in_time, members_of, seconds_for
from engine.run.process import RunProcess
from engine.search.clock import Clock
from engine.search.executors.here import Here
from engine.search.given import Given
from engine.search.proposal import Past
from engine.search.surroundings import Surroundings
from engine.search.validation import ValidationSettings, plan_validation, with_fewer_folds
from engine.table.options import AUTOMATIC
from engine.table.schema import Cells, ColumnSchema, Kind, Role, TableSchema
from storage.runs import RunRecord
from storage.workspace import Workspace
from tests.app import made_runs
from tests.conftest import Trained, flats

NONE = Message("none")


@pytest.fixture(scope="module")
def place(trained: Trained) -> Iterator[Workspace]:
    with workspace(trained.workspace) as opened:
        yield opened


@pytest.fixture(scope="module")
def record(place: Workspace, trained: Trained) -> RunRecord:
    return place.runs.get(trained.document["run_id"])


def more_flats() -> pd.DataFrame:
    """Return other flats, none of which is in the table of the run."""
    made = flats().drop(columns="worth")
    return made.assign(noise=[random.Random(row).gauss(5, 1) for row in range(len(made))])


def code_of(place: Workspace, record: RunRecord, frame: pd.DataFrame, folder: Path, **changes: object) -> str:
    """Return why a file cannot be learnt from."""
    frame.to_csv(folder / "new.csv", index=False)
    file = folder / "new.csv"
    with pytest.raises(InputError) as refused:
        again_with_file(place, record, file, file.name, AUTOMATIC, Changes(**changes))  # type: ignore[arg-type]
    return refused.value.message.code


def test_rows_that_are_new_are_found_and_some_of_them_set_aside(
    place: Workspace, record: RunRecord, trained: Trained, tmp_path: Path
) -> None:
    old = pd.read_csv(trained.table)
    everything = pd.concat([old, more_flats()]).sample(frac=1.0, random_state=1)
    everything.to_csv(tmp_path / "new.csv", index=False)
    made = again_with_file(place, record, tmp_path / "new.csv", "new.csv", AUTOMATIC, Changes())
    again, table = made.config.again, place.datasets.load(made.dataset_id)
    assert again is not None
    assert (len(old), table.n_rows, again.n_held, again.n_new) == (240, 480, 96, 48)
    prepared = place.runs.progress(record.id).prepared
    assert prepared is not None
    judged = read_judged(place.runs.artifacts(record.id), prepared.task)
    assert judged is not None
    then = place.datasets.load(record.dataset_id).frame.iloc[judged.rows]["noise"]
    held = table.frame["noise"].tail(96)
    assert sorted(held.head(48)) == sorted(then)
    assert held.tail(48).min() > 1.5, "only new flats are so noisy"
    assert "240 of the file's 480 rows are new" in render(made.told[-1])
    alone = again_with_file(place, record, tmp_path / "new.csv", "new.csv", AUTOMATIC, Changes(alone=True))
    assert place.datasets.load(alone.dataset_id).n_rows == 240 + 48


def test_new_rows_of_a_known_group_stay_on_its_side() -> None:
    column = ColumnSchema(
        name="ward", original_name="ward", position=0, kind=Kind.ID, role=Role.GROUP, cells=Cells.TEXT, reason=NONE
    )
    first = pd.DataFrame({"ward": ["a", "a", "b", None]}, dtype="str")
    new = pd.DataFrame({"ward": ["a", "b", "c", None]}, dtype="str")
    held = np.array([False, False, True, True])
    learnt_from, set_aside = _sides(first, held, new, TableSchema((column,)))
    assert learnt_from.tolist() == [True, False, False, False]
    assert set_aside.tolist() == [False, True, False, False]
    alone = replace(column, role=Role.FEATURE)
    assert not np.any(_sides(first, held, new, TableSchema((alone,))))


def test_in_the_order_of_time_the_test_is_made_on_the_latest_rows(
    place: Workspace, record: RunRecord, tmp_path: Path
) -> None:
    columns = {**(record.config.columns or {}), "sold on": ColumnChoice(role=Role.TIME)}
    timed = replace(record, config=replace(record.config, columns=columns))
    file = _written(more_flats().assign(**{"sold on": [f"{1 + row % 28:02d}.01.2030" for row in range(240)]}), tmp_path)
    made = again_with_file(place, timed, file, "new.csv", AUTOMATIC, Changes())
    again, table = made.config.again, place.datasets.load(made.dataset_id).frame
    assert again is not None
    assert again.n_held == again.n_new > 40
    days = pd.to_datetime(table["sold on"], format="%d.%m.%Y")
    assert days.tail(again.n_held).min() >= days.head(len(days) - again.n_held).max()
    assert "48 rows that were set aside before are learnt from now" in " ".join(map(render, made.told))


def test_what_differs_is_told_before_anything_is_trained(place: Workspace, record: RunRecord, tmp_path: Path) -> None:
    new = more_flats()
    other = new.drop(columns="lift").assign(town="Rom", rooms="many", garden=1, lift="yes")
    other.to_csv(tmp_path / "new.csv", index=False)
    made = again_with_file(place, record, tmp_path / "new.csv", "new.csv", AUTOMATIC, Changes())
    codes = {message.code for message in made.told}
    assert {"fit_unknown", "fit_no_numbers", "again_extra", "again_rows_all"} <= codes
    assert "again_absent" not in codes
    same = again_with_file(place, record, _written(new, tmp_path), "same.csv", AUTOMATIC, Changes())
    assert [message.code for message in same.told] == ["again_rows_all"]
    few = again_with_file(place, record, _written(new.head(20), tmp_path), "few.csv", AUTOMATIC, Changes())
    assert few.config.again is not None
    assert few.config.again.n_new == 0
    assert "again_none_held" in {message.code for message in few.told}


def _written(frame: pd.DataFrame, folder: Path) -> Path:
    frame.to_csv(folder / "written.csv", index=False)
    return folder / "written.csv"


def test_files_that_cannot_be_learnt_from_are_refused(
    place: Workspace, record: RunRecord, trained: Trained, tmp_path: Path
) -> None:
    new = more_flats()
    assert code_of(place, record, new.drop(columns="dear"), tmp_path) == "again_no_answers"
    assert code_of(place, record, new.drop(columns="Fläche"), tmp_path) == "model_columns_missing"
    assert code_of(place, record, new.assign(dear="so so"), tmp_path) == "again_new_answers"
    assert code_of(place, record, new.assign(dear=""), tmp_path) == "again_nothing_known"
    assert code_of(place, record, pd.read_csv(trained.table), tmp_path) == "again_nothing_new"
    without = again_with_file(
        place, record, _written(new.drop(columns="Fläche"), tmp_path), "n.csv", AUTOMATIC, Changes(ignore=("Fläche",))
    )
    assert without.config.columns is not None
    assert without.config.columns["Fläche"].role is Role.IGNORED
    assert "again_absent" in {message.code for message in without.told}


def test_the_recipe_is_that_of_the_final_model_and_what_changes_is_what_was_asked(
    place: Workspace, record: RunRecord
) -> None:
    progress = place.runs.progress(record.id)
    made = again_on_same_rows(place, record, Changes(ignore=("lift",), seed=9))
    again = made.config.again
    assert again is not None
    assert again.candidates == members_of(progress)
    assert (again.of, again.split_seed, made.config.seed) == (record.id, record.config.seed, 9)
    assert made.dataset_id == record.dataset_id
    assert made.config.columns is not None
    assert made.config.columns["lift"].role is Role.IGNORED
    assert ExperimentConfig.from_json(json.loads(json.dumps(made.config.to_json()))) == made.config
    with pytest.raises(InputError, match="Nothing was said"):
        again_on_same_rows(place, record, Changes())
    columns = {**(record.config.columns or {}), "lift": ColumnChoice(role=Role.STRATIFY)}
    dividing = replace(record, config=replace(record.config, columns=columns))
    with pytest.raises(InputError, match="decides which rows are set aside"):
        again_on_same_rows(place, dividing, Changes(ignore=("lift",)))
    with pytest.raises(InputError, match="nosuch"):
        again_on_same_rows(place, record, Changes(ignore=("nosuch",)))
    longer = again_on_same_rows(place, record, Changes(seed=9, seconds=45.0))
    assert (made.config.candidates, longer.config.seconds, longer.config.candidates) == (1, 45.0, None)
    with pytest.raises(ConfigError, match="a number of seconds from 5"):
        again_on_same_rows(place, record, Changes(seed=9, seconds=1.0))
    run_id = start(place, record, made)
    with pytest.raises(InputError, match="has no model yet"):
        again_on_same_rows(place, place.runs.get(run_id), Changes(seed=1))
    assert challenge_of(place.runs, record, place.runs.get(run_id)) is None


def test_parts_that_cannot_keep_a_direction_are_left_out_and_told() -> None:
    able, unable = (GivenCandidate(family=key, parameters={}, share=0.5) for key in ("lightgbm", "network"))
    kept, lost = keeping_directions(Again(of="x", candidates=(unable, able)))
    assert kept.candidates == (able,)
    assert lost == ["Neural network"]
    with pytest.raises(InputError, match="No part of the recipe can keep"):
        keeping_directions(Again(of="x", candidates=(unable,)))


def finished(seconds: float) -> Progress:
    """Return a finished run whose model was ready then."""
    progress = fold(made_runs.finished())
    assert progress.ready is not None
    return replace(progress, ready=replace(progress.ready, seconds=seconds))


def test_it_takes_a_quarter_of_the_time_and_fewer_folds_where_that_is_short() -> None:
    assert seconds_for(finished(60)) == 15
    assert seconds_for(finished(8)) == LEAST_SECONDS
    # the members took 3.2, 3.8 and 4.2 s, both slots together 5.6 s
    assert folds_in_time(finished(60), more_rows=0.8, seconds=15, slots=2) is None
    assert folds_in_time(finished(60), more_rows=1.0, seconds=15, slots=2) == 3
    assert folds_in_time(finished(60), more_rows=2.0, seconds=15, slots=2) == 2
    assert folds_in_time(finished(60), more_rows=9.0, seconds=15, slots=2) == 2
    usual = plan_validation(ValidationSettings(), n_rows=500, n_cells=900, seconds=60, time_column=None)
    assert (usual.n_folds, usual.n_repeats) == (5, 2)
    fewer = with_fewer_folds(usual, 3)
    assert (fewer.n_folds, fewer.n_repeats, fewer.reason.code) == (3, 1, "validation_fewer_folds")
    assert with_fewer_folds(usual, 10) is usual


def test_what_comes_after_the_file_has_what_is_left_of_the_quarter(tmp_path: Path) -> None:
    def allowed(spent_seconds: float, config: ExperimentConfig) -> float | None:
        around = Surroundings(
            folder=tmp_path,
            clock=Clock(15.0, spent_seconds=spent_seconds),
            emit=lambda _event: None,
            control=lambda: Command.CONTINUE,
            added_seconds=lambda: 0.0,
            requests=tuple,
            executor=Here(),
        )
        after = Afterwards(process=RunProcess(around, ()), config=config, artifacts=FolderArtifacts(tmp_path))
        return after.seconds_at_end(3.75, n_to_come=2)

    recipe = ExperimentConfig(again=Again(of="x", candidates=()))
    assert allowed(12.0, recipe) == pytest.approx(1.0, abs=0.2), "half of what is left when the models are compared"
    assert allowed(0.0, recipe) == 3.75, "no longer than usual"
    assert allowed(20.0, recipe) == 1.0, "and never nothing"
    assert allowed(12.0, ExperimentConfig()) == 3.75
    assert allowed(12.0, replace(recipe, candidates=3)) is None


def test_only_what_was_given_is_proposed_and_a_resumed_run_goes_on() -> None:
    points: list[tuple[str, dict[str, float]]] = [
        ("linear", {"strength": 2.0}),
        ("catboost", {}),
        ("lightgbm", {"rounds": 9}),
    ]
    given = Given(points, ["baseline", "linear", "lightgbm"])
    assert given.n_queued == 3
    made = [each for _ in range(3) if (each := given.propose()) is not None]
    assert [(each.number, each.family) for each in made] == [(0, "baseline"), (1, "linear"), (2, "lightgbm")]
    assert given.propose() is None
    again = Given(points, ["baseline", "linear", "lightgbm"])
    again.remember([Past(proposal=made[0], ended=True, loss=1.0), Past(proposal=made[1], ended=False, loss=None)])
    assert again.next_number == 1
    assert again.propose() == made[1]


def test_parts_that_are_lost_are_told() -> None:
    progress = finished(60)
    again = Again(of="x", candidates=members_of(progress))
    assert len(all_of(progress)) == 5
    assert lost_members(ExperimentConfig(again=again), progress) is None
    assert progress.blend is not None
    less = replace(progress, blend=replace(progress.blend, members=progress.blend.members[:1]))
    said = lost_members(ExperimentConfig(again=again), less)
    assert said is not None
    assert "2 of the 3 parts" in render(said)
    same_answer = replace(progress.blend.members[0], family="baseline")
    none = replace(progress, blend=replace(progress.blend, members=(same_answer,)))
    said = lost_members(ExperimentConfig(again=again), none)
    assert said is not None
    assert said.code == "retrain_no_member_left"
    wanted = replace(again, candidates=(GivenCandidate(family="baseline", parameters={}, share=1.0),))
    assert lost_members(ExperimentConfig(again=wanted), none) is None, "it was all that was asked for"


def test_a_model_of_shuffled_answers_is_told_to_be_worse_and_the_other_one_better(
    place: Workspace, record: RunRecord, trained: Trained, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    new = more_flats()
    new["dear"] = random.Random(3).sample(list(new["dear"]), len(new))
    words = ["--new-rows-only", "--workspace", str(trained.workspace), "--json"]
    assert main(["retrain", record.id, str(_written(new, tmp_path)), *words]) == DONE
    found = json.loads(capsys.readouterr().out)
    (run,) = found["runs"]
    members = members_of(place.runs.progress(record.id))
    trained_again = [each for each in run["leaderboard"] if each["family"] != "baseline"]
    assert len(trained_again) == len(members), "nothing was searched"
    assert [each["weight"] for each in run["blend"]] == pytest.approx([each.share for each in members])
    assert run["onnx"]["max_abs_diff"] <= 1e-5
    assert (run["challenge"]["verdict"], run["challenge"]["n_rows"], run["challenge"]["n_new"]) == ("worse", 96, 48)
    assert "The new model is worse than the old one" in run["challenge"]["said"][0]
    again = place.runs.get(run["run_id"]).config.again
    assert again is not None
    assert again.of == record.id

    shuffled = open_model(run["onnx"]["path"])
    prepared = place.runs.progress(record.id).prepared
    assert prepared is not None
    judged = read_judged(place.runs.artifacts(record.id), prepared.task)
    turned = challenge(shuffled, judged, "auc")
    assert turned.verdict is Verdict.BETTER
    assert render(turned.said[0]).startswith("The new model is better than the old one")

    assert main(["compare", record.id, run["run_id"], "--workspace", str(trained.workspace)]) == DONE
    shown = capsys.readouterr().out
    assert "The new model is worse" in shown
    assert "One run was trained again from another" in shown


def test_asking_for_nothing_or_for_too_many_seeds_is_refused(
    record: RunRecord, trained: Trained, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, said in (
        ([], "Nothing was said"),
        (["--seeds", "1"], "number of seeds is 1"),
        (["--seeds", "2", "--new-rows-only"], "no file with new rows"),
        (["--seeds", "2", "--decimal", ","], "no file with new rows"),
    ):
        assert main(["retrain", record.id, *words, "--workspace", str(trained.workspace)]) == INPUT_AT_FAULT
        assert said in capsys.readouterr().err
