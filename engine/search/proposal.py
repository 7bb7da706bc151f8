"""A candidate that is to be tried, and one that an earlier process of the run has tried."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.search.policy import Tried


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A candidate to be tried.

    `searched`: it came from a search, not from a starting point. `request`: of the person who asked for it, if any.
    """

    number: int
    family: str
    parameters: Mapping[str, Any]
    searched: bool = False
    request: str = ""


@dataclass(frozen=True, kw_only=True)
class Past:
    """A candidate of an earlier process. `ended`: it came to an end; `loss`: None when it failed or did not end.

    `seconds`: what it took; None where time must not count, or it did not end. `share`: of its folds that were fitted.
    `load`: see `Tried`.
    """

    proposal: Proposal
    ended: bool
    loss: float | None
    seconds: float | None = None
    share: float = 1.0
    load: float = 0.0

    @property
    def tried(self) -> Tried:
        """What the policy knows of it."""
        return Tried(
            number=self.proposal.number,
            family=self.proposal.family,
            seconds=self.seconds or 0.0,
            loss=self.loss,
            share=self.share,
            load=self.load,
        )
