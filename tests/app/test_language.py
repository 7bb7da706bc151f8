"""Every text can be said in another language; what is shipped is said completely."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from app import language
from app.language import CATALOGUE, LOCALE_FOLDER, best_language, catalogue, languages, parse_catalogue
from app.phrasebook import declared, files_of, learn, sources, titles
from engine.messages import phrase, phrases, render
from engine.registry import parts
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


def all_texts() -> set[str]:
    """Return everything that a reader may see."""
    spoken = {text for known in learn() for text in (known.text, known.suggestion, known.price)}
    packages = ("engine.families", "engine.tasks.metrics", "engine.search.samplers", "engine.search.pruners")
    named = {title for package in packages for title in titles(package).values()}
    samples = {text for sample in SAMPLES for text in (sample.question, sample.story)}
    meanings = {setting.sentence for setting in SETTINGS}
    forms = {text for each in parts("exporters", Exporter) for text in (each.title, each.summary)}
    return {*said_by_screens(), *spoken, *named, *samples, *meanings, *forms} - {""}


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


@pytest.mark.parametrize("shipped", languages()[1:] or ("en",))
def test_what_is_shipped_is_complete_and_keeps_the_places(shipped: str) -> None:
    known = catalogue(shipped, LOCALE_FOLDER)
    missing = sorted(all_texts() - set(known)) if shipped != "en" else []
    assert missing == []
    for text, translated in known.items():
        assert places(text) == places(translated), text


def places(text: str) -> list[str]:
    """Return the names in braces."""
    from string import Formatter

    return sorted(name for _before, name, _spec, _conversion in Formatter().parse(text) if name)


def test_every_phrase_can_be_learned_without_importing_it() -> None:
    in_source = {texts[0] for path in sources() for texts in declared(path.read_text(encoding="utf-8"))}
    import engine.experiment  # noqa: F401 - declares phrases of all the engine

    ours = {known.code for known in phrases() if not known.code.startswith(("test_", "doc_"))}
    assert ours <= in_source | {known.code for known in learn()}


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
