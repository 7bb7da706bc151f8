"""A group of rows where a model is bad is found where there is one, and none is made up where there is none."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.insight.quality.groups import groups_by, groups_of
from engine.insight.quality.slices import Slices, find_slices
from engine.insight.quality.worst_rows import find_worst
from engine.messages import render
from engine.table.schema import Kind, Role
from engine.tasks.task import Task, TaskKind
from tests.asking import column
from tests.judged_rows import column_of, judged, rows_of

N = 1_500
BINARY = Task(kind=TaskKind.BINARY, targets=("left",), classes=("no", "yes"))


def table(seed: int, n_rows: int = N) -> dict[str, Any]:
    """Return columns of every sort that groups are made of."""
    random = np.random.default_rng(seed)
    age = random.integers(18, 90, n_rows).astype(np.float64)
    age[random.random(n_rows) < 0.1] = np.nan
    return {
        "age": age,
        "income": random.lognormal(10, 1, n_rows),
        "rooms": random.integers(1, 6, n_rows).astype(np.float64),
        "region": random.choice(["north", "south", "east", "west"], n_rows),
        "since": [f"{np.datetime64('2019-01-01') + day}" for day in random.integers(0, 900, n_rows)],
        **{f"noise {i}": random.normal(size=n_rows) for i in range(10)},
    }


def found(columns: Mapping[str, Any], losses: np.ndarray, *, are_shares: bool = True) -> Slices:
    cells, schema = rows_of(columns)
    return find_slices(groups_of(cells, schema), np.asarray(losses, np.float64), are_shares=are_shares)


@pytest.mark.parametrize("seed", range(3))
def test_a_planted_bad_group_is_found_and_nothing_else(seed: int) -> None:
    columns = table(seed)
    random = np.random.default_rng(100 + seed)
    bad = columns["region"] == "east"
    slices = found(columns, random.random(N) < np.where(bad, 0.35, 0.1))
    (one,) = slices.found
    assert (one.column, one.value, one.n_rows) == ("region", "east", int(bad.sum()))
    assert one.loss.low < 0.35 < one.loss.high
    assert one.elsewhere == pytest.approx(0.1, abs=0.03)
    assert one.said.code == "quality_slice_wrong"
    assert render(one.said).startswith("Where region is east, the answer is wrong in ")


@pytest.mark.parametrize("are_shares", [True, False])
def test_in_pure_noise_none_is_found_and_that_is_said(are_shares: bool) -> None:
    for seed in range(8):
        random = np.random.default_rng(seed)
        losses = random.random(N) < 0.2 if are_shares else random.exponential(size=N)
        slices = found(table(50 + seed), losses, are_shares=are_shares)
        assert slices.found == ()
        assert [each.code for each in slices.said] == ["quality_no_slice"]
        assert slices.n_looked_at > 60, "without correction some of so many would be named"


def test_without_correction_noise_would_be_named() -> None:
    named = 0
    for seed in range(8):
        cells, schema = rows_of(table(50 + seed))
        losses = (np.random.default_rng(seed).random(N) < 0.2).astype(float)
        for group in groups_of(cells, schema):
            named += len(find_slices([group], losses, are_shares=True).found)
    assert named >= 1


def test_a_range_of_numbers_a_period_and_rows_without_a_value_are_found() -> None:
    columns = table(5)
    random = np.random.default_rng(5)
    edge = np.quantile(columns["income"], 7 / 8)
    slices = found(columns, random.exponential(size=N) * np.where(columns["income"] > edge, 3, 1), are_shares=False)
    assert slices.found[0].column == "income"
    assert " – " in slices.found[0].value
    assert slices.found[0].said.code == "quality_slice_off"
    assert slices.found[0].loss.value > 2 * slices.found[0].elsewhere
    late = np.array([day >= "2021-01-01" for day in columns["since"]])
    by_date = found(columns, random.random(N) < np.where(late, 0.5, 0.1))
    assert {each.column for each in by_date.found} == {"since"}
    assert by_date.found[0].value.startswith("202")
    missing = np.isnan(columns["age"])
    without = found(columns, random.random(N) < np.where(missing, 0.5, 0.1))
    assert (without.found[0].column, without.found[0].value) == ("age", "")
    assert without.found[0].said.code == "quality_slice_wrong_without"
    off = found(columns, random.exponential(size=N) * np.where(missing, 4, 1), are_shares=False)
    assert off.found[0].said.code == "quality_slice_off_without"


def test_groups_of_small_numbers_beside_a_huge_one_have_names_of_their_own() -> None:
    amounts = pd.Series([*range(1, 400), 1e9], dtype=float)
    named = [group.value for group in groups_by(amounts, column("amount")) if len(group.rows)]
    assert len(named) == len(set(named)) > 3
    assert named[0].startswith("1 – ")


def test_the_same_rows_are_not_named_twice_and_good_groups_not_at_all() -> None:
    columns = table(6)
    random = np.random.default_rng(6)
    columns["county"] = np.where(columns["region"] == "east", "E1", "W1")
    bad = found(columns, random.random(N) < np.where(columns["region"] == "east", 0.4, 0.1))
    assert len(bad.found) == 1
    good = found(columns, random.random(N) < np.where(columns["region"] == "east", 0.02, 0.3))
    assert all(each.loss.value > each.elsewhere for each in good.found)
    assert "east" not in {each.value for each in good.found}


def test_columns_that_name_no_groups_are_not_asked() -> None:
    columns = table(7)
    cells, schema = rows_of(columns)
    hidden = column_of(column_of(schema, "region", kind=Kind.ID), "age", role=Role.IGNORED)
    asked = {group.column for group in groups_of(cells, hidden, frozenset({"income"}))}
    assert asked.isdisjoint({"region", "age", "income"})
    assert asked >= {"rooms", "since"}
    assert all(30 <= len(group.rows) <= N - 30 for group in groups_of(cells, schema))
    few = found(table(8, 40), np.zeros(40))
    assert [each.code for each in few.said] == ["quality_no_groups"]


def test_the_worst_rows_are_the_furthest_off_and_right_ones_are_not_among_them() -> None:
    columns = {"x": np.arange(6.0)}
    y = np.array([0, 1, 1, 0, 1, 0])
    yes = np.array([0.9, 0.05, 0.4, 0.2, 0.8, 0.1])
    rows = find_worst(judged(BINARY, y, np.column_stack([1 - yes, yes]), columns))
    assert [(row.row, row.truth, row.prediction) for row in rows] == [
        (6, "yes", "no"),
        (1, "no", "yes"),
        (11, "yes", "no"),
    ]
    assert rows[0].off == pytest.approx(0.95)
    numbers = Task(kind=TaskKind.REGRESSION, targets=("price",))
    off = find_worst(judged(numbers, np.arange(6.0), np.array([0.0, 1, 9, 3, -4, 5]), columns))
    assert [(row.place, row.off) for row in off] == [(4, -8.0), (2, 7.0)]
