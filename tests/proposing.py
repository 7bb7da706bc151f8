"""What a search tries next, where a test knows that there is something left to try."""

from collections.abc import Callable

from engine.search.proposal import Proposal
from engine.search.proposals import Proposer, everything


def proposed(proposer: Proposer, affordable: Callable[[Proposal], bool] = everything) -> Proposal:
    proposal = proposer.propose(affordable)
    assert proposal is not None
    return proposal
