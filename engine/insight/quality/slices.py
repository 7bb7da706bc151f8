"""Groups of rows where a model is clearly worse than elsewhere, found among all that single columns tell apart.

Some group is always worst. One is named only where chance would hardly make any group so bad: with the correction for
all groups looked at of Holm 1979, "A simple sequentially rejective multiple test procedure" (jstor.org/stable/4615733).
The intervals of the named ones are as wide as their selection asks for (Benjamini and Yekutieli 2005, "False discovery
rate-adjusted multiple confidence intervals for selected parameters", doi:10.1198/016214504000001907).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from engine.figures import figure
from engine.insight.quality.groups import Group
from engine.insight.quality.shares import loss_of, of_100
from engine.messages import Message, phrase
from engine.outcomes import Estimate

Floats = NDArray[np.float64]

CHANCE = 0.01  # that any group is named where there is none
WORSE = 1.2  # times the loss elsewhere; less is not worth a name
MOST_NAMED = 5
MOST_SHARED = 0.6  # of the rows of a group with those named before

WRONG_WHERE = phrase(
    "quality_slice_wrong",
    "Where {column} is {value}, the answer is wrong in {n} of 100 rows (between {low} and {high}), elsewhere "
    "in {rest}: {rows} rows.",
)
WRONG_WITHOUT = phrase(
    "quality_slice_wrong_without",
    "Where {column} has no value, the answer is wrong in {n} of 100 rows (between {low} and {high}), elsewhere "
    "in {rest}: {rows} rows.",
)
OFF_WHERE = phrase(
    "quality_slice_off",
    "Where {column} is {value}, the prediction is off by {n} on average (between {low} and {high}), elsewhere "
    "by {rest}: {rows} rows.",
)
OFF_WITHOUT = phrase(
    "quality_slice_off_without",
    "Where {column} has no value, the prediction is off by {n} on average (between {low} and {high}), elsewhere by "
    "{rest}: {rows} rows.",
)
NONE_WORSE = phrase(
    "quality_no_slice",
    "No group of rows was found where it is clearly worse than elsewhere, among {n} that single columns tell apart.",
)
NOTHING_TO_LOOK_AT = phrase(
    "quality_no_groups", "There are too few rows, or no columns, to look for groups where it is worse."
)


@dataclass(frozen=True, kw_only=True)
class Slice:
    """A group with its loss (share of wrong answers, or mean distance), that of all other rows, and how unlikely it is.

    `p`: how probable such a group is by chance, all groups looked at taken into account.
    """

    column: str
    value: str
    n_rows: int
    loss: Estimate
    elsewhere: float
    p: float
    said: Message


@dataclass(frozen=True, kw_only=True)
class Slices:
    """What was found among `n_looked_at` groups, the most unlikely first; `said`: in words, also where none was."""

    found: tuple[Slice, ...]
    n_looked_at: int
    said: tuple[Message, ...]


def find_slices(groups: Iterable[Group], losses: Floats, *, are_shares: bool) -> Slices:
    """Find the groups where losses are clearly higher. `are_shares`: losses are 1 for a wrong answer, else 0."""
    every = list(groups)
    if not every:
        return Slices(found=(), n_looked_at=0, said=(NOTHING_TO_LOOK_AT(),))
    corrected = holm(_p_values(every, losses, are_shares=are_shares))
    named: list[tuple[Group, float]] = []
    taken = np.zeros(len(losses), dtype=bool)
    for place in np.argsort(corrected, kind="stable"):
        group, p = every[place], corrected[place]
        if p > CHANCE or len(named) == MOST_NAMED:
            break
        if _is_worse(group, losses) and taken[group.rows].mean() <= MOST_SHARED:
            named.append((group, p))
            taken[group.rows] = True
    z = NormalDist().inv_cdf(1 - 0.025 * max(1, len(named)) / len(every))
    found = tuple(_slice(group, losses, p, z, are_shares=are_shares) for group, p in named)
    said = tuple(each.said for each in found) or (NONE_WORSE(n=len(every)),)
    return Slices(found=found, n_looked_at=len(every), said=said)


def _p_values(groups: Sequence[Group], losses: Floats, *, are_shares: bool) -> list[float]:
    """Return how probable it is that rows drawn at random are as bad: their number of mistakes, or sum of ranks."""
    n_all = len(losses)
    if are_shares:
        n_wrong = int(losses.sum())
        return [at_least(int(losses[each.rows].sum()), len(each.rows), n_wrong, n_all) for each in groups]
    ranks = ranked(losses)
    spread = float(ranks.var(ddof=1))
    return [_above(float(ranks[each.rows].sum()), len(each.rows), n_all, spread) for each in groups]


def ranked(values: Floats) -> Floats:
    """Return the places of values in their order, from 1; equal ones share the middle of theirs.

    >>> ranked(np.array([5.0, 1.0, 5.0])).tolist()
    [2.5, 1.0, 2.5]
    """
    _values, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[place], np.float64)


def _above(total: float, n: int, n_all: int, spread: float) -> float:
    error = math.sqrt(n * (n_all - n) / n_all * spread)
    return 0.5 * math.erfc((total - n * (n_all + 1) / 2) / error / math.sqrt(2)) if error else 1.0


def at_least(n_hits: int, n_drawn: int, n_marked: int, n_all: int) -> float:
    """Return the chance to draw at least so many marked ones.

    >>> round(at_least(2, 2, 2, 4), 6)
    0.166667
    """
    from scipy.special import gammaln

    def choose(n: int, k: Floats) -> Floats:
        return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))

    k = np.arange(n_hits, min(n_drawn, n_marked) + 1, dtype=np.float64)
    k = k[n_drawn - k <= n_all - n_marked]
    whole = choose(n_all, np.array([float(n_drawn)]))
    chances = np.exp(choose(n_marked, k) + choose(n_all - n_marked, n_drawn - k) - whole)
    return float(min(1.0, chances.sum()))


def holm(p_values: Sequence[float]) -> Floats:
    """Correct chances for how many there are.

    >>> holm([0.04, 0.01, 0.5]).tolist()
    [0.08, 0.03, 0.5]
    """
    order = np.argsort(p_values, kind="stable")
    times = np.arange(len(order), 0, -1)
    corrected = np.empty(len(order))
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(np.asarray(p_values)[order] * times))
    return corrected


def _elsewhere(group: Group, losses: Floats) -> float:
    return float((losses.sum() - losses[group.rows].sum()) / (len(losses) - len(group.rows)))


def _is_worse(group: Group, losses: Floats) -> bool:
    return bool(losses[group.rows].mean() >= WORSE * _elsewhere(group, losses))


def _slice(group: Group, losses: Floats, p: float, z: float, *, are_shares: bool) -> Slice:
    loss, rest = loss_of(losses[group.rows], z, are_shares=are_shares), _elsewhere(group, losses)
    write = of_100 if are_shares else figure
    facts: dict[str, str | int] = {"column": group.column, "rest": write(rest), "rows": len(group.rows)}
    facts |= {"n": write(loss.value), "low": write(loss.low), "high": write(loss.high)}
    if group.value:
        said = (WRONG_WHERE if are_shares else OFF_WHERE)(**facts, value=group.value)
    else:
        said = (WRONG_WITHOUT if are_shares else OFF_WITHOUT)(**facts)
    return Slice(
        column=group.column,
        value=group.value,
        n_rows=len(group.rows),
        loss=loss,
        elsewhere=rest,
        p=float(p),
        said=said,
    )
