"""What it would cost to treat groups alike by a threshold of its own for each of them.

As in Hardt, Price and Srebro 2016, "Equality of opportunity in supervised learning" (arxiv.org/abs/1610.02413), without
drawing lots. The price is measured on rows that did not choose the thresholds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.insight.quality.groups import Group
from engine.insight.quality.judged import Judged
from engine.insight.quality.shares import mean_of, of_100, share_of
from engine.messages import Message, phrase
from engine.outcomes import Estimate

Floats = NDArray[np.float64]
Hits = NDArray[np.bool_]

SELECTION, FINDING = "selection_rate", "true_positive_rate"
LEAST_ROWS = 10  # of a group that its threshold is chosen by, in each half

ALIKE = {
    SELECTION: phrase(
        "fairness_alike_called",
        "With a threshold of its own for each group, about {n} of 100 rows of every group would be called {answer}.",
    ),
    FINDING: phrase(
        "fairness_alike_found",
        "With a threshold of its own for each group, about {n} of 100 rows that are {answer} would be found in every "
        "group.",
    ),
}
COSTS = phrase(
    "fairness_costs",
    "That makes {n} more of 100 answers wrong (between {low} and {high}): {after} of 100 would be right in place of "
    "{before}.",
)
COSTS_NOTHING = phrase(
    "fairness_costs_nothing",
    "That costs nothing that can be told from chance: {after} of 100 answers would be right in place of {before}.",
)
GAINS = phrase(
    "fairness_gains",
    "That even makes {n} more of 100 answers right (between {low} and {high}): {after} of 100 in place of {before}.",
)
LAW = phrase("fairness_law", "Whether groups may be judged by different thresholds is a question of law.")


@dataclass(frozen=True, kw_only=True)
class Equalised:
    """A threshold for each group, and what comes of it. `rate`: what they make alike; `target`: its value for all.

    `before`, `after`: the share of right answers; `apart_before`, `apart_after`: the largest difference of the rate
    between groups; the latter two on rows that did not choose the thresholds.
    """

    rate: str
    target: float
    thresholds: Mapping[str, float]
    before: Estimate
    after: Estimate
    apart_before: float
    apart_after: float
    said: tuple[Message, ...]


def equalised(judged: Judged, groups: Sequence[Group], rate: str, *, seed: int = 0) -> Equalised | None:
    """Return what thresholds cost that make `rate` alike for all groups.

    None where too few rows can choose them, and where no row or every row is called: groups are alike in that already.
    """
    compared = np.sort(np.concatenate([group.rows for group in groups]))
    counts = np.asarray(judged.hit if rate == FINDING else np.ones(len(judged.y), dtype=bool))
    named = np.asarray(judged.named == 1)
    if not counts[compared].any():
        return None
    target = float(named[compared][counts[compared]].mean())
    if target in {0.0, 1.0}:
        return None
    half = np.random.default_rng(seed).permutation(len(judged.y)) % 2
    called = named.copy()
    thresholds: dict[str, float] = {}
    for group in groups:
        for side in (0, 1):
            chosen_by = group.rows[(half[group.rows] != side) & counts[group.rows]]
            if len(chosen_by) < LEAST_ROWS:
                return None
            held = group.rows[half[group.rows] == side]
            called[held] = judged.chance[held] >= threshold_for(judged.chance[chosen_by], target)
        thresholds[group.value] = threshold_for(judged.chance[group.rows[counts[group.rows]]], target)
    right_before, right_after = (np.asarray(each[compared] == judged.hit[compared]) for each in (named, called))
    before, after = (share_of(int(each.sum()), len(compared)) for each in (right_before, right_after))
    return Equalised(
        rate=rate,
        target=target,
        thresholds=thresholds,
        before=before,
        after=after,
        apart_before=_apart(named, groups, counts),
        apart_after=_apart(called, groups, counts),
        said=(
            ALIKE[rate](n=of_100(target), answer=str(judged.task.classes[1])),
            price_of(mean_of(right_after.astype(np.float64) - right_before), before, after),
        ),
    )


def threshold_for(chance: Floats, share: float) -> float:
    """Return the probability from which on about a share of rows lie.

    >>> threshold_for(np.array([0.1, 0.2, 0.3, 0.4]), 0.5), threshold_for(np.array([0.1, 0.2]), 0.0)
    (0.3, 1.0)
    """
    n = round(share * len(chance))
    return float(np.sort(chance)[len(chance) - n]) if n else 1.0


def _apart(named: Hits, groups: Sequence[Group], counts: Hits) -> float:
    rates = [float(named[rows].mean()) for rows in (group.rows[counts[group.rows]] for group in groups) if len(rows)]
    return max(rates) - min(rates)


def price_of(gain: Estimate, before: Estimate, after: Estimate) -> Message:
    """Say what other thresholds cost; `gain`: of right answers, in shares."""
    facts = {"after": of_100(after.value), "before": of_100(before.value)}
    if gain.low <= 0 <= gain.high:
        return COSTS_NOTHING(**facts)
    low, high = sorted((abs(gain.low), abs(gain.high)))
    return (GAINS if gain.value > 0 else COSTS)(**facts, n=of_100(abs(gain.value)), low=of_100(low), high=of_100(high))
