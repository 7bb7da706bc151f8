"""How far two samples are apart: by how many rows, by how much, and whether chance alone would do it.

The distances are those of the check of drift between the first and the last rows. PSI is the population stability index
(Siddiqi 2006, "Credit Risk Scorecards"): the symmetric relative entropy of shares; below 0.1 is calm, above 0.25 much.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.checks.drift import distance_of_levels, distance_of_numbers

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

N_BINS = 10
SOME_PSI, MUCH_PSI = 0.1, 0.25
SOME_APART, MUCH_APART = 0.1, 0.2
_EXPECTED = 5.0  # rows of a level: with fewer, chi-squared does not follow its distribution
_LEAST_EXPECTED = 1.0
_HALF = 0.5  # added to every count, so that an empty part is rare and not impossible


@dataclass(frozen=True, kw_only=True)
class Apart:
    """Two samples beside each other.

    `apart`: the largest distance of the distributions (Kolmogorov and Smirnov), or the share of rows that would have to
    change their level. `psi`: less what chance alone adds to samples of these sizes. `chance`: how likely samples of
    the same kind are this far apart.
    """

    apart: float
    psi: float
    chance: float

    @property
    def is_some(self) -> bool:
        """Whether the difference is large enough to be worth a word, if it is no accident."""
        return self.psi >= SOME_PSI and self.apart >= SOME_APART

    @property
    def is_much(self) -> bool:
        """Whether the difference is large."""
        return self.psi >= MUCH_PSI and self.apart >= MUCH_APART


def numbers_apart(before: Floats, now: Floats) -> Apart:
    """Compare numbers, NaN being a missing one: how they are spread, and how many are missing.

    >>> before = np.arange(1000.0)
    >>> numbers_apart(before, before + 500).is_much, numbers_apart(before, before[::2]).is_some
    (True, False)
    """
    known, known_now = before[~np.isnan(before)], now[~np.isnan(now)]
    spread = distance_of_numbers(known, known_now)
    gap = abs(len(known) / max(len(before), 1) - len(known_now) / max(len(now), 1))
    parts = _binned(before, known), _binned(now, known)
    n_parts = int(max(parts[0].max(initial=0), parts[1].max(initial=0))) + 1
    counts = [np.bincount(part, minlength=n_parts).astype(np.float64) for part in parts]
    filled = np.array(
        [[len(known), len(before) - len(known)], [len(known_now), len(now) - len(known_now)]], dtype=np.float64
    )
    chance = min(_chance_of_spread(spread, len(known), len(known_now)), chance_of_counts(filled))
    return Apart(apart=max(spread, gap), psi=stability(*counts), chance=min(1.0, 2 * chance))


def levels_apart(before: Codes, now: Codes, n_levels: int) -> Apart:
    """Compare levels, given as positions; rare ones are taken together.

    >>> codes = np.array([0, 1] * 300)
    >>> levels_apart(codes, np.array([0, 1, 1, 1] * 100), 2).is_some, levels_apart(codes, codes[:200], 2).is_some
    (True, False)
    """
    counts = np.array([np.bincount(part, minlength=n_levels) for part in (before, now)], dtype=np.float64)
    place = _together(counts)
    pooled = np.array([np.bincount(place, weights=row) for row in counts])
    own = [place[part] for part in (before, now)]
    return Apart(
        apart=distance_of_levels(own[0], own[1], pooled.shape[1]),
        psi=stability(pooled[0], pooled[1]),
        chance=chance_of_counts(pooled),
    )


def newcomers_apart(n_new: int, n_now: int, *, n_once: int, n_before: int) -> Apart:
    """Compare how many rows hold levels that were never seen with how many usually do, however few rows there are.

    Among further rows of the same kind as large a share is new as was seen once before (Good 1953, "The population
    frequencies of species and the estimation of population parameters"): `n_once` of `n_before` rows.

    >>> newcomers_apart(5, 5, n_once=0, n_before=2_000).is_much
    True
    >>> newcomers_apart(5, 5, n_once=1_900, n_before=2_000).is_some
    False
    """
    from scipy.special import bdtrc

    usual = (n_once + 1) / (n_before + 1)
    counts = [np.array([n - n_seen, n_seen]) for n, n_seen in ((n_before, usual * n_before), (n_now, float(n_new)))]
    return Apart(
        apart=max(0.0, n_new / n_now - usual),
        psi=stability(*counts),
        chance=float(bdtrc(n_new - 1, n_now, usual)),
    )


def clearest(looks: Sequence[Apart]) -> tuple[int, Apart]:
    """Return which of several looks at the same cells is the clearest, its chance corrected for how many they are.

    >>> clearest([Apart(apart=0.1, psi=0.1, chance=0.5), Apart(apart=0.3, psi=0.4, chance=0.01)])
    (1, Apart(apart=0.3, psi=0.4, chance=0.02))
    """
    place = max(range(len(looks)), key=lambda each: looks[each].psi)
    return place, replace(looks[place], chance=min(1.0, min(each.chance for each in looks) * len(looks)))


def stability(before: Floats, now: Floats) -> float:
    """Return the population stability index of counts, less what chance alone adds; at least 0.

    >>> round(stability(np.array([5000.0, 5000.0]), np.array([8000.0, 2000.0])), 2)
    0.42
    """
    there = np.asarray(before + now > 0)
    before, now = before[there], now[there]
    shares = [(part + _HALF) / (part.sum() + _HALF * len(part)) for part in (before, now)]
    found = float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())
    by_chance = (len(before) - 1) * (1 / max(float(before.sum()), 1.0) + 1 / max(float(now.sum()), 1.0))
    return max(0.0, found - by_chance)


def chance_of_counts(counts: Floats) -> float:
    """Return how likely two rows of counts of the same kind differ this much (chi-squared, corrected for two by two).

    >>> chance_of_counts(np.array([[50.0, 50.0], [50.0, 50.0]]))
    1.0
    """
    from scipy.special import chdtrc

    counts = counts[:, counts.sum(axis=0) > 0]
    if counts.shape[1] < 2 or not counts.sum(axis=1).all():
        return 1.0
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    off = np.abs(counts - expected)
    if counts.shape[1] == 2:
        off = np.maximum(0.0, off - 0.5)
    return float(chdtrc(counts.shape[1] - 1, float((off**2 / expected).sum())))


def holm(chances: list[float]) -> list[float]:
    """Return chances corrected for how many there are (Holm 1979): no more than one false alarm in so many looks.

    >>> [round(chance, 6) for chance in holm([0.01, 0.04, 0.5])]
    [0.03, 0.08, 0.5]
    """
    order = np.argsort(chances, kind="stable")
    found, most = [0.0] * len(chances), 0.0
    for rank, place in enumerate(order):
        most = max(most, min(1.0, (len(chances) - rank) * chances[place]))
        found[place] = most
    return found


def written_chance(chance: float) -> str:
    """Write a chance; what hardly ever happens is not written out.

    >>> written_chance(0.0321), written_chance(1e-30)
    ('0.032', '< 0.001')
    """
    return "< 0.001" if chance < 0.001 else f"{chance:.3f}"


def _chance_of_spread(distance: float, n_before: int, n_now: int) -> float:
    from scipy.special import kolmogorov

    if not n_before or not n_now:
        return 1.0
    return float(kolmogorov(distance * math.sqrt(n_before * n_now / (n_before + n_now))))


def _binned(values: Floats, known: Floats) -> Codes:
    """Place numbers in parts that hold equally many of the known ones; missing ones are the first part."""
    if len(known):
        inner = np.unique(np.quantile(known, np.linspace(0, 1, N_BINS + 1)[1:-1], method="nearest"))
    else:
        inner = np.zeros(0)
    return np.where(np.isnan(values), 0, 1 + np.searchsorted(inner, values, "left")).astype(np.int64)


def _together(counts: Floats) -> Codes:
    """Return where each level is counted: rare ones in one place, that with too few of its own kind elsewhere."""
    share = counts.sum(axis=1).min() / max(counts.sum(), 1.0)
    expected = counts.sum(axis=0) * share
    frequent = np.flatnonzero(expected >= _EXPECTED)
    place = np.full(counts.shape[1], len(frequent))
    place[frequent] = np.arange(len(frequent))
    others = expected[place == len(frequent)].sum()
    if len(frequent) and 0 < others < _LEAST_EXPECTED:
        place[place == len(frequent)] = int(place[frequent[np.argmin(expected[frequent])]])
    return place.astype(np.int64)
