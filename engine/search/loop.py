"""The search: keeps the slots filled with the trials that the policy asks for, and sees that they keep their limits."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from engine.events import (
    CandidateFailed,
    CandidateFinished,
    CandidateStarted,
    Continued,
    Paused,
    SearchEnded,
    StopRequested,
    TimeAdded,
)
from engine.messages import Message, phrase
from engine.progress import Command
from engine.requests import TOO_LATE
from engine.search import sharing
from engine.search.costs import expected_seconds, is_affordable
from engine.search.executors.executor import Call
from engine.search.given import Given
from engine.search.guard import CallOutcome
from engine.search.guided import Guided
from engine.search.likely import likely_loss, surely_known
from engine.search.order import Order, Report
from engine.search.policy import (
    LAG,
    PATIENCE,
    SHORTEST_TRIAL_SECONDS,
    End,
    Situation,
    Start,
    Tried,
    decide,
    first_stage,
)
from engine.search.proposal import Proposal
from engine.search.proposals import Proposer
from engine.search.pruners.pruner import USUAL_PRUNER, Race
from engine.search.standings import Standings
from engine.search.surroundings import Limits, Result, Surroundings
from engine.tasks.metric import Metric

POLL_SECONDS = 0.02
TRIAL_SHARE = 0.9  # of a trial's time is for fitting: the rest is for scoring and writing
GRACE_SECONDS = 1.0  # a trial ends by itself; when it does not, it is killed this much later
MARGIN = 0.15  # of the way from the baseline to the best candidate

STOPPED_BY_PERSON = phrase("search_stopped", "The search was stopped; the best so far is kept.")
NO_RESULT = phrase("trial_no_result", "The candidate gave no result.")


@dataclass
class _Slot:
    proposal: Proposal
    call: Call
    seconds: float | None


@dataclass
class Search:
    """A search under way.

    `results`: finished candidates by number. Those of an earlier process of the run are given, and `ended` holds all
    that came to an end there, however they did. `room_taken`: what one fitted model of a candidate takes of the room
    that the members of a file have together; above 1 it can be no member, however good it is. `baseline_before`: the
    loss of the same answer for every row on all training rows, which counts while that of the folds is not known.
    """

    around: Surroundings
    limits: Limits
    proposer: Proposer | Given
    metric: Metric
    baseline_before: float
    seed: int
    n_folds: int
    relative_costs: Mapping[str, float]
    reserve_seconds: Callable[[Mapping[int, Result]], float]
    room_taken: Callable[[Result], float]
    pruner: str = USUAL_PRUNER
    guided: Guided | None = None
    results: dict[int, Result] = field(default_factory=dict)
    ended: dict[int, Tried] = field(default_factory=dict)
    stopped: bool = False
    _slots: list[_Slot] = field(default_factory=list)
    _told: set[int] = field(default_factory=set)
    _nothing_for: tuple[int, float, int] | None = None  # what was known when there was nothing to propose
    _standings: Standings = field(init=False)
    _reason: Message = field(init=False)
    _resumed: bool = field(init=False)

    def __post_init__(self) -> None:
        self._standings = Standings(
            folder=self.around.folder, metric=self.metric, seed=self.seed, memory_bytes=self.limits.memory_bytes
        )
        self._reason = self.proposer.at_end
        self._resumed = bool(self.ended)
        self._told.update(self.ended)  # the proposer remembers them already

    def run(self) -> None:
        """Search until nothing more is to be done; what was found stands in `results`."""
        while True:
            self._obey()
            if self.guided is not None:
                self.guided.take()
            if self.stopped and self.results:
                break
            self._collect()
            self._fill()
            if not self._slots:
                break
            self._follow_standing()
            time.sleep(POLL_SECONDS)
        for call in self._calls:
            call.kill()
        if self.guided is not None:
            self.guided.close(TOO_LATE())
        reason = STOPPED_BY_PERSON() if self.stopped else self._reason
        self.around.emit(SearchEnded(seconds=self.around.clock.seconds, reason=reason))
        if self.guided is not None:
            self.guided.take()  # what was asked in the last moment: it is refused, for the search has ended

    @property
    def baseline_loss(self) -> float:
        """The loss of the same answer for every row, on the folds as those of the others, once it has one."""
        first = self.results.get(0)
        return self.baseline_before if first is None or first.report.pruned else first.loss

    @property
    def search_seconds_left(self) -> float:
        """Time for trials: what is left of the budget less what the end of the run will take."""
        return self.around.clock.left_seconds - self.reserve_seconds(self.results)

    def _obey(self) -> None:
        command = self.around.control()
        self._take_added_time()
        if command is Command.PAUSE and not self.around.clock.paused:
            self._pause()
        if command is Command.STOP and not self.stopped:
            self.stopped = True
            self.around.emit(StopRequested(seconds=self.around.clock.seconds))

    def _take_added_time(self) -> None:
        """Let the end of the search, and what is kept for the end of the run, move with time that was added."""
        added_seconds, clock = self.around.added_seconds(), self.around.clock
        if added_seconds > clock.added_seconds:
            clock.added_seconds = added_seconds
            self.around.emit(TimeAdded(seconds=clock.seconds, added_seconds=added_seconds))

    @property
    def _calls(self) -> list[Call]:
        return [*(slot.call for slot in self._slots), *([self._standings.call] if self._standings.call else [])]

    def _pause(self) -> None:
        for call in self._calls:
            call.pause()
        self.around.clock.pause()
        self.around.emit(Paused(seconds=self.around.clock.seconds))
        while self.around.control() is Command.PAUSE:
            time.sleep(0.1)
        self.around.clock.resume()
        self.around.emit(Continued(seconds=self.around.clock.seconds))
        if self._standings.call is not None:
            self._standings.call.resume()
        interrupted, self._slots = self._slots, []
        for slot in interrupted:
            if self.limits.candidates is not None:
                slot.call.resume()
                self._slots.append(slot)
            else:
                # Its deadline went on while it stood still: it would end at once, hardly trained.
                slot.call.kill()
                self._start(slot.proposal, slot.seconds)

    def _collect(self) -> None:
        for slot in list(self._slots):
            outcome = slot.call.poll()
            if outcome is not None:
                self._slots.remove(slot)
                self._record(slot.proposal, outcome)

    def _fill(self) -> None:
        """Start what the policy asks for until the slots are full."""
        while (len(self._slots) < self._n_slots and not self.stopped) or self.proposer.next_number == 0:
            self._tell()
            situation = self._situation()
            action = decide(situation)
            if isinstance(action, End):
                self._reason = action.reason
            if not isinstance(action, Start) or self._nothing_for == self._known:
                return
            proposal = self.proposer.propose(partial(self._is_affordable, situation, action.seconds))
            if proposal is None:
                self._reason, self._nothing_for = self.proposer.at_end, self._known
                return
            self._start(proposal, action.seconds)

    @property
    def _n_slots(self) -> int:
        """How many trials run at once: fewer, once other computers are lost."""
        return self.limits.slots if self.around.executor.is_elsewhere else self.limits.slots_here

    @property
    def _known(self) -> tuple[int, float, int]:
        """What must change before a proposer that had nothing to propose is asked again; with a count it never has."""
        n_ended = len(self.ended) if self.limits.candidates is None else 0
        return n_ended, self.around.clock.added_seconds, self.guided.n_waiting if self.guided is not None else 0

    def _is_affordable(self, now: Situation, allotted: float | None, proposal: Proposal) -> bool:
        expected = expected_seconds(proposal.family, self.relative_costs, now.tried)
        first = all(each.family != proposal.family for each in now.tried)
        return is_affordable(expected, allotted, first=first)

    def _situation(self) -> Situation:
        return Situation(
            seconds_left=None if self.limits.candidates is not None else self.search_seconds_left,
            next_number=self.proposer.next_number,
            n_queued=self.proposer.n_queued,
            n_slots=self._n_slots,
            cap=self.limits.cap,
            candidates=self.limits.candidates,
            tried=tuple(self.ended.values()),
            standings=tuple(self._standings.found),
            n_asked_for=self.guided.n_waiting if self.guided is not None else 0,
            n_extra=self.guided.n_extra if self.guided is not None else 0,
            resumed=self._resumed,
        )

    def _follow_standing(self) -> None:
        """Score the blend of what is known, where it decides before long when the search ends."""
        self._standings.collect()
        n_ended = len(self.ended)
        if self._standings.are_due(n_ended) and self._may_end_soon():
            seconds_left = self.search_seconds_left
            self._standings.score(self.results, self.room_taken, n_ended=n_ended, seconds_left=seconds_left)

    def _may_end_soon(self) -> bool:
        """Say whether how the blend stands decides when the search ends, now or before long."""
        if self.limits.candidates is not None or self.limits.cap is None:
            return False
        return not self.proposer.n_queued or len(self.ended) + PATIENCE >= first_stage(self.limits.cap)

    def _tell(self) -> None:
        """Tell the proposer what ended; with a fixed number of candidates only up to LAG before: it is repeatable."""
        counted = self.limits.candidates is not None
        latest = self.proposer.next_number - LAG
        for number in sorted(self.ended.keys() - self._told):
            if not counted or number <= latest:
                tried = self.ended[number]
                self.proposer.tell(number, tried.loss, seconds=None if counted else tried.seconds, load=tried.load)
                self._told.add(number)

    def _start(self, proposal: Proposal, allotted: float | None) -> None:
        clock = self.around.clock
        self.around.emit(
            CandidateStarted(
                seconds=clock.seconds,
                number=proposal.number,
                family=proposal.family,
                parameters=proposal.parameters,
                request=proposal.request,
            )
        )
        seconds = None if allotted is None else min(allotted, max(SHORTEST_TRIAL_SECONDS, self.search_seconds_left))
        order = Order(
            folder=self.around.folder,
            number=proposal.number,
            family=proposal.family,
            parameters=proposal.parameters,
            metric=self.metric.key,
            seed=self.seed,
            threads=self.limits.threads,
            seconds=None if seconds is None else seconds * TRIAL_SHARE,
            race=self._race(proposal),
            pruner=self.pruner,
        )
        call = self.around.executor.start(
            order,
            # What is left when all else was too slow: a run that began late still ends with a model.
            deadline_seconds=None if seconds is None or proposal.number == 0 else seconds + GRACE_SECONDS,
            memory_bytes=self.limits.memory_bytes,
            worth=self._worth(),
        )
        self._slots.append(_Slot(proposal, call, allotted))

    def _worth(self) -> float:
        """Return what one more candidate promises per second, for places that other runs want as well."""
        known = [result for result in self.results.values() if not result.report.pruned]
        return sharing.worth(
            sharing.Attained(
                baseline=self.baseline_loss,
                losses=[result.loss for result in known],
                seconds=[result.seconds for result in known],
                n_waiting=len(self._slots),
            )
        )

    def _race(self, proposal: Proposal) -> Race | None:
        """Let searched candidates race against those known; starting points bring variety and always finish."""
        told = [result for number, result in self.results.items() if number in self._told]
        known = [result for result in told if self.room_taken(result) <= 1]
        if not proposal.searched or all(result.report.pruned for result in known):
            return None
        best_first = sorted(known, key=lambda each: (each.report.pruned, each.loss, each.proposal.number))
        return Race(
            number=proposal.number,
            rivals=tuple(tuple(self.metric.loss(score) for score in each.report.fold_scores) for each in best_first),
            margin=MARGIN * max(0.0, self.baseline_loss - min(each.loss for each in known)),
        )

    def _loss(self, number: int, report: Report) -> float:
        """Return the loss that a report stands for; that of a candidate that gave up is what it would have come to."""
        if not report.pruned:
            return self.metric.loss(report.score)
        whole = {other: each.report for other, each in self.results.items() if not each.report.pruned}
        known = surely_known(number, {other: self._losses_of(each) for other, each in whole.items()})
        return likely_loss(self._losses_of(report), known)

    def _losses_of(self, report: Report) -> list[float]:
        return [self.metric.loss(score) for score in report.fold_scores]

    def _record(self, proposal: Proposal, outcome: CallOutcome) -> None:
        report = outcome.value
        if outcome.error is not None or not isinstance(report, Report):
            cause = outcome.error.message if outcome.error is not None else NO_RESULT()
            self._end(proposal, outcome.seconds, None)
            failed = CandidateFailed(
                seconds=self.around.clock.seconds,
                number=proposal.number,
                family=proposal.family,
                parameters=proposal.parameters,
                cause=cause,
                train_seconds=outcome.seconds,
            )
            self.around.emit(failed)
            return
        loss = self._loss(proposal.number, report)
        result = Result(proposal=proposal, report=report, seconds=outcome.seconds, loss=loss)
        share, load = result.n_folds / self.n_folds, self.room_taken(result)
        self._end(proposal, outcome.seconds, loss, share=share, load=load)
        self.results[proposal.number] = result
        finished = CandidateFinished(
            seconds=self.around.clock.seconds,
            number=proposal.number,
            family=proposal.family,
            parameters=proposal.parameters,
            score=report.score,
            spread=report.spread,
            fold_scores=report.fold_scores,
            train_seconds=outcome.seconds,
            rounds=report.rounds,
            n_nodes=report.n_nodes,
            n_steps=report.n_steps,
            n_unscored=report.n_unscored,
            memory_bytes=outcome.peak_memory_bytes,
            pruned=report.pruned,
            pooled_score=report.pooled_score if math.isfinite(report.pooled_score) else None,
        )
        self.around.emit(finished)

    def _end(
        self, proposal: Proposal, seconds: float, loss: float | None, *, share: float = 1.0, load: float = 0.0
    ) -> None:
        self.ended[proposal.number] = Tried(
            number=proposal.number, family=proposal.family, seconds=seconds, loss=loss, share=share, load=load
        )
