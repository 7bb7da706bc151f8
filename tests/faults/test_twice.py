"""Two apps on one workspace, a button that is pressed twice, a browser that is closed."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from engine.events import RunStarted, of_kind
from engine.progress import Command, Status
from storage.workspace import open_workspace
from tests.browser.test_journey import READY, SOON, heading, settled
from tests.conftest import Server
from tests.test_worker import TINY, kill_worker, log_of, new_run, wait_for, wait_for_end


@pytest.mark.long
def test_two_apps_on_one_workspace_start_what_waits_once(tmp_path: Path) -> None:
    servers = [Server(tmp_path), Server(tmp_path)]
    with open_workspace(tmp_path) as place:
        runs = [new_run(place, TINY) for _ in range(2)]
        try:
            for server in servers:
                server.start()
            for run_id in runs:
                place.runs.enqueue(run_id)
            for run_id in runs:
                assert wait_for_end(place.runs, run_id).status is Status.FINISHED, log_of(place, run_id)
                assert len(of_kind((event for _, event in place.runs.events(run_id)), RunStarted)) == 1
                assert "already working" not in log_of(place, run_id)
        finally:
            for server in servers:
                server.kill()
            for run_id in runs:
                kill_worker(place.runs, run_id)


@pytest.mark.long
def test_a_start_pressed_twice_and_a_closed_browser_leave_one_run_that_ends(
    context: BrowserContext, server: Server
) -> None:
    with open_workspace(server.folder) as place:
        before = {record.id for record in place.runs.records()}
        page = context.new_page()
        page.goto(server.url)
        heading(page, "What would you like to predict?")
        settled(page)
        page.get_by_role("button", name="Try it").first.click()
        expect(page.get_by_text("What each column is")).to_be_visible(timeout=READY)
        settled(page)
        page.get_by_role("button", name="Yes, choose what to predict").click()
        expect(page.get_by_text("Suggested.")).to_be_visible(timeout=SOON)
        settled(page)
        page.get_by_role("button", name="Start training").dblclick()
        page.wait_for_url("**/training?run=*", timeout=SOON)
        expect(page.get_by_role("button", name="Stop and keep the best")).to_be_visible(timeout=SOON)
        page.close()
        (run_id,) = {record.id for record in place.runs.records()} - before
        try:
            wait_for(place.runs, run_id, RunStarted)
            place.runs.request(run_id, Command.STOP)
            progress = wait_for_end(place.runs, run_id)
            assert progress.status is Status.STOPPED, (progress.failure, log_of(place, run_id))
            assert progress.ready is not None
        finally:
            kill_worker(place.runs, run_id)
