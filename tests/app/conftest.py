"""A workspace of one's own for each test, and a way to look at one screen."""

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from app.opened import settle
from app.screen import screens
from storage.workspace import Workspace
from tests.app.looking import Show, run

MAIN = Path(__file__).parents[2] / "app" / "main.py"


@pytest.fixture(scope="session", autouse=True)
def found_once() -> Iterator[None]:
    """Look for components in all installed packages once: each page would do it again, for one to two seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(autouse=True)
def own_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the script that a screen ran as the main one: else every process started later would run it once more."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """An empty workspace, which is the one that the app works in."""
    monkeypatch.setenv("TABLEWRIGHT_WORKSPACE", "")
    with settle(tmp_path / "workspace") as opened:
        yield opened


@pytest.fixture
def show(place: Workspace) -> Show:
    """Open the app at one screen, as a link to it would; fails when the screen does."""

    def opened(key: str, **query: str) -> AppTest:
        page = AppTest.from_file(str(MAIN), default_timeout=60)
        for name, value in query.items():
            page.query_params[name] = value
        first = key == screens()[0].key
        page._page_hash = "" if first else calc_hash(key)  # pages made of functions have no path to switch to
        return run(page)

    return opened
