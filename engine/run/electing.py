"""Which candidates become the members of the final model: chosen by how they predict, within the time of a row."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from engine.blend.choice import Choice, choose_members
from engine.blend.election import standing_candidates, with_room
from engine.config import ExperimentConfig
from engine.events import CandidateStarted, of_kind
from engine.messages import Message, phrase
from engine.outcomes import Member
from engine.progress import fold
from engine.run.members import Room, room_taken
from engine.run.process import RunProcess
from engine.search.identity import identity
from engine.search.policy import first_stage
from engine.search.proposals import most_candidates
from engine.search.surroundings import Result

MORE_EACH_STAGE = 1.4

OF_THE_FIRST = phrase(
    "blend_of_first",
    "What was tried after the first {n_candidates} candidates did not make the model clearly better, so it is made of "
    "those.",
)
NO_ROOM = phrase(
    "blend_no_room",
    "Better by themselves than each member of the model, but too slow or too large for its file: candidate {numbers}.",
    "A new training that allows a slower row or a larger file can use them.",
)
MOST_NAMED = 5


@dataclass(frozen=True, kw_only=True)
class Elected:
    """The members of a blend. `reason`, `no_room`: see `BlendChosen`."""

    choice: Choice
    members: tuple[Member, ...]
    reason: Message | None
    no_room: Message | None


@dataclass(frozen=True, kw_only=True)
class Election:
    """An election among the candidates with scores of all folds, `results`. `n_rows`: that the run has learnt from."""

    process: RunProcess
    config: ExperimentConfig
    metric: str
    results: Mapping[int, Result]
    baseline_loss: float
    n_rows: int
    room: Room

    @cached_property
    def standing(self) -> list[int]:
        """The candidates that stand for election, the best first."""
        return [n for n in self._ranked if n in self._given_shares] or self._among(self._better or self._ranked[:1])

    def elect(self, numbers: Sequence[int]) -> Elected:
        """Choose among candidates; where all that stand for election are asked for, late ones must clearly help."""
        given = self._given_shares if all(n in self._given_shares for n in numbers) else None
        loads = self._loads
        earlier = self._stages() if given is None and list(numbers) == self.standing else {}
        config, folder, stages = self.config, self.process.around.folder, list(earlier.values())
        choice: Choice = self.process.call(
            choose_members, folder, numbers, self.metric, config.seed, config.decisions, given, loads, stages
        )
        members = tuple(
            Member(number=n, family=self.results[n].proposal.family, weight=weight) for n, weight in choice.members
        )
        reason = None if choice.stage is None else OF_THE_FIRST(n_candidates=list(earlier)[choice.stage])
        return Elected(choice=choice, members=members, reason=reason, no_room=self._without_room(members))

    def _without_room(self, members: Sequence[Member]) -> Message | None:
        best = min(self.results[member.number].loss for member in members)
        better = [n for n in self._ranked if self.results[n].loss < best and self._loads[n] > 1]
        return NO_ROOM(numbers=", ".join(map(str, better[:MOST_NAMED]))) if better else None

    @cached_property
    def _ranked(self) -> list[int]:
        return sorted(self.results, key=lambda number: (self.results[number].loss, number))

    @cached_property
    def _better(self) -> list[int]:
        """Those better than guessing for which the file has room; where it has it for none, the lightest counts."""
        return with_room([n for n in self._ranked if self.results[n].loss < self.baseline_loss], self._loads)

    @cached_property
    def _loads(self) -> dict[int, float]:
        return {number: room_taken(result, self.room) for number, result in self.results.items()}

    @cached_property
    def _pinned(self) -> set[int]:
        return set(fold(self.process.events).pinned) & self.results.keys()

    def _among(self, useful: Sequence[int]) -> list[int]:
        """Return those of `useful` that stand for election, the best first: pinned ones do, however good."""
        pinned = self._pinned
        ranked = [n for n in self._ranked if n in pinned.union(useful)]
        return standing_candidates(ranked, {n: self.results[n].proposal.family for n in ranked}, pinned)

    def _stages(self) -> dict[int, Sequence[int]]:
        """Return who could be chosen after the first so many candidates, while these were not all.

        More candidates than the rows can tell apart find luck. Those that a person asked for are not held back.
        """
        better, started = self._better, of_kind(self.process.events, CandidateStarted)
        wanted = {*self._pinned, *(event.number for event in started if event.request)}
        early = {
            n_first: [n for n in better if n <= n_first or n in wanted]
            for n_first in stages_of(max(better, default=0), self.n_rows)
        }
        return {n_first: self._among(each) for n_first, each in early.items() if 0 < len(each) < len(better)}

    @cached_property
    def _given_shares(self) -> dict[int, float]:
        """The weights that an earlier run has chosen, by candidate; empty where they are chosen anew."""
        again = self.config.again
        shares = {identity(each.family, each.parameters): each.share for each in again.candidates} if again else {}
        found = {
            number: shares.get(identity(result.proposal.family, result.proposal.parameters), 0.0)
            for number, result in self.results.items()
        }
        return {number: share for number, share in found.items() if share > 0}


def stages_of(n_candidates: int, n_rows: int) -> list[int]:
    """Return after how many of so many candidates a choice is made that stays, unless a later one is clearly better.

    First after the starting points that come from other tables, or after all that the rows can tell apart.

    >>> stages_of(60, n_rows=500), stages_of(60, n_rows=10_000), stages_of(15, n_rows=500)
    ([18, 25, 35, 49], [40, 56], [])
    """
    first = first_stage(most_candidates(n_rows))
    n_stages = math.ceil(math.log(max(n_candidates, first) / first, MORE_EACH_STAGE))
    return [round(first * MORE_EACH_STAGE**stage) for stage in range(n_stages)]
