"""How MLflow is reached: a client for an address, an experiment for a project, and its troubles said in words.

MLflow is imported inside functions only, because that takes seconds.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import WorkspaceError
from engine.messages import phrase
from storage.database import address_of

if TYPE_CHECKING:
    from mlflow import MlflowClient

MIRROR_PROBLEM = phrase(
    "mirror_problem",
    "The run could not be copied to MLflow: {reason}.",
    "The run itself is complete. Check the address in TABLEWRIGHT_MLFLOW.",
)


def local_address(folder: Path) -> str:
    """Return the tracking address of a workspace's own MLflow."""
    return address_of(folder / "mlflow.db")


def local_files(folder: Path) -> Path:
    """Return where a workspace's own MLflow keeps files."""
    return folder / "mlflow-artifacts"


@contextmanager
def in_words() -> Iterator[None]:
    """Let what MLflow raises leave as a WorkspaceError."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")  # there stands one document, or a table
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError, sqlite3.Error, OSError) as problem:
        reason = str(problem).strip().partition("\n")[0].rstrip(".")
        raise WorkspaceError(MIRROR_PROBLEM(reason=reason)) from problem


def connect(tracking_uri: str) -> "MlflowClient":
    """Return a client; changes the tracking address of the whole process."""
    import mlflow
    from sqlalchemy import make_url

    if tracking_uri.startswith("sqlite:///"):
        with closing(sqlite3.connect(make_url(tracking_uri).database or "")) as database:
            database.execute("PRAGMA journal_mode=WAL")  # stays in the file: 18 ms for a child run and not 300
    mlflow.set_tracking_uri(tracking_uri)
    return mlflow.MlflowClient(tracking_uri)


def experiment_of(client: "MlflowClient", project: str, artifact_root: Path | None) -> str:
    """Return the id of a project's experiment; it is made where there is none."""
    known = client.get_experiment_by_name(project)
    if known is None:
        location = None if artifact_root is None else artifact_root.absolute().as_uri()
        return str(client.create_experiment(project, artifact_location=location))
    if known.lifecycle_stage == "deleted":
        client.restore_experiment(known.experiment_id)
    return str(known.experiment_id)
