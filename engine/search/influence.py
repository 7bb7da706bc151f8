"""Which choices of a search made the difference: how much each parameter of a family moved the score."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.events import CandidateFinished
from engine.outcomes import Influence
from engine.search.experience import Outcome

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

LEAST_CANDIDATES = 10  # of a family: fewer say nothing
LARGEST_GAP = 0.5  # of the candidates may lack a parameter that is judged
WIDE = 20.0  # times: a range as wide as that is looked at in powers of ten
N_TREES = 32


def outcomes(finished: Sequence[CandidateFinished], *, greater_is_better: bool) -> list[Outcome]:
    """Return what came of the candidates that went through all folds."""
    sign = -1.0 if greater_is_better else 1.0
    return [
        Outcome(family=each.family, parameters=each.parameters, loss=sign * each.score, seconds=each.train_seconds)
        for each in finished
        if not each.pruned
    ]


def influences(tried: Sequence[Outcome]) -> tuple[Influence, ...]:
    """Return the share of each parameter in how much the candidates of its family differ, the largest first.

    fANOVA (Hutter et al., ICML 2014) on what was tried: a forest learns the loss from the parameters, and its variance
    is divided among them. Families with few candidates are left out.
    """
    found: list[Influence] = []
    for family in dict.fromkeys(each.family for each in tried):
        own = [each for each in tried if each.family == family]
        shares = _shares(own) if len(own) >= LEAST_CANDIDATES else {}
        ranked = sorted(shares.items(), key=lambda pair: (-pair[1], pair[0]))
        found.extend(Influence(family=family, parameter=name, share=share, n=len(own)) for name, share in ranked)
    return tuple(found)


def _shares(tried: Sequence[Outcome]) -> dict[str, float]:
    names = [name for name in _names(tried) if _dimension([each.parameters.get(name) for each in tried]) is not None]
    whole = [each for each in tried if all(name in each.parameters for name in names)]
    if len(whole) < LEAST_CANDIDATES or not names or len({each.loss for each in whole}) < 2:
        return {}
    return _judged(whole, names)


def _names(tried: Sequence[Outcome]) -> list[str]:
    """Return the parameters that enough candidates name."""
    every = dict.fromkeys(name for each in tried for name in each.parameters)
    return [n for n in every if sum(n not in each.parameters for each in tried) <= LARGEST_GAP * len(tried)]


def _judged(tried: Sequence[Outcome], names: Sequence[str]) -> dict[str, float]:
    import optuna
    from optuna.importance import FanovaImportanceEvaluator, get_param_importances

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    dimensions = {name: _dimension([each.parameters[name] for each in tried]) for name in names}
    kept = {name: dimension for name, dimension in dimensions.items() if dimension is not None}
    if not kept:
        return {}
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.add_trials([_trial(each, kept) for each in tried])
    judge = FanovaImportanceEvaluator(n_trees=N_TREES, seed=0)
    return {name: float(share) for name, share in get_param_importances(study, evaluator=judge).items()}


def _trial(each: Outcome, dimensions: Mapping[str, "BaseDistribution"]) -> "FrozenTrial":
    from optuna.trial import create_trial

    params = {name: each.parameters[name] for name in dimensions}
    return create_trial(params=params, distributions=dict(dimensions), value=each.loss)


def _dimension(values: Sequence[Any]) -> "BaseDistribution | None":
    """Return the range that some values span; None when they are all the same."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    known = [value for value in values if value is not None]
    if len(set(known)) < 2:
        return None
    if any(isinstance(value, str | bool) for value in known):
        return CategoricalDistribution(tuple(sorted(set(known), key=str)))
    low, high = float(min(known)), float(max(known))
    return FloatDistribution(low, high, log=low > 0 and high / low >= WIDE)
