"""The app in a window of its own, in a real browser: it shows the app, is there once, and ends it when it is closed."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from app.desktop import HANDED_OVER_SECONDS
from storage.locks import is_held
from tests.conftest import find_browser, free_port

PATIENCE_SECONDS = 40.0  # that only a failure uses up
COMMAND = [sys.executable, "-m", "app.cli", "app", "--desktop", "--workspace"]


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Put a browser onto the path that needs no screen and can be looked into; returns the port for that."""
    port = free_port()
    windows = sys.platform == "win32"
    script = tmp_path / "programs" / ("chromium.cmd" if windows else "chromium")
    script.parent.mkdir()
    unseen = f"--headless=new --disable-gpu --disable-dev-shm-usage --remote-debugging-port={port}"
    asked = f'"{find_browser()}" {unseen}'
    script.write_text(f"@{asked} %*\n" if windows else f'#!/bin/sh\nexec {asked} "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(script.parent), prepend=os.pathsep)
    monkeypatch.setenv("TABLEWRIGHT_MLFLOW", "off")
    return port


@pytest.fixture
def started(tmp_path: Path, watched: int) -> Iterator["subprocess.Popen[str]"]:
    """The app, started as the entry of the start menu does."""
    command = [*COMMAND, str(tmp_path / "workspace")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        yield process
        process.kill()


def test_closing_the_window_ends_the_app(
    started: "subprocess.Popen[str]", watched: int, tmp_path: Path, playwright: Playwright
) -> None:
    address = f"http://127.0.0.1:{watched}"
    give_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            browser = playwright.chromium.connect_over_cdp(address)
            break
        except Exception:  # noqa: BLE001 - it is not there yet, which is said in several ways
            assert time.monotonic() < give_up, started.poll()
            time.sleep(0.2)
    opened_at = time.monotonic()
    (page,) = browser.contexts[0].pages
    expect(page.get_by_role("heading", level=1)).to_have_text("What would you like to predict?", timeout=20_000)
    assert page.url.startswith("http://localhost:")

    again = subprocess.run([*COMMAND, str(tmp_path / "workspace")], capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert "runs already, at http://localhost:" in again.stdout
    assert is_held(tmp_path / "workspace" / "server.lock")

    time.sleep(max(0.0, HANDED_OVER_SECONDS + 1 - (time.monotonic() - opened_at)))
    browser.new_browser_cdp_session().send("Browser.close")
    said, _nothing = started.communicate(timeout=PATIENCE_SECONDS)
    assert started.returncode == 0, said
    assert "Traceback" not in said
    assert not is_held(tmp_path / "workspace" / "server.lock")
