"""The order in which configurations are tried first: learnt from what they did on other tables.

The shipped file holds, for each of some public tables, how the errors of every two configurations go together on rows
that neither was fitted on. From that the loss of any blend of them follows without their predictions, so the next
configuration is the one that would bring the blend of those before it most per second, on tables like this one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.families.family import Family
from engine.search.experience import BASELINE, Experience, Outcome, of_other_tables
from engine.search.point import FEATURES, TARGET, feature_choices
from engine.search.portfolio_file import Portfolio, shipped_portfolio
from engine.search.proposals import Point, identity, starting_order
from engine.search.simulated_blends import SimulatedBlends
from engine.search.table_features import TableFeatures, distance
from engine.shape import Shape

Floats = NDArray[np.float64]

QUICK = ("linear", "lightgbm")  # the first to be fitted measures the machine, and is there when time is short
MOST_POINTS = 18  # beyond these a search on the table itself finds more
LATEST_START = 9  # by this place every family has been tried once
NEAR = 0.7  # the distance at which another table counts e times less than one that looks the same
LEAST_WEIGHT = 0.05  # of a table however different: where none is like this one, all count alike
UNKNOWN_TABLES = 0.25  # of all weight: with fewer tables to tell of a configuration, less is expected of it
TIME_COUNTS = 0.5  # the power of the seconds by which a gain is divided
OVERHEAD = 0.3  # of the time of a first LightGBM: what even the quickest candidate takes

OWN_TABLES, OWN_POINTS, OWN_PLACE = 3, 3, 5  # how many of one's own tables and points, and after which place
OWN_DISTANCE = 1.2  # tables that differ more say nothing of this one


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """What is tried first, in this order. `alike`: the earlier runs, by name, from which some of it comes."""

    points: tuple[Point, ...]
    alike: tuple[str, ...] = ()


def beginning(
    families: Sequence[Family],
    shape: Shape,
    features: TableFeatures,
    *,
    targets: Mapping[str, tuple[str, ...]],
    experience: Sequence[Experience] = (),
    portfolio: Portfolio | None = None,
) -> Beginning:
    """Return the baseline, something quick, then what promises most per second.

    `families`: those that apply. `targets`: the ways of turning the target that are on offer. `experience`: of one's
    own earlier runs; what was best on the nearest other tables comes after the first few.
    """
    known = portfolio or shipped_portfolio()
    by_key = {family.key: family for family in families}

    def fits(key: str, point: Mapping[str, Any]) -> bool:
        return key in by_key and _on_offer(by_key[key], point, shape, targets)

    usable = [number for number, each in enumerate(known.configurations) if fits(*each)]
    learnt = [known.configurations[number] for number in learnt_order(known, features, usable)]
    points = _with_every_family([(by_key[key], point) for key, point in learnt], families)[:MOST_POINTS]
    own = [each for each in own_outcomes(experience, features) if fits(each[1].family, each[1].parameters)]
    nearest = [(by_key[outcome.family], outcome.parameters) for _, outcome in own]
    return Beginning(
        points=(*points[:OWN_PLACE], *nearest, *points[OWN_PLACE:]),
        alike=tuple(dict.fromkeys(each.name for each, _ in own)),
    )


def _on_offer(family: Family, point: Mapping[str, Any], shape: Shape, targets: Mapping[str, tuple[str, ...]]) -> bool:
    """Say whether the features and the transform that a point names are on offer for this table."""
    named = {key: choice for key, choice in point.items() if key.startswith((FEATURES, TARGET))}
    offered = {**feature_choices(family, shape), **targets} if named else {}
    return all(choice in offered.get(key, ()) for key, choice in named.items())


def learnt_order(portfolio: Portfolio, features: TableFeatures, usable: Sequence[int]) -> list[int]:
    """Return the positions of usable configurations: what brings a blend of those before it most per second is next.

    Tables that are the same as this one have no say.
    """
    tables = [table for table in portfolio.tables if not table.features.is_same_table(features)]
    if not tables or not usable:
        return list(usable)
    errors = np.stack([table.errors for table in tables])
    seconds = np.stack([table.seconds for table in tables])
    weights = _weights([distance(features, table.features) for table in tables])
    cost = _mean(weights[:, None], seconds, empty=float(np.nanmedian(seconds))) + OVERHEAD
    standing, left = SimulatedBlends.of_nothing(errors), list(usable)
    order: list[int] = []
    while left:
        promise = _mean(weights[:, None], standing.gains(), empty=0.0, unknown=UNKNOWN_TABLES) / cost**TIME_COUNTS
        choice = max(_eligible(left, portfolio, order), key=lambda number: promise[number])
        standing = standing.with_added(choice)
        order.append(choice)
        left.remove(choice)
    return order


def _eligible(left: Sequence[int], portfolio: Portfolio, order: Sequence[int]) -> Sequence[int]:
    """Return what may come next: something quick at first, and from some place on the families that have waited."""
    families = [portfolio.configurations[number][0] for number in left]
    if not order:
        quick = [number for number, family in zip(left, families, strict=True) if family in QUICK]
        return quick or left
    started = {portfolio.configurations[number][0] for number in order}
    waiting = [number for number, family in zip(left, families, strict=True) if family not in started]
    n_waiting = len({family for family in families if family not in started})
    return waiting if waiting and len(order) + n_waiting >= LATEST_START else left


def _weights(distances: Sequence[float]) -> Floats:
    """Return how much each table counts; they add up to 1."""
    near = np.exp(-(np.array(distances) - min(distances)) / NEAR) + LEAST_WEIGHT
    return np.asarray(near / near.sum())


def _mean(weights: Floats, values: Floats, *, empty: float, unknown: float = 0.0) -> Floats:
    """Return the weighted mean over the tables [T, C] that know a value; `unknown`: weight of a 0 besides them."""
    known = np.isfinite(values)
    total = (weights * known).sum(axis=0) + unknown
    sums = (weights * np.nan_to_num(values)).sum(axis=0)
    return np.where(known.any(axis=0), sums / np.maximum(total, 1e-12), empty)


def _with_every_family(points: Sequence[Point], families: Sequence[Family]) -> list[Point]:
    """Return the points with the baseline first, then something quick, then the families that the file does not know.

    Where the file has little to say, the families' own starting points follow.
    """
    usual = starting_order(families)
    if not points:
        return usual
    known = {family.key for family, _ in points}
    new = [point for point in usual if point[0].key not in known]
    first = [point for point in new if point[0].key == BASELINE]
    others = list({point[0].key: point for point in reversed(new) if point[0].key != BASELINE}.values())[::-1]
    told = {identity(family.key, point) for family, point in points}
    rest = [point for point in usual if identity(point[0].key, point[1]) not in told and point not in first + others]
    return [*first, *points[:1], *others, *points[1:], *rest]


def own_outcomes(experience: Sequence[Experience], features: TableFeatures) -> list[tuple[Experience, Outcome]]:
    """Return the best configurations of one's own nearest tables, the nearest first, each family once."""
    near = sorted(
        (each for each in of_other_tables(experience, features) if distance(each.features, features) < OWN_DISTANCE),
        key=lambda each: distance(each.features, features),
    )
    found: dict[str, tuple[Experience, Outcome]] = {}
    for each in near[:OWN_TABLES]:
        best = each.outcomes[0]
        found.setdefault(best.family, (each, best))
    return list(found.values())[:OWN_POINTS]
