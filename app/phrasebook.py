"""Learns the phrases of all packages from their source: the server says them without importing ML libraries."""

import ast
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from engine.messages import Phrase, phrase

PACKAGES = ("engine", "storage", "exporters", "app", "sample_data")


@cache
def learn() -> tuple[Phrase, ...]:
    """Declare every phrase of every package; returns them by code."""
    found = [phrase(*texts) for path in sources() for texts in declared(path.read_text(encoding="utf-8"))]
    return tuple(sorted(found, key=lambda known: known.code))


def sources() -> Iterator[Path]:
    """Yield the source files of all packages."""
    for package in PACKAGES:
        spec = find_spec(package)
        for folder in (spec.submodule_search_locations if spec else None) or ():
            yield from sorted(Path(folder).rglob("*.py"))


def declared(source: str) -> Iterator[list[str]]:
    """Yield the arguments of every `phrase(...)` in a source text.

    >>> list(declared('A = phrase("a", "All is well.")'))
    [['a', 'All is well.']]
    """
    if "phrase(" not in source:
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "phrase":
            arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
            texts = [argument.value for argument in arguments if isinstance(argument, ast.Constant)]
            if len(texts) == len(arguments):
                yield [str(text) for text in texts]
