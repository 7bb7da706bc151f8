"""The search: keeps the slots filled with trials until time, candidates or the person's patience is used up."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.events import (
    CandidateFailed,
    CandidateFinished,
    CandidateStarted,
    Continued,
    Event,
    Paused,
    SearchEnded,
    StopRequested,
)
from engine.messages import Message, phrase
from engine.progress import Command
from engine.search.clock import Clock
from engine.search.guard import GuardedCall, Outcome
from engine.search.proposals import Proposal, Proposer
from engine.search.trial import Order, Report, run_trial
from engine.tasks.metric import Metric

POLL_SECONDS = 0.02
TRIAL_SHARE = 0.9  # of a trial's time is for fitting: the rest is for scoring and writing
GRACE_SECONDS = 1.0  # a trial ends by itself; when it does not, it is killed this much later
SHORTEST_TRIAL_SECONDS = 1.0
WORTH_STARTING = 0.3  # of the usual time of a candidate
LAG = 2  # with a fixed number of candidates, a proposal knows the results up to this many candidates before it
MARGIN = 0.15  # of the way from the baseline to the best candidate

STOPPED_BY_PERSON = phrase("search_stopped", "The search was stopped; the best so far is kept.")
ALL_TRIED = phrase("search_all_tried", "All {n_candidates} candidates that were asked for have been tried.")
ENOUGH = phrase(
    "search_enough",
    "{n_candidates} candidates are as many as this number of rows can tell apart: more would only find luck.",
)
TIME_IS_UP = phrase("search_time_is_up", "The rest of the time is kept for the final model.")
NO_RESULT = phrase("trial_no_result", "The candidate gave no result.")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a search may use.

    `candidates`: try exactly this many beside the baseline, and let the clock decide nothing; None: the clock decides.
    `cap`: candidates that the table can tell apart, when the clock decides.
    """

    slots: int
    threads: int
    memory_bytes: int | None
    candidates: int | None
    cap: int


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """The run around a search: where it works, how it speaks, whom it obeys."""

    folder: Path
    clock: Clock
    emit: Callable[[Event], None]
    control: Callable[[], Command]


@dataclass(frozen=True, kw_only=True)
class Result:
    """A finished candidate. `loss`: better when smaller."""

    proposal: Proposal
    report: Report
    seconds: float
    loss: float


@dataclass
class _Slot:
    proposal: Proposal
    call: GuardedCall


@dataclass
class Search:
    """A search under way.

    `results`: finished candidates by number. Those of an earlier process of the run are given, and `ended` holds the
    losses of all that came to an end there, None for those that failed.
    """

    around: Surroundings
    limits: Limits
    proposer: Proposer
    metric: Metric
    baseline_loss: float
    seed: int
    reserve_seconds: Callable[[Mapping[int, Result]], float]
    results: dict[int, Result] = field(default_factory=dict)
    ended: dict[int, float | None] = field(default_factory=dict)
    stopped: bool = False
    _slots: list[_Slot] = field(default_factory=list)
    _told: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._told.update(self.ended)  # the proposer remembers them already

    def run(self) -> None:
        """Search until nothing more is to be done; what was found stands in `results`."""
        while True:
            self._obey()
            if self.stopped and self.results:
                break
            self._collect()
            self._fill()
            if not self._slots:
                break
            time.sleep(POLL_SECONDS)
        for slot in self._slots:
            slot.call.kill()
        self.around.emit(SearchEnded(seconds=self.around.clock.seconds, reason=self._why_ended()))

    def _why_ended(self) -> Message:
        number = self.proposer.next_number
        if self.stopped:
            return STOPPED_BY_PERSON()
        if self.limits.candidates is not None:
            return ALL_TRIED(n_candidates=self.limits.candidates)
        if number > self.limits.cap:
            return ENOUGH(n_candidates=number)
        return TIME_IS_UP()

    @property
    def search_seconds_left(self) -> float:
        """Time for trials: what is left of the budget less what the end of the run will take."""
        return self.around.clock.left_seconds - self.reserve_seconds(self.results)

    def _obey(self) -> None:
        command = self.around.control()
        if command is Command.PAUSE and not self.around.clock.paused:
            self._pause()
        if command is Command.STOP and not self.stopped:
            self.stopped = True
            self.around.emit(StopRequested(seconds=self.around.clock.seconds))

    def _pause(self) -> None:
        for slot in self._slots:
            slot.call.pause()
        self.around.clock.pause()
        self.around.emit(Paused(seconds=self.around.clock.seconds))
        while self.around.control() is Command.PAUSE:
            time.sleep(0.1)
        self.around.clock.resume()
        self.around.emit(Continued(seconds=self.around.clock.seconds))
        interrupted, self._slots = self._slots, []
        for slot in interrupted:
            if self.limits.candidates is not None:
                slot.call.resume()
                self._slots.append(slot)
            else:
                # Its deadline went on while it stood still: it would end at once, hardly trained.
                slot.call.kill()
                self._start(slot.proposal)

    def _collect(self) -> None:
        for slot in list(self._slots):
            outcome = slot.call.poll()
            if outcome is not None:
                self._slots.remove(slot)
                self._record(slot.proposal, outcome)

    def _fill(self) -> None:
        while len(self._slots) < self.limits.slots and self._may_propose():
            self._tell()
            proposal = self.proposer.propose()
            if proposal is None:
                return
            self._start(proposal)

    def _may_propose(self) -> bool:
        number = self.proposer.next_number
        if number == 0:
            return True  # the baseline: a stop at once still leaves a model
        if self.stopped:
            return False
        if self.limits.candidates is not None:
            return number <= self.limits.candidates and all(n in self.ended for n in range(number - LAG + 1))
        return number <= self.limits.cap and self.search_seconds_left > self._shortest_seconds()

    def _shortest_seconds(self) -> float:
        """Less time than this is not worth starting a candidate: it would be cut off long before it has learnt."""
        usual = [result.seconds for result in self.results.values() if result.report.rounds]
        return max(SHORTEST_TRIAL_SECONDS, WORTH_STARTING * float(np.median(usual)) if usual else 0.0)

    def _tell(self) -> None:
        """Tell the proposer what ended; with a fixed number of candidates only up to LAG before: it is repeatable."""
        latest = self.proposer.next_number - LAG
        for number in sorted(self.ended.keys() - self._told):
            if self.limits.candidates is None or number <= latest:
                self.proposer.tell(number, self.ended[number])
                self._told.add(number)

    def _start(self, proposal: Proposal) -> None:
        clock = self.around.clock
        self.around.emit(
            CandidateStarted(
                seconds=clock.seconds,
                number=proposal.number,
                family=proposal.family,
                parameters=proposal.parameters,
            )
        )
        timed = self.limits.candidates is None
        seconds = max(SHORTEST_TRIAL_SECONDS, self.search_seconds_left) if timed else None
        order = Order(
            folder=self.around.folder,
            number=proposal.number,
            family=proposal.family,
            parameters=proposal.parameters,
            metric=self.metric.key,
            seed=self.seed,
            threads=self.limits.threads,
            seconds=None if seconds is None else seconds * TRIAL_SHARE,
            reference=self._reference(proposal),
            margin=self._margin(),
        )
        call = GuardedCall.start(
            run_trial,
            (order,),
            deadline_seconds=None if seconds is None else seconds + GRACE_SECONDS,
            memory_bytes=self.limits.memory_bytes,
            record=self.around.folder,
        )
        self._slots.append(_Slot(proposal, call))

    def _reference(self, proposal: Proposal) -> tuple[float, ...] | None:
        """Let searched candidates race against the best known; starting points bring variety and always finish."""
        known = [r for n, r in self.results.items() if n in self._told and not r.report.pruned]
        if not proposal.searched or not known:
            return None
        best = min(known, key=lambda result: (result.loss, result.proposal.number))
        return tuple(self.metric.loss(score) for score in best.report.fold_scores)

    def _margin(self) -> float:
        losses = [result.loss for number, result in self.results.items() if number in self._told]
        return MARGIN * max(0.0, self.baseline_loss - min(losses, default=self.baseline_loss))

    def _record(self, proposal: Proposal, outcome: Outcome) -> None:
        report = outcome.value
        if outcome.error is not None or not isinstance(report, Report):
            cause = outcome.error.message if outcome.error is not None else NO_RESULT()
            self.ended[proposal.number] = None
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
        loss = self.metric.loss(report.score)
        self.ended[proposal.number] = loss
        self.results[proposal.number] = Result(proposal=proposal, report=report, seconds=outcome.seconds, loss=loss)
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
            memory_bytes=outcome.peak_memory_bytes,
            pruned=report.pruned,
        )
        self.around.emit(finished)
