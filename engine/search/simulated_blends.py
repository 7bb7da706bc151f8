"""Blends of configurations on known tables, simulated from the products of their errors alone."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FLOOR = 0.002  # of the baseline's error: less than that is as good as none


@dataclass(frozen=True, kw_only=True)
class SimulatedBlends:
    """One blend on each of T tables.

    `errors`: mean products of the errors of every two of C configurations [T, C, C], 0 where one is unknown; the
    baseline's is 1. `known`: which were tried on which table [T, C]. `shares`: of the blends' members [T, C].
    """

    errors: Floats
    known: NDArray[np.bool_]
    shares: Floats

    @staticmethod
    def of_nothing(errors: Floats) -> "SimulatedBlends":
        """Return blends without members, which predict as the baseline does. `errors`: NaN where one is unknown."""
        known = np.isfinite(np.diagonal(errors, axis1=1, axis2=2))
        return SimulatedBlends(errors=np.nan_to_num(errors), known=known, shares=np.zeros(known.shape))

    @property
    def losses(self) -> Floats:
        """The mean squared error of each blend [T]."""
        loss = np.einsum("ti,tij,tj->t", self.shares, self.errors, self.shares)
        return np.where(self.shares.any(axis=1), loss, 1.0)

    def gains(self) -> Floats:
        """Return by how much each configuration would bring down the logarithm of the error [T, C]; NaN if unknown."""
        _, after = self._with_each()
        gains = np.log(self.losses[:, None] + FLOOR) - np.log(after + FLOOR)
        return np.where(self.known, gains, np.nan)

    def with_added(self, number: int) -> "SimulatedBlends":
        """Return the blends with one configuration added, as far as it helps; unchanged where it is unknown."""
        share = np.where(self.known[:, number], self._with_each()[0][:, number], 0.0)[:, None]
        added = np.eye(self.shares.shape[1])[number]
        return replace(self, shares=(1 - share) * self.shares + share * added)

    def _with_each(self) -> tuple[Floats, Floats]:
        """Return the best share of each configuration [T, C] in a blend of it and what is there, and the loss then."""
        own = np.diagonal(self.errors, axis1=1, axis2=2)
        begun = (self.shares > 0).max(axis=1, keepdims=True)
        before = self.losses[:, None]
        common = np.einsum("tij,tj->ti", self.errors, self.shares)
        spread = before - 2 * common + own  # the mean squared difference between the two
        share = np.clip((before - common) / np.maximum(spread, 1e-12), 0.0, 1.0)
        share = np.where(begun, share, own < 1.0)
        after = np.where(
            begun,
            (1 - share) ** 2 * before + 2 * share * (1 - share) * common + share**2 * own,
            np.minimum(own, 1.0),
        )
        return share, np.maximum(after, 0.0)
