"""Tree-structured Parzen estimator: draws where good points lie more densely than others."""

from typing import TYPE_CHECKING

from engine.search.samplers.sampler import WARM_UP_TRIALS, Dimensions, Sampler

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler


def _make(seed: int, _dimensions: Dimensions) -> "BaseSampler":
    from optuna.samplers import TPESampler

    # In groups: starting points do not name every parameter, and a choice may decide what else there is to choose.
    return TPESampler(seed=seed, n_startup_trials=WARM_UP_TRIALS, multivariate=True, group=True)


TPE = Sampler(key="tpe", title="TPE: near what was good", make=_make, conditional=True)
