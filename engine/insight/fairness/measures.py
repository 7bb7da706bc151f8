"""How far groups are apart, as one figure each, beside what chance alone would put between groups treated alike.

The largest difference between groups is never nothing, and the more groups the larger: it says something only beside
the difference that groups of these sizes would show if they were all treated alike. Several measures are taken, so
each is held to its part of the chance that any of them stands out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.insight.fairness.treated import Counted
from engine.outcomes import Estimate

Floats = NDArray[np.float64]

N_DRAWS = 10_000  # so that even the part of CHANCE that one of six measures has is seen in 16 of them
CHANCE = 0.01  # that anything is said to differ where all groups are treated alike
LEAST_ROWS = 10  # that a share is taken of, in each group that is compared


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A measure of Fairlearn with its 95 % interval. `by_chance`: what groups alike keep within.

    All measures that are taken together do so in 99 of 100 drawings.

    A difference is 0 and a ratio is 1 where groups are treated alike.
    """

    name: str
    value: Estimate
    by_chance: float

    @property
    def stands_out(self) -> bool:
        """Whether chance would hardly put groups so far apart."""
        if self.name.endswith("_ratio"):
            return self.value.value < self.by_chance
        return self.value.value > self.by_chance


def share_measures(counts: Mapping[str, Counted], *, seed: int = 0) -> tuple[Measure, ...]:
    """Return the measures of shares; `counts`: by the name of the share, as `counts_of` returns them."""
    random = np.random.default_rng(seed)
    drawn = {name: _Drawn.of(each, random) for name, each in counts.items()}
    known = {name: each for name, each in drawn.items() if each is not None}
    taken = {name: parts for name, parts in _SHARES.items() if set(parts) <= set(known)}
    return tuple(
        _measure(name, [known[part] for part in parts], CHANCE / len(taken), is_ratio=name.endswith("_ratio"))
        for name, parts in taken.items()
    )


def mean_measure(name: str, means: Floats, errors: Floats, *, n_measures: int, seed: int = 0) -> Measure:
    """Return how far means are apart; `errors`: their standard errors. `n_measures`: that are taken with this one."""
    random = np.random.default_rng(seed)
    noise = random.normal(size=(N_DRAWS, len(means))) * errors
    value, likely = float(np.ptp(means)), np.quantile(np.ptp(means + noise, axis=1), (0.025, 0.975))
    by_chance = float(np.quantile(np.ptp(noise, axis=1), 1 - CHANCE / n_measures))
    return Measure(name=name, value=_estimate(value, likely), by_chance=by_chance)


_SHARES = {
    "demographic_parity_difference": ("selection_rate",),
    "demographic_parity_ratio": ("selection_rate",),
    "equal_opportunity_difference": ("true_positive_rate",),
    "equalized_odds_difference": ("true_positive_rate", "false_positive_rate"),
    "equalized_odds_ratio": ("true_positive_rate", "false_positive_rate"),
    "accuracy_difference": ("accuracy",),
}  # that are compared by each measure


@dataclass(frozen=True, kw_only=True)
class _Drawn:
    """Shares of groups as they are, as they might as well be [draws, groups], and as they would be if all alike."""

    rates: Floats
    likely: Floats
    alike: Floats

    @staticmethod
    def of(counted: Counted, random: np.random.Generator) -> "_Drawn | None":
        enough = counted.of >= LEAST_ROWS
        if enough.sum() < 2:
            return None
        of, hits = counted.of[enough], counted.hits[enough]
        size = (N_DRAWS, len(of))
        return _Drawn(
            rates=np.asarray(hits / of, np.float64),
            likely=random.binomial(of, (hits + 0.5) / (of + 1), size=size) / of,
            alike=random.binomial(of, hits.sum() / of.sum(), size=size) / of,
        )


def _difference(rates: Floats) -> Floats:
    return np.asarray(np.ptp(rates, axis=-1))


def _ratio(rates: Floats) -> Floats:
    """Return the smallest share over the largest; 1 where all are 0."""
    most = rates.max(axis=-1)
    return np.asarray(np.where(most > 0, rates.min(axis=-1) / np.where(most > 0, most, 1), 1.0))


def _measure(name: str, drawn: Sequence[_Drawn], chance: float, *, is_ratio: bool) -> Measure:
    """Return a measure that stands out with this chance; of several shares the worst one counts."""
    apart, worst = (_ratio, np.minimum) if is_ratio else (_difference, np.maximum)
    value = float(worst.reduce([apart(each.rates) for each in drawn]))
    likely = worst.reduce([apart(each.likely) for each in drawn])
    alike = worst.reduce([apart(each.alike) for each in drawn])
    by_chance = float(np.quantile(alike, chance if is_ratio else 1 - chance))
    return Measure(name=name, value=_estimate(value, np.quantile(likely, (0.025, 0.975))), by_chance=by_chance)


def _estimate(value: float, likely: Floats) -> Estimate:
    return Estimate(value=value, low=min(value, float(likely[0])), high=max(value, float(likely[1])))
