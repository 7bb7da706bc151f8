"""What a run tries first: learnt from other tables, never from its own."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.families.family import family_named
from engine.search.experience import Experience, Outcome
from engine.search.learnt_order import QUICK, learnt_order
from engine.search.point import pipeline_spec
from engine.search.policy import MOST_POINTS
from engine.search.portfolio import OWN_PLACE, beginning
from engine.search.portfolio_file import (
    KnownTable,
    Portfolio,
    portfolio_from_json,
    portfolio_to_json,
    shipped_portfolio,
)
from engine.search.table_features import TableFeatures
from engine.shape import Shape
from engine.tasks.task import TaskKind

FAMILIES = tuple(
    family_named(key) for key in ("baseline", "linear", "lightgbm", "extra_trees", "xgboost", "catboost", "network")
)
SHAPE = Shape(n_rows=1000, n_columns=8, n_classes=2, kind=TaskKind.BINARY, n_numbers=8)
SMOOTH = TableFeatures(kind=TaskKind.BINARY, target="t1", columns=("a", "b"), bent=0.4, numbers=1.0)
ROUGH = TableFeatures(kind=TaskKind.BINARY, target="t2", columns=("c", "d"), categories=1.0, log_levels=3.0)
NEW_SMOOTH = replace(SMOOTH, target="t3", columns=("e", "f"), bent=0.35)
NEW_ROUGH = replace(ROUGH, target="t4", columns=("g", "h"), log_levels=2.8)


def known(
    name: str, features: TableFeatures, errors: list[list[float]], seconds: list[float] | None = None
) -> KnownTable:
    products = np.array(errors)
    return KnownTable(name=name, features=features, errors=products, seconds=np.array(seconds or [1.0] * len(products)))


def independent(*losses: float) -> list[list[float]]:
    """Errors that all have the same part in common, besides what is each one's own."""
    return [[one if i == j else min(losses) * 0.9 for j in range(len(losses))] for i, one in enumerate(losses)]


LINEAR, BOOSTED, SMOOTHED = ("linear", {"strength": 1.0}), ("lightgbm", {"num_leaves": 9}), ("network", {"width": 9})
PORTFOLIO = Portfolio(
    configurations=(LINEAR, BOOSTED, SMOOTHED),
    tables=(
        known("smooth", SMOOTH, independent(0.6, 0.5, 0.2)),
        known("rough", ROUGH, independent(0.6, 0.2, 0.6)),
    ),
)


def first_points(
    features: TableFeatures, portfolio: Portfolio = PORTFOLIO, experience: Sequence[Experience] = ()
) -> list[tuple[str, dict[str, Any]]]:
    found = beginning(FAMILIES, SHAPE, features, targets={}, portfolio=portfolio, experience=experience)
    return [(family.key, dict(point)) for family, point in found.points]


def test_what_worked_on_similar_tables_comes_early() -> None:
    three = [0, 1, 2]
    assert learnt_order(PORTFOLIO, NEW_SMOOTH, three).index(2) == 1  # something quick comes before
    assert learnt_order(PORTFOLIO, NEW_ROUGH, three)[0] == 1


def test_a_table_does_not_stand_in_its_own_prior() -> None:
    misleading = known("rough", replace(NEW_ROUGH, log_rows=3.0), independent(0.9, 0.9, 0.001))
    own = replace(PORTFOLIO, tables=(*PORTFOLIO.tables, misleading))
    assert learnt_order(own, NEW_ROUGH, [0, 1, 2]) == learnt_order(PORTFOLIO, NEW_ROUGH, [0, 1, 2])
    other = replace(own, tables=(*PORTFOLIO.tables, replace(misleading, features=replace(NEW_ROUGH, target="t9"))))
    assert learnt_order(other, NEW_ROUGH, [0, 1, 2]).index(2) == 1


def test_what_errs_elsewhere_comes_before_what_says_the_same_again() -> None:
    twins = [[0.30, 0.30, 0.15], [0.30, 0.301, 0.15], [0.15, 0.15, 0.40]]
    portfolio = Portfolio(
        configurations=(BOOSTED, ("lightgbm", {"num_leaves": 10}), ("lightgbm", {"num_leaves": 11})),
        tables=(known("any", SMOOTH, twins),),
    )
    assert learnt_order(portfolio, NEW_SMOOTH, [0, 1, 2]) == [0, 2, 1]


def test_of_two_that_are_equally_good_the_quicker_one_comes_first() -> None:
    portfolio = Portfolio(
        configurations=(BOOSTED, ("lightgbm", {"num_leaves": 10})),
        tables=(known("any", SMOOTH, independent(0.3, 0.3), seconds=[9.0, 1.0]),),
    )
    assert learnt_order(portfolio, NEW_SMOOTH, [0, 1]) == [1, 0]


def test_a_configuration_that_few_tables_know_is_promised_less() -> None:
    unknown = np.array(independent(0.3, 0.3))
    unknown[0], unknown[:, 0] = np.nan, np.nan
    portfolio = Portfolio(
        configurations=(BOOSTED, ("lightgbm", {"num_leaves": 10})),
        tables=(
            known("one", SMOOTH, independent(0.3, 0.3)),
            known("two", SMOOTH, unknown.tolist(), seconds=[np.nan, 1.0]),
        ),
    )
    assert learnt_order(portfolio, NEW_SMOOTH, [0, 1])[0] == 1


def test_the_baseline_and_something_quick_come_first_and_no_family_is_left_out() -> None:
    points = first_points(NEW_SMOOTH)
    assert points[0][0] == "baseline"
    assert points[1][0] in QUICK
    assert {key for key, _ in points} == {family.key for family in FAMILIES}
    assert len(points) == len({json.dumps(point, sort_keys=True) for point in points}) <= MOST_POINTS


def test_features_and_transforms_that_are_not_on_offer_are_left_out() -> None:
    choices = ({"features.category_crosses": "3"}, {"target.transform": "log"}, {"target.class_weights": "balanced"})
    portfolio = replace(PORTFOLIO, configurations=tuple(("lightgbm", choice) for choice in choices))
    assert not [point for _, point in first_points(NEW_SMOOTH, portfolio) if point in choices]
    targets = {"target.class_weights": ("equal", "balanced")}
    found = beginning(FAMILIES, SHAPE, NEW_SMOOTH, targets=targets, portfolio=portfolio)
    assert [point for _, point in found.points if point in choices] == [choices[2]]


def test_the_plain_target_is_named_where_its_transforms_are_known_too() -> None:
    turned = ("lightgbm", {"num_leaves": 9, "target.transform": "log"})
    portfolio = replace(PORTFOLIO, configurations=(LINEAR, BOOSTED, turned))
    found = beginning(FAMILIES, SHAPE, NEW_SMOOTH, targets={"target.transform": ("plain", "log")}, portfolio=portfolio)
    points = [(family.key, dict(point)) for family, point in found.points]
    assert ("lightgbm", {"num_leaves": 9, "target.transform": "plain"}) in points
    assert turned in points
    assert LINEAR in points


def experience(name: str, features: TableFeatures, *outcomes: tuple[str, float]) -> Experience:
    return Experience(
        name=name,
        features=features,
        metric="auc",
        baseline_loss=0.5,
        outcomes=tuple(
            Outcome(family=family, parameters={"depth": 5, "from": name}, loss=loss, seconds=1.0)
            for family, loss in outcomes
        ),
    )


def test_the_best_of_ones_own_nearest_tables_follows_the_first_few() -> None:
    own = [
        experience("far", NEW_ROUGH, ("network", 0.1)),
        experience("near", replace(SMOOTH, target="t7"), ("catboost", 0.1), ("xgboost", 0.2)),
        experience("same", NEW_SMOOTH, ("extra_trees", 0.01)),
    ]
    with_own, without = first_points(NEW_SMOOTH, experience=own), first_points(NEW_SMOOTH)
    assert with_own[:OWN_PLACE] == without[:OWN_PLACE]
    assert with_own[OWN_PLACE] == ("catboost", {"depth": 5, "from": "near"})
    assert with_own[OWN_PLACE + 1 :] == without[OWN_PLACE:]
    found = beginning(FAMILIES, SHAPE, NEW_SMOOTH, targets={}, portfolio=PORTFOLIO, experience=own)
    assert found.alike == ("near",)


def test_without_any_table_families_begin_with_their_own_points() -> None:
    nothing = Portfolio(configurations=(), tables=())
    assert [key for key, _ in first_points(NEW_SMOOTH, nothing)][:3] == ["baseline", "linear", "lightgbm"]


def test_a_portfolio_survives_its_file() -> None:
    errors = np.array(independent(0.6, 0.5, 0.2))
    errors[1], errors[:, 1] = np.nan, np.nan
    told = replace(PORTFOLIO, tables=(known("gap", SMOOTH, errors.tolist(), seconds=[1.0, np.nan, 2.5]),))
    again = portfolio_from_json(json.loads(json.dumps(portfolio_to_json(told))))
    assert again.configurations == told.configurations
    assert again.tables[0].features == SMOOTH
    np.testing.assert_allclose(again.tables[0].errors, errors, atol=1e-4)
    np.testing.assert_allclose(again.tables[0].seconds, [1.0, np.nan, 2.5])


@pytest.mark.parametrize("kind", TaskKind)
def test_every_configuration_of_the_shipped_file_can_still_be_trained(kind: TaskKind) -> None:
    portfolio = shipped_portfolio()
    for key, point in portfolio.configurations:
        assert pipeline_spec(family_named(key), point).recipe
    assert any(table.features.kind is kind for table in portfolio.tables)


def test_the_shipped_file_orders_for_a_table_that_is_like_none() -> None:
    portfolio = shipped_portfolio()
    strange = TableFeatures(kind=TaskKind.BINARY, target="?", columns=("?",), log_rows=9.0, texts=1.0, missing=1.0)
    everything = range(len(portfolio.configurations))
    order = learnt_order(portfolio, strange, list(everything))
    assert sorted(order) == list(everything)
    assert order == learnt_order(portfolio, strange, list(everything))
