"""Follows a run live in the terminal; Ctrl+C asks it to stop and keep the best, a second one only leaves."""

import time
from collections.abc import Callable

from app.phrasebook import learn
from app.reporting.happening import line
from engine.events import Event, Mirrored
from engine.progress import ACTIVE, Command, Progress, fold
from storage.runs import RunStore

POLL_SECONDS = 0.05
LOOK_FOR_WORKER_SECONDS = 1.0
STOPPING = "Stopping; the best is kept. Ctrl+C once more leaves this terminal while the run ends by itself."
LEAVING = "The run goes on without this terminal. Come back with: tablewright status {run_id}"


def follow(store: RunStore, run_id: str, tell: Callable[[str], None]) -> Progress:
    """Say what happens until the run has ended, is gone, or the person leaves; returns how it stands then."""
    learn()
    following = _Following(store, run_id, tell)
    try:
        following.to_the_end()
    except KeyboardInterrupt:
        store.request(run_id, Command.STOP)
        tell(STOPPING)
        try:
            following.to_the_end()
        except KeyboardInterrupt:
            tell(LEAVING.format(run_id=run_id))
    return store.progress(run_id)


class _Following:
    """What has been heard of a run so far."""

    def __init__(self, store: RunStore, run_id: str, tell: Callable[[str], None]) -> None:
        self._store, self._run_id, self._tell = store, run_id, tell
        self._heard: list[Event] = []
        self._last = self._latest()

    def to_the_end(self) -> None:
        """Listen until the run is no longer under way."""
        look_at = time.monotonic()
        while True:
            if self._listen():
                return
            if time.monotonic() >= look_at:
                if self._store.progress(self._run_id).status not in ACTIVE:
                    self._listen()
                    return
                look_at = time.monotonic() + LOOK_FOR_WORKER_SECONDS
            time.sleep(POLL_SECONDS)

    def _latest(self) -> int:
        """Return the number of the last event from before: a resumed run tells only what is new."""
        kept = self._store.events(self._run_id)
        self._heard.extend(event for _number, event in kept)
        return kept[-1][0] if kept else 0

    def _listen(self) -> bool:
        """Say what is new; returns whether it was the end."""
        ended = False
        for number, event in self._store.events(self._run_id, self._last):
            self._last = number
            self._heard.append(event)
            progress = fold(self._heard)
            text = line(event, progress)
            if text:
                self._tell(f"{event.seconds:6.1f} s  {text}")
            if not isinstance(event, Mirrored):  # that may come late, from the attempt before
                ended = progress.status not in ACTIVE
        return ended
