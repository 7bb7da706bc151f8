"""The order of configurations that promises most on tables like one's own.

A known table holds how the errors of every two configurations go together on rows that neither was fitted on. From that
the loss of any blend of them follows without their predictions, so the next configuration is the one that would bring
the blend of those before it most per second.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.search.portfolio_file import Portfolio
from engine.search.simulated_blends import SimulatedBlends
from engine.search.table_features import TableFeatures, distance

Floats = NDArray[np.float64]

QUICK = ("linear", "lightgbm")  # the first to be fitted measures the machine, and is there when time is short
LATEST_START = 9  # by this place every family has been tried once
NEAR = 1.0  # the distance at which another table counts e times less than one that looks the same
LEAST_WEIGHT = 0.05  # of a table however different: where none is like this one, all count alike
UNKNOWN_TABLES = 0.25  # of all weight: with fewer tables to tell of a configuration, less is expected of it
TIME_COUNTS = 0.5  # the power of the seconds by which a gain is divided
MOST_GAIN = 0.05  # towards which a gain on one table goes, however large: a single table must not decide for all
OVERHEAD = 0.3  # of the time of a first LightGBM: what even the quickest candidate takes


def learnt_order(portfolio: Portfolio, features: TableFeatures, usable: Sequence[int]) -> list[int]:
    """Return the positions of usable configurations: what brings a blend of those before it most per second is next.

    Tables that are the same as this one have no say.
    """
    tables = [table for table in portfolio.tables if not table.features.is_same_table(features)]
    if not tables or not usable:
        return list(usable)
    errors = np.stack([table.errors for table in tables])
    seconds = np.stack([table.seconds for table in tables])
    weights = _weights([distance(features, table.features) for table in tables])
    cost = _mean(weights[:, None], seconds, empty=float(np.nanmedian(seconds))) + OVERHEAD
    standing, left = SimulatedBlends.of_nothing(errors), list(usable)
    order: list[int] = []
    while left:
        promise = (
            _mean(weights[:, None], _damped(standing.gains()), empty=0.0, unknown=UNKNOWN_TABLES) / cost**TIME_COUNTS
        )
        choice = max(_eligible(left, portfolio, order), key=lambda number: promise[number])
        standing = standing.with_added(choice)
        order.append(choice)
        left.remove(choice)
    return order


def _eligible(left: Sequence[int], portfolio: Portfolio, order: Sequence[int]) -> Sequence[int]:
    """Return what may come next: something quick at first, and from some place on the families that have waited."""
    families = [portfolio.configurations[number][0] for number in left]
    if not order:
        quick = [number for number, family in zip(left, families, strict=True) if family in QUICK]
        return quick or left
    started = {portfolio.configurations[number][0] for number in order}
    waiting = [number for number, family in zip(left, families, strict=True) if family not in started]
    n_waiting = len({family for family in families if family not in started})
    return waiting if waiting and len(order) + n_waiting >= LATEST_START else left


def _damped(gains: Floats) -> Floats:
    """Return gains between 0 and MOST_GAIN, in the same order.

    >>> _damped(np.array([0.0, 0.05, 5.0])).round(3)
    array([0.   , 0.025, 0.05 ])
    """
    return np.asarray(gains * MOST_GAIN / (gains + MOST_GAIN))


def _weights(distances: Sequence[float]) -> Floats:
    """Return how much each table counts; they add up to 1."""
    near = np.exp(-(np.array(distances) - min(distances)) / NEAR) + LEAST_WEIGHT
    return np.asarray(near / near.sum())


def _mean(weights: Floats, values: Floats, *, empty: float, unknown: float = 0.0) -> Floats:
    """Return the weighted mean over the tables [T, C] that know a value; `unknown`: weight of a 0 besides them."""
    known = np.isfinite(values)
    total = (weights * known).sum(axis=0) + unknown
    sums = (weights * np.nan_to_num(values)).sum(axis=0)
    return np.where(known.any(axis=0), sums / np.maximum(total, 1e-12), empty)
