"""Which family to search next: the one whose next candidate promises most, per second where seconds count.

MaxUCB (a bandit for the best single pull, not for the best mean): what a family has reached, plus a bonus that falls
with the square of how often it was tried.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

EXPLORATION = 0.5  # small: the leading family should get most of the trials


@dataclass(frozen=True, kw_only=True)
class Arm:
    """What is known of a family. `losses`: of all its candidates; `seconds`: what those took whose time counts."""

    losses: tuple[float, ...] = ()
    n_tried: int = 0
    seconds: tuple[float, ...] = ()


def arms_in_order(arms: Mapping[str, Arm]) -> list[str]:
    """Return the families, the most promising first; those that were never tried come before all others.

    What a family may gain over the best so far is divided by the seconds that its candidates take, if all are known.

    >>> tried = {"slow": Arm(losses=(0.2,), n_tried=9), "poor": Arm(losses=(0.4,), n_tried=9)}
    >>> arms_in_order(tried)
    ['slow', 'poor']
    """
    known = {key: min(arm.losses) for key, arm in arms.items() if arm.losses}
    low, high = min(known.values(), default=0.0), max(known.values(), default=0.0)
    total = sum(arm.n_tried for arm in arms.values())
    timed = all(arm.seconds for key, arm in arms.items() if key in known)

    def promise(key: str) -> tuple[float, float]:
        arm = arms[key]
        if not arm.losses:
            # All of its candidates failed, or it has had none yet.
            return (math.inf, 0.0) if not arm.n_tried else (-math.inf, 0.0)
        merit = (high - known[key]) / (high - low) if high > low else 1.0
        gain = merit - 1.0 + (EXPLORATION * math.log(total + 1) / max(1, arm.n_tried)) ** 2
        return (gain / max(1e-3, fmean(arm.seconds)) if timed and gain > 0 else gain, merit)

    return sorted(arms, key=promise, reverse=True)
