"""A number between 0 and 1 for each row of a table, the same whenever and in whatever blocks it is asked for."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_STEP, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def chances(first: int, n_rows: int, seed: int, purpose: str) -> Floats:
    """Return the numbers of rows that follow each other; other purposes get others.

    >>> bool((chances(5, 2, 0, "a") == chances(0, 7, 0, "a")[5:]).all()), bool(chances(0, 1000, 0, "b").mean() < 0.6)
    (True, True)
    """
    start = (seed * 0x2545F4914F6CDD1D + sum(letter * 257**i for i, letter in enumerate(purpose.encode()))) % 2**64
    return mixed(np.arange(first, first + n_rows, dtype=np.uint64) * np.uint64(_STEP) + np.uint64(start))


def mixed(keys: NDArray[np.uint64]) -> Floats:
    """Turn keys into numbers that look drawn at random: the finaliser of SplitMix64 (Steele, Lea and Flood 2014)."""
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(_FIRST)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(_SECOND)
    return np.asarray((keys ^ (keys >> np.uint64(31))) >> np.uint64(11), np.float64) / 2.0**53
