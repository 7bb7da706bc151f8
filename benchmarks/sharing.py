"""Compares ways of giving the places of one pool to ten people, on what candidates did on public tables.

    python -m benchmarks.sharing

The recorded trials are those of `engine/search/portfolio.json`: what 36 configurations reached on 24 tables, and how
long each took beside the first LightGBM of its table. A mix is ten of the tables, each with somebody who begins at some
moment and whose rows make each candidate 1 to 10 times as long; everybody's candidates come in the order in which a run
would try them, learnt from the other 23 tables. Regret: what somebody lacks of the best that their candidates reach, as
a share of that, added up over the seconds from their beginning until everybody is done.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.search.learnt_order import learnt_order
from engine.search.portfolio_file import KnownTable, shipped_portfolio
from engine.search.sharing import POOL_PATIENCE_SECONDS, Attained, turn_at, worth

N_PEOPLE = 10
N_PLACES = 4
N_CANDIDATES = 18
FIRST_SECONDS = 2.0  # of a first LightGBM on the smallest table of a mix
LARGEST = 10.0
ARRIVE_SECONDS = 120.0


@dataclass
class Person:
    """Somebody with a run: what each candidate will come to, and how far it is. A loss of 1 is the baseline's."""

    number: int
    begins_at: float
    losses: Sequence[float]
    seconds: Sequence[float]
    n_started: int = 0
    asked_at: float = 0.0
    ended: list[tuple[float, int]] = field(default_factory=list)
    longest_wait: float = 0.0

    @property
    def wants_more(self) -> bool:
        """Whether there is a candidate that has not begun."""
        return self.n_started < len(self.losses)

    @property
    def standing(self) -> Attained:
        """What is known to whoever shares out the places."""
        known = [number for _, number in self.ended]
        return Attained(
            baseline=1.0,
            losses=[self.losses[number] for number in known],
            seconds=[self.seconds[number] for number in known],
            n_waiting=self.n_started - len(known),
        )


Choose = Callable[[Sequence[Person], float], Person]


class ByWorth:
    """What runs do: a turn is due at a moment that is settled when it is asked for."""

    def __init__(self) -> None:
        self._due: dict[tuple[int, int], float] = {}

    def __call__(self, waiting: Sequence[Person], _now: float) -> Person:
        """Return whose turn is due first."""
        return min(waiting, key=lambda each: (self._due_at(each), each.number))

    def _due_at(self, person: Person) -> float:
        turn = (person.number, person.n_started)
        if turn not in self._due:
            self._due[turn] = turn_at(person.asked_at, worth(person.standing), POOL_PATIENCE_SECONDS)
        return self._due[turn]


def round_robin(waiting: Sequence[Person], _now: float) -> Person:
    """Return who was served longest ago; who has just come stands at the end of the round."""
    return min(waiting, key=lambda each: (each.asked_at, each.number))


def fewest_first(waiting: Sequence[Person], _now: float) -> Person:
    """Return who has had the fewest candidates: a round-robin in which newcomers catch up at once."""
    return min(waiting, key=lambda each: (each.n_started, each.number))


def first_come(waiting: Sequence[Person], _now: float) -> Person:
    """Return who came first."""
    return min(waiting, key=lambda each: (each.begins_at, each.number))


POLICIES: dict[str, Callable[[], Choose]] = {
    "by worth": ByWorth,
    "round-robin": lambda: round_robin,
    "first-come": lambda: first_come,
    "fewest first": lambda: fewest_first,
}
COMPARED = ("round-robin", "first-come")


def mix(seed: int) -> list[Person]:
    """Return ten people, the same for a seed."""
    random = np.random.default_rng(seed)
    shipped = shipped_portfolio()
    people = []
    for number, position in enumerate(random.choice(len(shipped.tables), N_PEOPLE, replace=False)):
        table = shipped.tables[position]
        order = _order(table)
        size = LARGEST ** random.uniform(0, 1)
        begins_at = float(random.uniform(0, ARRIVE_SECONDS))
        people.append(
            Person(
                number=number,
                begins_at=begins_at,
                asked_at=begins_at,
                losses=[float(table.errors[each, each]) for each in order],
                seconds=[max(0.1, FIRST_SECONDS * size * float(table.seconds[each])) for each in order],
            )
        )
    return people


_orders: dict[str, list[int]] = {}


def _order(table: KnownTable) -> list[int]:
    if table.name not in _orders:
        usable = [int(each) for each in np.flatnonzero(np.isfinite(np.diag(table.errors)))]
        _orders[table.name] = learnt_order(shipped_portfolio(), table.features, usable)[:N_CANDIDATES]
    return _orders[table.name]


def simulate(people: list[Person], choose: Choose) -> float:
    """Share out the places until everybody is done; returns when that is."""
    now, free = 0.0, N_PLACES
    under_way: list[tuple[float, int, int]] = []
    while under_way or any(each.wants_more for each in people):
        waiting = [each for each in people if each.wants_more and each.begins_at <= now]
        if free and waiting:
            person = choose(waiting, now)
            number = person.n_started
            person.longest_wait = max(person.longest_wait, now - person.asked_at)
            person.n_started, person.asked_at, free = number + 1, now, free - 1
            under_way.append((now + person.seconds[number], person.number, number))
            continue
        coming = [each.begins_at for each in people if each.begins_at > now]
        now = min([each[0] for each in under_way] + coming)
        for each in sorted(each for each in under_way if each[0] <= now):
            under_way.remove(each)
            people[each[1]].ended.append((each[0], each[2]))
            free += 1
    return now


def regret(person: Person, end: float) -> float:
    """Return what somebody lacked of the best of their candidates, as a share, over the seconds until the end."""
    reachable = 1.0 - min(*person.losses, 1.0)
    if reachable <= 0:
        return 0.0
    total, best, since = 0.0, 1.0, person.begins_at
    for moment, number in sorted(person.ended):
        total += (moment - since) * (best - (1.0 - reachable)) / reachable
        best, since = min(best, person.losses[number]), moment
    return total + (end - since) * (best - (1.0 - reachable)) / reachable


def compared(seed: int) -> dict[str, tuple[float, float]]:
    """Return the total regret of a mix, and the longest wait for a turn, by policy."""
    found = {}
    for name, policy in POLICIES.items():
        people = mix(seed)
        end = simulate(people, policy())
        found[name] = (sum(regret(each, end) for each in people), max(each.longest_wait for each in people))
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mixes", type=int, default=100)
    parser.add_argument("--first-seed", type=int, default=0)
    options = parser.parse_args()
    found = [compared(seed) for seed in range(options.first_seed, options.first_seed + options.mixes)]
    for name in POLICIES:
        totals, waits = zip(*(each[name] for each in found), strict=True)
        print(f"{name}: mean regret {np.mean(totals):.0f}, longest wait for a turn {max(waits):.0f} s")
    for name in list(POLICIES)[1:]:
        won = sum(each["by worth"][0] < each[name][0] for each in found)
        ratio = np.median([each["by worth"][0] / each[name][0] for each in found])
        print(f"below {name} in {won} of {len(found)} mixes; median ratio {ratio:.2f}")
    both = sum(all(each["by worth"][0] < each[name][0] for name in COMPARED) for each in found)
    print(f"below {' and '.join(COMPARED)} in {both} of {len(found)} mixes")


if __name__ == "__main__":
    main()
