"""Which candidates stand for election into the final model.

A long search tries many near copies of what is best so far. Their out-of-fold scores are the lowest, yet together they
say little more than one of them: a model of another kind, worse by itself, helps them more than another copy.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

MOST_CANDIDATES = 40  # as choosing takes longer with each, and all scores of all of them are in memory
SURE_PER_FAMILY = 2


def with_room(numbers: Sequence[int], loads: Mapping[int, float]) -> list[int]:
    """Return those candidates, in their order, for whose models a file has room; where for none, the lightest.

    `loads`: what each takes of the room that the members have; above 1 it can be no member.

    >>> with_room([4, 5, 6], {4: 2.0, 5: 0.5, 6: 1.0}), with_room([4, 5], {4: 3.0, 5: 2.0}), with_room([], {})
    ([5, 6], [5], [])
    """
    most = max(1.0, min((loads[number] for number in numbers), default=1.0))
    return [number for number in numbers if loads[number] <= most]


def standing_candidates(ranked: Sequence[int], families: Mapping[int, str], pinned: Collection[int] = ()) -> list[int]:
    """Return those of `ranked` (best first) that stand for election, the best first.

    Pinned ones and the best two of each family stand however far behind they are, the others while there is room.

    >>> standing_candidates(range(50), {number: "network" if number > 46 else "linear" for number in range(50)})[-3:]
    [37, 47, 48]
    """
    sure = {number for number in ranked if number in pinned}
    so_far: Counter[str] = Counter()
    for number in ranked:
        so_far[families[number]] += 1
        if so_far[families[number]] <= SURE_PER_FAMILY:
            sure.add(number)
    others = [number for number in ranked if number not in sure]
    standing = sure.union(others[: max(0, MOST_CANDIDATES - len(sure))])
    return [number for number in ranked if number in standing]
