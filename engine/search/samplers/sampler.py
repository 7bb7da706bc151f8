"""A sampler draws the next point of a space from what is known of the earlier ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.registry import Skip, part, parts

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler

WARM_UP_TRIALS = 4  # points that are drawn at random, or known from the start, before a model of the space is used

Dimensions = Mapping[str, "BaseDistribution"]


@dataclass(frozen=True, kw_only=True)
class Sampler:
    """One sampler.

    `make(seed, dimensions)`: Optuna's own sampler; `dimensions` is what can be chosen at once. `conditional`: it can
    draw from a space in which one choice decides what else there is to choose. `available`: None, or what is missing.
    """

    key: str
    title: str
    make: Callable[[int, Dimensions], "BaseSampler"]
    conditional: bool = False
    available: Callable[[], Skip | None] = field(default=lambda: None)


def samplers() -> tuple[Sampler, ...]:
    """Return every sampler, also those that lack something here."""
    return parts("engine.search.samplers", Sampler)


def sampler_named(key: str) -> Sampler:
    """Return the sampler with this key; raises ConfigError when there is none."""
    return part("engine.search.samplers", Sampler, key)
