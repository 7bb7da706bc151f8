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
from engine.errors import TablewrightError
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
    """Start a run at once, whether or not there is room."""
    place.runs.note_launch(run_id)  # refuses whom it must
    launch(run_id, place.folder)


def start_or_wait(place: Workspace, run_id: str) -> None:
    """Start a run as soon as there is room for it: now, or when those before it are done."""
    place.runs.enqueue(run_id)
    start_waiting(place)


def start_waiting(place: Workspace) -> None:
    """Start as many of the runs that wait as there is room for."""
    if not place.runs.queue():
        return
    with hold(place.folder / "queue.lock", wait_seconds=TURN_SECONDS):
        free = room(place) - place.runs.n_taking_room()
        for run_id in place.runs.queue()[: max(0, free)]:
            launch(run_id, place.folder)


@contextmanager
def looking_after(place: Workspace, *, every_seconds: float = LOOK_EVERY_SECONDS) -> Iterator[None]:
    """See to it, while the block runs, that what waits starts when there is room."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(every_seconds):
            try:
                start_waiting(place)
            except TablewrightError:  # the database is busy, or another process is at it: there is a next time
                logger.info("What waits could not be started now", exc_info=True)

    watcher = threading.Thread(target=look, daemon=True, name="starts what waits")
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join(timeout=every_seconds)
