"""Speaks the language of who will read what leaves: a file has no page to ask."""

from app.language import ENGLISH, catalogue, close_up, in_own_words, languages
from engine.errors import InputError
from engine.messages import Message, phrase, render
from exporters.exporter import Reader

NO_LANGUAGE = phrase(
    "export_no_language", "Nothing can be said in the language {language}.", "Choose one of: {choices}."
)


def reader_of(language: str = ENGLISH) -> Reader:
    """Return a reader of a language; raises InputError for one that is not spoken."""
    if language not in languages():
        raise InputError(NO_LANGUAGE(language=language, choices=", ".join(languages())))
    known = catalogue(language)

    def word(text: str) -> str:
        return known.get(text, text)

    def say(message: Message) -> str:
        return close_up(render(in_own_words(message, word), word))

    return Reader(language=language.replace("_", "-"), say=say, word=word)
