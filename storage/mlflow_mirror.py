"""Copies a finished run into MLflow: one parent run, one child for each candidate, the model as an ONNX model.

MLflow is a reader of what happened: the run's own events stay the truth. MLflow is imported inside functions only,
because that takes seconds.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.artifacts import Artifacts
from engine.events import CandidateFailed, CandidateFinished
from engine.messages import render
from engine.outcomes import Estimate
from engine.progress import Progress, Status
from storage.mlflow_client import connect, experiment_of, in_words
from storage.runs import RunRecord
from storage.text import to_text

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.models import ModelSignature

RUN_TAG = "tablewright.run_id"
STATE_TAG = "tablewright.state"
PARENT_TAG = "mlflow.parentRunId"
MODEL_NAME = "model"
LONGEST_VALUE = 5_000  # characters that MLflow keeps of a parameter
ENDED_WELL = frozenset({Status.FINISHED, Status.STOPPED})
PROVIDERS = ("CPUExecutionProvider",)
ARRAYS = {"tensor(double)": "float64", "tensor(float)": "float32", "tensor(int64)": "int64"}
REQUIREMENTS = ("onnxruntime", "onnx", "numpy", "pandas")


def mirror_run(
    record: RunRecord,
    progress: Progress,
    artifacts: Artifacts,
    *,
    tracking_uri: str,
    artifact_root: Path | None,
    fingerprint: str = "",
) -> str:
    """Copy a run, and return its id in MLflow.

    A copy that is already there and says the same is left alone; an older or unfinished one is replaced.
    `artifact_root`: where MLflow keeps files; None leaves that to the tracking server.
    Changes the tracking address of the whole process, so it belongs in a process of its own.
    Raises WorkspaceError when MLflow cannot take it.
    """
    with in_words():
        client = connect(tracking_uri)
        experiment_id = experiment_of(client, record.project, artifact_root)
        state = f"{progress.status} {len(progress.finished)} {len(progress.failed)} {progress.explained is not None}"
        for old in _copies(client, experiment_id, record.id):
            if old.data.tags.get(STATE_TAG) == state:
                return str(old.info.run_id)
            _remove(client, experiment_id, old.info.run_id)
        began = int(record.created_at.timestamp() * 1000)
        tags = {
            RUN_TAG: record.id,
            "owner": record.owner,
            "project": record.project,
            "dataset_id": record.dataset_id,
            "dataset_fingerprint": fingerprint,
        }
        parent = client.create_run(experiment_id, start_time=began, run_name=record.name, tags=tags)
        run_id = str(parent.info.run_id)
        _log(client, run_id, _parameters(record, progress), _metrics(progress))
        candidates: list[CandidateFinished | CandidateFailed] = [*progress.finished, *progress.failed]
        for candidate in sorted(candidates, key=lambda result: result.number):
            _add_candidate(client, experiment_id, run_id, candidate)
        _add_files(client, run_id, progress, artifacts)
        if progress.ready is not None:
            _add_model(run_id, artifacts.fetch(progress.ready.path))
        ended = record.created_at + timedelta(seconds=progress.seconds)
        good = progress.status in ENDED_WELL
        client.set_terminated(run_id, "FINISHED" if good else "FAILED", int(ended.timestamp() * 1000))
        client.set_tag(run_id, STATE_TAG, state)  # last: whoever finds it finds everything
        return run_id


def _copies(client: "MlflowClient", experiment_id: str, run_id: str) -> list[Any]:
    return list(client.search_runs([experiment_id], f"tags.`{RUN_TAG}` = '{run_id}'"))


def _remove(client: "MlflowClient", experiment_id: str, parent_id: str) -> None:
    while children := client.search_runs([experiment_id], f"tags.`{PARENT_TAG}` = '{parent_id}'"):
        for child in children:  # deleted ones are no longer found, so the next page is the first again
            client.delete_run(child.info.run_id)
    for model in client.search_logged_models([experiment_id], f"source_run_id = '{parent_id}'"):
        client.delete_logged_model(model.model_id)
    client.delete_run(parent_id)


def _parameters(record: RunRecord, progress: Progress) -> dict[str, Any]:
    found = {f"config.{name}": value for name, value in record.config.to_json().items() if value is not None}
    if progress.prepared is not None:
        prepared = progress.prepared
        found |= {
            "task": str(prepared.task.kind),
            "target": prepared.task.target,
            "metric": prepared.metric,
            "n_rows": prepared.n_rows,
            "n_columns": prepared.n_columns,
            "n_train": prepared.n_train,
            "n_holdout": prepared.n_holdout,
        }
    if progress.blend is not None:
        found["blend"] = [f"{member.number} {member.family} x {member.weight:.3g}" for member in progress.blend.members]
    if progress.failure is not None:
        found["failure"] = render(progress.failure.cause)
    return found


def _metrics(progress: Progress) -> dict[str, float]:
    found = {"seconds": progress.seconds}
    if progress.prepared is not None and progress.best is not None:
        found["best_candidate." + progress.prepared.metric] = progress.best.score
    if progress.ready is not None:
        ready = progress.ready
        found |= _estimates("holdout", ready.holdout or {}) | _estimates("validation", ready.validation)
        found |= {f"baseline.{metric}": value for metric, value in ready.baseline.items()}
        found |= {
            "certificate.max_abs_diff": ready.certificate.max_abs_diff,
            "certificate.rows_checked": ready.certificate.rows_checked,
            "certificate.bytes": ready.certificate.bytes,
            "certificate.row_microseconds": ready.certificate.row_microseconds,
        }
    return found


def _estimates(name: str, scores: Mapping[str, Estimate]) -> dict[str, float]:
    ends = ("value", ""), ("low", ".low"), ("high", ".high")
    return {f"{name}.{metric}{end}": getattr(score, part) for metric, score in scores.items() for part, end in ends}


def _add_candidate(
    client: "MlflowClient", experiment_id: str, parent_id: str, candidate: CandidateFinished | CandidateFailed
) -> None:
    name = f"{candidate.number} {candidate.family}"
    child = client.create_run(experiment_id, run_name=name, tags={PARENT_TAG: parent_id})
    metrics = {"train_seconds": candidate.train_seconds}
    tags = {}
    if isinstance(candidate, CandidateFinished):
        metrics |= {"score": candidate.score, "spread": candidate.spread, "rounds": candidate.rounds}
        tags["pruned"] = str(candidate.pruned).lower()
    else:
        tags["cause"] = render(candidate.cause)
    parameters = {"family": candidate.family, "number": candidate.number, **candidate.parameters}
    _log(client, child.info.run_id, parameters, metrics, tags)
    client.set_terminated(child.info.run_id, "FINISHED" if isinstance(candidate, CandidateFinished) else "FAILED")


def _log(
    client: "MlflowClient",
    run_id: str,
    parameters: Mapping[str, Any],
    metrics: Mapping[str, float],
    tags: Mapping[str, str] | None = None,
) -> None:
    from mlflow.entities import Metric, Param, RunTag

    client.log_batch(
        run_id,
        metrics=[Metric(_key(name), float(value), 0, 0) for name, value in metrics.items()],
        params=[Param(_key(name), _value(value)) for name, value in parameters.items()],
        tags=[RunTag(name, _value(value)) for name, value in (tags or {}).items()],
    )


def _key(name: str) -> str:
    """Return a name that MLflow takes: letters, digits and a few signs."""
    return "".join(sign if sign.isalnum() or sign in "_-. /" else "_" for sign in name)


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else to_text(value)
    return text[:LONGEST_VALUE]


def _add_files(client: "MlflowClient", run_id: str, progress: Progress, artifacts: Artifacts) -> None:
    import pandas as pd

    rows = [
        {
            "number": result.number,
            "family": result.family,
            "score": result.score,
            "spread": result.spread,
            "seconds": result.train_seconds,
            "parameters": to_text(result.parameters),
        }
        for result in progress.leaderboard
    ]
    with tempfile.TemporaryDirectory() as folder:
        if rows:
            path = Path(folder) / "leaderboard.parquet"
            pd.DataFrame(rows).to_parquet(path)
            client.log_artifact(run_id, str(path))
            client.log_table(run_id, pd.DataFrame(rows), "leaderboard.json")  # the one that MLflow's pages show
    if progress.ready is not None:
        client.log_dict(run_id, asdict(progress.ready.certificate), "certificate.json")
    if progress.explained is not None:
        client.log_artifact(run_id, str(artifacts.fetch(progress.explained.path)))


def _add_model(run_id: str, path: Path) -> None:
    import mlflow
    import onnx

    with mlflow.start_run(run_id=run_id):
        mlflow.onnx.log_model(
            onnx.load(path),
            name=MODEL_NAME,
            signature=_signature(path),
            pip_requirements=list(REQUIREMENTS),
            onnx_execution_providers=list(PROVIDERS),
            save_as_external_data=False,  # the file stays the very one that was certified
        )


def _signature(path: Path) -> "ModelSignature":
    """Describe the file: arrays of one column each, because MLflow hands the columns of a frame over flat."""
    import numpy as np
    import onnxruntime
    from mlflow.models import ModelSignature
    from mlflow.types import Schema, TensorSpec

    def spec(place: onnxruntime.NodeArg) -> TensorSpec:
        cells = np.dtype(ARRAYS.get(place.type, "object"))
        shape = tuple(size if isinstance(size, int) else -1 for size in place.shape)
        return TensorSpec(cells, shape, place.name)

    session = onnxruntime.InferenceSession(path, providers=list(PROVIDERS))
    return ModelSignature(
        inputs=Schema([spec(place) for place in session.get_inputs()]),
        outputs=Schema([spec(place) for place in session.get_outputs()]),
    )
