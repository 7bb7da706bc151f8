"""Of predicted numbers: how far off they are, for small and large answers, and whether ranges hold their word."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.figures import figure
from engine.insight.quality.shares import mean_of, of_100, share_in_groups, share_of
from engine.messages import Message, phrase
from engine.outcomes import Estimate

Floats = NDArray[np.float64]

MOST_POINTS = 1_000
N_PARTS = 5
LEAST_ROWS = 20  # of a part

TOO_LOW_AT_TOP = phrase(
    "quality_too_low_at_top",
    "Where {target} is highest, above {edge}, predictions are too low by {value} on average.",
)
TOO_HIGH_AT_TOP = phrase(
    "quality_too_high_at_top",
    "Where {target} is highest, above {edge}, predictions are too high by {value} on average.",
)
LEVEL_AT_TOP = phrase(
    "quality_level_at_top",
    "Where {target} is highest, above {edge}, predictions are neither too low nor too high by more than chance.",
)
HOLDS = phrase(
    "quality_interval_holds",
    "The true answer lies within the predicted range in {n} of 100 rows (between {low} and {high}), as promised: "
    "{wanted}.",
)
HOLDS_LESS = phrase(
    "quality_interval_holds_less",
    "The true answer lies within the predicted range in {n} of 100 rows (between {low} and {high}), less often than "
    "promised: {wanted}.",
    "Count on wider ranges than it says.",
)
HOLDS_MORE = phrase(
    "quality_interval_holds_more",
    "The true answer lies within the predicted range in {n} of 100 rows (between {low} and {high}), more often than "
    "promised: {wanted}. The ranges are wider than they need be.",
)


@dataclass(frozen=True, kw_only=True)
class Part:
    """Rows whose answers lie from `low` to `high`: how far off predictions are (`error`), and to which side (`bias`).

    `bias` above 0: they are too high.
    """

    low: float
    high: float
    n_rows: int
    error: Estimate
    bias: Estimate


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """`actual`, `predicted`: some of the rows, at random. `parts`: by the size of the answer, the smallest first.

    `within`: the share of rows whose answer lies in its interval; `wanted`: the promise; None without intervals.
    """

    actual: tuple[float, ...]
    predicted: tuple[float, ...]
    parts: tuple[Part, ...]
    within: Estimate | None
    wanted: float | None
    said: tuple[Message, ...]


def off_by(
    y: Floats,
    predicted: Floats,
    target: str,
    *,
    ends: tuple[Floats, Floats] | None = None,
    wanted: float | None = None,
    groups: NDArray[np.int64] | None = None,
    seed: int = 0,
) -> Numbers:
    """Compare true and predicted numbers; `ends`: of ranges that promise to hold a share `wanted`.

    `groups`: of rows that belong together; None where each stands for itself.
    """
    chosen = np.sort(np.random.default_rng(seed).permutation(len(y))[:MOST_POINTS])
    parts = by_size(y, predicted)
    said = [_at_top(parts, target)] if parts else []
    within = None
    if ends is not None and wanted is not None:
        held = (y >= ends[0]) & (y <= ends[1])
        within = share_of(int(held.sum()), len(y)) if groups is None else share_in_groups(held, groups)
        facts = {"n": of_100(within.value), "low": of_100(within.low), "high": of_100(within.high)}
        say = HOLDS_LESS if within.high < wanted else HOLDS_MORE if within.low > wanted else HOLDS
        said.append(say(**facts, wanted=of_100(wanted)))
    return Numbers(
        actual=tuple(float(value) for value in y[chosen]),
        predicted=tuple(float(value) for value in predicted[chosen]),
        parts=parts,
        within=within,
        wanted=wanted if within is not None else None,
        said=tuple(said),
    )


def by_size(y: Floats, predicted: Floats) -> tuple[Part, ...]:
    """Divide rows into equally many by the size of the answer; none where there are too few rows for two parts.

    >>> [part.bias.value for part in by_size(np.arange(100.0), np.full(100, 49.5))]
    [40.0, 20.0, 0.0, -20.0, -40.0]
    """
    n_parts = min(N_PARTS, len(y) // LEAST_ROWS)
    edges = np.unique(np.quantile(y, np.linspace(0, 1, n_parts + 1))) if n_parts >= 2 else np.zeros(0)
    if len(edges) < 3:
        return ()
    place = np.clip(np.searchsorted(edges, y, "left") - 1, 0, len(edges) - 2)
    parts = []
    for each in np.unique(place):
        rows = np.flatnonzero(place == each)
        apart = predicted[rows] - y[rows]
        parts.append(
            Part(
                low=float(y[rows].min()),
                high=float(y[rows].max()),
                n_rows=len(rows),
                error=mean_of(np.abs(apart), lowest=0.0),
                bias=mean_of(apart),
            )
        )
    return tuple(parts)


def _at_top(parts: tuple[Part, ...], target: str) -> Message:
    top = parts[-1]
    edge, value = figure(parts[-2].high), figure(abs(top.bias.value))
    if top.bias.low <= 0 <= top.bias.high:  # the interval that is shown beside it: they must not contradict each other
        return LEVEL_AT_TOP(target=target, edge=edge)
    return (TOO_HIGH_AT_TOP if top.bias.value > 0 else TOO_LOW_AT_TOP)(target=target, edge=edge, value=value)
