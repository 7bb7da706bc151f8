"""Runs wait for one another: no more train at once than this machine has room for, the others start by themselves.

Whoever ends a training starts the next one, and the server looks every now and then, so that a run starts although the
worker before it was killed.
"""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.launch import launch
from app.preferences import preferences_in
from app.standing import trains_on_workers
from engine.errors import TablewrightError
from storage.access import ITSELF
from storage.locks import hold
from storage.workspace import Workspace

CORES_EACH = 2
LOOK_EVERY_SECONDS = 2.0
TURN_SECONDS = 30.0  # how long another process may take to start what waits

logger = logging.getLogger(__name__)


def usual_room(n_cores: int | None) -> int:
    """Return how many runs train at once where nobody said: one for every two cores.

    >>> usual_room(8), usual_room(1), usual_room(None)
    (4, 1, 1)
    """
    return max(1, (n_cores or 1) // CORES_EACH)


def room(place: Workspace) -> int:
    """Return how many runs may train at once on this machine."""
    return preferences_in(place.folder).runs_at_once or usual_room(os.cpu_count())


def start_now(place: Workspace, run_id: str) -> None:
    """Start a run at once, whether or not there is room; where workers train, it is the next that one of them takes."""
    if trains_on_workers(place.folder):
        _leave_to_workers(place, run_id, first=True)
        return
    place.runs.note_launch(run_id)  # refuses whom it must
    launch(run_id, place.folder, behind=True)


def start_or_wait(place: Workspace, run_id: str) -> None:
    """Start a run as soon as there is room for it: now, or when those before it are done."""
    if trains_on_workers(place.folder):
        _leave_to_workers(place, run_id)
        return
    place.runs.enqueue(run_id)
    start_waiting(place)


def _leave_to_workers(place: Workspace, run_id: str, *, first: bool = False) -> None:
    place.datasets.share(place.runs.get(run_id).dataset_id)
    place.runs.enqueue(run_id, first=first)


def start_waiting(place: Workspace) -> None:
    """Start as many of the runs that wait as there is room for; where workers train, they take them by themselves."""
    runs = place.runs.seen_by(ITSELF)  # whose turn it is does not hang on who looks
    if trains_on_workers(place.folder) or not runs.queue():
        return
    with hold(place.folder / "queue.lock", wait_seconds=TURN_SECONDS):
        free = room(place) - runs.n_taking_room()
        for run_id in runs.queue()[: max(0, free)]:
            if runs.claim(run_id):
                launch(run_id, place.folder, behind=True)


@contextmanager
def looking_after(place: Workspace, *, every_seconds: float = LOOK_EVERY_SECONDS) -> Iterator[None]:
    """See to it, while the block runs, that what waits starts when there is room."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(every_seconds):
            try:
                start_waiting(place)
            # The database is busy, another process is at it, the disk is full: there is a next time.
            except (TablewrightError, OSError):
                logger.info("What waits could not be started now", exc_info=True)

    watcher = threading.Thread(target=look, daemon=True, name="starts what waits")
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join(timeout=every_seconds)
