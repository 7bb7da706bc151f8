"""Finds out what can be set in the candidates of a search, by asking its space without a sampler."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.search.option import NotingTrial, Option
from engine.search.space import SearchSpace


def options_offered(space: SearchSpace) -> dict[str, tuple[Option, ...]]:
    """Return what can be set in a candidate, by family; a person's own space leaves out what it does not name."""
    return {family.key: _options(space, family.key) for family in space.families}


def _options(space: SearchSpace, family: str) -> tuple[Option, ...]:
    noted = _asked(space, family, {})
    for option in tuple(noted.values()):  # one choice may decide what else there is to choose
        for choice in option.choices[1:]:
            noted = {**_asked(space, family, {option.name: choice}), **noted}
    whole = {name: each.is_whole for name, each in _own(space, family).items()}
    return tuple(replace(option, whole=option.whole or whole.get(option.name, False)) for option in noted.values())


def _own(space: SearchSpace, family: str) -> Mapping[str, Any]:
    return {} if space.own is None else {**space.own.around, **space.own.families.get(family, {})}


def _asked(space: SearchSpace, family: str, answers: Mapping[str, Any]) -> dict[str, Option]:
    noting = NotingTrial(answers)
    space.propose(noting, family)
    return noting.noted
