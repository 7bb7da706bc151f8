"""Figures of a column that are added up block by block: how many values differ, the middle, what comes often."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Hashes = NDArray[np.uint64]

MOST_HASHES = 1 << 14
MOST_LEVELS = 50_000


@dataclass(kw_only=True)
class Distinct:
    """Estimates how many values differ by the smallest of their hashes (Bar-Yossef and others 2002).

    Up to 16,384 different values the count is exact, beyond it is off by 0.8 % as a rule.

    >>> seen = Distinct()
    >>> seen.add(np.array([5, 7, 5], np.uint64)); seen.estimate
    2
    """

    hashes: Hashes = field(default_factory=lambda: np.zeros(0, np.uint64))

    def add(self, hashes: Hashes) -> None:
        """Take note of the hashes of further values."""
        if len(self.hashes) == MOST_HASHES:
            hashes = hashes[hashes < self.hashes[-1]]
        if len(hashes):
            ordered = np.sort(np.concatenate([self.hashes, hashes]))  # quicker here than to ask which are unique
            self.hashes = ordered[np.append(True, ordered[1:] != ordered[:-1])][:MOST_HASHES]

    @property
    def estimate(self) -> int:
        """The number of different values."""
        if len(self.hashes) < MOST_HASHES:
            return len(self.hashes)
        return round((MOST_HASHES - 1) * 2.0**64 / float(self.hashes[-1]))


@dataclass(kw_only=True)
class Ranks:
    """Counts how many numbers lie below and up to some edges: the smallest, the largest, and about the middle.

    `edges`: in order, best where a sample has equally many numbers between each two of them.
    """

    edges: Floats
    below: NDArray[np.int64] = field(init=False)
    up_to: NDArray[np.int64] = field(init=False)
    n: int = 0
    least: float = np.inf
    most: float = -np.inf

    def __post_init__(self) -> None:
        self.below, self.up_to = np.zeros(len(self.edges), np.int64), np.zeros(len(self.edges), np.int64)

    def add(self, ordered: Floats) -> None:
        """Take note of further numbers, which are in order."""
        if len(ordered):
            self.below += np.searchsorted(ordered, self.edges, side="left")
            self.up_to += np.searchsorted(ordered, self.edges, side="right")
            self.n += len(ordered)
            self.least, self.most = min(self.least, float(ordered[0])), max(self.most, float(ordered[-1]))

    def add_other(self, other: "Ranks") -> None:
        """Take in what was counted elsewhere with the same edges."""
        self.below += other.below
        self.up_to += other.up_to
        self.n += other.n
        self.least, self.most = min(self.least, other.least), max(self.most, other.most)

    @property
    def median(self) -> float:
        """The middle: exact where a number at an edge holds it, else between two edges."""
        values, counts = self._steps()
        return float(np.interp(self.n / 2, counts, values))

    def histogram(self, n_bins: int) -> tuple[int, ...]:
        """Count numbers in equal steps from the smallest to the largest; between edges as if they lay evenly."""
        values, counts = self._steps()
        ends = np.linspace(self.least, self.most, n_bins + 1)
        at = np.searchsorted(values, ends, side="left")  # of equal ones the first: how many lie below
        after = np.clip(at, 0, len(values) - 1)
        before = np.maximum(after - 1, 0)
        width = np.maximum(values[after] - values[before], np.finfo(np.float64).tiny)
        share = np.clip((ends - values[before]) / width, 0.0, 1.0)
        found = counts[before] + share * (counts[after] - counts[before])
        found[0], found[-1] = 0, self.n
        return tuple(int(n) for n in np.diff(np.rint(found)))

    def _steps(self) -> tuple[Floats, Floats]:
        """Return points of how many numbers lie below each: two for an edge, because many may be equal to it."""
        values = np.concatenate([[self.least], np.repeat(self.edges, 2), [self.most]])
        counts = np.concatenate([[0], np.column_stack([self.below, self.up_to]).ravel(), [self.n]])
        return values, counts.astype(np.float64)


@dataclass(kw_only=True)
class Often:
    """Counts levels; of very many only those that have come most often so far."""

    counts: dict[str | float, int] = field(default_factory=dict)

    def add(self, texts: pa.Array) -> None:
        """Take note of further cells."""
        found = texts.value_counts()
        values = zip(found.field("values").to_pylist(), found.field("counts").to_pylist(), strict=True)
        self.add_counts({value: n for value, n in values if value is not None})

    def add_counts(self, counts: dict[str | float, int]) -> None:
        """Take in what was counted elsewhere."""
        for value, n in counts.items():
            self.counts[value] = self.counts.get(value, 0) + n
        if len(self.counts) > 2 * MOST_LEVELS:
            self.counts = dict(sorted(self.counts.items(), key=lambda pair: -pair[1])[:MOST_LEVELS])

    def top(self, n: int) -> list[tuple[str | float, int]]:
        """Return the levels that come most often."""
        return sorted(self.counts.items(), key=lambda pair: (-pair[1], str(pair[0])))[:n]


def number_hashes(numbers: Floats) -> Hashes:
    """Return a hash for each number."""
    return np.asarray(pd.util.hash_array(numbers), np.uint64)


def level_hashes(texts: pa.Array) -> Hashes:
    """Return a hash for each different text."""
    levels = texts.unique().drop_null()
    return np.asarray(
        pd.util.hash_array(levels.to_numpy(zero_copy_only=False).astype(object), categorize=False), np.uint64
    )
