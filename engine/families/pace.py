"""How long a boosted fit goes on: until it stops improving, or until its deadline."""

import math
import time
from dataclasses import dataclass, field

# An improvement by less than this share of the loss is taken, but does not keep a fit going.
WORTHWHILE = 2e-4
MEASURED_ROUNDS = 5  # after which the pace is known


@dataclass(kw_only=True)
class Pace:
    """The rounds of one fit so far, and the learning `rate` that the next one has.

    `patience`: rounds to wait for an improvement on the stopping rows; None when there are none.
    `deadline`: `time.monotonic()` after which no round is added; None means never. `learned`, `highest`: see
    `urgent_rate`. `n_asked`: rounds of a fit that must have learnt as much by its deadline, because it is compared with
    others: one that was cut off would lose, though its rows are better. None lets a fit without stopping rows, whose
    number of rounds is given, keep its rate.
    """

    rate: float
    learned: float
    highest: float
    patience: int | None
    deadline: float | None
    n_asked: int | None = None
    n_rounds: int = 0
    best: int = 0
    best_loss: float = math.inf
    _anchor: int = field(default=0, repr=False)
    _anchor_loss: float = field(default=math.inf, repr=False)
    _first: float = field(default=0.0, repr=False)

    def update(self, loss: float | None) -> bool:
        """Take note of one more round and its loss on the stopping rows; say whether the fit should end."""
        self.n_rounds += 1
        if self.deadline is not None and self.n_rounds == 1:
            self._first = time.monotonic()
        if loss is None:
            self.best = self._anchor = self.n_rounds
        elif loss < self.best_loss or self.n_rounds == 1:
            self.best, self.best_loss = self.n_rounds, loss
            if self.n_rounds == 1 or loss < self._anchor_loss - WORTHWHILE * abs(self._anchor_loss):
                self._anchor, self._anchor_loss = self.n_rounds, loss
        waited = self.n_rounds - self._anchor
        tired = self.patience is not None and waited >= max(self.patience, int(0.3 * self._anchor) + 20)
        return tired or (self.deadline is not None and time.monotonic() >= self.deadline)

    def wanted_rate(self) -> float:
        """Return the rate to go on with; another one only in the round after which the pace is known.

        >>> Pace(rate=0.1, learned=15, highest=0.25, patience=40, deadline=None, n_rounds=MEASURED_ROUNDS).wanted_rate()
        0.1
        """
        if self.n_rounds != MEASURED_ROUNDS or (self.patience is None and self.n_asked is None):
            return self.rate
        learned = self.learned if self.n_asked is None else self.rate * (self.n_asked - self.n_rounds)
        return urgent_rate(self.rate, self.rounds_left(), learned=learned, highest=self.highest)

    def rounds_left(self) -> float:
        """Return how many rounds still fit before the deadline, at the pace after the first."""
        if self.deadline is None or self.n_rounds < 2:
            return math.inf
        now = time.monotonic()
        seconds_per_round = max((now - self._first) / (self.n_rounds - 1), 1e-6)
        return max(self.deadline - now, 0.0) / seconds_per_round


def patience_for(n_rows: int, learning_rate: float) -> int:
    """Return how many rounds without improvement end a fit: fewer for fast learners and for large tables.

    >>> patience_for(1_000, 0.05), patience_for(100_000, 0.05), patience_for(1_000, 0.2)
    (100, 50, 40)
    """
    by_rate = 100 * min(1.0, 0.05 / learning_rate)
    by_rows = min(1.0, max(0.5, 10_000 / max(n_rows, 1)))
    return max(40, round(by_rate * by_rows))


def urgent_rate(rate: float, rounds_left: float, *, learned: float, highest: float) -> float:
    """Return the learning rate that gets through the lesson in the rounds that are left; never below `rate`.

    `learned`: what learning rate times rounds comes to when a fit has converged.

    >>> urgent_rate(0.05, 1000, learned=15, highest=0.3), urgent_rate(0.05, 100, learned=15, highest=0.3)
    (0.05, 0.15)
    """
    if rounds_left <= 0:
        return highest
    return max(rate, min(highest, learned / rounds_left))
