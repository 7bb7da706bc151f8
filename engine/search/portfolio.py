"""What a run tries first: configurations in the order that other tables teach, and the best of one's own tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.families import BASELINE
from engine.families.family import Family
from engine.search.experience import Experience, Outcome, of_other_tables
from engine.search.identity import identity
from engine.search.learnt_order import learnt_order
from engine.search.point import FEATURES, TARGET, feature_choices
from engine.search.policy import MOST_POINTS
from engine.search.portfolio_file import Portfolio, shipped_portfolio
from engine.search.proposals import Point, starting_order
from engine.search.table_features import TableFeatures, distance
from engine.search.turning import TRANSFORM
from engine.shape import Shape
from engine.targets.transform import PLAIN_TARGET

TRANSFORM_KEY = TARGET + TRANSFORM
MOST_OF_FAMILY = 4  # points: on large tables a family may be worth less than on the small ones that the file knows

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
    said = _with_transforms_named([(by_key[key], point) for key, point in learnt], known, targets)
    points = _with_every_family(_few_of_each(said), families)[:MOST_POINTS]
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


def _with_transforms_named(
    points: Sequence[Point], portfolio: Portfolio, targets: Mapping[str, tuple[str, ...]]
) -> list[Point]:
    """Say that a point is meant for the target as it is, where the file knows it with a transform too."""
    turned = {identity(key, _plain(point)) for key, point in portfolio.configurations if TRANSFORM_KEY in point}
    named = len(targets.get(TRANSFORM_KEY, ())) > 1
    return [
        (family, {**point, TRANSFORM_KEY: PLAIN_TARGET})
        if named and TRANSFORM_KEY not in point and identity(family.key, point) in turned
        else (family, point)
        for family, point in points
    ]


def _few_of_each(points: Sequence[Point]) -> list[Point]:
    """Return the points without those that come after enough of their family."""
    keys = [family.key for family, _ in points]
    return [point for place, point in enumerate(points) if keys[:place].count(keys[place]) < MOST_OF_FAMILY]


def _plain(point: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in point.items() if key != TRANSFORM_KEY}


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
    of_each: dict[str, Point] = {}
    for point in new:
        of_each.setdefault(point[0].key, point)
    others = [point for key, point in of_each.items() if key != BASELINE]
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
