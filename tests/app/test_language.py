"""Every text can be said in another language; what is shipped is said completely."""

import ast
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import altair as alt
import pytest
from babel.messages.pofile import read_po

from app import language
from app.language import (
    CATALOGUE,
    ENGLISH,
    LOCALE_FOLDER,
    best_language,
    catalogue,
    in_own_words,
    languages,
    parse_catalogue,
)
from app.phrasebook import declared, files_of, learn, sources, titles
from app.why_view.dates import dated
from app.wording import duration, joined, listed, moment, percent
from engine.checks.questions import _STEPS
from engine.messages import phrase, phrases, render
from engine.progress import Status
from engine.registry import parts
from engine.table.columns.number_dates import _UNITS
from engine.table.options import DateOrder
from engine.table.schema import Kind, Known, Role, Subkind
from engine.tasks.task import TaskKind
from engine.unused import Reason
from exporters.exporter import Exporter
from sample_data.catalogue import SAMPLES
from storage.settings import SETTINGS

PO = r"""
# A comment
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\n"

#: app/x.py
msgid "Hello {name}"
msgstr "Hallo {name}"

msgid ""
"two "
"lines"
msgstr ""
"zwei \"Zeilen\"\n"
"hier"

msgid "not yet"
msgstr ""
"""


def said_by_screens() -> Iterator[str]:
    """Yield the texts that the app's own code says through `_`."""
    for path in files_of("app"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
                (argument,) = node.args
                if isinstance(argument, ast.Constant):
                    yield str(argument.value)


def words() -> set[str]:
    """Return the words of the program that stand in the places of texts, or are choices on the screen."""
    chosen = {
        str(word) for group in (Kind, Subkind, Known, Role, Status, TaskKind, DateOrder, Reason) for word in group
    }
    steps = {"working day", "day", *(name for name, _least, _most in _STEPS)}
    sorts = {"family", "metric", "sampler", "pruner", "exporter", "feature step", "target transform"}
    return {*chosen, *steps, *sorts, *_UNITS.values()}


def all_texts() -> set[str]:
    """Return everything that a reader may see."""
    spoken = {text for known in learn() for text in (known.text, known.suggestion, known.price)}
    packages = ("engine.families", "engine.tasks.metrics", "engine.search.samplers", "engine.search.pruners")
    named = {title for package in packages for title in titles(package).values()}
    samples = {text for sample in SAMPLES for text in (sample.question, sample.story)}
    meanings = {setting.sentence for setting in SETTINGS}
    forms = {text for each in parts("exporters", Exporter) for text in (each.title, each.summary)}
    return {*said_by_screens(), *spoken, *named, *samples, *meanings, *forms, *words()} - {""}


def test_a_catalogue_is_read_as_gettext_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "x.po"
    path.write_text(PO, encoding="utf-8")
    with path.open("rb") as file:
        known = {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id and entry.string}
    assert parse_catalogue(PO) == known
    assert known["two lines"] == 'zwei "Zeilen"\nhier'


def test_another_language_speaks_and_falls_back_to_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "de" / CATALOGUE
    path.parent.mkdir(parents=True)
    path.write_text('msgid "Hello {name}"\nmsgstr "Hallo {name}"\n', encoding="utf-8")
    assert languages(tmp_path) == ("en", "de")
    german = catalogue("de", tmp_path)
    greeting = phrase("test_greeting", "Hello {name}", "Goodbye")
    assert render(greeting(name="Ada"), lambda text: german.get(text, text)) == "Hallo Ada Goodbye"
    monkeypatch.setattr(language, "languages", lambda: ("en", "de"))
    assert best_language("de-AT") == "de"
    assert best_language("fr") == "en"


SHIPPED = pytest.mark.parametrize("shipped", [each for each in languages() if each != ENGLISH])


@SHIPPED
def test_what_is_shipped_is_complete_keeps_the_places_and_says_nothing_else(shipped: str) -> None:
    known = catalogue(shipped, LOCALE_FOLDER)
    asked = all_texts()
    assert sorted(asked - set(known)) == []
    assert sorted(set(known) - asked) == []
    for text, translated in known.items():
        assert places(text) == places(translated), text
        for mark in ("**", "`"):
            assert text.count(mark) == translated.count(mark), text
        assert translated == translated.strip(), text


@SHIPPED
def test_what_is_shipped_is_a_catalogue_without_a_text_said_twice(shipped: str) -> None:
    path = LOCALE_FOLDER / shipped / CATALOGUE
    with path.open("rb") as file:
        entries = [entry for entry in read_po(file, abort_invalid=True) if entry.id]
    source = path.read_text(encoding="utf-8")
    assert len(entries) == len(catalogue(shipped)) == source.count("\nmsgid ") - 1
    assert {str(entry.id): str(entry.string) for entry in entries} == catalogue(shipped)
    for entry in entries:
        assert all(Path(LOCALE_FOLDER.parents[1], name).is_file() for name, _line in entry.locations), entry.id


def test_chinese_sentences_end_as_chinese_sentences_do() -> None:
    for text, translated in catalogue("zh_CN").items():
        assert not re.search(r"[\u4e00-\u9fff][,;?!]", translated), translated
        assert not re.search(r"[\u4e00-\u9fff]\.(\s|$)", translated), translated
        if text.endswith((".", "?")):
            assert translated.endswith(("。", "？", "。）")), translated


@pytest.fixture
def in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "current_language", lambda: "zh_CN")


@pytest.mark.usefixtures("in_chinese")
def test_words_of_the_program_are_said_in_the_language_and_words_of_the_reader_are_not() -> None:
    kept = phrase("test_kept", "{column} is {kind}.")
    assert dict(in_own_words(kept(column="category", kind="category")).parameters) == {
        "column": "category",
        "kind": "类别",
    }
    counted = phrase("kind_epoch", *declared_texts("kind_epoch"))
    assert in_own_words(counted(unit="seconds", example="day", moment="x")).parameters["unit"] == "秒"
    assert in_own_words(counted(unit="seconds", example="day", moment="x")).parameters["example"] == "day"


def declared_texts(code: str) -> tuple[str, str, str]:
    """Return the texts of a phrase."""
    (found,) = [known for known in learn() if known.code == code]
    return found.text, found.suggestion, found.price


@pytest.mark.usefixtures("in_chinese")
def test_times_shares_and_lists_are_written_as_the_reader_writes_them() -> None:
    then = datetime(2021, 1, 5, 14, 5).astimezone()
    assert moment(then) == "2021年1月5日 14:05"
    now = datetime.now().astimezone().replace(hour=9, minute=7)
    assert moment(now) == f"{now.month}月{now.day}日 09:07"
    assert [duration(each) for each in (8, 300, 330, 3600, 3720)] == [
        "8 秒",
        "5 分钟",
        "5 分 30 秒",
        "1 小时",
        "1 小时 2 分",
    ]
    assert percent(0.123) == "12%"
    assert joined(["甲", "乙"]) == "甲、乙"
    assert listed(["甲", "{乙}", "丙"], 2) == "甲、{乙}，另有 1 个"


@pytest.mark.usefixtures("in_chinese")
def test_charts_name_the_months_as_the_reader_does() -> None:
    drawn = dated(alt.Chart(alt.Data(url="x.json")).mark_point()).to_dict()
    assert drawn["config"]["locale"]["time"]["shortMonths"][11] == "12月"


def test_charts_speak_english_by_themselves() -> None:
    assert "locale" not in dated(alt.Chart(alt.Data(url="x.json")).mark_point()).to_dict()["config"]


def test_times_are_written_as_in_english_where_nothing_else_is_said() -> None:
    assert moment(datetime(2021, 1, 5, 14, 5).astimezone()) == "05 Jan 2021, 14:05"


def places(text: str) -> list[str]:
    """Return the names in braces, without what is taken of them."""
    from string import Formatter

    return sorted(name.partition(".")[0] for _before, name, _spec, _conversion in Formatter().parse(text) if name)


def test_every_phrase_can_be_learned_without_importing_it() -> None:
    in_source = {texts[0] for path in sources() for texts in declared(path.read_text(encoding="utf-8"))}
    import engine.experiment  # noqa: F401 - declares phrases of all the engine

    ours = {known.code for known in phrases() if not known.code.startswith(("test_", "doc_"))}
    assert ours <= in_source | {known.code for known in learn()}


def test_phrases_are_found_in_a_text_as_python_finds_them() -> None:
    for path in sources():
        source = path.read_text(encoding="utf-8")
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
        called = [node.args for node in calls if isinstance(node.func, ast.Name) and node.func.id == "phrase"]
        codes = [each[0].value for each in called if each and isinstance(each[0], ast.Constant)]
        assert sorted(texts[0] for texts in declared(source)) == sorted(map(str, codes)), path


def test_titles_of_parts_are_known_without_importing_them() -> None:
    from engine.families.family import families
    from engine.tasks.metric import Metric

    assert dict(titles("engine.families")) == {family.key: family.title for family in families()}
    metrics = parts("engine.tasks.metrics", Metric)
    assert dict(titles("engine.tasks.metrics")) == {metric.key: metric.title for metric in metrics}


def test_texts_can_be_filled_with_their_places_only() -> None:
    for text in all_texts():
        places(text)  # raises for braces that do not fit
        assert text == text.strip(), text
