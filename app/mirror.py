"""The process that copies a finished run into MLflow: `python -m app.mirror RUN_ID --workspace DIR`."""

import logging
import os
import sys
from argparse import ArgumentParser
from pathlib import Path

from app.bootstrap import workspace
from app.logs import begin
from engine.errors import InputError, TablewrightError
from engine.events import Mirrored
from engine.logs import event
from storage.locks import hold
from storage.settings import MLFLOW
from storage.workspace import Workspace

logger = logging.getLogger(__name__)

OTHERS_SECONDS = 600.0  # how long the mirrors of other runs are waited for: MLflow makes its tables only once


def main(arguments: list[str] | None = None) -> int:
    """Mirror one run, and say in its events how that went; returns the exit code."""
    parser = ArgumentParser(prog="python -m app.mirror", description="Copy a finished run into MLflow.")
    parser.add_argument("run_id")
    parser.add_argument("--workspace", type=Path, required=True)
    options = parser.parse_args(arguments)
    if hasattr(os, "nice"):
        os.nice(10)  # nobody waits for a mirror; the next run may be under way already
    with workspace(options.workspace) as place:
        begin("mirror", place.folder, run=options.run_id, project=place.runs.get(options.run_id).project)
        mirrored = mirror(place, options.run_id)
        place.runs.append(options.run_id, mirrored)
        logger.info("mirrored", extra=event(code=mirrored.problem.code if mirrored.problem else ""))
    return 0 if mirrored.problem is None else 1


def mirror(place: Workspace, run_id: str) -> Mirrored:
    """Mirror one run; the answer says under which id, or why not."""
    from storage.mlflow_client import local_address, local_files
    from storage.mlflow_mirror import mirror_run

    progress = place.runs.progress(run_id)
    address = MLFLOW.value(place.folder)
    try:
        with hold(place.folder / "mlflow.lock", wait_seconds=OTHERS_SECONDS):
            record = place.runs.get(run_id)  # not before: its project may have been deleted meanwhile
            mlflow_run_id = mirror_run(
                record,
                progress,
                place.runs.artifacts(run_id),
                tracking_uri=address or local_address(place.folder),
                artifact_root=None if address else local_files(place.folder),
                fingerprint=_fingerprint(place, record.dataset_id),
            )
    except TablewrightError as problem:
        return Mirrored(seconds=progress.seconds, problem=problem.message)
    return Mirrored(seconds=progress.seconds, mlflow_run_id=mlflow_run_id)


def _fingerprint(place: Workspace, dataset_id: str) -> str:
    try:
        return place.datasets.record(dataset_id).fingerprint
    except InputError:
        return ""  # the table was removed; its run is worth a copy all the same


if __name__ == "__main__":
    sys.exit(main())
