"""A window of its own for the app: an installed Chromium, Chrome or Edge without tabs and address line."""

import os
import shutil
import subprocess
import sys
import time
import webbrowser
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath

from app.visitors import open_pages

PROFILE = "desktop"  # folder in the workspace: the window shares nothing with the person's own browser
NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "microsoft-edge-stable",
    "chrome",
    "msedge",
)
MAC_PROGRAMS = ("Google Chrome", "Chromium", "Microsoft Edge")
WINDOWS_PROGRAMS = ("Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe")
WINDOWS_FOLDERS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
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
    command = window_command(browser, address, folder / PROFILE, as_root=hasattr(os, "geteuid") and os.geteuid() == 0)
    quiet = subprocess.DEVNULL
    try:
        # A session of its own: Ctrl+C in the terminal is for the server, which then closes the window itself.
        return subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    except OSError:
        print(NO_WINDOW, flush=True)
        webbrowser.open(address)
        return None


def window_command(browser: str, address: str, profile: Path, *, as_root: bool = False) -> list[str]:
    """Return the command that opens a window; nothing of it asks anything of the outside world."""
    quiet = ["--no-first-run", "--no-default-browser-check", "--disable-background-networking", "--disable-sync"]
    # Chromium refuses to run as root with its sandbox; it is shown nothing but our own pages.
    root = ["--no-sandbox"] if as_root else []
    return [browser, f"--app={address}", f"--user-data-dir={profile}", "--class=tablewright", *quiet, *root]


def find_browser() -> str | None:
    """Return a browser of this computer that can show a page as an app; None when there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    usual = usual_places(sys.platform, os.environ, str(Path.home()))
    return found or next((place for place in usual if Path(place).is_file()), None)


def usual_places(platform: str, environment: Mapping[str, str], home: str) -> Iterator[str]:
    r"""Yield where browsers are installed on systems that do not put them on the path.

    >>> next(usual_places("win32", {"PROGRAMFILES": "C:/Programs"}, ""))
    'C:\\Programs\\Google\\Chrome\\Application\\chrome.exe'
    >>> list(usual_places("linux", {}, "/x"))
    []
    """
    if platform == "win32":
        for folder in filter(None, map(environment.get, WINDOWS_FOLDERS)):
            yield from (str(PureWindowsPath(folder, program)) for program in WINDOWS_PROGRAMS)
    if platform == "darwin":
        for top in (PurePosixPath("/"), PurePosixPath(home)):
            yield from (str(top / f"Applications/{name}.app/Contents/MacOS/{name}") for name in MAC_PROGRAMS)


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
