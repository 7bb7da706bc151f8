"""Finds percentages beside bare fractions of one, such as 61% and 0.83, in one column."""

from collections.abc import Sequence
from enum import Enum

import numpy as np

_MOST_OTHERS = 0.05  # fractions of one percent are rare among percentages
_FEWEST = 0.02


class Fractions(Enum):
    """What bare numbers beside percentages are."""

    PERCENTAGES = "percentages"  # only the sign was left out
    OF_ONE = "of one"
    UNSURE = "unsure"


def judge_bare(percentages: Sequence[float], bare: Sequence[float]) -> Fractions:
    """Judge from the numbers with a percent sign and those without any.

    >>> judge_bare([61, 47, 14], [0.83, 0.52]), judge_bare([61, 47, 14], [83, 52]), judge_bare([61, 47], [0.83, 52])
    (<Fractions.OF_ONE: 'of one'>, <Fractions.PERCENTAGES: 'percentages'>, <Fractions.UNSURE: 'unsure'>)
    """
    signed, others = np.abs(np.array(percentages, np.float64)), np.abs(np.array(bare, np.float64))
    others = others[np.isfinite(others) & (others > 0)]  # nothing is nothing in both
    signed = signed[np.isfinite(signed) & (signed > 0)]
    broken = (others < 1).sum()
    if not len(signed) or broken <= _FEWEST * len(others):
        return Fractions.PERCENTAGES
    if (others <= 1).all() and (signed <= 1).mean() <= _MOST_OTHERS:
        return Fractions.OF_ONE
    # Percentages that are small themselves, as rates of interest are: nothing speaks for another scale.
    if np.median(signed) < 2:
        return Fractions.PERCENTAGES if (others > 1).any() else Fractions.UNSURE
    return Fractions.UNSURE
