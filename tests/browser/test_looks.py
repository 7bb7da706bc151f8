"""How the app looks and can be used: its own letters, nothing for axe-core to find, and no need of a mouse."""

import zipfile
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from app.bootstrap import workspace
from benchmarks.looks.axe import violations
from benchmarks.looks.hands import Person
from benchmarks.looks.visit import SOON, Eyes, settle, window_for
from tests.conftest import Server, Trained

LIGHT, CHINESE_DARK = Eyes(), Eyes(language="zh_CN", look="dark")


@pytest.fixture(scope="module")
def finished(trained: Trained) -> Iterator[tuple[str, str]]:
    """The app on a workspace with a finished run: its address, and the query that names the run."""
    running = Server(trained.workspace)
    running.start()
    yield running.url, f"?run={trained.document['run_id']}"
    running.kill()


def test_its_letters_come_from_here(browser: Browser, server: Any) -> None:
    with window_for(browser, LIGHT) as window:
        page, fetched = window.new_page(), []
        page.on("response", lambda response: fetched.append((response.url, response.status)))
        page.goto(server.url)
        settle(page)
        assert (f"{server.url}/fonts/inter-latin.woff2", 200) in fetched
        assert page.evaluate("[...document.fonts].some((font) => font.family === 'Inter' && font.status === 'loaded')")
        assert page.evaluate("getComputedStyle(document.querySelector('h1')).fontFamily").startswith("Inter")
        assert [url for url, _status in fetched if not url.startswith((server.url, "blob:", "data:"))] == []


@pytest.mark.parametrize(("eyes", "key"), [(LIGHT, "quality"), (CHINESE_DARK, "training")])
def test_axe_finds_nothing(browser: Browser, finished: tuple[str, str], eyes: Eyes, key: str) -> None:
    """Every screen in every state is looked at by `make accessible`, which takes longer."""
    address, query = finished
    with window_for(browser, eyes) as window:
        page = window.new_page()
        page.goto(f"{address}/{key}{query}")
        settle(page)
        assert violations(page) == []


def test_times_are_those_of_the_reader(browser: Browser, finished: tuple[str, str], trained: Trained) -> None:
    with workspace(trained.workspace) as place:
        began = place.runs.get(trained.document["run_id"]).created_at
    zone = "Asia/Kathmandu"
    context = browser.new_context(timezone_id=zone, locale="en-GB")
    page = context.new_page()
    page.goto(f"{finished[0]}/runs")
    expect(page.get_by_text(f"{began.astimezone(ZoneInfo(zone)):%d %b, %H:%M}")).to_be_visible(timeout=SOON)
    context.close()


def test_axe_would_find_something(page: Page) -> None:
    page.set_content("<html lang=en><title>t</title><main><h1>A</h1><img src='data:,'><h4>B</h4></main>")
    assert {found.rule for found in violations(page)} >= {"image-alt", "heading-order"}


def test_a_model_can_be_fetched_without_a_mouse(browser: Browser, finished: tuple[str, str]) -> None:
    address, query = finished
    with window_for(browser, LIGHT) as window:
        person = Person(page=window.new_page(), by_keyboard=True)
        person.page.goto(f"{address}/quality{query}")
        settle(person.page)
        person.press("Hand over")
        settle(person.page)
        with zipfile.ZipFile(person.pressed_for_file("Download the bundle").path()) as bundle:
            assert "bundle/model.onnx" in bundle.namelist()
