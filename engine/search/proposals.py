"""What to try next: each family's starting points in turn, then Optuna, one study per family with a bandit above them.

A pure policy: the proposals depend on the seed and on the results told, never on a clock.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.families.family import Family
from engine.shape import Shape

WARM_UP_TRIALS = 4  # proposals of a study that are drawn at random before its model of the space is used
RESUMED_SEED = 1009
EXPLORATION = 0.15  # small: the leading family should get most of the trials


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


class Proposer:
    """Proposes candidates and learns from their losses.

    `families`: those that apply, the cheapest first. Candidate 0 is the baseline.
    """

    def __init__(self, families: Sequence[Family], shape: Shape, *, seed: int) -> None:
        self._families = {family.key: family for family in families}
        self._shape = shape
        self._seed = seed
        self._queue = [
            Proposal(number=number, family=family.key, parameters=point)
            for number, (family, point) in enumerate(starting_order(families))
        ]
        self._last = len(self._queue) - 1
        self._losses: dict[str, list[float]] = {family.key: [] for family in families}
        self._proposed: dict[str, int] = dict.fromkeys(self._losses, 0)
        self._studies: dict[str, Any] = {}
        self._open: dict[int, tuple[str, Any]] = {}
        self._unsearchable: set[str] = {"baseline"}

    @property
    def next_number(self) -> int:
        """The number that the next candidate will have."""
        return self._queue[0].number if self._queue else self._last + 1

    def remember(self, past: Sequence[Past]) -> None:
        """Go on after an earlier process of the same run, in the order of its candidates.

        What came to an end teaches the studies; what was under way is tried again as it was.
        """
        n_started = len(self._queue)
        seen = {each.proposal.number for each in past}
        again = [each.proposal for each in past if not each.ended]
        fresh = [proposal for proposal in self._queue if proposal.number not in seen]
        self._queue = sorted([*fresh, *again], key=lambda proposal: proposal.number)
        self._last = max([self._last, *seen])
        # Another seed, or the first proposals would be those that were tried already.
        self._seed += RESUMED_SEED * len(seen)
        for each in past:
            family = each.proposal.family
            if not each.ended or family not in self._losses:
                continue
            if each.loss is not None:
                self._losses[family].append(each.loss)
            if each.proposal.number >= n_started:
                self._proposed[family] += 1
                self._teach(family, each)

    def _teach(self, family: str, past: Past) -> None:
        from optuna.trial import TrialState

        study = self._study(family)
        study.enqueue_trial(dict(past.proposal.parameters))
        trial = study.ask()
        self._families[family].space(trial, self._shape)
        state = TrialState.COMPLETE if past.loss is not None else TrialState.FAIL
        study.tell(trial, past.loss, state=state)

    def propose(self) -> Proposal | None:
        """Return the next candidate; None when there is nothing left to try."""
        if self._queue:
            proposal = self._queue.pop(0)
            self._open[proposal.number] = (proposal.family, None)
            return proposal
        searchable = [key for key in self._families if key not in self._unsearchable and self._losses[key]]
        if not searchable:
            return None
        family = self._choose(searchable)
        trial = self._study(family).ask()
        parameters = dict(self._families[family].space(trial, self._shape))
        if not trial.params:
            self._unsearchable.add(family)
            return self.propose()
        self._last += 1
        self._proposed[family] += 1
        self._open[self._last] = (family, trial)
        return Proposal(number=self._last, family=family, parameters=parameters, searched=True)

    def tell(self, number: int, loss: float | None) -> None:
        """Learn how a candidate did; None when it failed."""
        family, trial = self._open.pop(number, ("", None))
        if loss is not None and family:
            self._losses[family].append(loss)
        if trial is not None:
            from optuna.trial import TrialState

            state = TrialState.COMPLETE if loss is not None else TrialState.FAIL
            self._study(family).tell(trial, loss, state=state)

    def _choose(self, keys: Sequence[str]) -> str:
        """Weigh each family's best loss, scaled by the spread over families, against how seldom it was searched."""
        best = {key: min(self._losses[key]) for key in keys}
        low, high = min(best.values()), max(best.values())
        total = 1 + sum(self._proposed[key] for key in keys)

        def value(key: str) -> float:
            merit = (high - best[key]) / (high - low) if high > low else 1.0
            return merit + EXPLORATION * math.sqrt(2 * math.log(total + 1) / (self._proposed[key] + 1))

        return max(keys, key=value)

    def _study(self, family: str) -> Any:
        if family not in self._studies:
            import optuna

            optuna.logging.set_verbosity(optuna.logging.ERROR)
            sampler = optuna.samplers.TPESampler(
                seed=self._seed + len(self._studies), n_startup_trials=WARM_UP_TRIALS, multivariate=True
            )
            self._studies[family] = optuna.create_study(sampler=sampler, direction="minimize")
        return self._studies[family]


def starting_order(families: Sequence[Family]) -> list[tuple[Family, Mapping[str, Any]]]:
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
