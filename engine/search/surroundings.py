"""What surrounds a search: what it may use, how it speaks and whom it obeys, and what comes out of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.events import Event, Request
from engine.progress import Command
from engine.search.clock import Clock
from engine.search.executors.executor import Executor
from engine.search.executors.here import Here
from engine.search.order import Report
from engine.search.proposal import Proposal


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a search may use.

    `candidates`: try exactly this many beside the baseline, and let the clock decide nothing; None: the clock decides.
    `cap`: candidates that the table can tell apart, when the clock decides; None uses all the time.
    """

    slots: int
    slots_here: int
    threads: int
    memory_bytes: int | None
    candidates: int | None
    cap: int | None


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """The run around a search: where it works, how it speaks, whom it obeys.

    `added_seconds`: what the person has added to the budget so far, in all, when `control` was last asked.
    `requests`: what the person has asked of the search so far, in order, before an earlier process ended too.
    `executor`: where trials run.
    """

    folder: Path
    clock: Clock
    emit: Callable[[Event], None]
    control: Callable[[], Command]
    added_seconds: Callable[[], float] = lambda: 0.0
    requests: Callable[[], Sequence[Request]] = tuple
    executor: Executor = field(default_factory=Here)


@dataclass(frozen=True, kw_only=True)
class Result:
    """A finished candidate. `loss`: better when smaller."""

    proposal: Proposal
    report: Report
    seconds: float
    loss: float

    @property
    def n_folds(self) -> int:
        """The number of folds that were fitted: fewer than the run has, where time ran out or it gave up."""
        return len(self.report.fold_scores) + self.report.n_unscored
