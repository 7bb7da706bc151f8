"""What to try next: the starting points in turn, then a search.

A pure policy: the proposals depend on the seed and on what is told, never on a clock.
"""

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from engine.families import BASELINE
from engine.families.family import Family
from engine.messages import Message, phrase
from engine.search.arms import arms_in_order
from engine.search.identity import identity
from engine.search.merits import Merits
from engine.search.near import near
from engine.search.offering import options_offered
from engine.search.option import Option
from engine.search.own_space import read_space
from engine.search.proposal import Past, Proposal
from engine.search.samplers.sampler import sampler_named
from engine.search.settings import SearchSettings, WayKey
from engine.search.space import SearchSpace
from engine.search.turning import in_turns
from engine.search.ways import Asked, make_way
from engine.shape import Shape

USUAL_WAY, USUAL_SAMPLER = WayKey.ALTERNATING, "tpe"  # what measured best, see benchmarks/ways
RESUMED_SEED = 1009
ATTEMPTS = 4  # to find something new and affordable in a family, before the next family is asked

NOTHING_LEFT = phrase("search_nothing_left", "Nothing is left to try.")
NOTHING_AFFORDABLE = phrase(
    "search_nothing_affordable",
    "The time left is too short for anything that could still help; it is kept for the final model.",
)

Point = tuple[Family, Mapping[str, Any]]


def everything(_proposal: Proposal) -> bool:
    """Say that a candidate can be afforded, whatever it is."""
    return True


class Proposer:
    """Proposes candidates and learns from their losses.

    `families`: those that apply, the cheapest first. `points`: what is tried first, in this order; None: the families'
    own starting points. `targets`: ways of turning the target that may pay. Candidate 0 is the baseline.
    """

    def __init__(
        self,
        families: Sequence[Family],
        shape: Shape,
        *,
        seed: int,
        points: Sequence[Point] | None = None,
        settings: SearchSettings | None = None,
        targets: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self._settings = settings or SearchSettings()
        own = read_space(self._settings.space) if self._settings.space is not None else None
        wanted = [each for each in families if own is None or not own.keys or each.key in (*own.keys, BASELINE)]
        self._space = SearchSpace(families=tuple(wanted), shape=shape, targets=targets or {}, own=own)
        searchable = tuple(each for each in wanted if each.key != BASELINE and self._space.dimensions(each.key))
        self._space = SearchSpace(families=searchable, shape=shape, targets=targets or {}, own=own)
        keys = {family.key for family in wanted}
        first = starting_order(wanted) if points is None else points
        first = first if own is not None else in_turns(first, targets or {})
        self._queue = _in_order(
            [each for each in first if each[0].key in keys and self._space.holds(each[0].key, each[1])]
        )
        self._again: list[Proposal] = []
        self._asked_for: list[tuple[str, str, Mapping[str, Any]]] = []
        self._pinned: dict[int, tuple[str, Mapping[str, Any]]] = {}
        self._options: dict[str, tuple[Option, ...]] = {}
        self._n_beside_pins = 0
        self._n_extra = 0
        self._n_too_dear = 0
        self._seen: set[str] = set()
        self._last = -1
        self._merits = Merits(family.key for family in wanted)
        self._open: dict[int, tuple[Proposal, Asked | None]] = {}
        self._begin(seed)

    def _begin(self, seed: int) -> None:
        sampler = sampler_named(self._settings.sampler or USUAL_SAMPLER)
        way = self._settings.way or (USUAL_WAY if sampler.conditional else WayKey.CONDITIONING)
        self._seed = seed
        self._way = make_way(way, self._space, sampler, seed=seed)

    @property
    def next_number(self) -> int:
        """The number that the next candidate will have."""
        return self._again[0].number if self._again else self._last + 1

    @property
    def n_queued(self) -> int:
        """The number of starting points that are left."""
        return len(self._again) + sum(family.key not in self._merits.banned for family, _ in self._queue)

    @property
    def at_end(self) -> Message:
        """Why nothing is proposed any more."""
        return NOTHING_AFFORDABLE() if self._n_too_dear else NOTHING_LEFT()

    @property
    def n_asked_for(self) -> int:
        """The number of candidates that a person asked for and that wait to be tried."""
        return len(self._asked_for)

    @property
    def n_extra(self) -> int:
        """The number of candidates that were begun because a person asked for them."""
        return self._n_extra

    @property
    def options(self) -> dict[str, tuple[Option, ...]]:
        """What can be set in a candidate, by family."""
        if not self._options:
            self._options = options_offered(self._space)
        return self._options

    def ask_for(self, request: str, family: str, parameters: Mapping[str, Any]) -> None:
        """Try this candidate next, behind those that were asked for before."""
        self._asked_for.append((request, family, parameters))

    def drop_asked_for(self) -> list[str]:
        """Forget the candidates that wait to be tried, and return the requests for them."""
        dropped, self._asked_for = self._asked_for, []
        return [request for request, _family, _parameters in dropped]

    def ban(self, family: str, *, lifted: bool = False) -> None:
        """Begin no new candidates of a family; `lifted`: begin them again. What was under way is not touched."""
        banned = self._merits.banned
        (banned.discard if lifted else banned.add)(family)

    def pin(self, number: int, family: str, parameters: Mapping[str, Any]) -> None:
        """Let every second new candidate be a small change of this one, of several pinned ones in turns."""
        self._pinned[number] = (family, parameters)

    def unpin(self, number: int) -> None:
        """Look at a candidate as at any other again."""
        self._pinned.pop(number, None)

    def remember(self, past: Sequence[Past]) -> None:
        """Go on after an earlier process of the same run, in the order of its candidates.

        What came to an end teaches the search; what was under way is tried again as it was.
        """
        self._seen.update(identity(each.proposal.family, each.proposal.parameters) for each in past)
        self._queue = [each for each in self._queue if identity(each[0].key, each[1]) not in self._seen]
        self._again = sorted((each.proposal for each in past if not each.ended), key=lambda again: again.number)
        self._last = max([self._last, *(each.proposal.number for each in past)])
        self._n_extra += sum(bool(each.proposal.request) for each in past if each.ended)
        # Another seed, or the first proposals would be those that were tried already.
        self._begin(self._seed + RESUMED_SEED * len(past))
        for each in past:
            if each.ended:
                self._merits.begin(each.proposal.family)
                self._learn(each.proposal, None, each.loss, each.seconds, each.load)

    def propose(self, affordable: Callable[[Proposal], bool] = everything) -> Proposal | None:
        """Return the next candidate that is affordable; None when there is nothing left to try.

        What a person asked for comes first, whatever it costs, and what is beside a pinned candidate every second time.
        The starting points come in their order, but second ones of families far behind the best after all others, and
        their third ones never. Starting points that are not affordable are passed over for good.
        """
        self._n_too_dear = 0

        def can_be_had(proposal: Proposal) -> bool:
            can = affordable(proposal)
            self._n_too_dear += not can
            return can

        if self._again:
            return self._start(self._again.pop(0), None)
        if self._asked_for and self._last >= 0:
            request, key, parameters = self._asked_for.pop(0)
            asked_for = Proposal(number=self._last + 1, family=key, parameters=parameters, request=request)
            return self._start(asked_for, None)
        if (beside := self._beside_pins(can_be_had)) is not None:
            return self._start(beside, None)
        while (place := self._next_in_queue()) is not None:
            family, point = self._queue.pop(place)
            proposal = Proposal(number=self._last + 1, family=family.key, parameters=point)
            if not self._merits.is_hopeless(family.key) and can_be_had(proposal):
                return self._start(proposal, None)
        for asked in self._asked():
            proposal = Proposal(number=self._last + 1, family=asked.family, parameters=asked.parameters, searched=True)
            if not self._is_known(proposal) and can_be_had(proposal):
                return self._start(proposal, asked)
            self._way.tell(asked, None)
        return None

    def _beside_pins(self, affordable: Callable[[Proposal], bool]) -> Proposal | None:
        """Return a small change of a pinned candidate when it is their turn; None when it is not, or none is new."""
        pins = [each for each in self._pinned.values() if each[0] not in self._merits.banned]
        if not pins:
            return None
        turn, odd = divmod(self._n_beside_pins, 2)
        self._n_beside_pins += 1
        if odd:
            return None
        family, parameters = pins[turn % len(pins)]
        for attempt in range(ATTEMPTS):
            chance = random.Random(f"{self._seed} {self._last} {attempt}")
            point = near(parameters, self.options.get(family, ()), chance, wider=2 * attempt >= ATTEMPTS)
            proposal = Proposal(number=self._last + 1, family=family, parameters=point, searched=True)
            if not self._is_known(proposal) and affordable(proposal):
                return proposal
        return None

    def _next_in_queue(self) -> int | None:
        """Return the position of the first starting point of a family that is new or promising, else the first.

        None when there is none, or only of banned families.
        """
        merits = self._merits
        left = [(i, family.key) for i, (family, _) in enumerate(self._queue) if family.key not in merits.banned]
        return next((i for i, family in left if merits.is_promising(family)), left[0][0] if left else None)

    def _asked(self) -> Iterator[Asked]:
        """Let the search propose: the most promising family first, each several times."""
        keys = [family.key for family in self._space.families]
        searched = self._merits.may_be_searched(keys)
        out = frozenset(keys).difference(searched)
        for key in arms_in_order({key: self._merits.arm(key) for key in searched}):
            for _ in range(ATTEMPTS):
                yield self._way.ask(key, out)

    def _is_known(self, proposal: Proposal) -> bool:
        return identity(proposal.family, proposal.parameters) in self._seen

    def _start(self, proposal: Proposal, asked: Asked | None) -> Proposal:
        self._last = max(self._last, proposal.number)
        self._seen.add(identity(proposal.family, proposal.parameters))
        self._n_extra += bool(proposal.request)
        self._merits.begin(proposal.family)
        self._open[proposal.number] = (proposal, asked)
        return proposal

    def tell(self, number: int, loss: float | None, *, seconds: float | None = None, load: float = 0.0) -> None:
        """Learn how a candidate did; None when it failed.

        `seconds`: what it took; None where time must not count. `load`: see `Tried`. However good, what no file has
        room for is no merit of its family, and the search is led away from it.
        """
        if number not in self._open:
            return
        proposal, asked = self._open.pop(number)
        self._learn(proposal, asked, loss, seconds, load)

    def _learn(
        self, proposal: Proposal, asked: Asked | None, loss: float | None, seconds: float | None, load: float
    ) -> None:
        counted = self._merits.learn(proposal.family, loss, seconds, load)
        if asked is not None:
            self._way.tell(asked, counted)
        elif counted is not None and proposal.family in {family.key for family in self._space.families}:
            self._way.teach(proposal.family, proposal.parameters, counted)


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
    """Return how many candidates a table can tell apart: about 9 at 500 rows, 20 at 2,500, 40 at 10,000.

    Beyond that, searching longer mostly finds luck.

    >>> most_candidates(500), most_candidates(10_000)
    (9, 40)
    """
    return max(8, round(0.4 * math.sqrt(n_rows)))


def _in_order(points: Sequence[Point]) -> list[Point]:
    """Return the points without repetitions, the baseline first."""
    single: dict[str, Point] = {}
    for family, point in points:
        single.setdefault(identity(family.key, point), (family, point))
    return sorted(single.values(), key=lambda point: point[0].key != BASELINE)
