"""The report in a browser: it opens offline, asks for nothing, fits a phone, and is made for print and for the dark."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from app.bootstrap import workspace
from app.handing_over import source_of
from exporters.report import REPORT
from tests.conftest import Trained

GROUND = "getComputedStyle(document.body).backgroundColor"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
STYLED = "getComputedStyle(document.querySelector('h1')).fontWeight"
COLOUR = "getComputedStyle(document.querySelector('svg .dot')).fill"


@pytest.fixture(scope="module")
def report(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with workspace(trained.workspace) as place:
        source = source_of(place.runs, place.runs.get(trained.document["run_id"]))
        return REPORT.write(source, tmp_path_factory.mktemp("report"))[0]


@pytest.fixture(scope="module")
def opened(browser: Browser, report: Path) -> Iterator[tuple[Page, list[str], list[str]]]:
    context = browser.new_context(offline=True, viewport={"width": 390, "height": 800})
    page = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(report.as_uri())
    yield page, asked, complaints
    context.close()


def test_it_opens_offline_with_its_looks_and_asks_for_nothing(
    opened: tuple[Page, list[str], list[str]], report: Path
) -> None:
    page, asked, complaints = opened
    assert page.locator("h1").inner_text() == page.title() == "flats.csv: dear"
    assert page.evaluate(STYLED) == "650"  # the policy lets the page's own looks in
    assert page.evaluate(COLOUR) != "rgb(0, 0, 0)"
    assert asked == [report.as_uri()]
    assert complaints == []


def test_it_fits_a_phone_and_every_text_of_a_picture_lies_inside(opened: tuple[Page, list[str], list[str]]) -> None:
    page, _asked, _complaints = opened
    assert page.evaluate(TOO_WIDE) <= 0
    outside = """[...document.querySelectorAll("svg")].flatMap((svg) => {
        const edge = svg.getBoundingClientRect();
        return [...svg.querySelectorAll("text")].filter((text) => {
            const box = text.getBoundingClientRect();
            return box.left < edge.left - 1 || box.right > edge.right + 1 || box.bottom > edge.bottom + 1;
        }).map((text) => text.textContent);
    })"""
    assert page.evaluate(outside) == []


def test_it_is_dark_in_the_dark_and_white_on_paper(opened: tuple[Page, list[str], list[str]]) -> None:
    page, _asked, _complaints = opened
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(GROUND) == "rgb(17, 24, 23)"
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(GROUND) == "rgb(255, 255, 255)"
    assert page.pdf().startswith(b"%PDF")
    page.emulate_media(media="screen", color_scheme="light")
    assert page.evaluate(GROUND) == "rgb(255, 255, 255)"
