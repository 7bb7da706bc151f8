"""How sure an area under the ROC curve is, without drawing a single sample.

DeLong, DeLong and Clarke-Pearson 1988, "Comparing the areas under two or more correlated receiver operating
characteristic curves: a nonparametric approach", Biometrics 44:837-845 (doi:10.2307/2531595); in n log n steps as in
Sun and Xu 2014, "Fast implementation of DeLong's algorithm" (doi:10.1109/LSP.2014.2337313). The interval is made on the
log-odds of the area, where it is more even: an area near 1 has no room above it.
"""

import math

import numpy as np
from numpy.typing import NDArray

from engine.outcomes import Estimate

Floats = NDArray[np.float64]

Z_95 = 1.959964
_HIDDEN = 3.0  # the rule of three: so many mistakes in n rows may hide where none was seen


def delong(hit: NDArray[np.bool_], score: Floats) -> tuple[float, float]:
    """Return the area under the ROC curve and its variance; NaN for the variance with fewer than 2 rows of a kind.

    >>> delong(np.array([True, True, False, False]), np.array([0.9, 0.4, 0.4, 0.1]))
    (0.875, 0.03125)
    """
    hits, misses = np.sort(score[hit]), np.sort(score[~hit])
    if not len(hits) or not len(misses):
        return math.nan, math.nan
    above = share_below(misses, hits)  # of each hit: the share of misses that it beats, a tie counting half
    below = 1.0 - share_below(hits, misses)
    area = float(above.mean())
    if len(hits) < 2 or len(misses) < 2:
        return area, math.nan
    return area, float(above.var(ddof=1) / len(hits) + below.var(ddof=1) / len(misses))


def area_interval(value: float, hit: NDArray[np.bool_], score: Floats) -> Estimate | None:
    """Return the 95 % interval around an area that is known; None where DeLong's variance cannot be had."""
    area, variance = delong(hit, score)
    if not math.isfinite(variance):
        return None
    if area in {0.0, 1.0}:
        return without_mistakes(value, int(min(hit.sum(), (~hit).sum())))
    return around(value, area, math.sqrt(variance), Z_95)


def around(value: float, area: float, error: float, z: float) -> Estimate:
    """Return the interval of so many standard errors on either side, on the log-odds of an area that is not 0 or 1.

    `value`: the area as its metric rounds it.
    """
    half = z * error / (area * (1.0 - area))
    middle = math.log(area / (1.0 - area))
    return Estimate(value=value, low=min(value, _share(middle - half)), high=max(value, _share(middle + half)))


def without_mistakes(value: float, n: int) -> Estimate:
    """Return the interval of an area of 1, or of 0, by the rule of three: mistakes may hide that none of n has made."""
    hidden = min(1.0, _HIDDEN / n)
    return Estimate(value=value, low=max(0.0, value - hidden), high=min(1.0, value + hidden))


def share_below(ordered: Floats, values: Floats) -> Floats:
    """Return for each value the share of the others below it, those equal to it counting half."""
    before, until = np.searchsorted(ordered, values, "left"), np.searchsorted(ordered, values, "right")
    return np.asarray((before + until) / (2.0 * len(ordered)))


def _share(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-min(max(log_odds, -700.0), 700.0)))
