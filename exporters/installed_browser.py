"""The Chromium, Chrome or Edge of this computer, which shows windows and prints pages; it asks nothing outside."""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath

CHOSEN = "TABLEWRIGHT_BROWSER"
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
QUIET = ("--no-first-run", "--no-default-browser-check", "--disable-background-networking", "--disable-sync")


def find_browser() -> str | None:
    """Return the browser that TABLEWRIGHT_BROWSER names, else one of this computer's; None when there is none."""
    chosen = os.environ.get(CHOSEN, "")
    if chosen and Path(chosen).is_file():
        return chosen
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


def without_sandbox() -> list[str]:
    """Return what a browser needs that root starts: it refuses to run with its sandbox. It is shown our pages only."""
    return ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
