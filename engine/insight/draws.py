"""Draws rows anew, to see how far a score would move: single rows, or whole groups where rows belong together.

Rows of one person, shop or flight are wrong together. Drawn one by one they pretend to say more than they do, so whole
groups are drawn (the cluster bootstrap; Davison and Hinkley 1997, "Bootstrap Methods and their Application", 3.8).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]

MOST_DRAWN_ROWS = 5_000
LEAST_DRAWN_GROUPS = 50
MOST_GROUPED_ROWS = 15_000  # in a draw, where single groups are large
_NORMAL_END = 1.959964


@dataclass(frozen=True, kw_only=True)
class Draws:
    """How rows are drawn anew. `groups`: the group of each row; None, or a single group, draws single rows.

    Above 5,000 rows each draw takes about 5,000 of them: the spread of a mean shrinks with the square root of the
    number of rows, so a smaller draw, scaled back by that root, tells as much in a fraction of the time.
    """

    n_rows: int
    groups: NDArray[np.generic] | None = None

    @cached_property
    def codes(self) -> Rows | None:
        """The group of each row, counted from 0; None where single rows are drawn."""
        if self.groups is None:
            return None
        codes = np.unique(self.groups, return_inverse=True)[1].astype(np.int64)
        return codes if codes.max(initial=0) else None

    @property
    def n_units(self) -> int:
        """What is drawn: the number of groups, or of rows."""
        return self.n_rows if self._members is None else len(self._members[1])

    @property
    def are_groups(self) -> bool:
        """Whether whole groups are drawn."""
        return self._members is not None

    @property
    def scale(self) -> float:
        """By how much to stretch what draws differ by.

        A few groups vary less among themselves than groups to come: by Student's t as for a mean of so many.
        """
        if not self.are_groups:
            return math.sqrt(self._n_drawn / self.n_rows)
        from scipy.stats import t

        n = self.n_units
        few = math.sqrt(n / (n - 1)) * float(t.ppf(0.975, n - 1)) / _NORMAL_END
        return few * math.sqrt(self._n_drawn / n)

    def rows(self, seed: int, n_draws: int) -> Iterator[Rows]:
        """Yield the rows of each draw.

        >>> drawn = next(Draws(n_rows=4, groups=np.array([7, 7, 9, 9])).rows(seed=0, n_draws=1))
        >>> drawn.tolist()
        [2, 3, 2, 3]
        """
        random = np.random.default_rng(seed)
        if self._members is None:
            for _draw in range(n_draws):
                yield random.integers(0, self.n_rows, self._n_drawn)
            return
        order, sizes = self._members
        starts = np.cumsum(sizes) - sizes
        share = min(1.0, MOST_GROUPED_ROWS * len(sizes) / (self._n_drawn * self.n_rows))
        for _draw in range(n_draws):
            drawn = random.integers(0, len(sizes), self._n_drawn)
            n = sizes[drawn]
            places = np.repeat(starts[drawn] - (np.cumsum(n) - n), n) + np.arange(n.sum())
            rows = order[places]
            yield rows if share == 1.0 else rows[random.random(len(rows)) < share]

    @cached_property
    def _members(self) -> tuple[Rows, Rows] | None:
        """The rows group by group, and the size of each group."""
        if self.codes is None:
            return None
        return np.argsort(self.codes, kind="stable"), np.bincount(self.codes).astype(np.int64)

    @property
    def _n_drawn(self) -> int:
        if self._members is None:
            return min(self.n_rows, MOST_DRAWN_ROWS)
        n = len(self._members[1])
        return min(n, max(LEAST_DRAWN_GROUPS, math.ceil(MOST_DRAWN_ROWS * n / self.n_rows)))
