"""A trained network as it is kept: its weights after some numbers of rounds, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from engine.network.layout import Layout, Single, Views
from engine.network.passes import outputs_of

# Scaled numbers lie within 3 and shares within 1: what lies beyond was never seen in training.
REACH = 4.0


@dataclass(frozen=True, kw_only=True)
class Network:
    """A trained network.

    `snapshots`: the weights after some numbers of rounds. `best`: the number of rounds that the stopping rows liked.
    `low`, `high`: the least and largest answer of the training rows, which limit a regression; None for classes.
    `background`: training rows that contributions are counted from. `groups`: the inputs that were made from the same
    columns of the table share a number.
    """

    layout: Layout
    snapshots: Mapping[int, Single]
    best: int
    low: float | None
    high: float | None
    background: Single
    groups: tuple[int, ...]

    def views(self, rounds: int) -> Views:
        """Return the weights after the largest kept number of rounds that is not above `rounds`."""
        return self.layout.views(self.snapshots[self._kept(rounds)])

    def cut(self, rounds: int) -> "Network":
        """Return the network with the weights of these rounds alone: all of them together take a hundred times more."""
        kept = self._kept(rounds)
        return replace(self, snapshots={kept: self.snapshots[kept]})

    def _kept(self, rounds: int) -> int:
        return max((n for n in self.snapshots if n <= rounds), default=min(self.snapshots))

    def outputs(self, x: Single, rounds: int) -> Single:
        """Return the answers [N, n_outputs] on the link scale."""
        return self.limited(outputs_of(self.layout, self.views(rounds), within_reach(x)))

    def limited(self, outputs: Single) -> Single:
        """Keep a regression's answers between the least and the largest that were seen."""
        if self.low is None or self.high is None:
            return outputs
        return np.clip(outputs, np.float32(self.low), np.float32(self.high))


def within_reach(x: Single) -> Single:
    """Return inputs without values that no training row had: a copy only where there are some.

    >>> within_reach(np.array([[1e30, -0.5]], np.float32))
    array([[ 4. , -0.5]], dtype=float32)
    """
    if not x.size or (x.max() <= REACH and x.min() >= -REACH):
        return x
    return np.clip(x, np.float32(-REACH), np.float32(REACH))
