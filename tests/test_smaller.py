"""Smaller versions of a model: less of it, what they cost, and that each is its own certified file."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.bootstrap import workspace
from app.cli import main
from app.command import DONE, INPUT_AT_FAULT
from engine import ExperimentConfig, run_experiment
from engine.column_choice import ColumnChoice
from engine.model import open_model
from engine.outcomes import SmallerModel
from engine.progress import Progress
from engine.search.validation import ValidationSettings
from engine.smaller.versions import versions
from engine.table.reading import read_table
from engine.table.schema import Role
from engine.tasks.task import TaskKind
from tests.conftest import Trained, flats
from tests.test_certificate import trained


@pytest.fixture(scope="module", params=["worth", "dear"])
def run(
    request: pytest.FixtureRequest, trained: Trained, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Progress]:
    """A run on a number and the shared one on classes, with the folder of its files."""
    if request.param == "dear":
        with workspace(trained.workspace) as place:
            run_id = str(trained.document["run_id"])
            return place.runs.artifacts(run_id).fetch("model.onnx").parent, place.runs.progress(run_id)
    folder = tmp_path_factory.mktemp("run")
    flats().to_csv(folder / "flats.csv", index=False)
    asked = ExperimentConfig(
        target="worth",
        columns={"dear": ColumnChoice(role=Role.IGNORED)},
        candidates=2,
        holdout=0.3,
        families=("lightgbm", "extra_trees"),
        validation=ValidationSettings(n_folds=3, n_repeats=1),
    )
    outcome = run_experiment(read_table(folder / "flats.csv"), asked, folder=folder)
    return outcome.model_path.parent, outcome.progress


def test_smaller_files_are_certified_scored_and_predict(run: tuple[Path, Progress]) -> None:
    folder, progress = run
    assert progress.smaller is not None
    assert progress.ready is not None
    made = progress.smaller.smaller
    assert made
    assert [each.bytes for each in made] == sorted((each.bytes for each in made), reverse=True)
    for each in made:
        file = folder / each.path
        assert file.stat().st_size == each.bytes < progress.ready.certificate.bytes
        assert each.max_abs_diff <= 1e-5
        assert each.score.low <= each.score.value <= each.score.high
        assert len(open_model(file).predict(flats())) == len(flats())
        assert SmallerModel.from_json(each.to_json()) == each


def test_what_was_distilled_is_better_than_guessing(run: tuple[Path, Progress]) -> None:
    _, progress = run
    assert progress.smaller is not None
    assert progress.ready is not None
    distilled = [each for each in progress.smaller.smaller if each.how.code == "smaller_distilled"]
    if progress.prepared is not None and progress.prepared.metric == "rmse":
        assert distilled[0].score.value < 0.7 * progress.ready.baseline["rmse"]
    for each in distilled:
        assert each.bytes < 0.5 * progress.ready.certificate.bytes


def test_a_model_that_is_smaller_than_any_network_has_no_smaller_version(tmp_path: Path) -> None:
    flats()[["Fläche", "rooms", "worth"]].to_csv(tmp_path / "flats.csv", index=False)
    quick = ValidationSettings(n_folds=3, n_repeats=1)
    asked = ExperimentConfig(target="worth", candidates=1, families=("linear",), validation=quick)
    progress = run_experiment(read_table(tmp_path / "flats.csv"), asked, folder=tmp_path / "run").progress
    assert progress.ready is not None
    assert progress.smaller is not None
    assert [each for each in progress.smaller.smaller if each.bytes >= progress.ready.certificate.bytes] == []
    assert "smaller_distilled" not in {each.how.code for each in progress.smaller.smaller}


def test_less_of_a_model_keeps_the_heaviest_and_whole_weights() -> None:
    model, _ = trained(TaskKind.BINARY)
    first, *others = model.members
    made = list(versions(replace(model, members=(replace(first, bag=first.bag * 3), *others))))
    assert [how.code for how, _ in made][:3] == ["smaller_one_each", "smaller_heaviest", "smaller_alone"]
    heaviest = max(model.members, key=lambda member: member.weight)
    for _, smaller in made:
        assert np.isclose(sum(member.weight for member in smaller.members), 1.0)
        assert {len(member.bag) for member in smaller.members} == {1}
        assert heaviest.number in {member.number for member in smaller.members}


def test_the_best_version_within_limits_leaves_in_any_form(
    trained: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id, place = str(trained.document["run_id"]), str(trained.workspace)
    whole = (trained.bundle / "model.onnx").stat().st_size
    words = ["export", run_id, "--workspace", place, "--largest-file-mb", f"{(whole - 1) / 1e6:.6f}"]
    assert main([*words, "--as", "bundle", "--out", str(tmp_path / "bundle")]) == DONE
    file = tmp_path / "bundle" / "model.onnx"
    proof = json.loads((tmp_path / "bundle" / "certificate.json").read_text(encoding="utf-8"))
    assert proof["bytes"] == file.stat().st_size < whole
    assert proof["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    rows = pd.read_csv(trained.table, dtype=str).head(5)
    assert set(open_model(file).predict(rows)["prediction"]) <= {"dear", "cheap"}
    capsys.readouterr()
    tiny = ["export", run_id, "--workspace", place, "--as", "onnx", "--out", str(tmp_path / "x")]
    assert main([*tiny, "--slowest-row-ms", "0.000001"]) == INPUT_AT_FAULT
    assert "No version of this model keeps to that" in capsys.readouterr().err
