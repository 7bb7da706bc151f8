"""Decides how each member of the blend enters the file: as the bag of its fold models, or refitted on all rows.

A bag costs no time, a refit costs no size; both are worth about the same (a few per cent of the error), so the bag
is taken while the file stays small and quick, and a refit otherwise. Without time for it, fewer fold models are taken.
"""

import heapq
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.events import Member
from engine.finish import MemberPlan
from engine.limits import ModelLimits
from engine.search.loop import Result

BYTES_PER_NODE = 17  # of a tree, in the file
NODES_PER_MS = 250_000  # of the slowest row allowed: about half of that time for the usual row
LIKELY_MEMBERS = 3  # candidates for whose refits time is kept during the search
PARTS_PER_MS = 12  # fitted models in a file: each brings the nodes of its own pipeline


@dataclass(frozen=True, kw_only=True)
class Room:
    """What a file may hold: nodes of trees, and fitted models."""

    n_nodes: float
    n_parts: int

    @staticmethod
    def within(limits: ModelLimits) -> "Room":
        """Return the room that a person's limits leave; the finished file is measured besides.

        >>> Room.within(ModelLimits()).n_parts
        12
        """
        largest = limits.largest_file_bytes / BYTES_PER_NODE
        return Room(
            n_nodes=min(largest, NODES_PER_MS * limits.slowest_row_ms),
            n_parts=max(1, int(PARTS_PER_MS * limits.slowest_row_ms)),
        )

    def shared_by(self, n_members: int) -> "Room":
        """Return the part of one of several members."""
        return Room(n_nodes=self.n_nodes / n_members, n_parts=max(1, self.n_parts // n_members))


def plan_members(
    members: Sequence[Member],
    results: Mapping[int, Result],
    n_folds: int,
    *,
    slots: int,
    refit_budget_seconds: float | None,
    limits: ModelLimits,
) -> tuple[MemberPlan, ...]:
    """Return a plan for each member, in order (the heaviest first).

    `slots`: refits at once. `refit_budget_seconds`: time for all refits; None means as long as they take.
    """
    room = Room.within(limits)
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
    limits: ModelLimits,
) -> tuple[MemberPlan, ...]:
    """Return the plans with fold models in place of the refits that failed."""
    share = Room.within(limits).shared_by(len(plans))
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


def likely_refit_seconds(results: Mapping[int, Result], n_folds: int, slots: int, limits: ModelLimits) -> float:
    """Return the time that refits will take if the best candidates so far become the blend."""
    whole = [result for result in results.values() if not result.report.pruned]
    best = sorted(whole, key=lambda result: (result.loss, result.proposal.number))[:LIKELY_MEMBERS]
    members = [Member(number=r.proposal.number, family=r.proposal.family, weight=1 / len(best)) for r in best]
    bagged = _bagged(members, results, n_folds, Room.within(limits))
    refits = [refit_seconds(results[m.number], n_folds) for m in members if m.number not in bagged]
    return max([0.0, *refits, sum(refits) / slots])


def refit_seconds(result: Result, n_folds: int) -> float:
    """Return how long a refit on all rows will take, judged by the trial: one fit on somewhat more rows."""
    return 0.2 + 1.2 * result.seconds / n_folds


def _bagged(members: Sequence[Member], results: Mapping[int, Result], n_folds: int, room: Room) -> set[int]:
    """Take whole bags, the smallest first, while nodes and parts last beside the refits of the others."""
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
