"""Shares and means with their intervals, and how both are written for people.

Wilson 1927, "Probable inference, the law of succession, and statistical inference", JASA 22:209-212
(doi:10.1080/01621459.1927.10502953).
"""

import math

import numpy as np
from numpy.typing import NDArray

from engine.insight.delong import Z_95
from engine.outcomes import Estimate

Floats = NDArray[np.float64]


def share_of(n_hits: float, n_rows: float, z: float = Z_95) -> Estimate:
    """Return a share with its Wilson interval; of no rows anything may be true.

    >>> found = share_of(8, 10)
    >>> found.value, round(found.low, 3), round(found.high, 3)
    (0.8, 0.49, 0.943)
    """
    if not n_rows:
        return Estimate(value=math.nan, low=0.0, high=1.0)
    share, slack = n_hits / n_rows, z**2 / n_rows
    middle = (share + slack / 2) / (1 + slack)
    half = z * math.sqrt(share * (1 - share) / n_rows + slack / (4 * n_rows)) / (1 + slack)
    return Estimate(value=share, low=min(share, max(0.0, middle - half)), high=max(share, min(1.0, middle + half)))


def share_in_groups(hits: NDArray[np.bool_], groups: NDArray[np.int64], z: float = Z_95) -> Estimate:
    """Return a share with the interval of whole groups, whose rows belong together; of one group nothing is known.

    >>> share_in_groups(np.array([True, True, False, False]), np.array([0, 0, 1, 1])).low
    0.0
    """
    share = float(hits.mean())
    off = np.bincount(groups, hits - share)
    off = off[np.bincount(groups) > 0]
    if len(off) < 2:
        return Estimate(value=share, low=0.0, high=1.0)
    half = z * math.sqrt(len(off) / (len(off) - 1) * float((off**2).sum())) / len(hits)
    return Estimate(value=share, low=max(0.0, share - half), high=min(1.0, share + half))


def mean_of(values: Floats, z: float = Z_95, *, lowest: float = -math.inf) -> Estimate:
    """Return a mean with its interval; `lowest`: what no mean can be below.

    >>> mean_of(np.array([1.0, 3.0, 1.0, 3.0]), z=2.0).high
    3.1547005383792515
    """
    value = float(values.mean())
    half = z * float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else math.inf
    return Estimate(value=value, low=max(lowest, value - half), high=value + half)


def loss_of(losses: Floats, z: float = Z_95, *, are_shares: bool) -> Estimate:
    """Return how wrong some answers are: the share of wrong ones, or the mean distance."""
    return share_of(float(losses.sum()), len(losses), z) if are_shares else mean_of(losses, z, lowest=0.0)


def of_100(share: float) -> str:
    """Write a share as a number of 100; only what is none or all reads as 0 or 100.

    >>> [of_100(share) for share in (0.0, 0.005, 0.5, 0.995, 1.0)]
    ['0', '< 1', '50', '> 99', '100']
    """
    if not math.isfinite(share):
        return "–"
    rounded = round(100 * share)
    if rounded == 0 and share > 0:
        return "< 1"
    if rounded == 100 and share < 1:
        return "> 99"
    return str(rounded)
