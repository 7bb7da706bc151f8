"""How the families have done so far, and which of them may still help."""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from engine.families import BASELINE
from engine.search.arms import Arm

ENOUGH_FAILURES = 2
FAR_BEHIND = 0.2  # of the best loss: further tries of families further behind come later, see benchmarks/portfolio
ENOUGH_TRIES = 2  # families far behind after so many get no more of their starting points
LOST = 0.5  # so far behind after as many tries, no search can bring a family near


@dataclass
class _Record:
    losses: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    n_tried: int = 0
    n_failed: int = 0


class Merits:
    """What is known of each family. `banned`: those with which the others are not held up."""

    def __init__(self, families: Iterable[str]) -> None:
        self._records = {family: _Record() for family in families}
        self.banned: set[str] = set()

    def begin(self, family: str) -> None:
        """Count one more candidate of a family."""
        self._of(family).n_tried += 1

    def learn(self, family: str, loss: float | None, seconds: float | None, load: float) -> float | None:
        """Take what a candidate came to; returns the loss that counts for the search, None when it failed.

        `seconds`: None where time must not count. `load`: what it takes of the room in a file; above 1 it can be no
        member: that is no merit, and counts like no model, the worse the heavier it is.

        >>> merits = Merits(["linear"])
        >>> merits.learn("linear", 0.5, None, load=0.2), merits.learn("linear", 0.25, None, load=3.0)
        (0.5, 2.25)
        """
        record = self._of(family)
        if loss is None:
            record.n_failed += 1
            return None
        if seconds is not None:
            record.seconds.append(seconds)
        if load > 1:
            baseline = self._of(BASELINE)
            return max([loss, *baseline.losses]) + load - 1
        record.losses.append(loss)
        return loss

    def arm(self, family: str) -> Arm:
        """Return what decides about the family's next turn."""
        record = self._of(family)
        return Arm(losses=tuple(record.losses), seconds=tuple(record.seconds), n_tried=record.n_tried)

    def is_promising(self, family: str) -> bool:
        """Say whether the next starting point of a family should not wait for all others."""
        return not self._of(family).n_tried or self._behind(family) <= FAR_BEHIND

    def is_hopeless(self, family: str) -> bool:
        """Say whether a family only fails, or is too far behind for another of its starting points to help a blend."""
        record = self._of(family)
        if not record.losses:
            return record.n_failed >= ENOUGH_FAILURES
        return len(record.losses) >= ENOUGH_TRIES and self._behind(family) > FAR_BEHIND

    def may_be_searched(self, families: Collection[str]) -> list[str]:
        """Return those of the families that may still give a result that counts."""
        return [family for family in families if family not in self.banned and self._may_work(family)]

    def _may_work(self, family: str) -> bool:
        record = self._of(family)
        if not record.losses:
            return not record.n_failed
        return len(record.losses) < ENOUGH_TRIES or self._behind(family) <= LOST

    def _of(self, family: str) -> _Record:
        """Return the record of a family; one that is not searched, but that a person asked for, leaves none."""
        return self._records.get(family, _Record())

    def _behind(self, family: str) -> float:
        """Return how far a family's best is behind the best of those that are not banned, as a share of it.

        Infinity while it is unknown.
        """
        out = {BASELINE, *self.banned}
        others = (record for key, record in self._records.items() if record.losses and key not in out)
        best = min((min(record.losses) for record in others), default=math.inf)
        own = min(self._of(family).losses, default=math.inf)
        if own == best < math.inf:
            return 0.0
        return own / best - 1 if best > 0 and own < math.inf else math.inf
