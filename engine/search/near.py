"""Small changes of a candidate that a person has pinned: what is tried near it."""

import math
import random
from collections.abc import Mapping, Sequence
from typing import Any

from engine.search.option import Option

STEP = 0.15  # of the range of a number: how far a change goes, mostly
CHANGED = 0.4  # of the settings that are named are changed at once, on average
OTHER_CHOICE = 0.5  # how often a setting that was to be changed takes another choice, if it has several


def near(
    parameters: Mapping[str, Any], options: Sequence[Option], chance: random.Random, *, wider: bool = False
) -> dict[str, Any]:
    """Return the parameters with some settings changed a little; the same ones where none of them can be changed.

    `wider`: one setting that they leave at its usual value is drawn besides.

    >>> near({"depth": 4, "other": 1}, [Option(name="depth", low=4, high=4, whole=True)], random.Random(0))
    {'depth': 4, 'other': 1}
    """
    named = [option for option in options if option.name in parameters]
    others = [option for option in options if option.name not in parameters]
    chosen = [option for option in named if chance.random() < CHANGED] or ([chance.choice(named)] if named else [])
    moved = {option.name: _moved(option, parameters[option.name], chance) for option in chosen}
    drawn = [chance.choice(others)] if wider and others else []
    return {**parameters, **moved, **{option.name: _drawn(option, chance) for option in drawn}}


def _drawn(option: Option, chance: random.Random) -> Any:
    if option.choices:
        return chance.choice(option.choices)
    by_factor = option.log and option.low > 0
    low, high = (math.log(each) if by_factor else each for each in (option.low, option.high))
    number = chance.uniform(low, high)
    return _within(option, math.exp(number) if by_factor else number)


def _moved(option: Option, value: Any, chance: random.Random) -> Any:
    if option.choices:
        others = [choice for choice in option.choices if choice != value]
        return chance.choice(others) if others and chance.random() < OTHER_CHOICE else value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    by_factor = option.log and option.low > 0 and value > 0
    low, high, here = (math.log(each) if by_factor else each for each in (option.low, option.high, value))
    moved = here + chance.gauss(0.0, STEP) * (high - low)
    return _within(option, math.exp(moved) if by_factor else moved)


def _within(option: Option, number: float) -> float:
    number = min(option.high, max(option.low, number))
    return round(number) if option.whole else number
