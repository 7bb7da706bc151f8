"""Points at random: what every other sampler has to beat."""

from typing import TYPE_CHECKING

from engine.search.samplers.sampler import Dimensions, Sampler

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


def _make(seed: int, _dimensions: Dimensions) -> "BaseSampler":
    from optuna.samplers import RandomSampler

    return RandomSampler(seed=seed)


RANDOM = Sampler(key="random", title="Random points", make=_make, conditional=True)
