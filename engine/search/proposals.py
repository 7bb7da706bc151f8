"""What to try next: the starting points in turn, then a search.

A pure policy: the proposals depend on the seed and on what is told, never on a clock.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.families.family import Family
from engine.search.arms import Arm, arms_in_order
from engine.shape import Shape

WARM_UP_TRIALS = 4  # proposals of a study that are drawn at random before its model of the space is used
RESUMED_SEED = 1009
ATTEMPTS = 4  # to find something affordable in a family, before the next family is asked

Point = tuple[Family, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A candidate to be tried. `searched`: it came from a search, not from a starting point."""

    number: int
    family: str
    parameters: Mapping[str, Any]
    searched: bool = False


@dataclass(frozen=True, kw_only=True)
class Past:
    """A candidate of an earlier process. `ended`: it came to an end; `loss`: None when it failed or did not end."""

    proposal: Proposal
    ended: bool
    loss: float | None


@dataclass
class _Known:
    losses: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    n_tried: int = 0

    @property
    def arm(self) -> Arm:
        return Arm(losses=tuple(self.losses), seconds=tuple(self.seconds), n_tried=self.n_tried)


def everything(_proposal: Proposal) -> bool:
    """Say that a candidate can be afforded, whatever it is."""
    return True


class Proposer:
    """Proposes candidates and learns from their losses.

    `families`: those that apply, the cheapest first. `points`: what is tried first, in this order; None: the families'
    own starting points. Candidate 0 is the baseline, if it is among the families.
    """

    def __init__(
        self, families: Sequence[Family], shape: Shape, *, seed: int, points: Sequence[Point] | None = None
    ) -> None:
        self._families = {family.key: family for family in families}
        self._shape = shape
        self._seed = seed
        self._again: list[Proposal] = []
        self._queue = _in_order(starting_order(families) if points is None else points)
        self._last = -1
        self._known: dict[str, _Known] = {family.key: _Known() for family in families}
        self._studies: dict[str, Any] = {}
        self._open: dict[int, tuple[str, Any]] = {}
        self._unsearchable: set[str] = {"baseline"}

    @property
    def next_number(self) -> int:
        """The number that the next candidate will have."""
        return self._again[0].number if self._again else self._last + 1

    @property
    def n_queued(self) -> int:
        """The number of starting points that are left."""
        return len(self._again) + len(self._queue)

    def remember(self, past: Sequence[Past]) -> None:
        """Go on after an earlier process of the same run, in the order of its candidates.

        What came to an end teaches the studies; what was under way is tried again as it was.
        """
        started = {_identity(family.key, point) for family, point in self._queue}
        seen = {_identity(each.proposal.family, each.proposal.parameters) for each in past}
        self._queue = [point for point in self._queue if _identity(point[0].key, point[1]) not in seen]
        self._again = sorted((each.proposal for each in past if not each.ended), key=lambda again: again.number)
        self._last = max([self._last, *(each.proposal.number for each in past)])
        # Another seed, or the first proposals would be those that were tried already.
        self._seed += RESUMED_SEED * len(past)
        for each in past:
            family = each.proposal.family
            if not each.ended or family not in self._known:
                continue
            self._known[family].n_tried += 1
            if each.loss is not None:
                self._known[family].losses.append(each.loss)
            if _identity(family, each.proposal.parameters) not in started:
                self._teach(family, each)

    def _teach(self, family: str, past: Past) -> None:
        from optuna.trial import TrialState

        study = self._study(family)
        study.enqueue_trial(dict(past.proposal.parameters))
        trial = study.ask()
        self._families[family].space(trial, self._shape)
        state = TrialState.COMPLETE if past.loss is not None else TrialState.FAIL
        study.tell(trial, past.loss, state=state)

    def propose(self, affordable: Callable[[Proposal], bool] = everything) -> Proposal | None:
        """Return the next candidate that is affordable; None when there is nothing left to try.

        Starting points that are not affordable are passed over for good.
        """
        if self._again:
            proposal = self._again.pop(0)
            self._start(proposal, None)
            return proposal
        while self._queue:
            family, point = self._queue.pop(0)
            proposal = Proposal(number=self._last + 1, family=family.key, parameters=point)
            if affordable(proposal):
                self._start(proposal, None)
                return proposal
        return self._search(affordable)

    def _start(self, proposal: Proposal, trial: Any) -> None:
        self._last = max(self._last, proposal.number)
        self._known[proposal.family].n_tried += 1
        self._open[proposal.number] = (proposal.family, trial)

    def _search(self, affordable: Callable[[Proposal], bool]) -> Proposal | None:
        from optuna.trial import TrialState

        arms = {key: known.arm for key, known in self._known.items() if key not in self._unsearchable and known.losses}
        for family in arms_in_order(arms):
            for _ in range(ATTEMPTS):
                trial = self._study(family).ask()
                parameters = dict(self._families[family].space(trial, self._shape))
                if not trial.params:
                    self._unsearchable.add(family)
                    break
                proposal = Proposal(number=self._last + 1, family=family, parameters=parameters, searched=True)
                if affordable(proposal):
                    self._start(proposal, trial)
                    return proposal
                self._study(family).tell(trial, state=TrialState.FAIL)
        return None

    def tell(self, number: int, loss: float | None, *, seconds: float | None = None) -> None:
        """Learn how a candidate did; None when it failed. `seconds`: what it took; None where time must not count."""
        family, trial = self._open.pop(number, ("", None))
        if family and seconds is not None:
            self._known[family].seconds.append(seconds)
        if loss is not None and family:
            self._known[family].losses.append(loss)
        if trial is not None:
            from optuna.trial import TrialState

            state = TrialState.COMPLETE if loss is not None else TrialState.FAIL
            self._study(family).tell(trial, loss, state=state)

    def _study(self, family: str) -> Any:
        if family not in self._studies:
            import optuna

            optuna.logging.set_verbosity(optuna.logging.ERROR)
            sampler = optuna.samplers.TPESampler(
                seed=self._seed + len(self._studies), n_startup_trials=WARM_UP_TRIALS, multivariate=True
            )
            self._studies[family] = optuna.create_study(sampler=sampler, direction="minimize")
        return self._studies[family]


def starting_order(families: Sequence[Family]) -> list[Point]:
    """Return the first starting point of every family, then the second ones, and so on; cheap families first."""
    longest = max((len(family.starting_points) for family in families), default=0)
    return [
        (family, family.starting_points[turn])
        for turn in range(longest)
        for family in families
        if turn < len(family.starting_points)
    ]


def most_candidates(n_rows: int) -> int:
    """Return how many candidates a table can tell apart: about 8 at 500 rows, 20 at 2,500, 40 at 10,000.

    Below that, searching longer mostly finds luck.

    >>> most_candidates(500), most_candidates(10_000)
    (9, 40)
    """
    return max(8, round(0.4 * math.sqrt(n_rows)))


def _in_order(points: Sequence[Point]) -> list[Point]:
    """Return the points without repetitions, the baseline first."""
    single = {_identity(family.key, point): (family, point) for family, point in reversed(points)}
    kept = sorted(single.values(), key=points.index)
    return sorted(kept, key=lambda point: point[0].key != "baseline")


def _identity(family: str, parameters: Mapping[str, Any]) -> str:
    """Return the same text for the same candidate, also when it comes from a file."""
    return json.dumps([family, dict(parameters)], sort_keys=True)
