"""Training: rounds of small steps until the stopping rows see no more improvement, or until the deadline."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.network.layout import Layout, Single
from engine.network.loss import Loss
from engine.network.optimizer import Optimizer
from engine.network.passes import backward, forward, outputs_of
from engine.network.start import start

# A round goes through the rows once; through few rows several times, through many only partly.
FEWEST_STEPS, MOST_STEPS = 16, 128
# A round whose loss is within this share of the best counts as good: the networks of several folds are averaged, which
# takes away much of what each has learnt by heart, so they may learn longer than each alone should.
SLACK = 0.02
# Rounds without improvement that are waited for, besides half of those that led to the best.
PATIENCE = 12
# The weights of all rounds that are kept, in numbers: a network of a thousand words has half a million in each round.
MOST_KEPT, FEWEST_KEPT = 4_000_000, 6
BATCHES = ((2_500, 256), (1_000, 128), (0, 64))


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """How to train.

    `optimizer`: one of `OPTIMIZERS`, with its learning `rate` and `decay`. `frequency`: see `start`. `most_rounds`: the
    longest training.
    """

    optimizer: str
    rate: float
    decay: float
    dropout: float
    smoothing: float
    frequency: float
    most_rounds: int


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Rows and what they should give: `wanted` [N, n_outputs], `weight` [N] with mean 1 or None."""

    x: Single
    wanted: Single
    weight: Single | None


@dataclass(frozen=True, kw_only=True)
class Trained:
    """The averaged parameters after some rounds, the last one among them, and the best of these rounds."""

    snapshots: dict[int, Single]
    best: int


def batch_size(n_rows: int) -> int:
    """Return how many rows a step looks at.

    >>> batch_size(400), batch_size(20_000)
    (64, 256)
    """
    return max(1, min(n_rows, next(size for least, size in BATCHES if n_rows >= least)))


def is_kept(n_rounds: int) -> bool:
    """Say whether the weights after this many rounds are kept: the more rounds, the fewer of them.

    >>> [n for n in range(1, 30) if is_kept(n)]
    [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28]
    """
    return n_rounds % (1 if n_rounds <= 8 else 2 if n_rounds <= 16 else 4) == 0


def train(
    layout: Layout,
    lesson: Lesson,
    loss: Loss,
    rows: Sample,
    stopping: Sample | None,
    prior: Single,
    rounds: int | None,
    deadline: float | None,
    generator: np.random.Generator,
) -> Trained:
    """Train a network; `rounds`: exactly so many, when there are no stopping rows."""
    flat = start(layout, rows.x, prior, lesson.frequency, generator)
    optimizer = Optimizer(layout, flat, rate=lesson.rate, decay=lesson.decay, kind=lesson.optimizer)
    most_rounds = rounds or lesson.most_rounds
    snapshots: dict[int, Single] = {}
    losses: dict[int, float] = {}
    batches = _Batches(len(rows.wanted), generator)
    for n_rounds in range(1, most_rounds + 1):
        late = _round(layout, lesson, loss, rows, optimizer, batches, deadline)
        if not (late or is_kept(n_rounds) or n_rounds == most_rounds):
            continue
        snapshots = _thinned(snapshots, losses, max(FEWEST_KEPT, MOST_KEPT // layout.n_parameters))
        snapshots[n_rounds] = _centred(layout, optimizer.average)
        if stopping is not None:
            losses[n_rounds] = loss.mean(outputs_of(layout, layout.views(snapshots[n_rounds]), stopping.x), stopping)
        if late or _is_tired(losses, n_rounds):
            break
    kept = {n_rounds: losses[n_rounds] for n_rounds in snapshots if n_rounds in losses}
    return Trained(snapshots=snapshots, best=_last_good(kept) if kept else max(snapshots))


def _thinned(snapshots: dict[int, Single], losses: Mapping[int, float], most: int) -> dict[int, Single]:
    """Return every second of the snapshots, and the best, when there are as many as may be.

    >>> list(_thinned(dict.fromkeys(range(1, 9)), {2: 0.1, 3: 0.2}, 8))
    [2, 4, 6, 8]
    """
    if len(snapshots) < most:
        return snapshots
    kept = {*sorted(snapshots)[::-2], min(losses, key=losses.__getitem__, default=max(snapshots))}
    return {n_rounds: weights for n_rounds, weights in snapshots.items() if n_rounds in kept}


def _centred(layout: Layout, flat: Single) -> Single:
    """Return a copy whose scores of several classes have the mean 0: only their differences mean anything."""
    copied = flat.copy()
    if layout.n_outputs > 1:
        views, last = layout.views(copied), len(layout.widths)
        for name in (f"weight{last}", f"bias{last}", *(["skip"] if layout.skip else [])):
            views[name][...] -= views[name].mean(axis=-1, keepdims=True)
    return copied


def _is_tired(losses: dict[int, float], n_rounds: int) -> bool:
    best = min(losses, key=losses.__getitem__, default=n_rounds)
    return n_rounds - best > PATIENCE + best // 2


def _last_good(losses: dict[int, float]) -> int:
    """Return the last number of rounds whose loss is hardly above the best.

    >>> _last_good({1: 0.9, 2: 0.5, 3: 0.505, 4: 0.6})
    3
    """
    limit = min(losses.values()) * (1.0 + SLACK)
    return max(n_rounds for n_rounds, loss in losses.items() if loss <= limit)


class _Batches:
    """Deals the rows in random order, again and again."""

    def __init__(self, n_rows: int, generator: np.random.Generator) -> None:
        self.size = batch_size(n_rows)
        self.n_steps = int(np.clip(n_rows // self.size, FEWEST_STEPS, MOST_STEPS))
        self._n_rows, self._generator = n_rows, generator
        self._order, self._next = np.arange(0), 0

    def deal(self) -> NDArray[np.int64]:
        if self._next + self.size > len(self._order):
            self._order, self._next = self._generator.permutation(self._n_rows), 0
        self._next += self.size
        return self._order[self._next - self.size : self._next]

    def masks(self, layout: Layout, dropout: float) -> list[Single] | None:
        """Return what each hidden layer is multiplied by: 0 for the share that is dropped; None drops nothing."""
        if not dropout:
            return None
        kept = np.float32(1.0 / (1.0 - dropout))
        drawn = (self._generator.random((self.size, width), np.float32) for width in layout.widths)
        return [np.where(values >= dropout, kept, np.float32(0.0)) for values in drawn]


def _round(
    layout: Layout,
    lesson: Lesson,
    loss: Loss,
    rows: Sample,
    optimizer: Optimizer,
    batches: _Batches,
    deadline: float | None,
) -> bool:
    """Take the steps of one round, one at least; say whether the deadline has passed."""
    views, slopes = layout.views(optimizer.flat), layout.views(optimizer.slopes)
    for _ in range(batches.n_steps):
        picked = batches.deal()
        outputs, trace = forward(layout, views, rows.x[picked], batches.masks(layout, lesson.dropout))
        given = loss.slope(outputs, rows.wanted[picked], lesson.smoothing)
        if rows.weight is not None:
            given *= rows.weight[picked][:, None]
        given /= np.float32(len(picked))
        backward(layout, views, slopes, trace, given)
        optimizer.step()
        if deadline is not None and time.monotonic() >= deadline:
            return True
    return False
