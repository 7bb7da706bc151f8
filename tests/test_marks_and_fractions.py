"""Marks such as 3- are no negative numbers, and a column of percentages and fractions gets one scale or a question."""

import pandas as pd
import pytest

from engine.table.columns.kinds import find_column
from engine.table.rules import canonical_cells
from engine.table.schema import ColumnSchema, Kind, Subkind


def _column(cells: list[str], name: str = "c") -> tuple[ColumnSchema, list[str]]:
    raw = pd.Series(cells * 20, name=name, dtype="str")
    found = find_column(raw)
    return found, list(canonical_cells(raw, found).head(len(cells)))


def test_marks_with_plus_and_minus_are_an_order() -> None:
    found, cells = _column(["1", "2", "3", "4-", "5+"], "grade")
    assert (found.kind, found.subkind) == (Kind.CATEGORY, Subkind.ORDERED)
    assert found.order == ("1", "2", "3", "4-", "5+")
    assert cells == ["1", "2", "3", "4-", "5+"]


def test_in_german_schools_a_minus_is_nearer_to_the_next_mark() -> None:
    assert _column(["1", "2-", "2", "2+"], "Note")[0].order == ("1", "2+", "2", "2-")
    assert _column(["1", "2-", "2", "2+"], "mark")[0].order == ("1", "2-", "2", "2+")


@pytest.mark.parametrize("cells", [["120-", "35", "410"], ["1,50-", "2,00", "3,25"], ["5- EUR", "7 EUR", "12 EUR"]])
def test_amounts_with_a_minus_behind_are_negative(cells: list[str]) -> None:
    found, made = _column(cells, "balance")
    assert found.kind.is_number
    assert float(made[0]) < 0 < float(made[1])


def test_a_plus_behind_remains_a_bound() -> None:
    found, made = _column(["1", "2", "3", "5+"], "bedrooms")
    assert found.kind.is_number
    assert float(made[3]) == 5


def test_percentages_beside_fractions_come_to_one_scale() -> None:
    found, made = _column(["61%", "47%", "0.83", "14 %", "0.52", "0"], "share")
    assert found.kind is Kind.NUMBER
    assert [float(cell) for cell in made] == pytest.approx([0.61, 0.47, 0.83, 0.14, 0.52, 0])
    assert found.reason.parameters == {"example": "61%", "number": "0.61"}
    german, numbers = _column(["61,5 %", "47 %", "0,83", "0,5"], "Anteil")
    assert german.probability >= 0.8
    assert [float(cell) for cell in numbers] == pytest.approx([0.615, 0.47, 0.83, 0.5])


def test_percentages_without_their_sign_stay_percentages() -> None:
    found, made = _column(["61%", "47%", "83", "52.5"], "share")
    assert [float(cell) for cell in made] == [61, 47, 83, 52.5]
    assert found.probability >= 0.8


def test_a_person_is_asked_where_the_scale_cannot_be_seen() -> None:
    found, _ = _column(["61%", "47%", "0.83", "52"], "share")
    assert found.probability < 0.8
    assert found.reason.code == "kind_fraction_unsure"
