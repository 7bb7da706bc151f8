"""What somebody must be allowed before a process is started that does it for them."""

from collections.abc import Mapping
from typing import Any

from storage.access import OWN_PROJECT, Act
from storage.run_turns import NO_SUCH_RUN
from storage.runs import NO_SUCH_DATASET
from storage.schema import DATASETS, RUNS
from storage.workspace import Workspace

# What a job only looks at, or makes for whoever asks; any other one changes something that others see.
LOOKING = frozenset({"predict", "export", "why", "more_rows", "bearing"})


def require_job(place: Workspace, job: str, parameters: Mapping[str, Any]) -> None:
    """Raise unless whoever asks may have this done with the run or the table that it is about."""
    gate, act = place.runs.gate, Act.READ if job in LOOKING else Act.WRITE
    if "run_id" in parameters:
        run_id = str(parameters["run_id"])
        gate.require(act, RUNS, run_id, job, NO_SUCH_RUN(run_id=run_id))
        if act is Act.READ:
            gate.note(job, run_id)
    if "dataset_id" in parameters:
        dataset_id = str(parameters["dataset_id"])
        gate.require(act, DATASETS, dataset_id, job, NO_SUCH_DATASET(dataset_id=dataset_id))


def require_deletion(place: Workspace, project: str) -> None:
    """Raise unless whoever asks may delete a project: their own, one that they lead, or as an administrator."""
    gate = place.runs.gate
    # A single user names projects in the terminal that nobody has begun to share.
    own = place.actor.is_alone and project not in {each.name for each in place.people.projects()}
    if own or project == OWN_PROJECT:
        gate.require_place(project, "own project deleted")
        gate.note("own project deleted", "")
    else:
        place.people.require_leader(place.people.project(project), "project deleted")
