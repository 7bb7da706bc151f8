"""What the learned model knows of a column: a few counts, statistics and the first values."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.table.columns.judgement import Levels
from engine.table.rules import plain_numbers

N_SAMPLES = 5
_LONGEST_SAMPLE = 400
_FIRST_LEVELS = 100  # enough to see that a column holds no numbers
_MOST_LEVELS = 20_000  # statistics of more levels are taken from levels at equal distances


@dataclass(frozen=True, kw_only=True)
class ColumnFacts:
    """The facts of one column.

    `n_distinct` counts values, missing ones aside. The statistics are NaN unless every value is a plain number.
    `samples`: the first distinct values, at most five, none of them missing.
    """

    name: str
    n_rows: int
    n_missing: int
    n_distinct: int
    mean: float = math.nan
    std: float = math.nan
    minimum: float = math.nan
    maximum: float = math.nan
    samples: tuple[str, ...] = ()

    @property
    def n_filled(self) -> int:
        """The number of rows with a value."""
        return max(self.n_rows - self.n_missing, 0)

    @property
    def is_number(self) -> bool:
        """Whether every value is a plain number."""
        return not math.isnan(self.mean)


def first_samples(values: Sequence[str]) -> tuple[str, ...]:
    """Return the first distinct values, cut to a bearable length.

    >>> first_samples(["b", "a", "b", "c"])
    ('b', 'a', 'c')
    """
    seen = dict.fromkeys(value.strip()[:_LONGEST_SAMPLE] for value in values)
    return tuple(value for value in seen if value)[:N_SAMPLES]


def facts_of(levels: Levels) -> ColumnFacts:
    """Return the facts of real cells.

    >>> import pandas as pd
    >>> from engine.table.columns.levels import levels_of
    >>> levels = levels_of(pd.Series(["1", "3", "3", "?"], dtype="str"), "size")
    >>> facts = facts_of(levels)
    >>> facts.mean, facts.n_missing, facts.samples
    (2.3333333333333335, 1, ('1', '3'))
    """
    step = max(-(-levels.n // _MOST_LEVELS), 1)
    numbers = plain_numbers(levels.texts.iloc[:_FIRST_LEVELS])
    if not len(numbers) or np.isnan(numbers).any():
        return _without_statistics(levels)
    numbers, counts = plain_numbers(levels.texts.iloc[::step]), levels.counts[::step]
    if not np.isfinite(numbers).all():
        return _without_statistics(levels)
    mean = float(np.average(numbers, weights=counts))
    std = float(np.sqrt(np.average((numbers - mean) ** 2, weights=counts)))
    return replace(
        _without_statistics(levels), mean=mean, std=std, minimum=float(numbers.min()), maximum=float(numbers.max())
    )


def _without_statistics(levels: Levels) -> ColumnFacts:
    return ColumnFacts(
        name=levels.name,
        n_rows=levels.n_rows,
        n_missing=levels.n_rows - levels.n_filled,
        n_distinct=levels.n,
        samples=first_samples([str(text) for text in levels.texts.iloc[: 2 * N_SAMPLES].tolist()]),
    )
