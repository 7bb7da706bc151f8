"""A Gaussian process: a smooth model of the space, strong where trials are few and slow; it needs torch."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from engine.messages import phrase
from engine.registry import Skip
from engine.search.samplers.sampler import WARM_UP_TRIALS, Dimensions, Sampler

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler

NO_TORCH = phrase(
    "sampler_no_torch",
    "The Gaussian process needs the package torch, which is not installed.",
    "Install it with: pip install torch; or choose the sampler tpe.",
)


def _make(seed: int, _dimensions: Dimensions) -> "BaseSampler":
    from optuna.samplers import GPSampler, RandomSampler

    return GPSampler(
        seed=seed,
        n_startup_trials=WARM_UP_TRIALS,
        independent_sampler=RandomSampler(seed=seed),
        deterministic_objective=False,
        warn_independent_sampling=False,
    )


GAUSSIAN_PROCESS = Sampler(
    key="gp",
    title="Gaussian process",
    make=_make,
    available=lambda: None if find_spec("torch") else Skip(NO_TORCH()),
)
