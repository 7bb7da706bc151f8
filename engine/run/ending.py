"""What the end of a run takes, the blend, refits, file and trimming, and how many refits its time pays for."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.outcomes import Member
from engine.run.electing import stages_of
from engine.run.finish import MemberPlan
from engine.run.members import LONGER, Room, likely_members, plan_members, planned_nodes, planned_refit_seconds
from engine.search.clock import Clock
from engine.search.surroundings import Result

USUAL_START_SECONDS, SLOWEST_PACE = 0.3, 2.5
SECONDS_PER_FILE = 0.8
SECONDS_PER_NODE = 6e-6  # of a tree: read from the library, written, checked
SECONDS_PER_PART = 0.2  # of a fitted model with its features
MANY_CANDIDATES = 10  # from which on choosing among them takes its usual time
SHARE_OF_MORE = 0.1  # of the budget, for fitting members more than once
SHARE_OF_TRIMMING = 0.02  # of the budget, for putting the file together again where its rows take too long
SHARE_OF_SPARE = 0.05  # of the budget, for more refits than families ask for: each brings less than the one before
# Nine in place of the usual three (five of networks): .996 of the error, and less luck; see benchmarks/seeds.
SPARE_REFITS = (9, 7, 5)


@dataclass(frozen=True, kw_only=True)
class Ending:
    """The end of a run. `n_rows`, `n_columns`: of what it learns from. `slots`: so many refits go on at once.

    `least_parts`: models of one candidate, of which the file is made where nothing better is known yet. `longer`: what
    a fit on all rows takes, in fits of a fold. `spare_refits`: how often members may be fitted where there is time for
    more than they usually are, the most first.
    """

    n_rows: int
    n_columns: int
    least_parts: int
    slots: int
    clock: Clock
    room: Room
    longer: float = LONGER
    spare_refits: tuple[int, ...] = SPARE_REFITS

    @property
    def file_by_seconds(self) -> float:
        """When the file has to be there for the first time, on the clock of the run."""
        return (1 - SHARE_OF_TRIMMING) * self.clock.budget_seconds

    def reserve_seconds(self, results: Mapping[int, Result]) -> float:
        """Return the time to keep for the end: the blend, refits of the likely members, the file, trimming."""
        among = min(1.0, len(results) / MANY_CANDIDATES)
        n_stages = len(stages_of(max(results, default=0), self.n_rows))
        choosing = (0.3 + among * min(1.0, self.n_rows / 40_000)) * (1 + n_stages)
        members = likely_members(results, self.room)
        ends = self.seconds(self.paid_plans(members, results, math.inf), results)
        trimming = SHARE_OF_TRIMMING * self.clock.budget_seconds
        return min(pace(results) * choosing + ends + trimming, 0.4 * self.clock.budget_seconds)

    def paid_plans(
        self, members: Sequence[Member], results: Mapping[int, Result], seconds: float | None
    ) -> tuple[MemberPlan, ...]:
        """Return how members enter, as usual or with more refits, as far as these seconds and a twentieth pay for them.

        None: the clock decides nothing, so they enter as usual on any machine.
        """
        usual = plan_members(members, results, self.room)
        if seconds is None:
            return usual
        most_seconds = min(seconds, self.seconds(usual, results) + SHARE_OF_SPARE * self.clock.budget_seconds)
        for most in self.spare_refits:
            plans = plan_members(members, results, self.room, most_refits=most)
            again = planned_refit_seconds(plans, results, self.slots, longer=self.longer)
            if again + pace(results) * self.file_seconds(plans, results) <= most_seconds:
                return plans
        return usual

    def seconds(self, plans: Sequence[MemberPlan], results: Mapping[int, Result]) -> float:
        """Return what refits and the file take, with no more than a tenth of the budget for further refits."""
        most_seconds = SHARE_OF_MORE * self.clock.budget_seconds
        again = planned_refit_seconds(plans, results, self.slots, longer=self.longer, most_seconds=most_seconds)
        return again + pace(results) * self.file_seconds(plans, results)

    def file_seconds(self, plans: Sequence[MemberPlan], results: Mapping[int, Result]) -> float:
        """Return what assembling, certifying and scoring the file takes, roughly, on a computer that has time."""
        n_parts = sum(plan.n_refits or plan.n_folds for plan in plans) or self.least_parts
        of_members = SECONDS_PER_PART * n_parts + SECONDS_PER_NODE * planned_nodes(plans, results)
        return SECONDS_PER_FILE + self.n_rows / 50_000 + self.n_columns / 100 + of_members

    def refits_by_seconds(self, plans: Sequence[MemberPlan], results: Mapping[int, Result]) -> float:
        """Return when refits must be done: the clock of the run leaves just the time to write the file then."""
        return self.file_by_seconds - pace(results) * self.file_seconds(plans, results)


def pace(results: Mapping[int, Result]) -> float:
    """Return how many times slower than usual this computer is now, by the baseline: it trains nothing, it only starts.

    A computer that is busy with other things needs longer at the end, too.
    """
    return min(SLOWEST_PACE, max(1.0, results[0].seconds / USUAL_START_SECONDS)) if 0 in results else 1.0
