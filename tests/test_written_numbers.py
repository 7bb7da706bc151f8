"""Numbers as people write them: multipliers, units, bounds, ranges, other scripts; what cannot be read is told."""

import pandas as pd
import pytest

from engine.messages import render
from engine.table.columns.kinds import find_column
from engine.table.options import ReadingOptions
from engine.table.rules import canonical_cells
from engine.table.schema import ColumnSchema, Kind, Subkind

N = 60
R = range(1, N + 1)


def read(cells: list[str], name: str = "c", decimal: str | None = None) -> tuple[ColumnSchema, list[float | None]]:
    raw = pd.Series((cells * N)[: max(N, len(cells))], name=name, dtype="str")
    found = find_column(raw, ReadingOptions(decimal=decimal))
    canonical = pd.to_numeric(canonical_cells(raw, found), errors="coerce")
    return found, [None if cell != cell else float(cell) for cell in canonical.iloc[: len(cells)]]


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1.2万", "3万", "0.5亿", "8000"], [12_000, 30_000, 50_000_000, 8000]),
        (["1.2k", "3M", "500", "7K"], [1200, 3_000_000, 500, 7000]),
        (["$1.2M", "$3B", "$50"], [1_200_000, 3_000_000_000, 50]),
        (["2 Mio. €", "1,5 Mio. €"], [2_000_000, 1_500_000]),
        (["5万元", "12万元"], [50_000, 120_000]),
        (["5 lakh", "1.2 crore"], [500_000, 12_000_000]),
        (["5 m", "12 m"], [5, 12]),  # metres, not millions
        (["１２３．５", "４，０００"], [123.5, 4000]),
        (["1,23,456", "12,34,567"], [123_456, 1_234_567]),
        (["1 234,5", "12 345,0", "205,0"], [1234.5, 12_345, 205]),
        (["12.5-", "3"], [-12.5, 3]),
        (["−5", "3", "+4.5"], [-5, 3, 4.5]),
        (["(1,200.50)", "3,000", "0.5"], [-1200.5, 3000, 0.5]),
        (["12,50 EUR", "(30,00) EUR"], [12.5, -30]),
        (["R$ 1.000,50", "R$ 3,00"], [1000.5, 3]),
        (["₩1,000", "₩25,000"], [1000, 25_000]),
        (["10%", "7,5%"], [10, 7.5]),
        (["150cm", "1.8 m", "17 cm"], [150, 180, 17]),
        (["2 h", "30 min", "45 min", "90 s"], [120, 30, 45, 1.5]),
        (["500 - 600 g", *(f"{i} kg" for i in R)], [0.55, *R]),
        (["<5", "~7", "> 100", *(str(i) for i in R)], [5, 7, 100, *R]),
        (["1.5", "2,5", "3,75"], [1.5, 2.5, 3.75]),
        (["0.1/5", "4.5/5", "3/5"], [0.1, 4.5, 3]),
        (["12 km/h", "30 km/h"], [12, 30]),
        (["118 mm/s", "90 mm/s", "11.0 cm/s"], [118, 90, 110]),
        (["1h", "2h", "90m"], [1, 2, 1.5]),
        (["- €", "-   €", "250,00 €", "1.200,00 €"], [0, 0, 250, 1200]),
        (["€ -", "€ 250,00", "€ 1.200,00"], [0, 250, 1200]),
        (["- kg", "– kg", "3 kg", "4 kg"], [0, 0, 3, 4]),
        (["1e5", "2.5e-3"], [100_000, 0.0025]),
    ],
)
def test_numbers_are_read(cells: list[str], numbers: list[float]) -> None:
    found, made = read(cells)
    assert found.kind.is_number
    assert made == pytest.approx(numbers)


def test_the_name_tells_what_bare_numbers_are() -> None:
    cells = ["34.46Sq. Meter", "1.5Acres", "2100 - 2850", *(str(1000 + i) for i in R)]
    found, made = read(cells, "total_sqft")
    assert made[:4] == pytest.approx([370.924353, 65_340, 2475, 1001], rel=1e-6)
    assert "sqft" in render(found.reason)
    found, made = read(cells, "size")
    assert made[:3] == [None, None, 2475]
    assert found.n_missing == 2


def test_dashes_that_are_read_as_zero_are_told() -> None:
    found, made = read(["- €", "- €", "- €", "250,00 €", "1.200,50 €"])
    assert found.kind is Kind.NUMBER_WITH_UNIT
    assert (found.n_missing, made) == (0, [0, 0, 0, 250, 1200.5])
    assert render(found.reason) == "Numbers. A dash beside the unit or currency, such as - €, is read as 0."
    found, _ = read(["- €", *(f"{i},50 €" for i in R), "soon"])
    assert "such as - €, is read as 0. Cells that cannot be read, such as soon," in render(found.reason)


def test_a_dash_is_zero_only_beside_the_unit_of_other_numbers() -> None:
    _, made = read(["- m", *(f"{i},50 €" for i in R)])
    assert made[0] is None
    assert read(["- milk", "- bread"])[0].kind is Kind.CATEGORY
    _, made = read(["-", *(f"{i},50 €" for i in R)])
    assert made[0] is None


@pytest.mark.parametrize(
    ("cells", "lost"),
    [
        ([*(f"{i} kg" for i in R), "7 cm"], "7 cm"),
        ([*(f"${i}.50" for i in R), "7 €"], "7 €"),
        ([*(f"{i * i}.5" for i in R), "oops"], "oops"),
        ([*(f"{i} - {i + 1}" for i in range(5)), *(str(i) for i in R), "9 - 3"], "9 - 3"),
        ([*(str(i * i) for i in R), "-inf"], "inf"),
    ],
)
def test_what_cannot_be_read_is_told_with_an_example_and_a_count(cells: list[str], lost: str) -> None:
    found, made = read(cells)
    assert found.kind.is_number
    assert (made[-1], found.n_missing) == (None, 1)
    assert (found.reason.parameters["n"], found.reason.parameters["lost"]) == (1, lost)
    assert found.probability < 1


def test_doubt_grows_with_what_is_lost() -> None:
    few, _ = read([*(f"{i}.5" for i in range(200)), "oops"])
    many, _ = read([*(f"{i}.5" for i in range(200)), *("oops", "no idea", "later") * 6])
    assert few.probability >= 0.8 > many.probability


def test_numbers_that_change_late_stay_numbers() -> None:
    found, made = read([*(str(i) for i in range(10_000)), "unclear", "see below"], "amount")
    assert (found.kind, found.n_missing, made[-1]) == (Kind.NUMBER, 2, None)


def test_a_known_decimal_sign_decides() -> None:
    cells = [f"{i},{100 + i}" for i in R]
    assert read(cells)[1][0] == 1101
    assert read(cells, decimal=",")[1][0] == 1.101
    assert read([f"{i}.{100 + i}" for i in R], decimal=",")[1][0] == 1101


@pytest.mark.parametrize(
    ("cells", "kind", "subkind"),
    [
        (["3", "40", "500", "6000"], Kind.NUMBER, Subkind.WHOLE),
        (["3.5", "40", "500.1"], Kind.NUMBER, Subkind.CONTINUOUS),
        (["3 kg", "40 kg"], Kind.NUMBER_WITH_UNIT, Subkind.WHOLE),
        (["€3.5", "€40"], Kind.NUMBER_WITH_UNIT, Subkind.CONTINUOUS),
        (["2 BHK", "3 BHK"], Kind.NUMBER_WITH_UNIT, Subkind.WHOLE),
        (["1,234.5", "7"], Kind.NUMBER, Subkind.CONTINUOUS),
        (["<=50K", ">50K"], Kind.CATEGORY, None),
    ],
)
def test_units_and_whole_numbers_are_told_apart(cells: list[str], kind: Kind, subkind: Subkind | None) -> None:
    found, _ = read(cells)
    assert (found.kind, found.subkind) == (kind, subkind)


@pytest.mark.parametrize(
    "token", ["k.A.", "keine Angabe", "n/d", "s/d", "нет данных", "无", "缺失", "未知", "-", "—", "."]
)
def test_no_value_is_said_in_many_languages(token: str) -> None:
    found, made = read([token, *(f"{i}.5" for i in R)])
    assert (found.kind, made[0], found.n_missing) == (Kind.NUMBER, None, 1)


def test_hexadecimal_codes_are_no_numbers() -> None:
    assert read([f"0x{i:02X}" for i in range(16, 76)])[0].kind is Kind.ID


@pytest.mark.parametrize(
    "cells", [["2526N", "0536N", "0855N"], [f"{1000 + i}RTA" for i in R], [f"{i:05d}-QX" for i in R]]
)
def test_codes_that_end_in_letters_are_no_numbers(cells: list[str]) -> None:
    assert read(cells)[0].kind in {Kind.ID, Kind.CATEGORY}
