"""What a worker of a cluster does: it runs a trial in a guarded process of its own, beside its own connections.

Only this module's functions are sent to workers. A worker that sees the run's folder (a shared file system) works
there; any other is sent the data once and sends back the files of each trial.
"""

import multiprocessing
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine import logs
from engine.installed import XGBOOST, installed_versions
from engine.search.fair_memory import fair_memory_bytes
from engine.search.guard import CallOutcome, GuardedCall
from engine.search.order import Order
from engine.search.preload import preload
from engine.search.trial import run_trial

SHARED_MARK = "shared_with_cluster"
WHOLE = "whole"
LOOK_SECONDS = 0.25
PACKAGES = ("tablewright", "catboost", "lightgbm", "numpy", "scikit-learn", *XGBOOST)


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """How a trial ended on a worker. `files`: what it left, by name; empty where the run's folder is shared."""

    outcome: CallOutcome
    files: Mapping[str, bytes]


@dataclass(frozen=True, kw_only=True)
class Lacks:
    """The worker at this address has not got the data of the run yet."""

    address: str


@dataclass(frozen=True, kw_only=True)
class About:
    """A worker, as it sees itself. `may_start_processes`: guarded trials are processes of their own."""

    host: str
    n_slots: int
    versions: Mapping[str, str]
    may_start_processes: bool


def dask_setup(_worker: Any) -> None:
    """Begin to import what trials need when the worker starts, where Dask is told to preload this module."""
    preload()


def about(dask_worker: Any) -> About:
    """Say what a worker is, which is handed in; and let it begin to import what trials need, once for all of them."""
    preload()
    return About(
        host=os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", ""),
        n_slots=int(dask_worker.state.nthreads),
        versions=versions(),
        may_start_processes=not multiprocessing.current_process().daemon,
    )


def versions() -> dict[str, str]:
    """Return the versions of what decides how a model turns out."""
    return installed_versions(PACKAGES)


def run_there(
    order: Order,
    run: str,
    key: str,
    deadline_seconds: float | None,
    memory_bytes: int | None,
    about: logs.About,
) -> Delivery | Lacks:
    """Run a trial in a guarded process of this worker.

    `run`: a name for the run's data on workers; it stands in the run's folder, and where it can be read there, that
    folder is shared. `key`: by which the cluster knows this task; a task that is taken back is ended.
    `about`: the run, for the log of this worker.
    """
    from distributed import get_worker

    worker = get_worker()
    shared = _reads(order.folder / SHARED_MARK) == run
    folder = order.folder if shared else data_folder(run, worker)
    if not shared and not (folder / WHOLE).exists():
        return Lacks(address=worker.address)
    own = replace(order, folder=folder)
    call = GuardedCall.start(
        run_trial,
        (own,),
        deadline_seconds=deadline_seconds,
        memory_bytes=memory_bytes or fair_memory_bytes(int(worker.state.nthreads)),
        about=replace(about, form=logs.wanted()),
    )
    try:
        while (outcome := call.wait(LOOK_SECONDS)) is None:
            if not _is_wanted(worker, key):
                call.kill()
    finally:
        call.kill()
    if shared:
        return Delivery(outcome=outcome, files={})
    files = {path.name: path.read_bytes() for path in own.place.glob("*") if path.is_file()}
    shutil.rmtree(own.place, ignore_errors=True)
    return Delivery(outcome=outcome, files=files)


def receive(run: str, name: str, position: int, part: bytes, dask_worker: Any) -> None:
    """Keep a part of a file of the run's data; an empty name says that all of it is there."""
    folder = data_folder(run, dask_worker)
    if (folder / WHOLE).exists():  # several trials began there at once and lacked it: the first of them read it now
        return
    path = folder / name if name else folder / WHOLE
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab" if position else "wb") as file:
        file.truncate(position)
        file.write(part)


def forget(run: str, dask_worker: Any) -> None:
    """Throw away what this worker keeps of a run."""
    shutil.rmtree(data_folder(run, dask_worker), ignore_errors=True)


def data_folder(run: str, worker: Any) -> Path:
    """Return where a worker keeps the data of a run: in its own folder, which goes when it ends."""
    return Path(worker.local_directory) / f"tablewright-{run}"


def _is_wanted(worker: Any, key: str) -> bool:
    """Whether the cluster still waits for a task: looked up beside the trial, without asking anybody."""
    task = worker.state.tasks.get(key)
    return task is not None and task.state == "executing"


def _reads(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
