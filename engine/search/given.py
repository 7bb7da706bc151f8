"""Proposes the candidates that were given, in their order, and nothing else: there is no search."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.families import BASELINE
from engine.messages import Message, phrase
from engine.search.identity import identity
from engine.search.proposal import Past, Proposal

ALL_TRAINED = phrase("search_given_trained", "What the earlier run has found was trained again, without a new search.")


class Given:
    """Proposes the baseline and then each given candidate (family, parameters) once, as `Proposer` does.

    `families`: those that apply; candidates of others are left out.
    """

    def __init__(self, candidates: Sequence[tuple[str, Mapping[str, Any]]], families: Sequence[str]) -> None:
        given = [(family, point) for family, point in candidates if family != BASELINE and family in families]
        self._queue = [
            Proposal(number=number, family=family, parameters=point)
            for number, (family, point) in enumerate([(BASELINE, {}), *given])
        ]
        self._behind_all = len(self._queue)

    @property
    def next_number(self) -> int:
        """The number that the next candidate will have."""
        return self._queue[0].number if self._queue else self._behind_all

    @property
    def n_queued(self) -> int:
        """The number of candidates that are left."""
        return len(self._queue)

    @property
    def at_end(self) -> Message:
        """Why nothing is proposed any more."""
        return ALL_TRAINED()

    def remember(self, past: Sequence[Past]) -> None:
        """Go on after an earlier process of the same run: what came to an end there is not proposed again."""
        ended = {identity(each.proposal.family, each.proposal.parameters) for each in past if each.ended}
        self._queue = [each for each in self._queue if identity(each.family, each.parameters) not in ended]

    def propose(self, _affordable: object = None) -> Proposal | None:
        """Return the next candidate, whatever it costs; None when there is none left."""
        return self._queue.pop(0) if self._queue else None

    def tell(self, number: int, loss: float | None, *, seconds: float | None = None, load: float = 0.0) -> None:
        """Learn nothing: what comes next does not depend on it."""
