"""Numbers of articles and orders are codes, whatever they look like; amounts stay amounts."""

import pandas as pd
import pytest

from engine.table.columns.kinds import find_column
from engine.table.rules import canonical_cells
from engine.table.schema import Cells, Kind

N = 240


def test_leading_zeros_beside_a_few_texts_are_codes() -> None:
    orders = [f"{4711000 + i:09d}" for i in range(N)]
    raw = pd.Series([*orders, *["Zwischensumme"] * 8], name="Auftrag-Nr.", dtype="str")
    found = find_column(raw)
    assert found.kind is Kind.ID
    assert canonical_cells(raw, found).iloc[0] == "004711000"
    again = pd.Series([*[f"{i % 30:05d}" for i in range(N)], "Summe", "gesamt"], name="place", dtype="str")
    found = find_column(again)
    assert (found.kind, found.cells) == (Kind.CATEGORY, Cells.TEXT)
    assert list(canonical_cells(again, found).iloc[[7, N]]) == ["00007", "Summe"]
    # As a spreadsheet leaves the same code behind:
    assert canonical_cells(pd.Series(["7"], dtype="str"), found).iloc[0] == "00007"


def test_numbers_beside_numbers_written_otherwise_stay_numbers() -> None:
    raw = pd.Series([*(str(i) for i in range(N)), "007", "12 kg", "1.5"], name="weight", dtype="str")
    assert find_column(raw).kind.is_number
    slip = pd.Series([*(str(i) for i in range(N)), "007", "viele"], name="n", dtype="str")
    assert find_column(slip).kind.is_number


@pytest.mark.parametrize("name", ["Artikel", "Art.-Nr.", "SKU", "材料编号", "Materialnummer", "Order no", "MaterialNo"])
def test_numbers_of_articles_are_codes(name: str) -> None:
    repeating = pd.Series([str(100_000 + i * 7919 % 90 * 997) for i in range(N)], name=name, dtype="str")
    assert find_column(repeating).kind in {Kind.CATEGORY, Kind.ID}
    unique = pd.Series([str(100_000 + i * 7919 % 90_001) for i in range(N)], name=name, dtype="str")
    assert find_column(unique).kind is Kind.ID


@pytest.mark.parametrize("name", ["Artikel", "number of items", "orders", "Umsatz", "product price", "销售额"])
def test_amounts_stay_numbers(name: str) -> None:
    amounts = pd.Series([str(900 + i * 37) for i in range(N)], name=name, dtype="str")
    assert find_column(amounts).kind is Kind.NUMBER


def test_amounts_of_one_length_stay_numbers_under_other_names() -> None:
    amounts = pd.Series([str(10_000 + i * 7919 % 90_001) for i in range(N)], name="Produktpreis", dtype="str")
    assert find_column(amounts).kind is Kind.NUMBER
