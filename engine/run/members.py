"""Decides how each member of the blend enters the file: as the models of its folds, or fitted again on all rows.

The models of the folds cost no time, but each has learnt from a part of the rows and brings a pipeline of its own.
Most families gain 2 to 3 % of their error when they are fitted on all rows instead, three times with other seeds, and
nothing when once; more often brings a little more where there is time and room; with few and noisy rows bags are better
(see `Family.n_refits` and `bags_below_rows`).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from engine.blend.election import with_room
from engine.families.family import family_named
from engine.limits import ModelLimits
from engine.outcomes import Member
from engine.run.finish import MemberPlan
from engine.search.surroundings import Result

BYTES_PER_NODE = 17  # of a tree, in the file
MS_PER_STEP = 3.7e-5  # through trees of 100,000 nodes together
NEARER = 0.75  # power of the nodes: the fewer there are, the nearer to the processor it keeps them
MS_PER_PART = 0.035  # of a fitted model: it brings the nodes of its own pipeline
MEMBERS_SHARE = 0.45  # of the time of the slowest row, for one model of each member; the usual row should take half
MODELS_SHARE = 0.6  # likewise, for all models: on a quick computer they take less than is reckoned
MOST_PARTS_PER_MS = 12  # fitted models in a file, for each millisecond that a row may take
SHARING_PART = 0.4  # of a part: a model whose pipeline is there already
LIKELY_MEMBERS = 3  # candidates for whose refits time is kept during the search
ONE_DRAWING = 5  # folds: where they are drawn repeatedly, one drawing makes a bag too
LARGER = 1.25  # a model of all rows beside one of a fold, in nodes and in splits that a row passes
LONGER = 1.2  # a fit on all rows beside one of a fold, which stops later than is needed


@dataclass(frozen=True, kw_only=True)
class Load:
    """What fitted models bring into a file: nodes of trees, the time of a row in them, and how many models they are."""

    n_nodes: float
    tree_ms: float
    n_parts: float

    @property
    def row_ms(self) -> float:
        """How long a row takes, roughly, on a computer that is not quick."""
        return MS_PER_PART * self.n_parts + self.tree_ms

    def times(self, n_models: float, *, n_parts: float) -> "Load":
        """Return the load of so many models of this kind."""
        return Load(n_nodes=n_models * self.n_nodes, tree_ms=n_models * self.tree_ms, n_parts=n_parts)

    def __sub__(self, other: "Load") -> "Load":
        return Load(
            n_nodes=self.n_nodes - other.n_nodes,
            tree_ms=self.tree_ms - other.tree_ms,
            n_parts=self.n_parts - other.n_parts,
        )


def load_of(result: Result, *, larger: float = LARGER) -> Load:
    """Return what one model of a candidate brings, fitted on all rows; with `larger` 1 what that of a fold brings."""
    n_nodes, n_steps = (larger / result.n_folds * each for each in (result.report.n_nodes, result.report.n_steps))
    return Load(n_nodes=n_nodes, tree_ms=MS_PER_STEP * n_steps * (n_nodes / 1e5) ** NEARER, n_parts=1.0)


@dataclass(frozen=True, kw_only=True)
class Room:
    """What a file may hold.

    `n_nodes`, `n_parts`, `models_ms`: of all fitted models, see `Load`; what does not prove quick enough is taken out
    of the finished file. `members_ms`: of one model of each member, beyond which no blend is chosen. `n_rows`: of the
    table, where the models of its folds together may be better than those of all rows; None where they never are:
    forward in time the first folds have learnt from few rows, and old ones.
    """

    n_nodes: float
    n_parts: float
    models_ms: float
    members_ms: float
    n_rows: int | None

    @staticmethod
    def within(limits: ModelLimits, n_columns: int, n_rows: int | None) -> "Room":
        """Return the room that the limits leave; the finished file is measured besides.

        Of many columns a row may take longer, but each fitted model takes longer as well.

        >>> Room.within(ModelLimits(), 80, n_rows=5_000).members_ms, Room.within(ModelLimits(), 80, 5_000).n_parts
        (0.9, 12.0)
        """
        row_ms = limits.row_ms(n_columns)
        return Room(
            n_nodes=limits.largest_file_bytes / BYTES_PER_NODE,
            n_parts=max(1.0, MOST_PARTS_PER_MS * limits.row_ms(1)),
            models_ms=MODELS_SHARE * row_ms,
            members_ms=MEMBERS_SHARE * row_ms,
            n_rows=n_rows,
        )

    def shared_by(self, n_members: int) -> "Room":
        """Return the part of one of several members."""
        n_parts = 1.0 if self.n_rows is None else max(1.0, self.n_parts / n_members)
        return replace(self, n_nodes=self.n_nodes / n_members, n_parts=n_parts, models_ms=self.models_ms / n_members)

    def beside(self, load: Load) -> "Room":
        """Return what is left beside a model, less than nothing where it does not fit."""
        return replace(
            self,
            n_nodes=self.n_nodes - load.n_nodes,
            n_parts=self.n_parts - load.n_parts,
            models_ms=self.models_ms - load.row_ms,
        )

    @property
    def is_enough(self) -> bool:
        """Whether all fits."""
        return min(self.n_nodes, self.n_parts, self.models_ms) >= 0


def room_taken(result: Result, room: Room) -> float:
    """Return what one fitted model of a candidate takes of the room that all members have; above 1 it can be none."""
    load = load_of(result)
    return max(load.n_nodes / room.n_nodes, load.row_ms / room.members_ms)


def enters_as_bag(family: str, n_rows: int | None, n_folds: int) -> bool:
    """Say whether the models of a candidate's folds together are better than those of all rows.

    They are where rows are few, and folds enough for each to have learnt from most of them. `n_rows`: see `Room`.

    >>> enters_as_bag("lightgbm", 900, 5), enters_as_bag("lightgbm", 900, 2), enters_as_bag("lightgbm", 9_000, 5)
    (True, False, False)
    """
    return n_rows is not None and n_rows < family_named(family).bags_below_rows and n_folds >= ONE_DRAWING


def plan_members(
    members: Sequence[Member], results: Mapping[int, Result], room: Room, *, most_refits: int = 0
) -> tuple[MemberPlan, ...]:
    """Return what each member, the heaviest first, should enter as if there is time for all refits.

    Every member has one model. Those whose fold models are better enter as all of these where they fit, or as those of
    one drawing of the folds, the smallest first; the others get more refits in turns, as long as they fit.
    `most_refits`: of families to whom seeds make a difference, where that is more than they ask for.
    """
    loads = {m.number: load_of(results[m.number]) for m in members}
    left = reduce(Room.beside, loads.values(), room)
    n_refits, n_bagged = {m.number: 1 for m in members}, {m.number: 0 for m in members}
    bags = [m for m in members if enters_as_bag(m.family, room.n_rows, results[m.number].n_folds)]
    for member in sorted(bags, key=lambda m: loads[m.number].row_ms):
        of_fold = load_of(results[member.number], larger=1.0)
        for n_models in sorted({results[member.number].n_folds, ONE_DRAWING}, reverse=True):
            beside = left.beside(of_fold.times(n_models, n_parts=n_models) - loads[member.number])
            if beside.is_enough:
                left, n_refits[member.number], n_bagged[member.number] = beside, 0, n_models
                break
    usual = {m.number: family_named(m.family).n_refits for m in members}
    most = {number: max(n, most_refits) if n > 1 else n for number, n in usual.items()}
    for asked in (usual, most):  # what is usual goes before what is spare
        for turn in range(1, max(asked.values(), default=1)):
            for member in members:
                wanted = 0 < n_refits[member.number] <= turn < asked[member.number]
                beside = left.beside(loads[member.number].times(1, n_parts=SHARING_PART))
                if wanted and beside.is_enough:
                    left, n_refits[member.number] = beside, n_refits[member.number] + 1
    return tuple(MemberPlan(member=m, n_refits=n_refits[m.number], n_folds=n_bagged[m.number]) for m in members)


def with_refits_done(
    plans: Sequence[MemberPlan], done: Mapping[int, int], results: Mapping[int, Result], room: Room
) -> tuple[MemberPlan, ...]:
    """Return the plans with as many refits as were `done`; fold models stand in for those that have none."""
    share = room.shared_by(len(plans))
    return tuple(
        replace(plan, n_refits=min(plan.n_refits, done[plan.member.number]))
        if not plan.n_refits or done[plan.member.number]
        else replace(plan, n_refits=0, n_folds=_affordable(results[plan.member.number], share))
        for plan in plans
    )


def likely_members(results: Mapping[int, Result], room: Room) -> tuple[Member, ...]:
    """Return the best candidates so far, as if they became the blend."""
    whole = [number for number, result in results.items() if not result.report.pruned]
    tried = [number for number in whole if number] or whole  # of the baseline no blend is made
    fitting = with_room(tried, {number: room_taken(results[number], room) for number in tried})
    best = sorted((results[number] for number in fitting), key=lambda each: (each.loss, each.proposal.number))
    best = best[:LIKELY_MEMBERS]
    return tuple(Member(number=r.proposal.number, family=r.proposal.family, weight=1 / len(best)) for r in best)


def planned_refit_seconds(
    plans: Sequence[MemberPlan],
    results: Mapping[int, Result],
    slots: int,
    *,
    longer: float = LONGER,
    most_seconds: float = math.inf,
) -> float:
    """Return the time that the refits of members will take; `most_seconds`: for those beyond the first of each."""
    again = [plan for plan in plans if plan.n_refits]
    first = [refit_seconds(results[plan.member.number], longer) for plan in again]
    more = sum((plan.n_refits - 1) * each for plan, each in zip(again, first, strict=True))
    return max([0.0, *first, sum(first) / slots]) + min(more / slots, most_seconds)


def planned_nodes(plans: Sequence[MemberPlan], results: Mapping[int, Result]) -> float:
    """Return how many nodes of trees members bring into the file, roughly."""
    known = ((plan, results[plan.member.number]) for plan in plans)
    return sum((plan.n_refits * LARGER or plan.n_folds) * each.report.n_nodes / each.n_folds for plan, each in known)


def refit_seconds(result: Result, longer: float = LONGER) -> float:
    """Return how long a refit on all rows will take, judged by the trial; `longer`: than one of its fits."""
    return 0.2 + longer * result.seconds / result.n_folds


def _affordable(result: Result, share: Room) -> int:
    one = load_of(result, larger=1.0)
    fitting = min(share.n_parts, share.models_ms / one.row_ms, share.n_nodes / max(1.0, one.n_nodes))
    return max(1, min(result.n_folds, int(fitting)))
