"""Of two answers: ROC, precision and recall, gain and lift, and the probabilities of each answer, as short curves."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.insight.quality.shares import of_100
from engine.messages import Message, phrase

Floats = NDArray[np.float64]
Numbers = tuple[float, ...]

MOST_POINTS = 200
N_BINS = 20
FIRST = 0.1  # of the rows
_HARDLY = 1.05

LIFT = phrase(
    "quality_lift",
    "The 10 of 100 rows with the highest probability hold {n} of 100 rows whose answer is {answer}: {times} times as "
    "many as 10 rows picked at random.",
)
NO_LIFT = phrase(
    "quality_no_lift",
    "The 10 of 100 rows with the highest probability hold {n} of 100 rows whose answer is {answer}: hardly more than "
    "10 rows picked at random.",
)


@dataclass(frozen=True, kw_only=True)
class Curves:
    """Points from the highest probability down. `named`: the share of all rows from there up.

    `found`: the share of rows looked for that are among them (recall, the gain). `alarms`: the share of the other rows.
    `right`: the share of those among them that are looked for (precision). `usual`: that share of all rows. `edges`:
    of bins of the probability; `yes`, `no`: how many rows of either answer are in each.
    """

    named: Numbers
    found: Numbers
    alarms: Numbers
    right: Numbers
    usual: float
    edges: Numbers
    yes: tuple[int, ...]
    no: tuple[int, ...]
    said: Message


def draw_curves(hit: NDArray[np.bool_], chance: Floats, answer: str) -> Curves | None:
    """Return the curves of some rows; None where all have one answer.

    >>> curves = draw_curves(np.array([True, False, True, False]), np.array([0.9, 0.1, 0.6, 0.6]), "yes")
    >>> curves.found, curves.alarms
    ((0.0, 0.5, 1.0, 1.0), (0.0, 0.0, 0.5, 1.0))
    """
    n_hits, n_rows = int(hit.sum()), len(hit)
    if n_hits in (0, n_rows):
        return None
    order = np.argsort(-chance, kind="stable")
    ordered = chance[order]
    last = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), n_rows - 1)  # rows of one probability go together
    hits = np.cumsum(hit[order])[last]
    named, found = np.append(0, last + 1) / n_rows, np.append(0, hits) / n_hits
    alarms = np.append(0, last + 1 - hits) / (n_rows - n_hits)
    right = np.append(hits[0] / (last[0] + 1), hits / (last + 1))
    kept = np.unique(np.linspace(0, len(named) - 1, min(len(named), MOST_POINTS)).round().astype(int))
    edges = np.linspace(0, 1, N_BINS + 1)
    return Curves(
        named=_numbers(named[kept]),
        found=_numbers(found[kept]),
        alarms=_numbers(alarms[kept]),
        right=_numbers(right[kept]),
        usual=n_hits / n_rows,
        edges=_numbers(edges.round(6)),
        yes=tuple(int(n) for n in np.histogram(chance[hit], edges)[0]),
        no=tuple(int(n) for n in np.histogram(chance[~hit], edges)[0]),
        said=_lift(float(np.interp(FIRST, named, found)), answer),
    )


def _lift(found: float, answer: str) -> Message:
    if found / FIRST < _HARDLY:
        return NO_LIFT(n=of_100(found), answer=answer)
    return LIFT(n=of_100(found), answer=answer, times=f"{found / FIRST:.1f}")


def _numbers(values: NDArray[np.floating]) -> Numbers:
    return tuple(float(value) for value in values)
