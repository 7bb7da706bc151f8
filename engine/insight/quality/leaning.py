"""Of predicted numbers: with which columns the errors bend, too high here and too low there.

Rows are put into groups by each column in turn, and the mean errors of the groups compared by the test of Welch 1951,
"On the comparison of several mean values" (doi:10.1093/biomet/38.3-4.330), which lets groups be unequally noisy.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from engine.figures import figure
from engine.insight.quality.groups import Group
from engine.insight.quality.shares import mean_of
from engine.insight.quality.slices import holm
from engine.messages import Message, phrase
from engine.outcomes import Estimate

Floats = NDArray[np.float64]

CHANCE = 0.01
WORTH, WORTH_IN_ALL = 0.1, 0.2  # of the average error: a smaller bend, or of all rows, is nothing to act on
MOST_GROUPS = 12  # of a column
FEWEST = 30  # rows, to say anything of all of them
MOST_COLUMNS = 20  # that are kept, the most bent first
MOST_SAID = 5  # of them

TOO_HIGH = phrase(
    "quality_leans_high",
    "Where {column} is {value}, predictions are too high by {n} on average (between {low} and {high}): {rows} rows.",
)
TOO_HIGH_WITHOUT = phrase(
    "quality_leans_high_without",
    "Where {column} has no value, predictions are too high by {n} on average (between {low} and {high}): {rows} rows.",
)
TOO_LOW = phrase(
    "quality_leans_low",
    "Where {column} is {value}, predictions are too low by {n} on average (between {low} and {high}): {rows} rows.",
)
TOO_LOW_WITHOUT = phrase(
    "quality_leans_low_without",
    "Where {column} has no value, predictions are too low by {n} on average (between {low} and {high}): {rows} rows.",
)
ALL_TOO_HIGH = phrase(
    "quality_leans_all_high",
    "On the whole its predictions are too high, by {n} on average (between {low} and {high}).",
    "Look whether the rows that judge it differ from those that it learnt from, in time for example.",
)
ALL_TOO_LOW = phrase(
    "quality_leans_all_low",
    "On the whole its predictions are too low, by {n} on average (between {low} and {high}).",
    "Look whether the rows that judge it differ from those that it learnt from, in time for example.",
)
LEVEL = phrase(
    "quality_leans_nowhere",
    "With none of {n} columns do predictions become too high here and too low there by more than chance would make.",
)
NOTHING = phrase("quality_leans_unknown", "There are too few rows, or no columns, to look for bends of the errors.")


@dataclass(frozen=True, kw_only=True)
class Bin:
    """Rows with one value, or with values from here to there; `value` is empty for rows without one.

    `bias`: the mean of prediction less truth, above 0 where predictions are too high.
    """

    value: str
    n_rows: int
    bias: Estimate


@dataclass(frozen=True, kw_only=True)
class Bend:
    """How errors lie along a column.

    `share`: of the variance of the errors that its groups explain. `p`: how probable that is by chance, all columns
    taken into account. `said`: where predictions are too high and too low; empty where it may be chance, or a trifle.
    """

    column: str
    share: float
    p: float
    bins: tuple[Bin, ...]
    said: tuple[Message, ...]


@dataclass(frozen=True, kw_only=True)
class Leaning:
    """The columns that were looked at, the most bent first, and what is to be said of them, also where nothing is."""

    columns: tuple[Bend, ...]
    n_looked_at: int
    said: tuple[Message, ...]


def find_bends(groups: Iterator[Group], errors: Floats) -> Leaning:
    """Look for columns along which errors bend. `errors`: prediction less truth; `groups`: column by column."""
    divided = [(name, _largest(list(some))) for name, some in groupby(groups, key=lambda group: group.column)]
    divided = [(name, some) for name, some in divided if len(some) > 1]
    whole = _on_the_whole(errors)
    if not divided:
        return Leaning(columns=(), n_looked_at=0, said=(*whole, NOTHING()))
    corrected = holm([welch([errors[group.rows] for group in some]) for _name, some in divided])
    z = NormalDist().inv_cdf(1 - 0.025 / sum(len(some) for _name, some in divided))
    typical = float(np.abs(errors).mean())
    found = [
        _bend(name, some, errors, float(p), z, typical) for (name, some), p in zip(divided, corrected, strict=True)
    ]
    found.sort(key=lambda bend: (not bend.said, -bend.share))
    said = tuple(message for bend in found[:MOST_SAID] for message in bend.said)
    said = (*whole, *(said or (LEVEL(n=len(found)),)))
    return Leaning(columns=tuple(found[:MOST_COLUMNS]), n_looked_at=len(found), said=said)


def welch(parts: Sequence[Floats]) -> float:
    """Return how probable it is that means differ so much by chance; 1 where a part does not vary at all.

    >>> welch([np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0])])
    1.0
    """
    from scipy.stats import f

    n = np.array([len(part) for part in parts], np.float64)
    means, variances = np.array([part.mean() for part in parts]), np.array([part.var(ddof=1) for part in parts])
    if not (variances > 0).all():
        return 1.0
    k, weight = len(parts), n / variances
    middle = float((weight * means).sum() / weight.sum())
    between = float((weight * (means - middle) ** 2).sum()) / (k - 1)
    lost = float(((1 - weight / weight.sum()) ** 2 / (n - 1)).sum())
    free = (k**2 - 1) / (3 * lost)
    return float(f.sf(between / (1 + 2 * (k - 2) * lost / (k**2 - 1)), k - 1, free))


def _largest(groups: list[Group]) -> list[Group]:
    """Return the largest groups of a column, in the order in which they were."""
    kept = sorted(groups, key=lambda group: -len(group.rows))[:MOST_GROUPS]
    return [group for group in groups if any(group is each for each in kept)]


def _bend(name: str, groups: Sequence[Group], errors: Floats, p: float, z: float, typical: float) -> Bend:
    every = np.concatenate([errors[group.rows] for group in groups])
    middle = float(every.mean())
    between = sum(len(group.rows) * (float(errors[group.rows].mean()) - middle) ** 2 for group in groups)
    whole = float(((every - middle) ** 2).sum())
    sure = [(group, mean_of(errors[group.rows], z)) for group in groups]
    ends = (max(sure, key=lambda pair: pair[1].value), min(sure, key=lambda pair: pair[1].value))
    said = [_said(group, bias) for group, bias in ends if _leans(bias, typical)]
    return Bend(
        column=name,
        share=between / whole if whole > 0 else 0.0,
        p=p,
        bins=tuple(
            Bin(value=group.value, n_rows=len(group.rows), bias=mean_of(errors[group.rows])) for group in groups
        ),
        said=tuple(said) if p <= CHANCE else (),
    )


def _leans(bias: Estimate, typical: float, worth: float = WORTH) -> bool:
    return max(bias.low, -bias.high) > 0 and abs(bias.value) >= worth * typical


def _on_the_whole(errors: Floats) -> tuple[Message, ...]:
    """Say whether all predictions together are too high or too low; nothing where that may be chance, or a trifle."""
    if len(errors) < FEWEST:
        return ()
    bias = mean_of(errors, NormalDist().inv_cdf(1 - CHANCE / 2))
    if not _leans(bias, float(np.abs(errors).mean()), WORTH_IN_ALL):
        return ()
    return ((ALL_TOO_HIGH if bias.value > 0 else ALL_TOO_LOW)(**_size(bias)),)


def _said(group: Group, bias: Estimate) -> Message:
    facts: dict[str, str | int] = {"column": group.column, "rows": len(group.rows), **_size(bias)}
    if group.value:
        return (TOO_HIGH if bias.value > 0 else TOO_LOW)(**facts, value=group.value)
    return (TOO_HIGH_WITHOUT if bias.value > 0 else TOO_LOW_WITHOUT)(**facts)


def _size(bias: Estimate) -> dict[str, str]:
    near, far = sorted((abs(bias.low), abs(bias.high)))
    return {"n": figure(abs(bias.value)), "low": figure(near), "high": figure(far)}
