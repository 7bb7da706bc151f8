"""What it costs to drop a family by its first tries: the queue of starting points, replayed on the shipped tables.

    python -m benchmarks.portfolio.second_tries    # some 90 seconds

Each table is ordered by what the others teach, and the real proposer goes through the starting points as a run would,
told the recorded errors, until a time is up. Printed is the excess of the squared error of the blend of what was tried
over that of all configurations: for what counts as far behind, where a second try then waits for all others, and for
families that get no more starting points after one, two or three tries far behind.
"""

import numpy as np

from engine.families import BASELINE
from engine.families.family import families, family_named
from engine.search import merits
from engine.search.identity import identity
from engine.search.learnt_order import learnt_order
from engine.search.portfolio_file import KnownTable, Portfolio, shipped_portfolio
from engine.search.proposal import Proposal
from engine.search.proposals import Proposer
from engine.search.simulated_blends import FLOOR, SimulatedBlends
from engine.shape import Shape

FAR, TRIES = (0.03, 0.05, 0.08, 0.12, 0.2, np.inf), (1, 2, 3)
TIMES = (5, 10, 20, 40)  # 1 is the time of the first LightGBM
MOST_MEMBERS = 12


def main() -> None:
    """Replay and print."""
    portfolio, usual_far, usual_tries = shipped_portfolio(), merits.FAR_BEHIND, merits.ENOUGH_TRIES
    for far, n_tries in [*((far, usual_tries) for far in FAR), *((usual_far, n_tries) for n_tries in TRIES)]:
        merits.FAR_BEHIND, merits.ENOUGH_TRIES = far, n_tries
        excess = [[_excess(portfolio, table, time) for time in TIMES] for table in portfolio.tables]
        means = np.expm1(np.mean(excess, axis=0))
        told = "  ".join(f"{time}: {value:5.2%}" for time, value in zip(TIMES, means, strict=True))
        print(f"given up after {n_tries} tries {far:.0%} behind: after so much time {told}", flush=True)


def _excess(portfolio: Portfolio, table: KnownTable, time: float) -> float:
    usable = [int(number) for number in np.flatnonzero(np.isfinite(np.diag(table.errors)))]
    tried = _tried(portfolio, table, learnt_order(portfolio, table.features, usable), time)
    return float(np.log(_blended(table, tried) + FLOOR) - np.log(_blended(table, usable) + FLOOR))


def _tried(portfolio: Portfolio, table: KnownTable, order: list[int], time: float) -> list[int]:
    """Return the configurations that are tried within the time, in turn on a single place."""
    numbers = {identity(*portfolio.configurations[number]): number for number in order}
    points = [(family_named(family), point) for family, point in (portfolio.configurations[i] for i in order)]
    features = table.features
    shape = Shape(
        n_rows=round(10**features.log_rows),
        n_columns=len(features.columns),
        n_classes=features.n_classes,
        kind=features.kind,
    )
    proposer = Proposer(families(), shape, seed=0, points=[(family_named(BASELINE), {}), *points])
    left, tried = time, list[int]()

    def affordable(proposal: Proposal) -> bool:
        number = numbers.get(identity(proposal.family, proposal.parameters))
        return proposal.family == BASELINE or (number is not None and table.seconds[number] <= left)

    while (proposal := proposer.propose(affordable)) is not None:
        if proposal.family == BASELINE:
            proposer.tell(proposal.number, 1.0)
            continue
        number = numbers[identity(proposal.family, proposal.parameters)]
        left -= table.seconds[number]
        tried.append(number)
        # What runs compare is closer to the root: RMSE, or the share of pairs in the wrong order.
        proposer.tell(proposal.number, float(np.sqrt(table.errors[number, number])))
    return tried


def _blended(table: KnownTable, numbers: list[int]) -> float:
    """Return the error of the best blend of some configurations, chosen greedily."""
    if not numbers:
        return 1.0
    chosen = np.ix_(numbers, numbers)
    blend = SimulatedBlends.of_nothing(table.errors[chosen][None])
    for _ in range(MOST_MEMBERS):
        gains = blend.gains()[0]
        if gains.max() < 1e-4:
            break
        blend = blend.with_added(int(gains.argmax()))
    return float(blend.losses[0])


if __name__ == "__main__":
    main()
