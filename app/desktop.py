"""A window of its own for the app: an installed Chromium, Chrome or Edge without tabs and address line."""

import subprocess
import sys
import time
import webbrowser
from pathlib import Path

from app.visitors import open_pages
from exporters.installed_browser import QUIET, find_browser, without_sandbox

PROFILE = "desktop"  # folder in the workspace: the window shares nothing with the person's own browser
HANDED_OVER_SECONDS = 5.0  # a browser that ends sooner has shown nothing, or passed the window on to one that ran
GONE_SECONDS = 20.0  # without any page open, where the browser outlives its windows
LOOK_EVERY_SECONDS = 0.2
NO_BROWSER = "No Chromium, Chrome or Edge was found for a window of its own; the app opens in your browser instead."
NO_WINDOW = "A window of its own could not be opened; the app opens in your browser instead."


def open_window(address: str, folder: Path) -> "subprocess.Popen[bytes] | None":
    """Open a window of its own at an address, or else the browser, and say so; returns the window's process."""
    browser = find_browser()
    if browser is None:
        print(NO_BROWSER, flush=True)
        webbrowser.open(address)
        return None
    command = window_command(browser, address, folder / PROFILE)
    quiet = subprocess.DEVNULL
    try:
        # A session of its own: Ctrl+C in the terminal is for the server, which then closes the window itself.
        return subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    except OSError:
        print(NO_WINDOW, flush=True)
        webbrowser.open(address)
        return None


def window_command(browser: str, address: str, profile: Path) -> list[str]:
    """Return the command that opens a window."""
    return [
        browser,
        f"--app={address}",
        f"--user-data-dir={profile}",
        "--class=tablewright",
        *QUIET,
        *without_sandbox(),
    ]


def wait_until_closed(window: "subprocess.Popen[bytes]", address: str) -> bool:
    """Wait until the window is closed; returns False when there never was one, and the browser was opened instead."""
    opened_at, pages = time.monotonic(), open_pages()
    outlives = sys.platform == "darwin"
    while True:
        code = window.poll()
        if code is not None and not outlives:
            if time.monotonic() - opened_at > HANDED_OVER_SECONDS:
                return True
            if code != 0:
                print(NO_WINDOW, flush=True)
                webbrowser.open(address)
                return False
            outlives = True  # a browser of an earlier start shows it now
        if outlives and pages.seconds_without > GONE_SECONDS:
            return True
        time.sleep(LOOK_EVERY_SECONDS)
