"""What a threshold is worth: the money per 100 rows by what a miss and a false alarm cost and a hit gains."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.figures import figure
from engine.insight.quality.shares import mean_of
from engine.messages import Message, phrase
from engine.outcomes import Estimate

Floats = NDArray[np.float64]
Hits = NDArray[np.bool_]

OF_ALL = 100
_NEAR = ((0.1, 2), (0.01, 3), (0.0, 4))  # thresholds this far from 0 and 1 have so many places

WORTH = phrase(
    "quality_worth",
    "At its best threshold, {threshold} of 100, the model brings {best} per 100 rows; doing nothing brings {nothing}, "
    "acting on every row {every}. Chosen on one half of the rows and tried on the other it brings {honest} (between "
    "{low} and {high}).",
)
WORTHLESS = phrase(
    "quality_worthless",
    "With these prices no threshold brings clearly more than {usual} per 100 rows, which needs no model: tried on rows "
    "that did not choose it, the best one brings {honest} (between {low} and {high}).",
    "Look at the prices again; more rows would show more surely whether the model pays.",
)


@dataclass(frozen=True, kw_only=True)
class Prices:
    """In one currency: what a missed row costs, what a false alarm costs, what a found row gains."""

    miss: float = 1.0
    alarm: float = 1.0
    hit: float = 0.0

    def value(self, counts: "Counts") -> float:
        """Return the money per 100 rows."""
        total = self.hit * counts.hits - self.miss * counts.misses - self.alarm * counts.alarms
        return OF_ALL * total / max(1, counts.n_rows)


@dataclass(frozen=True, kw_only=True)
class Counts:
    """A confusion matrix: rows found, rows missed, false alarms, and rows rightly left alone."""

    hits: int
    misses: int
    alarms: int
    rest: int

    @property
    def n_rows(self) -> int:
        """All rows."""
        return self.hits + self.misses + self.alarms + self.rest


@dataclass(frozen=True, kw_only=True)
class Money:
    """The money per 100 rows by threshold: a row is acted on from this probability on.

    `honest`: of the best threshold, found on one half of the rows and tried on the other, and the other way round.
    `nothing`, `every`: of acting on no row and on every row.
    """

    prices: Prices
    thresholds: tuple[float, ...]
    per_100: tuple[float, ...]
    best: float
    at_best: float
    counts: Counts
    honest: Estimate
    nothing: float
    every: float
    said: Message


def counted(hit: Hits, chance: Floats, threshold: float) -> Counts:
    """Count right and wrong answers at a threshold.

    >>> counted(np.array([True, True, False]), np.array([0.9, 0.2, 0.6]), 0.5)
    Counts(hits=1, misses=1, alarms=1, rest=0)
    """
    named = chance >= threshold
    found = int((hit & named).sum())
    return Counts(
        hits=found,
        misses=int(hit.sum()) - found,
        alarms=int(named.sum()) - found,
        rest=int((~hit & ~named).sum()),
    )


def prices_of(costs: Mapping[str, Mapping[str, float]] | None, classes: tuple[str, ...] | tuple[int, ...]) -> Prices:
    """Return the prices that follow from the costs of mistakes that a person gave for the run."""
    if costs is None or len(classes) != 2:
        return Prices()
    no, yes = (str(label) for label in classes)
    return Prices(miss=costs.get(yes, {}).get(no, 1.0), alarm=costs.get(no, {}).get(yes, 1.0))


def thresholds_of(chance: Floats) -> Floats:
    """Return thresholds worth trying, in order: evenly spread over the rows and closer at the top, in round figures.

    >>> thresholds_of(np.array([0.00512, 0.31415]))[[0, 1, -1]].tolist()
    [0.0, 0.0051, 1.0]
    """
    shares = np.concatenate([np.linspace(0, 1, 101), np.linspace(0.99, 1, 11)])
    tried = np.concatenate([np.quantile(chance, shares), np.linspace(0, 1, 21)])
    tried = np.clip(tried, 0, 1)
    edge = np.minimum(tried, 1 - tried)
    return np.unique(np.select([edge >= at for at, _n in _NEAR], [tried.round(n) for _at, n in _NEAR]))


def money(hit: Hits, chance: Floats, prices: Prices, *, seed: int = 0) -> Money:
    """Return what every threshold is worth on some rows, and what can be expected of the best one."""
    tried = thresholds_of(chance)
    values = _values(hit, chance, tried, prices)
    best = _best(values)
    nothing = prices.value(Counts(hits=0, misses=int(hit.sum()), alarms=0, rest=int((~hit).sum())))
    every = prices.value(counted(hit, chance, -math.inf))
    gained = _gained_honestly(hit, chance, prices, seed)
    honest, usual = mean_of(gained), max(nothing, every)
    if mean_of(gained - _gained(hit, np.full(len(hit), every > nothing), prices)).low > 0:
        facts = {"threshold": f"{100 * tried[best]:g}", "best": figure(float(values[best]))}
        said = WORTH(**facts, nothing=figure(nothing), every=figure(every), **_told(honest))
    else:
        said = WORTHLESS(usual=figure(usual), **_told(honest))
    return Money(
        prices=prices,
        thresholds=tuple(float(each) for each in tried),
        per_100=tuple(float(each) for each in values),
        best=float(tried[best]),
        at_best=float(values[best]),
        counts=counted(hit, chance, float(tried[best])),
        honest=honest,
        nothing=nothing,
        every=every,
        said=said,
    )


def _values(hit: Hits, chance: Floats, tried: Floats, prices: Prices) -> Floats:
    yes, no = np.sort(chance[hit]), np.sort(chance[~hit])
    missed = np.searchsorted(yes, tried, "left")
    alarms = len(no) - np.searchsorted(no, tried, "left")
    total = prices.hit * (len(yes) - missed) - prices.miss * missed - prices.alarm * alarms
    return np.asarray(OF_ALL * total / max(1, len(hit)), np.float64)


def _best(values: Floats) -> int:
    """Return the place of the largest value; of equal ones that in the middle, which is the least a matter of luck."""
    places = np.flatnonzero(values >= values.max() - 1e-9)
    return int(places[len(places) // 2])


def _gained_honestly(hit: Hits, chance: Floats, prices: Prices, seed: int) -> Floats:
    """Return the money of every row, times 100, by the threshold that is best for the other half of the rows."""
    side = np.random.default_rng(seed).permutation(len(hit)) % 2
    gained = np.zeros(len(hit))
    for half in (0, 1):
        rest, held = side != half, side == half
        tried = thresholds_of(chance[rest]) if rest.any() else np.array([0.5])
        at = tried[_best(_values(hit[rest], chance[rest], tried, prices))]
        gained[held] = _gained(hit[held], chance[held] >= at, prices)
    return gained


def _gained(hit: Hits, named: Hits, prices: Prices) -> Floats:
    of_hits, of_others = np.where(named, prices.hit, -prices.miss), np.where(named, -prices.alarm, 0.0)
    return np.asarray(OF_ALL * np.where(hit, of_hits, of_others), np.float64)


def _told(honest: Estimate) -> dict[str, str]:
    return {"honest": figure(honest.value), "low": figure(honest.low), "high": figure(honest.high)}
