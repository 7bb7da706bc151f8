"""Finds the parts of a package: a part is one module-level constant in one file, and nobody keeps a list."""

import importlib
import pkgutil
import re
from dataclasses import dataclass
from functools import cache
from typing import Protocol, TypeVar, cast, runtime_checkable

from engine.errors import ConfigError
from engine.messages import Message, phrase

UNKNOWN_PART = phrase("part_unknown", "There is no {kind} called {key}.", "Choose one of: {choices}.")


@runtime_checkable
class Part(Protocol):
    """Anything with a `key` that is unique within its package."""

    @property
    def key(self) -> str:
        """The short name by which configurations, files and commands refer to the part."""
        ...


@dataclass(frozen=True)
class Skip:
    """A part does not apply here, and why: an answer that is shown, not an accident."""

    reason: Message


P = TypeVar("P", bound=Part)


@cache
def parts(package: str, kind: type[P]) -> tuple[P, ...]:
    """Return every constant of type `kind` in the modules of `package`, ordered by key.

    Raises ValueError when two parts share a key.

    >>> from engine.tasks.metric import Metric
    >>> "rmse" in [metric.key for metric in parts("engine.tasks.metrics", Metric)]
    True
    """
    found: dict[str, P] = {}
    root = importlib.import_module(package)
    for name in sorted(module.name for module in pkgutil.iter_modules(root.__path__)):
        module = importlib.import_module(f"{package}.{name}")
        for value in vars(module).values():
            if not isinstance(value, kind):
                continue
            if found.setdefault(value.key, value) is not value:
                raise ValueError(f"two parts of {package} are called {value.key!r}")
    return tuple(found[key] for key in sorted(found))


def part(package: str, kind: type[P], key: str) -> P:
    """Return the one part with this key.

    Raises ConfigError, naming the keys that exist, when there is none.
    """
    known = {candidate.key: candidate for candidate in parts(package, kind)}
    if key not in known:
        raise ConfigError(UNKNOWN_PART(kind=_in_words(kind), key=key, choices=", ".join(known)))
    return cast("P", known[key])


def _in_words(kind: type[Part]) -> str:
    """Return what people call a kind of part.

    >>> from engine.features.step import FeatureStep
    >>> _in_words(FeatureStep)
    'feature step'
    """
    return re.sub(r"(?<!^)(?=[A-Z])", " ", kind.__name__).lower()
