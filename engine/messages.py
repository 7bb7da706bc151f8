"""Sentences for people, kept as a code and parameters so that any door can say them in the reader's language."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Parameter = str | int | float

_PHRASES: dict[str, "Phrase"] = {}


@dataclass(frozen=True)
class Message:
    """What is to be said: a phrase's code and the values for its places. This is what is stored."""

    code: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this message."""
        return {"code": self.code, "parameters": dict(self.parameters)}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Message":
        """Rebuild a stored message."""
        return Message(data["code"], dict(data["parameters"]))


@dataclass(frozen=True)
class Phrase:
    """One sentence with named places, and optionally what to do about it and what it costs to do nothing.

    The English texts are the message ids of the translation catalogues.
    """

    code: str
    text: str
    suggestion: str = ""
    price: str = ""

    def __call__(self, **parameters: Parameter) -> Message:
        """Fill the places.

        >>> HELLO = phrase("doc_hello", "Hello {name}.")
        >>> render(HELLO(name="Ada"))
        'Hello Ada.'
        """
        return Message(self.code, parameters)


def phrase(code: str, text: str, suggestion: str = "", price: str = "") -> Phrase:
    """Declare a phrase, beside the code that says it.

    Raises ValueError when another phrase already has this code with other words.
    """
    made = Phrase(code, text, suggestion, price)
    if _PHRASES.setdefault(code, made) != made:
        raise ValueError(f"two phrases are called {code!r}")
    return made


def phrases() -> tuple[Phrase, ...]:
    """Return every phrase declared by the modules imported so far, by code."""
    return tuple(_PHRASES[code] for code in sorted(_PHRASES))


def render(message: Message, translate: Callable[[str], str] = str) -> str:
    """Say a message in words: its sentence and then its suggestion.

    `translate` maps an English text to the reader's language. An unknown code (an older or newer
    workspace) is shown as the code with its parameters: never an error.
    """
    return " ".join(part for part in (sentence(message, translate), suggestion(message, translate)) if part)


def sentence(message: Message, translate: Callable[[str], str] = str) -> str:
    """Say only what is the case."""
    known = _PHRASES.get(message.code)
    if known is None:
        return f"{message.code} {dict(message.parameters)}" if message.parameters else message.code
    return translate(known.text).format(**message.parameters)


def suggestion(message: Message, translate: Callable[[str], str] = str) -> str:
    """Say only what to do; empty when there is nothing to do."""
    known = _PHRASES.get(message.code)
    return translate(known.suggestion).format(**message.parameters) if known and known.suggestion else ""


def price(message: Message, translate: Callable[[str], str] = str) -> str:
    """Say only what happens if nothing is done; empty when nothing does."""
    known = _PHRASES.get(message.code)
    return translate(known.price).format(**message.parameters) if known and known.price else ""


def listed(texts: Sequence[str], most: int = 6) -> str:
    """Join texts for a sentence; of many only the first.

    >>> listed(["a", "b", "c"], 2)
    'a, b, … (3)'
    """
    shown = [text if len(text) <= 60 else f"{text[:59]}…" for text in texts[:most]]
    return ", ".join(shown) if len(texts) <= most else f"{', '.join(shown)}, … ({len(texts)})"
