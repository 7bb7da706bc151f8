"""The whole way in a real browser: a sample table in, a certified model out, whatever happens to the page meanwhile."""

import csv
import io
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Page, expect

from sample_data.catalogue import SAMPLES

N_CANDIDATES = 3  # in place of a time, in which a busy computer may train none
MOST_CLICKS = 8
SOON = 60_000  # milliseconds that only a failure uses up
READY = 180_000
CUSTOMERS = next(sample for sample in SAMPLES if sample.key == "customers")


@pytest.fixture
def outside(context: BrowserContext) -> list[str]:
    """The addresses that pages asked for anywhere but here."""
    asked: list[str] = []

    def note(address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1":
            asked.append(address)

    context.on("request", lambda request: note(request.url))
    return asked


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "viewport": {"width": 1280, "height": 900}, "locale": "en-GB"}


def settled(page: Page) -> None:
    """Wait until the page has been drawn."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=SOON)


def kept_upload(server: Any, name: str) -> list[Path]:
    """Return what is left of an upload; it is to be gone once it has been read."""
    return list((server.folder / "quarantine").rglob(name))


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text, timeout=SOON)


def test_a_table_becomes_a_model(context: BrowserContext, server: Any, outside: list[str], tmp_path: Path) -> None:
    pressed: list[str] = []

    def press(name: str) -> None:
        """Press what anybody has to press on the way from the first page to the model."""
        pressed.append(name)
        page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name)).first.click()

    page = context.new_page()
    page.goto(server.url)
    heading(page, "What would you like to predict?")
    settled(page)

    press("Try it")
    expect(page.get_by_text("What each column is")).to_be_visible(timeout=READY)
    heading(page, "Is this how your table looks?")
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
    settled(page)

    press("Yes, choose what to predict")
    heading(page, "What do you want to know?")
    expect(page.get_by_text("Suggested.")).to_be_visible(timeout=SOON)
    settled(page)
    page.get_by_text("More choices").click()
    number = page.get_by_role("spinbutton", name="Exact number of candidates")
    number.fill(str(N_CANDIDATES))
    number.press("Enter")
    settled(page)
    press("Start training")
    page.wait_for_url("**/training?run=*", timeout=SOON)
    heading(page, CUSTOMERS.question)
    expect(page.get_by_role("button", name="Stop and keep the best")).to_be_visible(timeout=SOON)
    address = page.url

    page.reload()
    expect(page.get_by_text("Closing this page is safe")).to_be_visible(timeout=SOON)
    page.close()

    server.kill()
    server.start()
    page = context.new_page()
    page.goto(address)
    heading(page, CUSTOMERS.question)
    onward = page.get_by_role("button", name="See how good it is")
    expect(onward).to_be_visible(timeout=READY)
    settled(page)
    press("See how good it is")

    page.wait_for_url("**/quality?run=*", timeout=SOON)
    expect(page.get_by_text("of 100").first).to_be_visible(timeout=SOON)
    expect(page.get_by_text("that the model has never seen")).to_be_visible()
    settled(page)
    press("See what matters most")

    expect(page.get_by_text("moves the prediction most")).to_be_visible(timeout=READY)
    expect(page.get_by_test_id("stVegaLiteChart").first).to_be_visible(timeout=SOON)
    settled(page)
    press("Predict a file")

    page.wait_for_url("**/predict?run=*", timeout=SOON)
    settled(page)
    page.locator("input[type=file]").set_input_files(CUSTOMERS.path)
    expect(page.get_by_text("Fits the model")).to_be_visible(timeout=READY)
    settled(page)
    with page.expect_download(timeout=READY) as arriving:
        page.get_by_role("link", name="Download CSV").click()
    predictions = arriving.value.path().read_text(encoding="utf-8-sig")
    given = CUSTOMERS.path.read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(predictions)))
    assert len(rows) == len(list(csv.reader(io.StringIO(given)))) - 1
    assert {row["prediction"] for row in rows} <= {"yes", "no"}
    assert all(abs(float(row["probability_yes"]) + float(row["probability_no"]) - 1) < 1e-4 for row in rows)

    press("Hand over")
    expect(page.get_by_role("heading", name="Certificate")).to_be_visible(timeout=SOON)
    settled(page)
    with page.expect_download(timeout=READY) as arriving:
        press("Download the bundle")
    with zipfile.ZipFile(arriving.value.path()) as archive:
        assert {"bundle/model.onnx", "bundle/predict.py", "bundle/certificate.json"} <= set(archive.namelist())
    assert len(pressed) <= MOST_CLICKS, pressed
    assert outside == []
    assert not kept_upload(server, CUSTOMERS.file)


def test_a_wrong_file_is_refused_in_words(page: Page, server: Any, tmp_path: Path) -> None:
    empty = tmp_path / "one_column.csv"
    empty.write_text("a\n1\n2\n", encoding="utf-8")
    page.goto(f"{server.url}/data")
    heading(page, "What is your table?")
    settled(page)
    page.locator("input[type=file]").set_input_files(empty)
    expect(page.get_by_text("This table cannot be used yet")).to_be_visible(timeout=READY)
    assert not kept_upload(server, empty.name)
    program = tmp_path / "program.exe"
    program.write_bytes(b"MZ")
    page.locator("input[type=file]").set_input_files(program)
    expect(page.get_by_text("This kind of file cannot be read.")).to_be_visible(timeout=SOON)


def test_an_answer_that_is_none_of_ours_is_said_in_words(page: Page, server: Any) -> None:
    page.goto(f"{server.url}/data")
    settled(page)
    page.route("**/api/upload", lambda route: route.fulfill(status=500, body="Internal Server Error"))
    file: FilePayload = {"name": "t.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"}
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("The connection was lost.")).to_be_visible(timeout=SOON)


def test_a_file_that_is_being_sent_can_be_called_back(page: Page, server: Any) -> None:
    page.goto(f"{server.url}/data")
    settled(page)
    page.route("**/api/upload", lambda route: None)  # which never ends
    file: FilePayload = {"name": "t.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"}
    page.locator("input[type=file]").set_input_files(file)
    cancel = page.get_by_role("button", name="Cancel", exact=True)
    cancel.click()
    expect(page.get_by_text("Cancelled. Nothing was kept.")).to_be_visible(timeout=SOON)
    expect(cancel).to_be_hidden()


def test_a_page_is_live_but_can_connect_to_nowhere_else(page: Page, server: Any) -> None:
    page.goto(f"{server.url}/settings")
    heading(page, "Settings")  # it comes through a websocket
    refused = """() => new Promise((known) => {
        document.addEventListener("securitypolicyviolation", (event) => known(event.effectiveDirective))
        try { new WebSocket("wss://elsewhere.invalid/").onerror = () => known("tried") } catch {}
    })"""
    assert page.evaluate(refused) == "connect-src"


def test_a_table_of_ones_own_is_read(page: Page, server: Any) -> None:
    rows = (f"{150 + n % 40}\t{50 + n % 37}\t{'yes' if n % 37 > 20 else 'no'}" for n in range(90))
    own: FilePayload = {
        "name": "größe & <b>weight<b>.tsv",
        "mimeType": "text/plain",
        "buffer": "\n".join(["größe\tweight\theavy", *rows]).encode(),
    }
    page.goto(server.url)
    settled(page)
    page.locator("input[type=file]").set_input_files(own)
    heading(page, "Is this how your table looks?")
    expect(page.get_by_text("größe _ _b_weight_b_.tsv · 90 rows · 3 columns")).to_be_visible(timeout=SOON)
    settled(page)
    assert not kept_upload(server, "*.tsv")
    page.reload()
    heading(page, "Is this how your table looks?")


def test_what_was_written_about_the_goal_stays_when_another_page_is_looked_at(page: Page, server: Any) -> None:
    onward = page.get_by_role("button", name="Yes, choose what to predict")
    onward = onward.or_(page.get_by_role("link", name="Yes, choose what to predict"))
    page.goto(server.url)
    settled(page)
    page.get_by_role("button", name="Try it").first.click()
    heading(page, "Is this how your table looks?")
    onward.click(timeout=SOON)
    heading(page, "What do you want to know?")
    settled(page)
    row = page.get_by_role("textbox", name="One row is one …")
    row.fill("customer")
    row.press("Enter")
    settled(page)
    page.get_by_role("radio", name="1 min", exact=True).click()
    settled(page)
    page.go_back()
    heading(page, "Is this how your table looks?")
    settled(page)
    onward.click(timeout=SOON)
    heading(page, "What do you want to know?")
    settled(page)
    expect(row).to_have_value("customer")
    expect(page.get_by_role("radio", name="1 min", exact=True)).to_be_checked()


def test_an_ugly_table_is_understood_shown_and_read_again(page: Page, server: Any) -> None:
    rows = [f"F{n:03d};{n % 23},5 €;{('Köln', 'Bonn', 'Ulm')[n % 3]};{'ja' if n % 4 else 'nein'}" for n in range(80)]
    total = sum(n % 23 + 0.5 for n in range(80))
    lines = ["Umsatz je Filiale", "", "Filiale;Umsatz;Stadt;treu", *rows, f"Summe;{total:.1f} €;;".replace(".", ",")]
    ugly: FilePayload = {"name": "umsatz.csv", "mimeType": "text/csv", "buffer": "\r\n".join(lines).encode("cp1252")}
    page.goto(f"{server.url}/data")
    settled(page)
    page.locator("input[type=file]").set_input_files(ugly)
    expect(page.get_by_text("80 rows · 4 columns")).to_be_visible(timeout=READY)
    settled(page)
    expect(page.get_by_text("Cells end at: semicolon")).to_be_visible()
    page.get_by_role("button", name="Show them").last.click()
    page.get_by_role("button", name="Keep them in the table").click()
    expect(page.get_by_text("81 rows · 4 columns")).to_be_visible(timeout=READY)


def test_no_page_is_wider_than_a_small_screen_or_raises(page: Page, server: Any) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_viewport_size({"width": 390, "height": 800})
    for key in ("", "data", "goal", "training", "quality", "why", "predict", "handover", "runs", "settings"):
        page.goto(f"{server.url}/{key}")
        expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=SOON)
        settled(page)
        for look in ("dark", "light"):
            page.emulate_media(color_scheme=look)
            settled(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, (key, look)
    assert complaints == []
