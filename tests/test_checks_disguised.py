"""Values that stand for "no value" are found where they stick out, and count as missing at the press of a button."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.checks.check import Severity
from engine.checks.disguised import NUMBERS, ODD_DATES, UNKNOWN_WORDS, ZERO_VALUES
from engine.checks.impossible import IMPOSSIBLE_VALUES
from tests.checking import found, remedied, said, settles, the
from tests.tables import dataset

N = 400
DRAW = random.Random(3)
AGES = [DRAW.randint(18, 80) for _ in range(N)]
HEIGHTS = [round(DRAW.gauss(170, 9), 1) for _ in range(N)]
KELVIN = [round(DRAW.gauss(5, 6), 1) for _ in range(N)]


def every(step: int, value: object, others: Sequence[object]) -> list[object]:
    return [value if i % step == 0 else other for i, other in enumerate(others)]


@pytest.mark.parametrize(
    ("value", "others"),
    [(999, AGES), (-1, HEIGHTS), (-99, AGES), (-999, KELVIN), (9999.0, HEIGHTS), (-9, AGES), (2147483647, AGES)],
)
def test_numbers_that_stick_out_are_found(tmp_path: Path, value: float, others: Sequence[object]) -> None:
    table = dataset(tmp_path, {"m": every(20, value, others), "x": AGES})
    finding = the("stand_ins", NUMBERS, table)
    assert (finding.columns, finding.severity) == (("m",), Severity.PLEASE_LOOK)
    assert f"{value:.0f} | 20" in said(finding)
    assert settles(NUMBERS, table, finding)
    assert remedied(table, finding).frame["m"].isna().sum() == 20


def test_two_of_them_in_one_column(tmp_path: Path) -> None:
    table = dataset(tmp_path, {"m": every(20, -999, every(7, 9999, AGES)), "x": AGES})
    finding = the("stand_ins", NUMBERS, table)
    assert finding.message.parameters["columns"] == "m (-999, 9999)"
    assert settles(NUMBERS, table, finding)


def test_what_belongs_to_the_others_is_left_alone(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {
        "counts": [i % 120 for i in range(N)],  # 99 among its like
        "balance": [round(DRAW.gauss(0, 900)) for _ in range(N)],
        "codes": [(-1, 0, 1)[i % 3] for i in range(N)],
        "once": every(N, 999, AGES),
        "degrees": [i % 12 - 1 for i in range(N)],
    }
    assert found(NUMBERS, dataset(tmp_path, columns)) == ()


def test_a_heap_at_99_is_told_without_alarm(tmp_path: Path) -> None:
    finding = the(
        "maybe_stand_ins", NUMBERS, dataset(tmp_path, {"m": every(10, 99, [i % 93 for i in range(N)]), "x": AGES})
    )
    assert finding.severity is Severity.HANDLED


def test_zeros_far_from_all_others(tmp_path: Path) -> None:
    columns: dict[str, Sequence[object]] = {
        "pressure": every(25, 0, [round(DRAW.gauss(120, 12)) for _ in range(N)]),
        "insulin": every(3, 0, [round(DRAW.uniform(20, 150)) for _ in range(N)]),
        "visits": [i % 40 for i in range(N)],
        "charge": [round(DRAW.gauss(0, 3), 2) for _ in range(N)],
        "n_rooms": every(25, 0, [round(DRAW.gauss(120, 12)) for _ in range(N)]),
    }
    table = dataset(tmp_path, columns)
    assert [(each.columns, each.severity) for each in found(ZERO_VALUES, table)] == [
        (("pressure",), Severity.PLEASE_LOOK),
        (("insulin",), Severity.HANDLED),
    ]
    for finding in found(ZERO_VALUES, table):
        assert settles(ZERO_VALUES, table, finding)


def test_zeros_that_the_name_excludes_are_looked_at_however_many(tmp_path: Path) -> None:
    sizes = [round(DRAW.uniform(15, 50), 1) for _ in range(N)]
    table = dataset(tmp_path, {"bmi": every(11, 0, sizes), "thickness": every(11, 0, sizes), "x": AGES})
    assert [(each.columns, each.severity) for each in found(ZERO_VALUES, table)] == [
        (("bmi",), Severity.PLEASE_LOOK),
        (("thickness",), Severity.HANDLED),
    ]
    few = dataset(tmp_path, {"bmi": every(100, 0, sizes), "x": AGES})
    assert [len(found(check, few)) for check in (ZERO_VALUES, IMPOSSIBLE_VALUES)] == [1, 0]


def test_zeros_where_another_column_is_empty_mean_that_there_is_none(tmp_path: Path) -> None:
    area = every(25, 0, [round(DRAW.gauss(120, 12)) for _ in range(N)])
    quality = every(25, None, [("good", "fair")[i % 2] for i in range(N)])
    (told,) = found(ZERO_VALUES, dataset(tmp_path, {"area": area, "quality": quality}))
    assert told.code == "zeros_maybe_missing"


def test_words_for_not_known(tmp_path: Path) -> None:
    columns = {"a": every(9, "Unknown", ["red", "green"] * 200), "b": every(5, "未知", ["north", "south"] * 200)}
    table = dataset(tmp_path, {**columns, "c": every(5, "none", ["one", "two"] * 200), "x": AGES})
    finding = the("words_for_missing", UNKNOWN_WORDS, table)
    assert (finding.columns, finding.severity) == (("a", "b"), Severity.HANDLED)
    assert len(finding.remedies) == 3, "all, and each alone"
    assert settles(UNKNOWN_WORDS, table, finding)
    assert remedied(table, finding, 1).frame["a"].isna().sum() == 45
    assert remedied(table, finding, 1).frame["b"].notna().all()


@pytest.mark.parametrize("value", ["1900-01-01", "9999-12-31", "1970-01-01"])
def test_dates_for_no_date(tmp_path: Path, value: str) -> None:
    days = [f"{2015 + i % 8}-{i % 12 + 1:02d}-{i % 28 + 1:02d}" for i in range(N)]
    table = dataset(tmp_path, {"day": every(10, value, days), "x": AGES})
    finding = the("dates_for_missing", ODD_DATES, table)
    assert value in said(finding)
    assert settles(ODD_DATES, table, finding)
    assert found(ODD_DATES, dataset(tmp_path, {"day": days, "x": AGES})) == ()


def test_a_real_new_year_is_left_alone(tmp_path: Path) -> None:
    days = [f"{1965 + i % 10}-01-{i % 28 + 1:02d}" for i in range(N)]
    assert "1970-01-01" not in days or found(ODD_DATES, dataset(tmp_path, {"born": days, "x": AGES})) == ()
