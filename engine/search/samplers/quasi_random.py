"""Quasi-random points: they cover a space more evenly than chance does."""

from typing import TYPE_CHECKING

from engine.search.samplers.sampler import Dimensions, Sampler

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


def _make(seed: int, _dimensions: Dimensions) -> "BaseSampler":
    from optuna.samplers import QMCSampler, RandomSampler

    return QMCSampler(
        qmc_type="sobol",
        scramble=True,
        seed=seed,
        independent_sampler=RandomSampler(seed=seed),
        warn_asynchronous_seeding=False,
        warn_independent_sampling=False,
    )


QUASI_RANDOM = Sampler(key="quasi_random", title="Quasi-random points (Sobol)", make=_make)
