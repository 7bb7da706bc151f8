"""A finished run stands in MLflow: its scores, its candidates, and a model that MLflow can load and call."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from app.phrasebook import learn
from engine.config import ExperimentConfig
from engine.events import (
    BlendChosen,
    CandidateFailed,
    CandidateFinished,
    DataPrepared,
    Event,
    Explained,
    Failed,
    Finished,
    Mirrored,
    ModelReady,
    RunStarted,
    of_kind,
)
from engine.messages import Message, render
from engine.outcomes import Certificate, Estimate, Importance, Member
from engine.tasks.task import Task, TaskKind
from storage.workspace import Workspace, open_workspace

# MLflow is asked in a process of its own: its warnings are not ours, and it takes over the process it runs in.
LOOK = """
import json, sys
import mlflow, numpy as np
address, project = sys.argv[1:]
mlflow.set_tracking_uri(address)
client = mlflow.MlflowClient()
experiment = client.get_experiment_by_name(project).experiment_id
runs = client.search_runs([experiment])
models = client.search_logged_models([experiment])
seen = {
    "runs": [
        {"id": run.info.run_id, "name": run.info.run_name, "status": run.info.status, "tags": run.data.tags,
         "params": run.data.params, "metrics": run.data.metrics,
         "files": sorted(found.path for found in client.list_artifacts(run.info.run_id))}
        for run in runs
    ],
    "models": [model.source_run_id for model in models],
}
if models:
    model = mlflow.pyfunc.load_model(models[0].model_uri)
    answer = model.predict({"size": np.array([[1.5], [2.0]]), "town": np.array([["Bonn"], [""]], dtype=object)})
    seen["prediction"] = answer["prediction"].tolist()
    seen["inputs"] = model.metadata.signature.inputs.input_names()
print(json.dumps(seen))
"""


def write_model(path: Path) -> None:
    """Write a file with a number and a text as inputs, which predicts twice the number."""
    inputs = [
        helper.make_tensor_value_info("size", TensorProto.DOUBLE, ["N", 1]),
        helper.make_tensor_value_info("town", TensorProto.STRING, ["N", 1]),
    ]
    outputs = [
        helper.make_tensor_value_info("prediction", TensorProto.DOUBLE, ["N", 1]),
        helper.make_tensor_value_info("seen", TensorProto.STRING, ["N", 1]),
    ]
    nodes = [
        helper.make_node("Add", ["size", "size"], ["prediction"]),
        helper.make_node("Identity", ["town"], ["seen"]),
    ]
    graph = helper.make_graph(nodes, "twice", inputs, outputs)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10), path)


def happened(path: Path) -> list[Event]:
    """Return the events of a run with a linear model, a pruned one and one that failed."""
    cause = Message("trial_killed", {"seconds": 3})
    score: dict[str, Any] = {"seconds": 3.0, "spread": 0.5, "fold_scores": (1.0, 2.0), "train_seconds": 0.25}
    certificate = Certificate(
        max_abs_diff=1e-7,
        rows_checked=40,
        n_generated=10,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        bytes=path.stat().st_size,
        row_microseconds=12.0,
    )
    return [
        RunStarted(seconds=0.0, process_id=1),
        DataPrepared(
            seconds=1.0,
            task=Task(kind=TaskKind.REGRESSION, targets=("price",)),
            metric="rmse",
            greater_is_better=False,
            n_rows=100,
            n_columns=3,
            n_train=80,
            n_holdout=20,
            n_folds=5,
            baseline=9.0,
        ),
        CandidateFinished(number=0, family="linear", parameters={"strength": np.float64(0.1)}, score=1.5, **score),
        CandidateFinished(number=1, family="lightgbm", parameters={"leaves": 31}, score=2.5, pruned=True, **score),
        CandidateFailed(seconds=4.0, number=2, family="catboost", parameters={}, cause=cause, train_seconds=3.0),
        BlendChosen(seconds=5.0, members=(Member(number=0, family="linear", weight=1.0),), score=1.5),
        ModelReady(
            seconds=6.0,
            path="model.onnx",
            certificate=certificate,
            holdout={"rmse": Estimate(value=1.6, low=1.2, high=2.1)},
            validation={"rmse": Estimate(value=1.5, low=1.3, high=1.7)},
            baseline={"rmse": 9.0},
            read_seconds=0.5,
            search_seconds=4.0,
        ),
    ]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """One workspace for all: MLflow takes long to set up its database."""
    with pytest.MonkeyPatch.context() as patch, open_workspace(tmp_path_factory.mktemp("workspace")) as opened:
        patch.delenv("TABLEWRIGHT_MLFLOW", raising=False)
        yield opened


def new_run(place: Workspace, project: str = "houses") -> str:
    """Keep a run that has its model, and is still explaining it."""
    path = place.folder / "finished.onnx"
    write_model(path)
    config = ExperimentConfig(target="price", candidates=3)
    run_id = place.runs.create(owner="ada", name="prices", dataset_id="gone", config=config, project=project)
    for event in happened(path):
        place.runs.append(run_id, event)
    place.runs.artifacts(run_id).save("model.onnx", path)
    return run_id


def mirror(place: Workspace, run_id: str, n_times: int = 1) -> None:
    code = f"import sys; from app.mirror import main; sys.exit(any([main() for _ in range({n_times})]))"
    command = [sys.executable, "-c", code, run_id, "--workspace", str(place.folder)]
    subprocess.run(command, check=True, cwd=place.folder, capture_output=True)


def models_in(place: Workspace) -> set[Path]:
    return set((place.folder / "mlflow-artifacts").rglob("model.onnx"))


def look(place: Workspace, project: str = "houses") -> dict[str, Any]:
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-c",
        LOOK,
        f"sqlite:///{(place.folder / 'mlflow.db').as_posix()}",
        project,
    ]
    seen: dict[str, Any] = json.loads(
        subprocess.run(command, check=True, cwd=place.folder, stdout=subprocess.PIPE).stdout
    )
    return seen


def test_a_run_is_copied_with_its_candidates_and_a_model_that_can_be_called(place: Workspace) -> None:
    run_id, before = new_run(place), models_in(place)
    place.runs.append(run_id, Finished(seconds=7.0))
    mirror(place, run_id)
    mirrored = place.runs.progress(run_id).mirrored
    assert mirrored is not None
    assert mirrored.problem is None

    seen = look(place)
    children = {run["name"]: run for run in seen["runs"] if run["id"] != mirrored.mlflow_run_id}
    (parent,) = (run for run in seen["runs"] if run["id"] == mirrored.mlflow_run_id)
    assert (parent["name"], parent["status"]) == ("prices", "FINISHED")
    assert parent["tags"]["owner"] == "ada"
    assert parent["tags"]["tablewright.run_id"] == run_id
    assert parent["params"]["config.candidates"] == "3"
    assert parent["params"]["task"] == "regression"
    assert {name: parent["metrics"][f"holdout.rmse{name}"] for name in ("", ".low", ".high")} == {
        "": 1.6,
        ".low": 1.2,
        ".high": 2.1,
    }
    assert parent["metrics"]["baseline.rmse"] == 9.0
    assert {"certificate.json", "leaderboard.json", "leaderboard.parquet"} <= set(parent["files"])

    assert sorted(children) == ["0 linear", "1 lightgbm", "2 catboost"]
    assert {run["tags"]["mlflow.parentRunId"] for run in children.values()} == {parent["id"]}
    assert children["0 linear"]["metrics"] == {"score": 1.5, "spread": 0.5, "rounds": 0.0, "train_seconds": 0.25}
    assert children["0 linear"]["params"] == {"family": "linear", "number": "0", "strength": "0.1"}
    assert children["1 lightgbm"]["tags"]["pruned"] == "true"
    assert children["2 catboost"]["status"] == "FAILED"
    assert "3" in children["2 catboost"]["tags"]["cause"]

    assert seen["models"] == [parent["id"]]
    assert seen["inputs"] == ["size", "town"]
    assert seen["prediction"] == [[3.0], [4.0]]
    copies = [path.read_bytes() for path in models_in(place) - before]
    assert copies == [place.runs.artifacts(run_id).fetch("model.onnx").read_bytes()]


def test_copying_again_replaces_what_is_older_and_leaves_the_same_alone(place: Workspace) -> None:
    run_id = new_run(place, "changed")
    place.runs.append(run_id, Failed(seconds=6.5, cause=Message("test")))
    mirror(place, run_id)
    first = place.runs.progress(run_id).mirrored
    place.runs.append(run_id, RunStarted(seconds=6.5, process_id=1, resumed=True))
    explanation = place.folder / "explanation.npz"
    np.savez(explanation, values=np.zeros(3))
    place.runs.artifacts(run_id).save("explanation.npz", explanation)
    importance = Importance(column="size", value=1.0, share=1.0)
    place.runs.append(
        run_id,
        Explained(seconds=7.0, importances=(importance,), path="explanation.npz", n_rows=80, max_sum_diff=0.0),
    )
    place.runs.append(run_id, Finished(seconds=8.0))
    mirror(place, run_id, n_times=2)
    *_, second, third = of_kind((event for _, event in place.runs.events(run_id)), Mirrored)
    assert first is not None
    assert first.mlflow_run_id != second.mlflow_run_id == third.mlflow_run_id

    seen = look(place, "changed")
    assert sorted(run["name"] for run in seen["runs"]) == ["0 linear", "1 lightgbm", "2 catboost", "prices"]
    assert seen["models"] == [second.mlflow_run_id]
    (parent,) = (run for run in seen["runs"] if run["name"] == "prices")
    assert "explanation.npz" in parent["files"]


def test_an_address_that_does_not_answer_is_said_in_the_run(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLEWRIGHT_MLFLOW", "unheardof://nowhere")
    run_id = new_run(place)
    place.runs.append(run_id, Finished(seconds=7.0))
    command = [sys.executable, "-m", "app.mirror", run_id, "--workspace", str(place.folder)]
    done = subprocess.run(command, check=False, capture_output=True, cwd=place.folder)
    assert done.returncode == 1
    mirrored = place.runs.progress(run_id).mirrored
    assert mirrored is not None
    assert mirrored.problem is not None
    learn()
    assert "could not be copied to MLflow" in render(mirrored.problem)
    assert "TABLEWRIGHT_MLFLOW" in render(mirrored.problem)


def test_mlflow_prints_no_addresses_where_documents_are_printed() -> None:
    ask = (
        "from storage.mlflow_client import in_words\n"
        "with in_words():\n"
        "    from mlflow.environment_variables import MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT as quiet\n"
        "    print(quiet.get())"
    )
    done = subprocess.run([sys.executable, "-c", ask], check=True, capture_output=True, text=True)
    assert done.stdout == "True\n"
