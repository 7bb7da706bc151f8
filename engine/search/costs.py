"""How long a candidate will take, judged by those that were tried: families differ much, machines too."""

from collections.abc import Mapping, Sequence
from statistics import median

from engine.search.policy import HURRY, Tried


def expected_seconds(family: str, relative_costs: Mapping[str, float], tried: Sequence[Tried]) -> float | None:
    """Return the time of a candidate of a family; None before anything but the baseline is known.

    `relative_costs`: of all families. What a family itself took counts; else the one that was quickest beside its usual
    cost tells how quick this machine is on this table: to try a family that proves too slow costs its share of the time,
    to pass over a good one costs the result.

    >>> tried = [Tried(number=1, family="lightgbm", seconds=2.0, loss=0.2)]
    >>> expected_seconds("catboost", {"lightgbm": 1.0, "catboost": 4.0}, tried)
    8.0
    """
    known = [each for each in tried if each.loss is not None and each.family in relative_costs and each.number]
    own = [each.whole_seconds for each in known if each.family == family]
    if own:
        return median(own)
    if not known:
        return None
    return relative_costs[family] * min(each.whole_seconds / relative_costs[each.family] for each in known)


def is_affordable(expected: float | None, allotted: float | None) -> bool:
    """Say whether a candidate is worth its time: it can hurry a good deal to be done in what it is allotted.

    >>> is_affordable(20.0, 10.0), is_affordable(200.0, 10.0), is_affordable(200.0, None)
    (True, False, True)
    """
    return expected is None or allotted is None or expected <= HURRY * allotted
