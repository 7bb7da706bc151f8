"""Decides how each member of the blend enters the file: as the bag of its fold models, or refitted on all rows.

A bag costs no time, a refit costs no size; both are worth about the same (a few per cent of the error), so the bag
is taken while the file stays small and quick, and a refit otherwise. Without time for it, fewer fold models are taken.
"""

import heapq
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from engine.events import Member
from engine.finish import MemberPlan
from engine.search.loop import Result

NODE_BUDGET = 250_000  # tree nodes in a file: about 10 MB, and up to half a millisecond for a row
LIKELY_MEMBERS = 3  # candidates for whose refits time is kept during the search
PARTS_BUDGET = 12  # fitted models in a file: each brings the nodes of its own pipeline, and one row stays below 1 ms


def plan_members(
    members: Sequence[Member],
    results: Mapping[int, Result],
    n_folds: int,
    *,
    slots: int,
    refit_budget_seconds: float | None,
) -> tuple[MemberPlan, ...]:
    """Return a plan for each member, in order (the heaviest first).

    `slots`: refits at once. `refit_budget_seconds`: time for all refits; None means as long as they take.
    """
    bagged = _bagged(members, results, n_folds)
    free = [0.0] * slots  # when each slot will be free
    share = max(1, PARTS_BUDGET // len(members))
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
            n_models = _affordable(result, n_folds, share, NODE_BUDGET / len(members))
            plans.append(MemberPlan(member=member, refitted=False, n_folds=n_models))
    return tuple(plans)


def bags_instead(
    plans: Sequence[MemberPlan], failed: Collection[int], results: Mapping[int, Result], n_folds: int
) -> tuple[MemberPlan, ...]:
    """Return the plans with fold models in place of the refits that failed."""
    share = max(1, PARTS_BUDGET // len(plans))
    return tuple(
        replace(
            plan,
            refitted=False,
            n_folds=_affordable(results[plan.member.number], n_folds, share, NODE_BUDGET / len(plans)),
        )
        if plan.member.number in failed
        else plan
        for plan in plans
    )


def likely_refit_seconds(results: Mapping[int, Result], n_folds: int, slots: int) -> float:
    """Return the time that refits will take if the best candidates so far become the blend."""
    whole = [result for result in results.values() if not result.report.pruned]
    best = sorted(whole, key=lambda result: (result.loss, result.proposal.number))[:LIKELY_MEMBERS]
    members = [Member(number=r.proposal.number, family=r.proposal.family, weight=1 / len(best)) for r in best]
    bagged = _bagged(members, results, n_folds)
    refits = [refit_seconds(results[m.number], n_folds) for m in members if m.number not in bagged]
    return max([0.0, *refits, sum(refits) / slots])


def refit_seconds(result: Result, n_folds: int) -> float:
    """Return how long a refit on all rows will take, judged by the trial: one fit on somewhat more rows."""
    return 0.2 + 1.2 * result.seconds / n_folds


def _bagged(members: Sequence[Member], results: Mapping[int, Result], n_folds: int) -> set[int]:
    """Take whole bags, the smallest first, while nodes and parts last beside the refits of the others."""
    order = sorted(members, key=lambda member: results[member.number].report.n_nodes)
    chosen: set[int] = set()
    nodes = sum(results[m.number].report.n_nodes / n_folds for m in members)
    parts = len(members)
    for member in order:
        nodes += results[member.number].report.n_nodes * (1 - 1 / n_folds)
        parts += n_folds - 1
        if nodes > NODE_BUDGET or parts > PARTS_BUDGET:
            break
        chosen.add(member.number)
    return chosen


def _affordable(result: Result, n_folds: int, share: int, node_share: float) -> int:
    per_fold = max(1.0, result.report.n_nodes / n_folds)
    return max(1, min(n_folds, share, int(node_share / per_fold)))
