"""Lets what a person asks of a search under way take effect, each request once, at a candidate that is recorded.

A pure policy: replayed with the same requests before the same candidates, the search proposes the same again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.events import CandidateAsked, CandidatePinned, Request, RequestAnswered
from engine.messages import Message
from engine.search.proposals import Proposer


@dataclass
class Guided:
    """The requests to one search.

    `asked`: all of them in order, those from before too. `judge`: says why one cannot be met. `answer`: says what came
    of it. `point_of`: family and parameters of a candidate. `answers`, `begun`: what was answered, and which
    candidates that a person asked for were begun, by an earlier process of the run.
    """

    proposer: Proposer
    asked: Callable[[], Sequence[Request]]
    judge: Callable[[Request], Message | None]
    answer: Callable[[str, int, Message | None], None]
    point_of: Callable[[int], tuple[str, Mapping[str, Any]] | None]
    answers: Mapping[str, RequestAnswered] = field(default_factory=dict)
    begun: frozenset[str] = frozenset()
    _n_taken: int = 0

    @property
    def n_waiting(self) -> int:
        """The number of candidates that were asked for and wait to be tried."""
        return self.proposer.n_asked_for

    @property
    def n_extra(self) -> int:
        """The number of candidates that were begun because they were asked for."""
        return self.proposer.n_extra

    def take(self) -> None:
        """Let what is newly asked for take effect, or say why it cannot."""
        asked = self.asked()
        for request in asked[self._n_taken :]:
            before = self.answers.get(request.request)
            problem = before.problem if before is not None else self.judge(request)
            if before is None:
                self.answer(request.request, self.proposer.next_number, problem)
            if problem is None:
                self._apply(request)
        self._n_taken = len(asked)

    def close(self, too_late: Message) -> None:
        """Say of what could no longer be tried that it came too late."""
        for request in self.proposer.drop_asked_for():
            self.answer(request, self.proposer.next_number, too_late)

    def _apply(self, request: Request) -> None:
        if isinstance(request, CandidateAsked):
            if request.request not in self.begun:
                self.proposer.ask_for(request.request, request.family, request.parameters)
        elif not isinstance(request, CandidatePinned):
            self.proposer.ban(request.family, lifted=request.lifted)
        elif request.lifted:
            self.proposer.unpin(request.number)
        elif (point := self.point_of(request.number)) is not None:
            self.proposer.pin(request.number, *point)
