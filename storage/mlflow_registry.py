"""Puts an exported MLflow model into MLflow's registry, where it gets a name and a version."""

from contextlib import suppress
from pathlib import Path

from storage.mlflow_client import connect, experiment_of, in_words
from storage.runs import RunRecord

EXPORTED_TAG = "tablewright.exported_run_id"
FOLDER = "exported"


def register(record: RunRecord, exported: Path, name: str, *, tracking_uri: str, artifact_root: Path | None) -> int:
    """Copy the folder of an MLflow model into MLflow, register it, and return its version.

    The files belong to an MLflow run of their own: the run's copy may be replaced by a newer one.
    `artifact_root`: where MLflow keeps files; None leaves that to the tracking server.
    Raises WorkspaceError when MLflow cannot take it.
    """
    with in_words():
        from mlflow.exceptions import MlflowException

        client = connect(tracking_uri)
        experiment_id = experiment_of(client, record.project, artifact_root)
        run = client.create_run(experiment_id, run_name=record.name, tags={EXPORTED_TAG: record.id})
        client.log_artifacts(run.info.run_id, str(exported), FOLDER)
        client.set_terminated(run.info.run_id)
        with suppress(MlflowException):  # there already; whatever else is wrong with a name, the version says too
            client.create_registered_model(name)
        return int(client.create_model_version(name, f"{run.info.artifact_uri}/{FOLDER}", run.info.run_id).version)
