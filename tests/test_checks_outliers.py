"""Values far from all others or against what the name says are shown with their rows, and can be counted as missing."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.checks.check import Severity
from engine.checks.impossible import IMPOSSIBLE_VALUES
from engine.checks.outliers import DATES, NUMBERS
from tests.checking import found, remedied, said, settles, the
from tests.tables import dataset

N = 500
DRAW = random.Random(5)
LENGTHS = [round(DRAW.gauss(50, 5), 2) for _ in range(N)]
SKEWED = [round(DRAW.lognormvariate(0, 1), 3) for _ in range(N)]
DAYS = [f"{2015 + i % 8}-{i % 12 + 1:02d}-{i % 28 + 1:02d}" for i in range(N)]


def with_value(values: Sequence[object], at: int, value: object) -> list[object]:
    return [*values[:at], value, *values[at + 1 :]]


def test_a_slip_of_the_pen_is_shown_with_its_row(tmp_path: Path) -> None:
    columns: dict[str, Sequence[object]] = {
        "up": with_value(LENGTHS, 41, 5234),
        "down": with_value(LENGTHS, 7, -700),
        "skewed": SKEWED,
    }
    table = dataset(tmp_path, columns)
    finding = the("outliers", NUMBERS, table)
    assert (finding.columns, finding.severity) == (("up", "down"), Severity.PLEASE_LOOK)
    assert "5234 | 42" in said(finding)
    assert "-700 | 8" in said(finding)
    assert settles(NUMBERS, table, finding)
    assert remedied(table, finding).frame.isna().sum().tolist() == [1, 1, 0]


def test_ordinary_tails_are_no_outliers(tmp_path: Path) -> None:
    zeros = [0 if i % 4 else value for i, value in enumerate(SKEWED)]
    columns: dict[str, Sequence[object]] = {
        "a": LENGTHS,
        "b": SKEWED,
        "c": zeros,
        "d": [i % 7 for i in range(N)],
        "e": [1e6 * v for v in SKEWED],
    }
    assert found(NUMBERS, dataset(tmp_path, columns)) == ()


def test_a_stand_in_is_no_outlier_but_hides_none(tmp_path: Path) -> None:
    stand_ins = [999999 if i % 50 == 0 else value for i, value in enumerate(LENGTHS)]
    assert found(NUMBERS, dataset(tmp_path, {"a": stand_ins, "b": SKEWED})) == ()
    finding = the("outliers", NUMBERS, dataset(tmp_path, {"a": with_value(stand_ins, 3, 4000), "b": SKEWED}))
    assert "4000 | 4" in said(finding)


def test_a_date_of_another_century(tmp_path: Path) -> None:
    table = dataset(tmp_path, {"day": with_value(with_value(DAYS, 4, "1819-03-05"), 9, "2107-01-09"), "x": LENGTHS})
    finding = the("far_dates", DATES, table)
    assert "1819-03-05, 2107-01-09" in said(finding)
    assert settles(DATES, table, finding)
    assert found(DATES, dataset(tmp_path, {"day": DAYS, "x": LENGTHS})) == ()


@pytest.mark.parametrize(
    ("name", "usual", "wrong"),
    [
        ("age", 40, 150),
        ("Age (years)", 40, -3),
        ("price", 20, -5),
        ("humidity_percent", 60, 130),
        ("latitude", 48, 95),
        ("lon", 11, 200),
        ("hour", 12, 27),
        ("month", 6, 13),
        ("year_built", 1990, 190),
        ("数量", 5, -2),
    ],
)
def test_the_name_says_what_is_impossible(tmp_path: Path, name: str, usual: int, wrong: int) -> None:
    values = [usual + i % 5 for i in range(N)]
    table = dataset(tmp_path, {name: with_value(values, 99, wrong), "x": LENGTHS})
    finding = the("impossible_values", IMPOSSIBLE_VALUES, table)
    assert f"{wrong} | 100" in said(finding)
    assert settles(IMPOSSIBLE_VALUES, table, finding)
    assert found(IMPOSSIBLE_VALUES, dataset(tmp_path, {name: values, "x": LENGTHS})) == ()


def test_many_such_values_mean_that_the_name_means_something_else(tmp_path: Path) -> None:
    columns: dict[str, Sequence[object]] = {
        "age": [i % 365 for i in range(N)],
        "price_change": LENGTHS,
        "year": [i % 2 for i in range(N)],
    }
    assert found(IMPOSSIBLE_VALUES, dataset(tmp_path, columns)) == ()
    changes = with_value([5 + i % 9 for i in range(N)], 3, -2)
    assert found(IMPOSSIBLE_VALUES, dataset(tmp_path, {"price_change": changes, "x": LENGTHS})) == ()
