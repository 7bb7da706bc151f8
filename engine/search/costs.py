"""How long a candidate will take, judged by those that were tried: families differ much, machines too."""

from collections.abc import Mapping, Sequence
from statistics import median

from engine.search.policy import HURRY, Tried

REFERENCE = "lightgbm"  # what relative costs are relative to
FAILED_IS_LONGER = 3.0
HURRY_AT_FIRST = 6.0  # a family that was never tried gets its chance: its cost is but a guess, and variety pays most


def expected_seconds(family: str, relative_costs: Mapping[str, float], tried: Sequence[Tried]) -> float | None:
    """Return the time of a candidate of a family; None while nothing tells.

    `relative_costs`: of all families. What a family itself took counts; else what LightGBM took tells how quick this
    machine is on this table.

    >>> tried = [Tried(number=1, family="lightgbm", seconds=2.0, loss=0.2)]
    >>> expected_seconds("catboost", {"lightgbm": 1.0, "catboost": 4.0}, tried)
    8.0
    """
    own, reference = _usual(family, tried), _usual(REFERENCE, tried)
    if own is not None or reference is None:
        return own
    return relative_costs[family] * reference


def is_affordable(expected: float | None, allotted: float | None, *, first: bool = False) -> bool:
    """Say whether a candidate is worth its time: it can hurry a good deal to be done in what it is allotted.

    `first`: no candidate of its family has been tried yet.

    >>> is_affordable(20.0, 10.0), is_affordable(50.0, 10.0), is_affordable(50.0, 10.0, first=True)
    (True, False, True)
    """
    hurry = HURRY_AT_FIRST if first else HURRY
    return expected is None or allotted is None or expected <= hurry * allotted


def _usual(family: str, tried: Sequence[Tried]) -> float | None:
    own = [each for each in tried if each.family == family]
    seconds = [each.whole_seconds for each in own if each.loss is not None]
    if seconds:
        return median(seconds)
    # Of one that never came to an end only this is known: it takes longer.
    return FAILED_IS_LONGER * max(each.seconds for each in own) if own else None
