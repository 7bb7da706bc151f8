"""CMA-ES: an evolution strategy, for spaces of numbers; choices are drawn at random beside it."""

from typing import TYPE_CHECKING

from engine.search.samplers.sampler import WARM_UP_TRIALS, Dimensions, Sampler

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


def _make(seed: int, _dimensions: Dimensions) -> "BaseSampler":
    from optuna.samplers import CmaEsSampler, RandomSampler

    return CmaEsSampler(
        seed=seed,
        n_startup_trials=WARM_UP_TRIALS,
        independent_sampler=RandomSampler(seed=seed),
        warn_independent_sampling=False,
    )


CMAES = Sampler(key="cmaes", title="CMA-ES: an evolution strategy", make=_make)
