"""Whether probabilities mean what they say: of rows with one of 30 %, 30 of 100 should have the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from engine.insight.quality.shares import of_100, share_of
from engine.messages import Message, Phrase, phrase
from engine.outcomes import Estimate

Floats = NDArray[np.float64]

MOST_BINS = 10
LEAST_ROWS = 30  # of a bin

FITS = phrase(
    "quality_calibrated",
    "Its probabilities mean what they say: of the rows with a probability of about {chance} of 100, {share} of 100 "
    "have the answer {answer}; nowhere does it differ by more than chance explains.",
)
TOO_HIGH = phrase(
    "quality_chances_too_high",
    "Probabilities are too high: where it says about {chance} of 100, {share} of 100 have the answer {answer}.",
    "Use them to put rows in order; for money, choose a threshold.",
)
TOO_LOW = phrase(
    "quality_chances_too_low",
    "Probabilities are too low: where it says about {chance} of 100, {share} of 100 have the answer {answer}.",
    "Use them to put rows in order; for money, choose a threshold.",
)
SOME_TOO_HIGH = phrase(
    "quality_some_chances_too_high",
    "Some probabilities are too high: where it says about {chance} of 100, {share} of 100 have the answer {answer}.",
    "Do not read those too literally.",
)
SOME_TOO_LOW = phrase(
    "quality_some_chances_too_low",
    "Some probabilities are too low: where it says about {chance} of 100, {share} of 100 have the answer {answer}.",
    "Do not read those too literally.",
)
TOO_SURE = phrase(
    "quality_chances_too_sure",
    "Its probabilities are too sure, high ones too high and low ones too low: where it says {chance} of 100, {share} "
    "of 100 have the answer {answer}.",
    "Use them to put rows in order; for money, choose a threshold.",
)
TOO_CAREFUL = phrase(
    "quality_chances_too_careful",
    "Its probabilities are too careful, high ones too low and low ones too high: where it says {chance} of 100, "
    "{share} of 100 have the answer {answer}.",
    "Use them to put rows in order; for money, choose a threshold.",
)


@dataclass(frozen=True, kw_only=True)
class Bin:
    """Rows of like probability: the mean of what was said, and how many have the answer, with its interval."""

    chance: float
    share: Estimate
    n_rows: int


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Bins from low to high probability."""

    bins: tuple[Bin, ...]
    said: Message


def calibrated(hit: NDArray[np.bool_], chance: Floats, answer: str) -> Calibration | None:
    """Compare probabilities with what happened; None where there are too few rows for two bins."""
    n_bins = min(MOST_BINS, len(hit) // LEAST_ROWS)
    if n_bins < 2:
        return None
    edges = np.unique(np.quantile(chance, np.linspace(0, 1, n_bins + 1)))
    place = np.clip(np.searchsorted(edges, chance, "right") - 1, 0, max(0, len(edges) - 2))
    groups = [np.flatnonzero(place == each) for each in np.unique(place)]
    bins = tuple(
        Bin(chance=float(chance[rows].mean()), share=share_of(int(hit[rows].sum()), len(rows)), n_rows=len(rows))
        for rows in groups
    )
    return Calibration(bins=bins, said=_said(bins, float(hit.mean()), answer))


def _said(bins: Sequence[Bin], usual: float, answer: str) -> Message:
    # Of ten bins one is off by chance every other time: the intervals are as wide as for one bin among so many.
    z = NormalDist().inv_cdf(1 - 0.025 / len(bins))
    wide = [(each, share_of(each.share.value * each.n_rows, each.n_rows, z)) for each in bins]
    off = [each for each, share in wide if not share.low <= each.chance <= share.high]
    if not off:
        shown, say = max(bins, key=lambda each: each.n_rows * each.chance), FITS
    else:
        shown = max(off, key=lambda each: each.n_rows * abs(each.chance - each.share.value))
        say = _kind_of_miss(off, usual, most=2 * len(off) >= len(bins))
    return say(chance=of_100(shown.chance), share=of_100(shown.share.value), answer=answer)


def _kind_of_miss(off: Sequence[Bin], usual: float, *, most: bool) -> Phrase:
    above = [each.chance > each.share.value for each in off]
    if all(above):
        return TOO_HIGH if most else SOME_TOO_HIGH
    if not any(above):
        return TOO_LOW if most else SOME_TOO_LOW
    outward = sum((each.chance - each.share.value) * (each.chance - usual) * each.n_rows for each in off)
    return TOO_SURE if outward > 0 else TOO_CAREFUL
