"""Deletes a project with everything that was ever kept of it, MLflow's copies included. In its own process."""

from storage.locks import hold
from storage.removal import Contents, contents, remove, stop
from storage.settings import MLFLOW, NO_MIRROR
from storage.workspace import Workspace

MIRROR_SECONDS = 600.0  # how long mirrors of other runs are waited for


def remove_project(place: Workspace, name: str, *, owner: str) -> Contents:
    """Delete a project; returns what it held.

    Raises WorkspaceError while a training does not end, or when MLflow cannot be asked: then nothing is deleted yet.
    """
    found = contents(place, name, owner=owner)
    stop(place, found)
    address = MLFLOW.value(place.folder)
    own = place.folder / "mlflow.db"
    if (found.run_ids or found.owner is None) and address != NO_MIRROR and (address or own.is_file()):
        from storage.mlflow_client import local_address
        from storage.mlflow_removal import remove_mirrored

        with hold(place.folder / "mlflow.lock", wait_seconds=MIRROR_SECONDS):
            uri = address or local_address(place.folder)
            remove_mirrored(found.run_ids, name, tracking_uri=uri, whole=found.owner is None)
    remove(place, found)
    return found
