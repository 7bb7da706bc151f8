"""Learns the phrases of all packages from their source: the server says them without importing ML libraries."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from engine.messages import Phrase, phrase

# A call, its strings and brackets, outside of examples: whole files read as Python take ten times as long, and to say
# something is what people wait for.
_BEFORE = r"""^(?!\s*(?:>>>|\.\.\.|def ))[^\n#`]*?\b"""
_CALL = re.compile(
    _BEFORE + r"""(phrase\((?:[^()"']|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\([^()]*\))*\))""", re.MULTILINE
)
PACKAGES = ("engine", "storage", "exporters", "app", "sample_data")


@cache
def learn() -> tuple[Phrase, ...]:
    """Declare every phrase of every package; returns them by code."""
    found = [phrase(*texts) for path in sources() for texts in declared(path.read_text(encoding="utf-8"))]
    return tuple(sorted(found, key=lambda known: known.code))


@cache
def titles(package: str) -> Mapping[str, str]:
    """Return the titles of the parts of a package by key, such as `{"lightgbm": "LightGBM"}`."""
    return dict(pair for path in files_of(package) for pair in titled(path.read_text(encoding="utf-8")))


def sources() -> Iterator[Path]:
    """Yield the source files of all packages."""
    for package in PACKAGES:
        yield from files_of(package)


def files_of(package: str) -> Iterator[Path]:
    """Yield the source files of one package; nothing of it is imported."""
    top, *below = package.split(".")
    spec = find_spec(top)
    for folder in (spec.submodule_search_locations if spec else None) or ():
        yield from sorted(Path(folder, *below).rglob("*.py"))


def titled(source: str) -> Iterator[tuple[str, str]]:
    """Yield the key and the title of every part in a source text.

    >>> list(titled('X = Family(key="x", title="An X", relative_cost=1)'))
    [('x', 'An X')]
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            said = {each.arg: each.value.value for each in node.keywords if isinstance(each.value, ast.Constant)}
            if "key" in said and "title" in said:
                yield str(said["key"]), str(said["title"])


def declared(source: str) -> Iterator[list[str]]:
    """Yield the arguments of every `phrase(...)` in a source text.

    >>> list(declared('A = phrase("a", "All is well.")'))
    [['a', 'All is well.', '', '']]
    """
    places = [field.name for field in fields(Phrase)]
    for found in _CALL.finditer(source):
        call = ast.parse(found.group(1), mode="eval").body
        assert isinstance(call, ast.Call)
        arguments = dict(zip(places, call.args, strict=False)) | {str(k.arg): k.value for k in call.keywords}
        texts = [arguments.get(place, ast.Constant("")) for place in places]
        if all(isinstance(text, ast.Constant) for text in texts):
            yield [str(text.value) for text in texts if isinstance(text, ast.Constant)]
