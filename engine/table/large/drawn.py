"""How the rows of a sample were drawn from those of a large table."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What is known of each row of a sample.

    `weight`: how many rows it stands for, on average 1; None where all were drawn with the same chance. `rows`: its
    place in the table. `level`: the place of its answer among those of the plan. `n_held`: the last so many rows are
    set aside for the score; `n_compared`: those just before them, for comparing what was trained on the sample with
    what was trained on all rows.
    """

    weight: NDArray[np.float64] | None
    rows: NDArray[np.int64]
    level: NDArray[np.int64]
    n_held: int
    n_compared: int

    def without(self, left_out: NDArray[np.bool_]) -> "Drawn":
        """Return what is known of the rows that remain.

        >>> drawn = Drawn(weight=None, rows=np.arange(5), level=np.zeros(5, int), n_held=2, n_compared=1)
        >>> drawn.without(np.array([False, True, False, False, True])).n_held
        1
        """
        first_held = len(self.rows) - self.n_held
        first_compared = first_held - self.n_compared
        return Drawn(
            weight=None if self.weight is None else self.weight[~left_out],
            rows=self.rows[~left_out],
            level=self.level[~left_out],
            n_held=self.n_held - int(left_out[first_held:].sum()),
            n_compared=self.n_compared - int(left_out[first_compared:first_held].sum()),
        )

    def save(self, path: Path) -> None:
        """Write a file that `load` reads."""
        weight = np.zeros(0) if self.weight is None else self.weight
        sizes = np.array([self.n_held, self.n_compared])
        np.savez(path, weight=weight, rows=self.rows, level=self.level, sizes=sizes)

    @staticmethod
    def load(path: Path) -> "Drawn":
        """Read what `save` wrote."""
        with np.load(path) as kept:
            n_held, n_compared = (int(n) for n in kept["sizes"])
            weight = kept["weight"] if len(kept["weight"]) else None
            return Drawn(weight=weight, rows=kept["rows"], level=kept["level"], n_held=n_held, n_compared=n_compared)
