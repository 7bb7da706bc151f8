"""Fits the members of the blend again on all rows: each once, then more often, as long as there is time."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.errors import TrialTimeoutError
from engine.events import StopRequested
from engine.logs import event
from engine.progress import Command
from engine.run.finish import MemberPlan, is_refitted, refit, refits_kept
from engine.run.members import refit_seconds
from engine.run.process import RunProcess
from engine.search.guard import STOPPED, GuardedCall
from engine.search.order import Order
from engine.search.surroundings import Result

logger = logging.getLogger(__name__)

STOPPED_SECONDS = 10.0  # for refits, once the person has asked to stop


@dataclass(frozen=True, kw_only=True)
class _Refit:
    """A refit under way: the `turn`-th of its candidate."""

    order: Order
    turn: int
    call: GuardedCall


@dataclass(kw_only=True)
class Refitting:
    """Refits under way, up to `slots` at once.

    `order`: what they have in common. `longer`: what each takes, in fits of a fold. `end_seconds`: of the run's clock,
    when they must be done; None lets the clock decide nothing. `stopped`: the person has ended the search, or does so
    now: no member is fitted more than once.
    """

    process: RunProcess
    order: Order
    results: Mapping[int, Result]
    slots: int
    longer: float
    end_seconds: float | None
    stopped: bool
    _begun: list[_Refit] = field(default_factory=list)

    def run(self, plans: Sequence[MemberPlan]) -> dict[int, int]:
        """Return how many refits of each candidate there are; their models lie beside its folds.

        Who asks to stop does not wait for long: refits under way are given up.
        """
        if any(plan.n_refits for plan in plans):
            self.process.stage("refit")
        for turn in range(max((plan.n_refits for plan in plans), default=0)):
            for plan in plans:
                if turn < plan.n_refits:
                    self._wait(most_under_way=self.slots - 1)
                    self._start(self._order(plan.member.number), turn)
        self._wait(most_under_way=0)
        self._log_failures()
        return {plan.member.number: refits_kept(self._order(plan.member.number).place) for plan in plans}

    def _log_failures(self) -> None:
        """Note what went wrong: the models of the folds stand in for a refit, so that nobody would notice."""
        for each in self._begun:
            outcome = each.call.poll()
            if outcome is not None and outcome.error is not None and outcome.error.message.code != STOPPED.code:
                told = event(number=each.order.number, family=each.order.family, code=outcome.error.message.code)
                late = isinstance(outcome.error, TrialTimeoutError)
                words = "A candidate was not fitted on all rows %s"
                logger.log(logging.INFO if late else logging.WARNING, words, outcome.traceback, extra=told)

    @property
    def _left_seconds(self) -> float | None:
        left_seconds = None if self.end_seconds is None else self.end_seconds - self.process.around.clock.seconds
        if not self.stopped:
            return left_seconds
        return STOPPED_SECONDS if left_seconds is None else min(left_seconds, STOPPED_SECONDS)

    def _order(self, number: int) -> Order:
        proposal = self.results[number].proposal
        return replace(self.order, number=number, family=proposal.family, parameters=proposal.parameters)

    def _start(self, order: Order, turn: int) -> None:
        """Start a refit, unless an earlier blend of this run has made it or it would hardly end in time."""
        result, left_seconds = self.results[order.number], self._left_seconds
        late = left_seconds is not None and refit_seconds(result, self.longer) > left_seconds
        if late or (turn and self.stopped) or is_refitted(order.place, turn):
            return
        timed = replace(order, seconds=left_seconds)
        call = self.process.start(refit, timed, result.report.rounds, turn, seconds=left_seconds)
        self._begun.append(_Refit(order=order, turn=turn, call=call))

    def _wait(self, *, most_under_way: int) -> None:
        while len(under_way := [each for each in self._begun if each.call.poll() is None]) > most_under_way:
            command = self.process.around.control()
            if command is Command.STOP and not self.stopped:
                self.stopped = True
                self.process.say(StopRequested)
                for each in under_way:
                    each.call.kill()
            elif command is Command.PAUSE:
                self._pause(under_way)
            else:
                self.process.stand_by([])

    def _pause(self, under_way: Sequence[_Refit]) -> None:
        """Stand still; the refits begin anew afterwards, because their own clock would have gone on."""
        for each in under_way:
            each.call.kill()
        self.process.stand_by([])
        for each in under_way:
            self._start(each.order, each.turn)
