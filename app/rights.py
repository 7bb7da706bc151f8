"""What somebody must be allowed before a process is started that does it for them."""

from collections.abc import Mapping
from typing import Any

from storage.access import OWN_PROJECT, Act
from storage.runs import NO_SUCH_DATASET
from storage.schema import DATASETS
from storage.workspace import Workspace


def require_job(place: Workspace, job: str, parameters: Mapping[str, Any]) -> None:
    """Raise unless whoever asks may have this done: look at the run that it is about, or change the table."""
    gate = place.runs.gate
    if "run_id" in parameters:
        gate.note(job, place.runs.get(parameters["run_id"]).id)
    if "dataset_id" in parameters:
        dataset_id = parameters["dataset_id"]
        gate.require(Act.WRITE, DATASETS, dataset_id, job, NO_SUCH_DATASET(dataset_id=dataset_id))


def require_deletion(place: Workspace, project: str) -> None:
    """Raise unless whoever asks may delete a project: their own, one that they lead, or as an administrator."""
    gate = place.runs.gate
    if project == OWN_PROJECT:
        gate.require_place(project, "own project deleted")
        gate.note("own project deleted", "")
    else:
        place.people.require_leader(place.people.project(project), "project deleted")
