"""The one-page export in a real browser: it reads cells as Python does, and predicts the same with the network off."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from app.bootstrap import workspace
from app.handing_over import source_of
from engine.model import Model, open_model
from engine.table.schema import Cells, ColumnSchema, Kind, ReadingRules
from exporters.golden import reading_cases
from exporters.page import PAGE, PARTS
from exporters.predictor.reading import canonical, is_lost
from tests.conftest import Trained
from tests.test_bundle import CELLS, COLUMNS
from tests.test_rule_twins import COLUMN, DATE_CELLS, DATE_RULES, FORMATS, NUMBER_CELLS, NUMBER_RULES

TOLERANCE = 1e-5
SOON = 30_000  # milliseconds that only a failure uses up
READING = "\n".join((PARTS / name).read_text(encoding="utf-8") for name in ("moments.js", "reading.js"))
# Numbers go as texts, because JSON knows neither NaN nor -0.
ASK = """([column, cells]) => cells.map((cell) => {
    const made = canonical(cell, column);
    const text = typeof made === "string" ? made : Number.isNaN(made) ? "nan" : numberText(made);
    return [text, isLost(cell, made, column)];
})"""
SHOWN = """() => [...document.querySelectorAll("#form .field")].map((field) => {
    const control = field.querySelector("select, input, textarea");
    return [control.id, control.selectedOptions?.[0].text ?? control.value];
})"""
TYPE = """(cells) => cells.forEach((cell, place) => {
    const field = document.getElementById(`field-${place}`);
    const type = (node, name, value) => { node.value = value; node.dispatchEvent(new Event(name)); };
    if (field.tagName !== "SELECT") return type(field, "input", cell);
    type(field, "change", "another");
    type(document.getElementById(`field-${place}-other`), "input", cell);
})"""
MORE_FORMATS = (
    "%d.%m.%y", "%B %d, %Y", "%Y%m%d", "%b %Y", "%d/%m/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S%p", "%Y-%m-%dT%H:%M:%S.%f",
    "%b %d %H:%M:%S %Y", "%A, %d %B %Y", "%a %d. %b %Y",
)  # fmt: skip
# Letters, digits and spaces that languages of patterns treat differently.
ODD = ["İ", "ı", "ſ", "K", "Ω", "١٢", "۳", "\x1c", "\x85", "\ufeff", "\u3000", "²", "½", "Ⅷ", "😀", "a\u0301", "\n"]
ODD_CELLS = st.lists(st.sampled_from([*ODD, " ", "1", "12", ".", "-", "kg", "K", "Jan", "mi"]), max_size=5).map("".join)


@pytest.fixture(scope="module")
def reader(browser: Browser) -> Iterator[Page]:
    """An empty page with the reading rules of the one-page export."""
    page = browser.new_page()
    page.add_script_tag(content=READING)
    yield page
    page.close()


def agree(reader: Page, column: ColumnSchema, cells: list[str]) -> None:
    """See that the page reads cells as the bundle's script does, which is held against the engine elsewhere."""
    told = json.loads(json.dumps(column.to_json()))
    numbers = column.rules.missing_numbers
    written = {**told, "missing_texts": [text for number in numbers for text in (repr(number), f"{number:g}")]}
    wanted = []
    for cell in cells:
        made = canonical(cell, told)
        wanted.append([repr(made) if isinstance(made, float) else made, is_lost(cell, made, told)])
    assert dict(zip(cells, reader.evaluate(ASK, [written, cells]), strict=True)) == dict(
        zip(cells, wanted, strict=True)
    )


@pytest.mark.parametrize("name", COLUMNS)
@settings(deadline=None, derandomize=True, max_examples=10)
@given(cells=st.lists(CELLS, min_size=40, max_size=40))
def test_cells_of_every_kind_of_column_are_read_alike(reader: Page, name: str, cells: list[str]) -> None:
    agree(reader, COLUMNS[name], cells)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(rules=NUMBER_RULES, cells=st.lists(NUMBER_CELLS | ODD_CELLS, min_size=40, max_size=40))
def test_numbers_are_read_alike(reader: Page, rules: ReadingRules, cells: list[str]) -> None:
    agree(reader, replace(COLUMN, rules=rules), cells)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    rules=DATE_RULES,
    form=st.sampled_from([*FORMATS, *MORE_FORMATS]),
    dates=st.lists(st.datetimes(), min_size=5, max_size=5),
    cells=st.lists(DATE_CELLS | ODD_CELLS, min_size=40, max_size=40),
)
def test_dates_are_read_alike(reader: Page, rules: ReadingRules, form: str, dates: list[Any], cells: list[str]) -> None:
    column = replace(COLUMN, kind=Kind.DATE, rules=rules, date_formats=(form,))
    written = [date.strftime(form) for date in dates]
    agree(reader, column, [*cells, *written, *(text.upper() for text in written)])


@settings(deadline=None, derandomize=True, max_examples=20)
@given(numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False, max_value=1e99, min_value=-1e99), min_size=40))
def test_numbers_are_written_alike(reader: Page, numbers: list[float]) -> None:
    agree(reader, replace(COLUMN, rules=ReadingRules(number=True)), [repr(number) for number in numbers])
    agree(reader, replace(COLUMN, cells=Cells.NUMBER), [repr(number) for number in numbers])


EDGES = [
    (ReadingRules(number=True, lowest=-5.0, highest=10.0, missing_numbers=(7.0,)), (), "-5.1 -5 -4.9 7 7.5 10 10.1"),
    (ReadingRules(number=True, suffixes=("mi",), factors=(("İn", 2.0),)), (), "3mi 3MI 3mİ 3mı 3in 3İN 3ın"),
    (ReadingRules(moments=("%d.%m.%yT%H:%M",)), ("%Y-%m-%d %H:%M:%S",), "01.02.68T10:00 01.02.69T10:00 29.02.00T1:5"),
    (ReadingRules(), ("%d.%m.%Y",), "29.02.2000 29.02.1900 29.02.2024 29.02.2023 31.04.2024 0000-01-01 2000-02-29"),
    (ReadingRules(moments=("excel", "epoch_ms")), ("%Y-%m-%d %H:%M:%S",), "0 1 2 60 61 73050 73051 -1 4102444799999"),
]


@pytest.mark.parametrize(("rules", "forms", "cells"), EDGES)
def test_edges_are_read_alike(reader: Page, rules: ReadingRules, forms: tuple[str, ...], cells: str) -> None:
    agree(reader, replace(COLUMN, rules=rules, date_formats=forms), cells.split(" "))


def test_lists_are_read_alike(reader: Page) -> None:
    column = replace(COLUMN, kind=Kind.LIST, rules=ReadingRules(separators=",;|-]^\\"))
    agree(reader, column, ["a,b", " a ; b|c ", "]^", "a\\b-c", "a\x85b", "a\ufeffb", "価,格", "", ";"])


def test_the_reading_cases_are_read_alike(reader: Page) -> None:
    for column in COLUMNS.values():
        agree(reader, column, [case["raw"] for case in reading_cases([column])])


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A page that has been opened from the disk, what it asked for, and the model that is inside it."""

    page: Page
    model: Model
    asked: list[str]
    complaints: list[str]


@pytest.fixture(scope="module")
def opened(
    browser: Browser, page_runtime: None, trained: Trained, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Opened]:
    folder = tmp_path_factory.mktemp("page")
    with workspace(trained.workspace) as place:
        (path,) = PAGE.write(source_of(place.runs, place.runs.get(trained.document["run_id"])), folder)
    context = browser.new_context(offline=True, viewport={"width": 390, "height": 800})
    page = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(path.as_uri())
    page.wait_for_selector("body[data-state=ready]", timeout=SOON)
    yield Opened(page=page, model=open_model(trained.bundle / "model.onnx"), asked=asked, complaints=complaints)
    context.close()


def answer(page: Page, cells: list[str]) -> Mapping[str, float | str]:
    """Type a row into the form, and return what the page says of it."""
    page.evaluate(TYPE, cells)
    page.wait_for_selector("#answer[aria-busy=false]", timeout=SOON)
    said = page.eval_on_selector_all(
        "#answer .bars data", "all => all.map((each) => [each.dataset.class, Number(each.value)])"
    )
    return {"prediction": page.eval_on_selector("#answer .told", "node => node.value"), **dict(said)}


def test_the_page_predicts_what_python_predicts_with_the_network_off(opened: Opened, trained: Trained) -> None:
    golden = json.loads((trained.bundle / "golden_rows.json").read_text(encoding="utf-8"))
    names = [column.name for column in opened.model.columns]
    assert golden["columns"] == names
    rows = pd.concat(
        [
            pd.DataFrame(golden["rows"], columns=names, dtype="str"),
            pd.read_csv(trained.table, dtype="str", keep_default_na=False)[names].head(10),
        ]
    )
    expected = opened.model.predict(rows)
    for cells, wanted in zip(rows.to_numpy().tolist(), expected.itertuples(index=False), strict=True):
        said = answer(opened.page, cells)
        assert said["prediction"] == wanted.prediction
        for place, label in enumerate(opened.model.task.classes):
            assert abs(float(said[str(label)]) - float(wanted[1 + place])) <= TOLERANCE
    assert len(set(expected["prediction"])) > 1
    assert [address for address in opened.asked if not address.startswith("file:")] == []
    assert opened.complaints == []


def test_what_cannot_be_read_is_said_beside_its_field(opened: Opened) -> None:
    page, names = opened.page, [column.name for column in opened.model.columns]
    for name, cell, said in (
        ("Fläche", "big", "“big” cannot be read as a number here. It counts as no value. Write it like 37,5."),
        ("sold on", "31.02.2024", "“31.02.2024” cannot be read as a date here."),
        ("town", "Rom", "Not among the values that the model knows"),
        ("noise", "1e9", "Far from what the model has seen"),
        ("noise", "0.1", ""),
        ("noise", "n/a", ""),
    ):
        row = [cell if each == name else "" for each in names]
        answer(page, row)
        note = page.locator(f"#field-{names.index(name)}-note").text_content() or ""
        assert note.startswith(said), name
        assert said or not note, name


def test_what_if_changes_one_field_only(opened: Opened) -> None:
    page, names = opened.page, [column.name for column in opened.model.columns]
    page.get_by_role("button", name="Typical values").click()
    page.get_by_label("Field to change").select_option("Fläche")
    page.locator("#what-if-value").fill("110,5")
    page.wait_for_selector("#answer[aria-busy=false]", timeout=SOON)
    shown = dict(page.evaluate(SHOWN))
    cells = [shown[f"field-{place}"] for place in range(len(names))]
    changed = ["110,5" if name == "Fläche" else cell for name, cell in zip(names, cells, strict=True)]
    expected = opened.model.predict(pd.DataFrame([cells, changed], columns=names, dtype="str"))["probability_dear"]
    now, then = (page.locator(f"#{card} [data-class=dear]").get_attribute("value") for card in ("now", "then"))
    assert abs(float(now or "nan") - expected[0]) <= TOLERANCE
    assert abs(float(then or "nan") - expected[1]) <= TOLERANCE
    assert expected[1] > expected[0]
    assert page.get_by_role("img").get_attribute("aria-label")


def test_the_page_fits_a_phone_and_every_control_has_a_name(opened: Opened) -> None:
    page = opened.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    nameless = """[...document.querySelectorAll("input, select, textarea, button")].filter((node) =>
        !node.labels?.length && !node.getAttribute("aria-label") && !node.textContent.trim()).length"""
    assert page.evaluate(nameless) == 0
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((node) => node.id)")
    assert len(ids) == len(set(ids))


def test_its_title_is_the_name_of_the_run(opened: Opened) -> None:
    assert opened.page.title() == opened.page.locator("h1").text_content() == "flats.csv: dear"
