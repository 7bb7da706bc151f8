"""Registers an exported MLflow model with the MLflow of the workspace."""

from pathlib import Path

from engine.errors import InputError
from engine.messages import phrase
from storage.runs import RunRecord
from storage.settings import MLFLOW, NO_MIRROR
from storage.workspace import Workspace

FORM = "mlflow"
OTHER_FORM = phrase(
    "register_other_form",
    "Only an MLflow model can be registered, and {form} is none.",
    "Export with --as mlflow, or without --register.",
)
NO_MLFLOW = phrase(
    "register_no_mlflow",
    "MLflow is switched off, so there is no registry.",
    "Give an address in TABLEWRIGHT_MLFLOW, or leave it empty for the one of the workspace.",
)


def check_form(form: str) -> None:
    """Raise InputError where the exported form cannot be registered."""
    if form != FORM:
        raise InputError(OTHER_FORM(form=form))


def register(place: Workspace, record: RunRecord, exported: Path, name: str) -> int:
    """Return the version that the exported folder gets under this name.

    Raises InputError when MLflow is off, WorkspaceError when it cannot take the model.
    """
    from storage.mlflow_client import local_address, local_files
    from storage.mlflow_registry import register as take

    address = MLFLOW.value(place.folder)
    if address == NO_MIRROR:
        raise InputError(NO_MLFLOW())
    return take(
        record,
        exported,
        name,
        tracking_uri=address or local_address(place.folder),
        artifact_root=None if address else local_files(place.folder),
    )
