"""Measures what a page of a training survives: a second tab, a refresh, a dead server, a dead worker.

    python -m benchmarks.looks.survival

The page stays open while the server is killed and started again; then the worker is killed and the run resumed.
"""

import sys
import tempfile
import time
from pathlib import Path

import psutil
from playwright.sync_api import Page

from app.bootstrap import OWNER, workspace
from benchmarks.looks.hands import Person
from benchmarks.looks.visit import SOON, Eyes, browser, settle, window_for
from engine.events import RunStarted
from engine.progress import ACTIVE, Status
from storage.workspace import Workspace
from tests.conftest import Server

ATTACHED_SECONDS, NOTICED_SECONDS, TRAINING_SECONDS = 5.0, 3.0, 120.0
USED = "min used"


def main() -> int:
    """Measure; returns the exit code."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, workspace(Path(folder)) as place:
        server = Server(Path(folder))
        server.start()
        try:
            with browser() as opened, window_for(opened, Eyes()) as window:
                return _measure(server, place, window.new_page(), window.new_page())
        finally:
            server.kill()


def _measure(server: Server, place: Workspace, page: Page, second: Page) -> int:
    person = Person(page=page)
    page.goto(server.url)
    settle(page)
    person.press("Try it")
    person.waits_for("Yes, choose what to predict", TRAINING_SECONDS)
    person.press("Yes, choose what to predict")
    person.waits_for("Start training", TRAINING_SECONDS)
    person.press("Start training")
    page.get_by_text("Leaderboard").wait_for(timeout=2 * SOON)
    (record,) = place.runs.records(owner=OWNER)

    second.goto(page.url)
    second.get_by_text("Leaderboard").wait_for(timeout=SOON)
    refreshed = time.monotonic()
    second.reload()
    second.get_by_text("Leaderboard").wait_for(timeout=SOON)
    print(f"refreshed: {time.monotonic() - refreshed:.1f} s until the leaderboard is there again")
    second.close()

    before = page.get_by_text(USED).inner_text()
    server.kill()
    killed = time.monotonic()
    server.start()
    answers = time.monotonic()
    _wait_for_change(page, before)
    attached = time.monotonic() - answers
    print(f"server killed: answers after {answers - killed:.1f} s, page attached {attached:.1f} s later")

    events = [event for _number, event in place.runs.events(record.id)]
    finished = {each.number for each in place.runs.progress(record.id).finished}
    worker = psutil.Process([event.process_id for event in events if isinstance(event, RunStarted)][-1])
    for child in worker.children(recursive=True):
        child.kill()
    worker.kill()
    dead = time.monotonic()
    page.get_by_text("Training was interrupted").wait_for(timeout=SOON)
    noticed = time.monotonic() - dead
    print(f"worker killed: shown as interrupted after {noticed:.1f} s, {len(finished)} candidates had finished")

    person.press("Resume training")
    resumed = time.monotonic()
    page.get_by_role("button", name="Stop and keep the best").wait_for(timeout=2 * SOON)
    person.press("Stop and keep the best")
    person.waits_for("See how good it is", TRAINING_SECONDS)
    ended = time.monotonic()
    while (now := place.runs.progress(record.id)).status in ACTIVE and time.monotonic() - ended < TRAINING_SECONDS:
        page.wait_for_timeout(200)  # what matters is worked out after the model is ready
    kept = finished <= {each.number for each in now.finished}
    print(f"resumed and ready after {ended - resumed:.1f} s, then {now.status}; all candidates kept: {kept}")
    good = attached <= ATTACHED_SECONDS and noticed <= NOTICED_SECONDS and kept and now.status is Status.STOPPED
    return 0 if good else 1


def _wait_for_change(page: Page, before: str) -> None:
    give_up = time.monotonic() + SOON / 1000
    while page.get_by_text(USED).inner_text() == before:
        assert time.monotonic() < give_up, "the page never came back"
        page.wait_for_timeout(50)


if __name__ == "__main__":
    sys.exit(main())
