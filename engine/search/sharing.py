"""Which of many runs the next place of a shared pool goes to: the one that gains most from it per second.

What a run gains is the improvement to be expected of its next candidate, as a share of what it has reached, after a
normal model of how far its candidates have come: the rule of expected improvement, as in ease.ml, where each run is one
of many tenants. Waiting counts as well: what a turn is worth grows with every second, so that none is put off for ever.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

USUAL_SECONDS = 5.0  # of a candidate, where none has ended yet
USUAL_REACH, USUAL_SPREAD = 0.9, 0.1  # of a candidate, the best one's being 1: known before any has ended
MOST_WORTH, LEAST_WORTH = 1.0, 1e-5  # per second; beyond that all count alike
POOL_PATIENCE_SECONDS = 120.0
QUEUE_PATIENCE_SECONDS = 3600.0
_NORMAL = NormalDist()


@dataclass(frozen=True, kw_only=True)
class Attained:
    """How far a run has come.

    `losses`: of the candidates that have ended, in any unit, that of predicting without a model being `baseline`.
    `seconds`: what each of them took. `n_waiting`: candidates that it has under way or waiting already.
    """

    baseline: float
    losses: Sequence[float] = ()
    seconds: Sequence[float] = ()
    n_waiting: int = 0


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A run that waits for a worker. `asked_at`: since when. `seconds`: what it will take."""

    run_id: str
    owner: str
    asked_at: float
    seconds: float


def worth(attained: Attained) -> float:
    """Return what the next candidate of a run promises per second, as a share of what the run has reached.

    >>> new, settled = Attained(baseline=1.0), Attained(baseline=1.0, losses=[0.5] * 20, seconds=[5.0] * 20)
    >>> worth(new) > 100 * worth(settled)
    True
    """
    seconds = sum(attained.seconds) / len(attained.seconds) if attained.seconds else USUAL_SECONDS
    n_before = len(attained.losses) + attained.n_waiting  # a run tries first what promises most
    return _expected_gain(attained) / (1 + n_before) / max(seconds, 1e-3)


def _expected_gain(attained: Attained) -> float:
    reached = [max(0.0, attained.baseline - loss) for loss in attained.losses if math.isfinite(loss)]
    best = max(reached, default=0.0)
    if best <= 0:  # nothing beats the baseline yet: all may still be ahead
        return 1.0
    shares = [each / best for each in reached]
    n = len(shares) + 1
    mean = (USUAL_REACH + sum(shares)) / n
    squares = USUAL_SPREAD**2 + sum((each - mean) ** 2 for each in shares)
    spread = math.sqrt(squares / n * (1 + 1 / n))
    z = (mean - 1) / spread
    return spread * (_NORMAL.pdf(z) + z * _NORMAL.cdf(z))


def turn_at(asked_at: float, worth_per_second: float, patience_seconds: float) -> float:
    """Return the moment at which a turn is due; of those that wait, the one that is due first comes next.

    It lies between `asked_at` and `patience_seconds` later, so whoever asks later than that never comes before it.

    >>> turn_at(100.0, MOST_WORTH, 120.0), turn_at(100.0, 0.0, 120.0)
    (100.0, 220.0)
    """
    within = min(MOST_WORTH, max(LEAST_WORTH, worth_per_second))
    return asked_at + patience_seconds * math.log(MOST_WORTH / within) / math.log(MOST_WORTH / LEAST_WORTH)


def in_turn(waiting: Sequence[Waiting], n_training: Mapping[str, int]) -> list[str]:
    """Return the runs that wait for a worker, the next one first. `n_training`: how many each owner has under way.

    A run that has not begun promises all that it can reach, in the time that it may take; the more of one person's
    runs come before it, the less it is worth to be next.

    >>> ada, bob = (Waiting(run_id=name, owner=name, asked_at=0.0, seconds=60.0) for name in ("ada", "bob"))
    >>> in_turn([ada, bob], {"ada": 3})
    ['bob', 'ada']
    """
    before = Counter(n_training)
    due: list[tuple[float, float, str]] = []
    for each in sorted(waiting, key=lambda each: (each.asked_at, each.run_id)):
        value = 1.0 / (1 + before[each.owner]) / max(each.seconds, 1.0)
        before[each.owner] += 1
        due.append((turn_at(each.asked_at, value, QUEUE_PATIENCE_SECONDS), each.asked_at, each.run_id))
    return [run_id for _, _, run_id in sorted(due)]
