"""The report: whole, in order, safe to open anywhere, in the reader's language, with the figures that screens show."""

import json
import re
import sys
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from app.bootstrap import workspace
from app.cli import main
from app.command import DONE, INPUT_AT_FAULT
from app.handing_over import source_of
from app.quality_view.reading import quality_of
from app.reader import reader_of
from engine.checks.check import Finding, Severity
from engine.checks.leakage import MAY_LEAK
from engine.column_choice import ColumnChoice
from engine.events import CandidateFailed, Checked
from engine.figures import figure
from engine.insight.fairness.fairness import how_fair
from engine.insight.quality.more_rows import MoreRows, Point
from engine.insight.quality.numbers import off_by
from engine.intended_use import IntendedUse
from engine.messages import phrases, price, render
from engine.outcomes import Estimate, Member
from engine.plain import finite
from engine.table.schema import Kind, Known
from engine.tasks.task import Task, TaskKind
from exporters import documents, installed_browser
from exporters.report import CARD_FILE, REPORT, REPORT_FILE, page
from exporters.report_parts import pictures
from exporters.report_parts.beginning import findings, question
from exporters.report_parts.bends import more_rows
from exporters.report_parts.card import model_card
from exporters.report_parts.ending import changed_settings, limits, made_of
from exporters.report_parts.facts import Facts, facts_of
from exporters.report_parts.goodness import mistakes
from exporters.report_parts.html import paragraph, points, section, table
from exporters.report_parts.pictures import Span
from exporters.report_parts.reasons import reasons
from exporters.report_parts.treatment import treatment
from exporters.report_pdf import NO_PRINTER, REPORT_PDF
from tests.conftest import Trained
from tests.test_fairness import loans

MOST_BYTES = 5_000_000
HOSTILE = '<script>alert("1")</script> & {places}'
ORDER = [
    *("question", "verdict", "data", "findings", "validated", "scores", "mistakes", "weak", "more-rows", "why"),
    *("made-of", "limits", "certificate", "reproduce"),
]


@pytest.fixture(scope="module")
def facts(trained: Trained) -> Facts:
    """What is known of the run that everybody shares."""
    with workspace(trained.workspace) as place:
        return facts_of(source_of(place.runs, place.runs.get(trained.document["run_id"])))


class Seen(HTMLParser):
    """Reads a page: its tags in order with their attributes, and what stands in headings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[tuple[int, str]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "line", "circle", "rect", "polyline"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in {"line", "circle", "rect", "polyline"}:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and re.fullmatch("h[1-6]", self.open[-1]):
            self.headings.append((int(self.open[-1][1]), data))


def test_it_has_everything_in_order_and_well_formed(facts: Facts) -> None:
    seen = Seen(page(facts))
    assert seen.open == []
    named = [str(attributes["id"]) for tag, attributes in seen.tags if tag == "section"]
    assert [name for name in named if name != "fairness"] == ORDER
    levels = [level for level, _text in seen.headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    tags = [tag for tag, _attributes in seen.tags]
    assert tags.count("table") == tags.count("caption") == tags.count("thead")
    assert all(attributes.get("scope") in {"col", "row"} for tag, attributes in seen.tags if tag == "th")
    pictured = [attributes for tag, attributes in seen.tags if tag == "svg"]
    assert len(pictured) >= 4
    assert all(attributes["role"] == "img" and attributes["aria-label"] for attributes in pictured)


def test_it_asks_nothing_of_any_network_and_runs_nothing(facts: Facts) -> None:
    text = page(facts)
    seen = Seen(text)
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _attributes in seen.tags}
    asked = {name for _tag, attributes in seen.tags for name in attributes}
    assert not asked & {"src", "href", "style", "xlink:href"}
    assert not [name for name in asked if name.startswith("on")]
    assert "url(" not in text
    assert "default-src 'none'" in text
    assert len(text.encode()) <= MOST_BYTES
    assert "@media print" in text
    assert "prefers-color-scheme: dark" in text


def test_every_figure_is_that_of_the_screens_and_of_the_terminal(
    facts: Facts, trained: Trained, tmp_path: Path
) -> None:
    with workspace(trained.workspace) as place:
        record = place.runs.get(trained.document["run_id"])
        shown = quality_of(place.runs, record)
        REPORT.write(source_of(place.runs, record), tmp_path)
    card = json.loads((tmp_path / CARD_FILE).read_text(encoding="utf-8"))
    text = (tmp_path / REPORT_FILE).read_text(encoding="utf-8")
    assert card["quality"] == json.loads(json.dumps(finite(shown.to_json())))
    assert card["quality"]["scores"] == trained.document["holdout"]
    for score in shown.scores.values():
        assert f"{figure(score.low)} to {figure(score.high)}" in text
    for message in (*shown.words, *shown.judgement.reasons):
        assert paragraph(render(message))[3:-4] in text
    assert facts.why is not None
    assert card["why"]["effects"][0]["said"] == render(facts.why.effect_sentences()[0])
    assert card["why"]["effects"][0]["said"] in text
    assert card["reproduce"]["fingerprint"] in text
    assert card["certificate"]["sha256"] in text


def test_texts_of_the_table_are_texts_and_nothing_else(facts: Facts) -> None:
    text = page(replace(facts, source=replace(facts.source, name=HOSTILE), table={**facts.table, "name": HOSTILE}))
    assert "<script>" not in text
    assert text.count("&lt;script&gt;") >= 3
    made = [
        section(HOSTILE, paragraph(HOSTILE), points([HOSTILE]), table(HOSTILE, [HOSTILE], [[HOSTILE, HOSTILE]])),
        pictures.spans(HOSTILE, [Span(name=HOSTILE, value=1.0)]),
        pictures.bars(HOSTILE, [(HOSTILE, 0.5)]),
        pictures.curve(HOSTILE, [0, 1], [0, 1], (HOSTILE, HOSTILE), (0, 1)),
        pictures.steps(HOSTILE, [0, 1], [0, 1], (HOSTILE, HOSTILE), [HOSTILE, HOSTILE]),
    ]
    assert not any("<script" in one for one in made)


def test_it_speaks_the_readers_language(facts: Facts) -> None:
    chinese = page(replace(facts, source=replace(facts.source, reader=reader_of("zh_CN"))))
    assert '<html lang="zh-CN">' in chinese
    headings = [text for level, text in Seen(chinese).headings if level == 2]
    assert all(re.search("[\u4e00-\u9fff]", text) for text in headings)
    english = [each.text for each in phrases() if each.code.startswith("report_") and "{" not in each.text]
    assert [text for text in english if len(text) > 20 and text in chinese] == []


def test_numbers_are_shown_against_the_truth(facts: Facts) -> None:
    random = np.random.default_rng(1)
    y = random.normal(100, 20, 300)
    numbers = off_by(y, y + random.normal(size=300), "worth")
    text = mistakes(replace(facts, quality=replace(facts.quality, numbers=numbers, classes=None)))
    assert text.count("<circle") == 300
    assert f"{figure(numbers.parts[0].low)} – {figure(numbers.parts[0].high)}" in text


def asking(facts: Facts, task: Task) -> Facts:
    """Return the facts of a run as if another task had been asked."""
    progress = facts.source.progress
    assert progress.prepared is not None
    prepared = replace(progress.prepared, task=task)
    return replace(facts, source=replace(facts.source, progress=replace(progress, prepared=prepared)))


@pytest.mark.parametrize(
    ("task", "asked"),
    [
        (Task(kind=TaskKind.BINARY, targets=("left",), classes=("no", "yes")), "Is left yes?"),
        (Task(kind=TaskKind.MULTICLASS, targets=("kind",), classes=("a", "b", "c")), "Which of 3 answers is kind?"),
        (Task(kind=TaskKind.REGRESSION, targets=("price",)), "How large is price?"),
    ],
)
def test_every_task_has_its_question_and_only_two_answers_have_an_order(facts: Facts, task: Task, asked: str) -> None:
    other = asking(facts, task)
    assert asked in question(other)
    assert ("Putting rows in order" in mistakes(other)) == (task.kind is TaskKind.BINARY)
    assert "How often each answer is found" in mistakes(other)


def test_findings_and_decisions_are_told_with_what_they_cost(facts: Facts) -> None:
    look = Finding(severity=Severity.PLEASE_LOOK, message=MAY_LEAK(columns="code"))
    choice = ColumnChoice(kind=Kind.CATEGORY, known=Known.BEFORE, missing=("99",), lowest=0.0)
    config = replace(facts.source.config, columns={"rooms": choice})
    checked = Checked(seconds=1, findings=(look,))
    source = replace(facts.source, config=config, progress=replace(facts.source.progress, checked=checked))
    text = findings(replace(facts, source=source))
    assert "To be looked at" in text
    assert "Found and dealt with" not in text
    assert paragraph(price(look.message))[3:-4] in text
    assert "taken as category, its value is known: before, count as no value: 99, below 0 counts as no value" in text
    assert "Nothing was changed by hand" not in text
    calm = replace(facts.source, config=replace(config, columns=None), progress=replace(source.progress, checked=None))
    text = findings(replace(facts, source=calm))
    assert "The checks found nothing" in text
    assert "Nothing was changed by hand" in text


def told(facts: Facts, **changed: object) -> str:
    """Return the end of a report, with what came of the search changed."""
    progress = facts.source.progress
    ready = {name: changed.pop(name) for name in ("decided", "search_seconds") if name in changed}
    progress = replace(progress, ready=replace(facts.source.ready, **ready), **changed)  # type: ignore[arg-type]
    other = replace(facts, source=replace(facts.source, progress=progress))
    return made_of(other) + limits(other)


def test_the_report_says_which_measures_of_fairness_are_more_than_chance(facts: Facts) -> None:
    found = how_fair(loans(1, against=0.25), "sex")
    page = treatment(replace(facts, fairness=(found,)))
    assert "More than chance" in page
    assert page.count(">yes<") == sum(each.stands_out for each in found.measures) > 0
    assert page.count(">no<") == sum(not each.stands_out for each in found.measures)


def test_what_it_is_for_stands_with_the_question_and_in_both_model_cards(facts: Facts) -> None:
    use = IntendedUse(row="customer", when=f"a contract {HOSTILE}\n ends.")
    source = replace(facts.source, config=replace(facts.source.config, use=use))
    meant = replace(facts, source=source)
    asked = question(meant)
    assert "One row is one customer." in asked
    assert "The answer is used when a contract &lt;script&gt;" in asked
    assert model_card(meant)["intended_use"] == {"row": "customer", "when": use.when}
    said = "- **Intended use** One row is one customer. The answer is used when a contract"
    assert said in documents.model_card(source, ())
    assert "Intended use" not in documents.model_card(facts.source, ()), "nobody has said it"
    assert "<p>One row" not in question(facts)


def test_what_the_model_is_made_of_is_said_as_it_is(facts: Facts) -> None:
    progress = facts.source.progress
    assert progress.blend is not None
    one = Member(number=1, family="linear", weight=1.0)
    two = (replace(one, weight=0.6), Member(number=2, family="lightgbm", weight=0.4))
    single = told(facts, blend=replace(progress.blend, members=(one,)), failed=())
    assert "A single candidate: " in single
    assert "A blend of" not in single
    assert "Failed, while" not in single
    failed = CandidateFailed(seconds=1, number=9, family="linear", parameters={}, cause=NO_PRINTER(), train_seconds=1)
    several = told(facts, blend=replace(progress.blend, members=two), failed=(failed,), search_seconds=12.3)
    assert "A blend of 2 candidates: " in several
    assert "Failed, while the others went on: 1." in several
    assert f"Candidates tried in 12 seconds of search: {progress.n_tried + 1}." in several


def test_what_is_promised_for_single_rows_is_said_where_something_was(facts: Facts) -> None:
    ranges, sets, nothing = (
        told(facts, decided=decided)
        for decided in (
            {"coverage": 0.912, "wanted": 0.9},
            {"coverage": 0.85, "wanted": 0.9, "unsure": 0.3},
            {},
        )
    )
    assert "Its ranges hold the truth for 91 of 100 rows; 90 were promised." in ranges
    assert "does not rule out hold the truth for 85 of 100 rows; 90 were promised. It is unsure for 30" in sets
    assert "Its ranges" not in sets
    assert "were promised" not in nothing


def test_what_nobody_has_asked_or_worked_out_is_said(facts: Facts) -> None:
    assert facts.quality.more_rows is None
    assert "Nobody has asked yet whether more rows would help" in more_rows(facts)
    point = Point(n_rows=100, score=Estimate(value=0.8, low=0.7, high=0.9))
    asked = MoreRows(metric="auc", number=1, family="linear", best=1, points=(point,), gain=None, said=(NO_PRINTER(),))
    assert "Nobody has asked" not in more_rows(replace(facts, quality=replace(facts.quality, more_rows=asked)))
    assert "what matters cannot be said" in reasons(replace(facts, why=None))
    assert facts.why is not None
    assert "what matters cannot be said" not in reasons(facts)


def test_a_smaller_version_is_not_judged_by_rows_of_the_whole_model(facts: Facts) -> None:
    ready = facts.source.ready
    whole = facts.source.artifacts.fetch("model.onnx")
    progress = replace(facts.source.progress, ready=replace(ready, path="smaller.onnx"))

    class Renamed:
        """The same files under the name of a smaller version."""

        def fetch(self, name: str) -> Path:
            return whole if name == "smaller.onnx" else facts.source.artifacts.fetch(name)

        def names(self) -> tuple[str, ...]:
            return facts.source.artifacts.names()

        def save(self, name: str, path: Path) -> None:
            raise AssertionError(name)

    smaller = facts_of(replace(facts.source, progress=progress, artifacts=Renamed()))
    assert smaller.judged is None
    assert "has kept no predictions for rows" in page(smaller)


def test_a_picture_puts_values_where_they_belong() -> None:
    drawn = pictures.spans("t", [Span.of("a", Estimate(value=0.5, low=0.4, high=0.6)), Span(name="b", value=0.9)])
    first, second = (float(x) for x in re.findall(r'cx="([\d.]+)"', drawn))
    low, high = (float(x) for x in re.search(r'x1="([\d.]+)" x2="([\d.]+)" y1', drawn[drawn.index("band") :]).groups())  # type: ignore[union-attr]
    assert low < first < high < second
    assert first == pytest.approx((low + high) / 2, abs=0.2)
    assert pictures.spans("t", []) == pictures.bars("t", []) == pictures.points("t", [], [], ("", "")) == ""


def test_only_settings_that_were_changed_are_named(facts: Facts) -> None:
    changed = changed_settings(facts.source.config)
    assert changed["seed"] == 1
    assert changed["candidates"] == 2
    assert "holdout" not in changed


def test_the_terminal_takes_a_language_and_refuses_one_that_is_not_spoken(
    trained: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["export", trained.document["run_id"], "--as", "report", "--workspace", str(trained.workspace)]
    assert main([*words, "--out", str(tmp_path), "--language", "zh_CN"]) == DONE
    assert 'lang="zh-CN"' in (tmp_path / REPORT_FILE).read_text(encoding="utf-8")
    assert main([*words, "--out", str(tmp_path), "--language", "xx"]) == INPUT_AT_FAULT
    assert "Choose one of: en, zh_CN" in capsys.readouterr().err


def test_without_a_browser_no_pdf_is_promised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TABLEWRIGHT_BROWSER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(installed_browser, "usual_places", lambda *_where: iter(()))
    assert REPORT_PDF.lacks() == NO_PRINTER()
    monkeypatch.setenv("TABLEWRIGHT_BROWSER", sys.executable)
    assert REPORT_PDF.lacks() is None
