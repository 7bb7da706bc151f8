"""The ways to make a model smaller: fewer fitted models, fewer members, fewer trees."""

from collections.abc import Iterator
from dataclasses import replace

from engine.blend.final import FinalMember, FinalModel
from engine.messages import Message, phrase

FEWEST_ROUNDS = 20
SHARES_OF_ROUNDS = (0.5, 0.25)

ONE_EACH = phrase("smaller_one_each", "One fitted model for each of the {n} members.")
HEAVIEST = phrase("smaller_heaviest", "The {n} heaviest members, fitted once.")
ALONE = phrase("smaller_alone", "The heaviest member alone, fitted once.")
FEWER_ROUNDS = phrase("smaller_fewer_rounds", "The heaviest member alone, with {percent} % of its trees.")


def versions(model: FinalModel) -> Iterator[tuple[Message, FinalModel]]:
    """Yield smaller models made of parts of this one, the most like it first, each with what was done."""
    ranked = tuple(sorted(model.members, key=lambda member: -member.weight))
    if any(len(member.bag) > 1 for member in ranked):
        yield ONE_EACH(n=len(ranked)), _of(model, ranked)
    if len(ranked) > 2:
        yield HEAVIEST(n=2), _of(model, ranked[:2])
    if len(ranked) > 1:
        yield ALONE(), _of(model, ranked[:1])
    for share in SHARES_OF_ROUNDS:
        shorter = _shortened(ranked[0], share)
        if shorter is not None:
            yield FEWER_ROUNDS(percent=round(100 * share)), _of(model, (shorter,))


def _of(model: FinalModel, members: tuple[FinalMember, ...]) -> FinalModel:
    total = sum(member.weight for member in members)
    kept = (replace(member, weight=member.weight / total, bag=member.bag[:1]) for member in members)
    return replace(model, members=tuple(kept))


def _shortened(member: FinalMember, share: float) -> FinalMember | None:
    """Return a member whose first fitted model has fewer rounds; None where it has no rounds or few."""
    first = member.bag[0]
    rounds = round(share * first.rounds)
    if rounds < FEWEST_ROUNDS or not first.part.tree_sizes(first.state, first.rounds).n_nodes:
        return None
    return replace(member, bag=(replace(first, rounds=rounds),))
