"""A window of its own: which browser shows it, when it counts as closed, and that a workspace has one server."""

import os
import subprocess
import sys
import time
import webbrowser
from pathlib import Path

import pytest

from app import desktop, server, visitors
from app.desktop import open_window, wait_until_closed, window_command
from app.instance import claimed, running
from exporters import installed_browser
from exporters.installed_browser import find_browser
from storage.locks import is_held
from storage.workspace import open_workspace

ADDRESS = "http://localhost:1"


def test_the_window_has_a_profile_of_its_own_and_asks_nothing_of_the_outside(tmp_path: Path) -> None:
    command = window_command("chrome", ADDRESS, tmp_path)
    assert command[:3] == ["chrome", f"--app={ADDRESS}", f"--user-data-dir={tmp_path}"]
    assert {"--disable-background-networking", "--no-first-run", "--disable-sync"} <= set(command)


def test_only_for_root_a_window_is_without_its_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for user, there in ((1000, False), (0, True)):
        monkeypatch.setattr(os, "geteuid", lambda user=user: user, raising=False)
        assert ("--no-sandbox" in window_command("chrome", ADDRESS, tmp_path)) is there


def test_a_browser_that_was_named_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").touch()
    monkeypatch.setenv("TABLEWRIGHT_BROWSER", str(tmp_path / "mine"))
    assert find_browser() == str(tmp_path / "mine")


def test_without_a_chromium_the_usual_browser_opens_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(installed_browser, "usual_places", lambda *_where: iter([str(tmp_path / "none")]))
    assert find_browser() is None
    assert open_window(ADDRESS, tmp_path) is None
    assert opened == [ADDRESS]
    assert "opens in your browser instead" in capsys.readouterr().out


def test_a_browser_beside_the_path_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    (tmp_path / "chrome").touch()
    monkeypatch.setattr(installed_browser, "usual_places", lambda *_where: iter([str(tmp_path / "chrome")]))
    assert find_browser() == str(tmp_path / "chrome")


def ended(code: int) -> "subprocess.Popen[bytes]":
    """Return a process that has ended with this code."""
    process = subprocess.Popen([sys.executable, "-c", f"import os; os._exit({code})"])
    process.wait()
    return process


def test_a_window_that_was_there_for_a_while_is_closed_when_its_process_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(desktop, "HANDED_OVER_SECONDS", -1.0)
    assert wait_until_closed(ended(0), ADDRESS)


def test_a_window_that_never_came_is_replaced_by_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(webbrowser, "open", opened.append)
    assert not wait_until_closed(ended(1), ADDRESS)
    assert opened == [ADDRESS]


def test_a_window_of_an_earlier_browser_is_closed_when_no_page_is_open_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pages = visitors.OpenPages()
    monkeypatch.setattr(desktop, "open_pages", lambda: pages)
    monkeypatch.setattr(desktop, "GONE_SECONDS", 0.1)
    monkeypatch.setattr(desktop, "LOOK_EVERY_SECONDS", 0.01)
    pages.come()
    pages.come()
    pages.go()
    assert pages.seconds_without == 0.0
    pages.go()
    begun = time.monotonic()
    assert wait_until_closed(ended(0), ADDRESS)
    assert time.monotonic() - begun < desktop.HANDED_OVER_SECONDS


def test_a_workspace_has_one_server(tmp_path: Path) -> None:
    assert running(tmp_path) is None
    with claimed(tmp_path, 1) as first:
        assert first
        with claimed(tmp_path, 2) as second:
            assert not second
        assert running(tmp_path, patience_seconds=0.0) is None, "nobody answers at that port"
    assert not is_held(tmp_path / "server.lock")
    assert not (tmp_path / "server.json").exists()


def test_a_second_start_shows_the_server_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TABLEWRIGHT_WORKSPACE", "")
    shown: list[str] = []
    monkeypatch.setattr(server, "running", lambda _folder: ADDRESS)
    monkeypatch.setattr(webbrowser, "open", shown.append)
    monkeypatch.setattr(server, "open_window", lambda address, folder: shown.append(f"{folder.name} {address}"))
    with open_workspace(tmp_path / "place"):
        server.serve(None, tmp_path / "place")
        server.serve(None, tmp_path / "place", desktop=True)
        server.serve(None, tmp_path / "place", open_browser=False)
    assert shown == [ADDRESS, f"place {ADDRESS}"]
    assert capsys.readouterr().out.count(f"runs already, at {ADDRESS}") == 3
