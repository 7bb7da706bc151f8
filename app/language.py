"""Says messages and screen texts in the reader's language, from the catalogues in `app/locale`.

A catalogue is a gettext `.po` file with English as message ids; it is read as it is, nothing has to be compiled.
"""

import ast
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.messages import Message, price, render, sentence, suggestion

LOCALE_FOLDER = Path(__file__).parent / "locale"
CATALOGUE = Path("LC_MESSAGES") / "tablewright.po"
ENGLISH = "en"
NAMES = {"en": "English", "zh_CN": "简体中文"}
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
# The places of messages that hold words of the program, such as `category`; the others hold words of the reader.
PLACES_OF_WORDS = frozenset(
    ("kind", "role", "status", "task", "step", "metric", "kind_epoch.unit", "fit_read_order.first")
)


def languages(folder: Path = LOCALE_FOLDER) -> tuple[str, ...]:
    """Return the languages that can be chosen, English first."""
    return (ENGLISH, *sorted(path.parent.parent.name for path in folder.glob(f"*/{CATALOGUE.as_posix()}")))


@cache
def catalogue(language: str, folder: Path = LOCALE_FOLDER) -> Mapping[str, str]:
    """Return English text -> translation; empty for English and for languages without a catalogue."""
    path = folder / language / CATALOGUE
    return parse_catalogue(path.read_text(encoding="utf-8")) if path.is_file() else {}


def parse_catalogue(text: str) -> Mapping[str, str]:
    r"""Read the pairs of a `.po` file; pairs without a translation are left out.

    >>> parse_catalogue('msgid "Hello"\nmsgstr "Hallo "\n"Welt"')
    {'Hello': 'Hallo Welt'}
    """
    pairs: dict[str, str] = {}
    texts: dict[str, str] = {}
    part = ""
    for line in (*text.splitlines(), 'msgid ""'):
        word, _space, quoted = line.partition(" ")
        if word in ("msgid", "msgstr"):
            if word == "msgid" and texts.get("msgid") and texts.get("msgstr"):
                pairs[texts["msgid"]] = texts["msgstr"]
            part = word
            texts = {**texts, part: ast.literal_eval(quoted)} if word == "msgstr" else {part: ast.literal_eval(quoted)}
        elif line.startswith('"'):
            texts[part] += ast.literal_eval(line)
    return pairs


@cache  # asked for each text on a page; what languages there are does not change while the app runs
def best_language(wanted: str | None) -> str:
    """Return the language to speak to a reader whose browser asks for `wanted`, such as `zh-CN` or `de`.

    >>> best_language("en-GB"), best_language(None)
    ('en', 'en')
    """
    exact = (wanted or ENGLISH).replace("-", "_")
    known = languages()
    same = [language for language in known if language.partition("_")[0] == exact.partition("_")[0]]
    return exact if exact in known else (same or [ENGLISH])[0]


def _draws_a_page() -> bool:
    if "streamlit" not in sys.modules:
        return False  # to find that out by loading it would take half a second
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    return get_script_run_ctx() is not None


def reader_zone() -> ZoneInfo | None:
    """Return the time zone of the browser that a page is drawn for; None where it says none: the computer's own."""
    if not _draws_a_page():
        return None
    import streamlit as st

    zone = st.context.timezone
    try:
        return ZoneInfo(zone) if isinstance(zone, str) else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def current_language() -> str:
    """Return the language of the page that is being drawn; English where there is none, as in the terminal."""
    if not _draws_a_page():
        return ENGLISH
    import streamlit as st

    locale = st.context.locale
    return str(st.session_state.get("language") or best_language(locale if isinstance(locale, str) else None))


def translate(text: str) -> str:
    """Return a text in the reader's language; the English text when there is no translation."""
    return catalogue(current_language()).get(text, text)


_ = translate


def say(message: Message) -> str:
    """Say a message with its suggestion in the reader's language."""
    return close_up(render(in_own_words(message), translate))


def close_up(sentences: str) -> str:
    """Return sentences without the spaces that Chinese has no need of: behind full stops and before percent signs.

    >>> close_up("One is 3 %. Two."), close_up("一占 3 %。 二。")
    ('One is 3 %. Two.', '一占 3%。二。')
    """
    found = sentences.replace("。 ", "。")
    return found.replace(" %", "%") if _CHINESE.search(found) else found


def say_sentence(message: Message) -> str:
    """Say only what is the case."""
    return sentence(in_own_words(message), translate)


def say_suggestion(message: Message) -> str:
    """Say only what to do."""
    return suggestion(in_own_words(message), translate)


def say_price(message: Message) -> str:
    """Say only what happens if nothing is done."""
    return price(in_own_words(message), translate)


def in_own_words(message: Message, word: Callable[[str], str] = translate) -> Message:
    """Return a message with the words of the program in its places said in the reader's language."""
    said = {
        place: word(value)
        for place, value in message.parameters.items()
        if isinstance(value, str) and not PLACES_OF_WORDS.isdisjoint((place, f"{message.code}.{place}"))
    }
    return replace(message, parameters={**message.parameters, **said})
