"""How far groups are apart, as one figure each, beside what chance alone would put between groups treated alike.

The largest difference between groups is never nothing, and the more groups the larger: it says something only beside
the difference that groups of these sizes would show if they were all treated alike.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.insight.fairness.treated import Counted
from engine.outcomes import Estimate

Floats = NDArray[np.float64]

N_DRAWS = 1_000
LEAST_ROWS = 10  # that a share is taken of, in each group that is compared


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A measure of Fairlearn with its 95 % interval. `by_chance`: what 95 of 100 drawings of groups alike keep within.

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
    found = []
    if "selection_rate" in known:
        selected = [known["selection_rate"]]
        found += [
            _measure("demographic_parity_difference", selected, _difference, max),
            _measure("demographic_parity_ratio", selected, _ratio, min),
        ]
    if "true_positive_rate" in known:
        found.append(_measure("equal_opportunity_difference", [known["true_positive_rate"]], _difference, max))
    if {"true_positive_rate", "false_positive_rate"} <= set(known):
        odds = [known["true_positive_rate"], known["false_positive_rate"]]
        found.append(_measure("equalized_odds_difference", odds, _difference, max))
        found.append(_measure("equalized_odds_ratio", odds, _ratio, min))
    if "accuracy" in known:
        found.append(_measure("accuracy_difference", [known["accuracy"]], _difference, max))
    return tuple(found)


def mean_measure(name: str, means: Floats, errors: Floats, *, seed: int = 0) -> Measure:
    """Return how far means are apart; `errors`: their standard errors."""
    random = np.random.default_rng(seed)
    noise = random.normal(size=(N_DRAWS, len(means))) * errors
    value, likely = float(np.ptp(means)), np.quantile(np.ptp(means + noise, axis=1), (0.025, 0.975))
    by_chance = float(np.quantile(np.ptp(noise, axis=1), 0.95))
    return Measure(name=name, value=_estimate(value, likely), by_chance=by_chance)


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


def _measure(
    name: str, drawn: list[_Drawn], apart: Callable[[Floats], Floats], worst: Callable[[Floats, Floats], Floats]
) -> Measure:
    """Return a measure; of several shares the worst one counts."""
    value = float(worst(*both) if len(both := [apart(each.rates) for each in drawn]) > 1 else both[0])
    pick = np.maximum if worst is max else np.minimum
    likely = pick.reduce([apart(each.likely) for each in drawn])
    alike = pick.reduce([apart(each.alike) for each in drawn])
    by_chance = float(np.quantile(alike, 0.95 if worst is max else 0.05))
    return Measure(name=name, value=_estimate(value, np.quantile(likely, (0.025, 0.975))), by_chance=by_chance)


def _estimate(value: float, likely: Floats) -> Estimate:
    return Estimate(value=value, low=min(value, float(likely[0])), high=max(value, float(likely[1])))
