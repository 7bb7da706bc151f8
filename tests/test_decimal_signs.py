"""What "2.079" means is settled with the whole file, or a person is asked."""

from pathlib import Path

import pandas as pd
import pytest

from engine.table.dataset import Dataset
from engine.table.options import ReadingOptions
from engine.table.reading import read_table

N = 60
PLACES = ["618", "2.079", "243", "1.625", "17.004", "900"]
PRICES = ["190,00", "103,68", "1.397,03"]
DECIMALS = ["1.5", "2.25", "0.125"]


def _read(folder: Path, columns: dict[str, list[str]], options: ReadingOptions | None = None) -> Dataset:
    lines = [";".join(columns)]
    lines += [";".join(cells[i % len(cells)] for cells in columns.values()) for i in range(N)]
    path = folder / "t.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_table(path, options or ReadingOptions())


@pytest.mark.parametrize("unit", ["", " ST", " €"])
def test_points_mark_thousands_where_other_columns_have_decimal_commas(tmp_path: Path, unit: str) -> None:
    table = _read(tmp_path, {"menge": [f"{cell}{unit}" for cell in PLACES], "preis": PRICES})
    made = [float(cell) for cell in table.frame["menge"].head(6)]
    assert made == [618, 2079, 243, 1625, 17004, 900]
    assert table.schema["menge"].probability >= 0.8


def test_commas_before_three_digits_are_decimal_commas_among_others(tmp_path: Path) -> None:
    table = _read(tmp_path, {"gewicht": ["1,234", "12,500", "3,875"], "preis": PRICES})
    assert [float(cell) for cell in table.frame["gewicht"].head(3)] == [1.234, 12.5, 3.875]


def test_dollars_with_commas_are_thousands_among_decimal_commas(tmp_path: Path) -> None:
    table = _read(tmp_path, {"cost": ["$1,200", "$3,450", "$2,999"], "preis": PRICES})
    assert float(table.frame["cost"].iloc[0]) == 1200


def test_the_same_digits_stay_decimals_where_other_columns_have_decimal_points(tmp_path: Path) -> None:
    table = _read(tmp_path, {"size": PLACES, "price": DECIMALS, "people": ["1,234", "999", "2,500"]})
    assert table.frame["size"].iloc[1] == 2.079
    assert table.schema["size"].probability >= 0.8
    assert float(table.frame["people"].iloc[0]) == 1234


def test_a_person_is_asked_where_nothing_says_it(tmp_path: Path) -> None:
    table = _read(tmp_path, {"kunden": PLACES, "ort": ["Nord", "Süd", "West"]})
    found = table.schema["kunden"]
    assert found.probability < 0.8
    assert found.reason.code == "kind_point_unsure"
    assert table.frame["kunden"].iloc[1] == 2.079
    mixed = _read(tmp_path, {"kunden": PLACES, "preis": PRICES, "size": DECIMALS})
    assert mixed.schema["kunden"].probability < 0.8


@pytest.mark.parametrize("cells", [["5", "0.123", "1.125"], ["1500.125", "7", "2.125"], ["1.209", "3.681", "7.174"]])
def test_obvious_decimals_are_not_doubted(tmp_path: Path, cells: list[str]) -> None:
    table = _read(tmp_path, {"x": cells, "ort": ["Nord", "Süd", "West"]})
    assert table.schema["x"].probability >= 0.8
    assert list(table.frame["x"].head(3)) == [float(cell) for cell in cells]


def test_a_person_who_has_said_it_is_not_asked(tmp_path: Path) -> None:
    columns = {"kunden": PLACES, "ort": ["Nord", "Süd", "West"]}
    said = _read(tmp_path, columns, ReadingOptions(decimal="."))
    assert said.schema["kunden"].probability >= 0.8
    other = _read(tmp_path, columns, ReadingOptions(decimal=","))
    assert float(other.frame["kunden"].iloc[1]) == 2079


def test_numbers_of_a_workbook_are_what_they_are(tmp_path: Path) -> None:
    size = [618, 2.079, 1.625, 243] * 15
    texts = {"menge": ["618 ST", "2.079 ST"] * 30, "preis": ["12,50 €", "3,90 €"] * 30}
    path = tmp_path / "t.xlsx"
    pd.DataFrame({"size": size, **texts}).to_excel(path, index=False)
    table = read_table(path)
    assert list(table.frame["size"]) == size
    assert table.schema["size"].probability >= 0.8
    assert float(table.frame["menge"].iloc[1]) == 2079
