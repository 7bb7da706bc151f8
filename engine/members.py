"""Decides how each member of the blend enters the file: as the bag of its fold models, or refitted on all rows.

A bag costs no time, a refit costs no size; both are worth about the same (a few per cent of the error), so the bag
is taken while the file stays small and quick, and a refit otherwise. Without time for it, fewer fold models are taken.
"""

import heapq
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.events import Member
from engine.finish import MemberPlan
from engine.limits import SLOWEST_ROW_MS, ModelLimits
from engine.search.loop import Result

BYTES_PER_NODE = 17  # of a tree, in the file
NODES_PER_MS = 250_000  # of the slowest row allowed: about half of that time for the usual row
LIKELY_MEMBERS = 3  # candidates for whose refits time is kept during the search
PARTS_PER_MS = 12  # fitted models in a file: each brings the nodes of its own pipeline


@dataclass(frozen=True, kw_only=True)
class Room:
    """What a file may hold: nodes of trees, and fitted models.

    `may_bag`: whether the models of the folds are as good as one of all rows. Forward in time they are not: the first
    folds have learnt from few rows, and old ones.
    """

    n_nodes: float
    n_parts: int
    may_bag: bool = True

    @staticmethod
    def within(limits: ModelLimits, *, may_bag: bool = True) -> "Room":
        """Return the room that the limits leave; the finished file is measured besides.

        >>> Room.within(ModelLimits()).n_parts
        12
        """
        row_ms = SLOWEST_ROW_MS if limits.slowest_row_ms is None else limits.slowest_row_ms
        return Room(
            n_nodes=min(limits.largest_file_bytes / BYTES_PER_NODE, NODES_PER_MS * row_ms),
            n_parts=max(1, int(PARTS_PER_MS * row_ms)),
            may_bag=may_bag,
        )

    def shared_by(self, n_members: int) -> "Room":
        """Return the part of one of several members."""
        n_parts = max(1, self.n_parts // n_members) if self.may_bag else 1
        return replace(self, n_nodes=self.n_nodes / n_members, n_parts=n_parts)


def plan_members(
    members: Sequence[Member],
    results: Mapping[int, Result],
    n_folds: int,
    *,
    slots: int,
    refit_budget_seconds: float | None,
    room: Room,
) -> tuple[MemberPlan, ...]:
    """Return a plan for each member, in order (the heaviest first).

    `slots`: refits at once. `refit_budget_seconds`: time for all refits; None means as long as they take.
    """
    bagged = _bagged(members, results, n_folds, room)
    free = [0.0] * slots  # when each slot will be free
    share = room.shared_by(len(members))
    plans = []
    for member in members:
        result = results[member.number]
        ready = free[0] + refit_seconds(result, n_folds)
        if member.number in bagged:
            plans.append(MemberPlan(member=member, refitted=False, n_folds=n_folds))
        elif refit_budget_seconds is None or ready <= refit_budget_seconds:
            heapq.heapreplace(free, ready)
            plans.append(MemberPlan(member=member, refitted=True, n_folds=0))
        else:
            n_models = _affordable(result, n_folds, share)
            plans.append(MemberPlan(member=member, refitted=False, n_folds=n_models))
    return tuple(plans)


def bags_instead(
    plans: Sequence[MemberPlan],
    failed: Collection[int],
    results: Mapping[int, Result],
    n_folds: int,
    room: Room,
) -> tuple[MemberPlan, ...]:
    """Return the plans with fold models in place of the refits that failed."""
    share = room.shared_by(len(plans))
    return tuple(
        replace(
            plan,
            refitted=False,
            n_folds=_affordable(results[plan.member.number], n_folds, share),
        )
        if plan.member.number in failed
        else plan
        for plan in plans
    )


def likely_refit_seconds(results: Mapping[int, Result], n_folds: int, slots: int, room: Room) -> float:
    """Return the time that refits will take if the best candidates so far become the blend."""
    whole = [result for result in results.values() if not result.report.pruned]
    best = sorted(whole, key=lambda result: (result.loss, result.proposal.number))[:LIKELY_MEMBERS]
    members = [Member(number=r.proposal.number, family=r.proposal.family, weight=1 / len(best)) for r in best]
    bagged = _bagged(members, results, n_folds, room)
    refits = [refit_seconds(results[m.number], n_folds) for m in members if m.number not in bagged]
    return max([0.0, *refits, sum(refits) / slots])


def refit_seconds(result: Result, n_folds: int) -> float:
    """Return how long a refit on all rows will take, judged by the trial: one fit on somewhat more rows."""
    return 0.2 + 1.2 * result.seconds / n_folds


def _bagged(members: Sequence[Member], results: Mapping[int, Result], n_folds: int, room: Room) -> set[int]:
    """Take whole bags, the smallest first, while nodes and parts last beside the refits of the others."""
    if not room.may_bag:
        return set()
    order = sorted(members, key=lambda member: results[member.number].report.n_nodes)
    chosen: set[int] = set()
    nodes = sum(results[m.number].report.n_nodes / n_folds for m in members)
    parts = len(members)
    for member in order:
        nodes += results[member.number].report.n_nodes * (1 - 1 / n_folds)
        parts += n_folds - 1
        if nodes > room.n_nodes or parts > room.n_parts:
            break
        chosen.add(member.number)
    return chosen


def _affordable(result: Result, n_folds: int, share: Room) -> int:
    per_fold = max(1.0, result.report.n_nodes / n_folds)
    return max(1, min(n_folds, share.n_parts, int(share.n_nodes / per_fold)))
