"""Columns are known for what they are, with a reason, and the contract of their cells holds."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.messages import render
from engine.table.columns.kinds import find_column
from engine.table.rules import canonical_cells
from engine.table.schema import Cells, ColumnSchema, Kind, Role, TableSchema
from tests.tables import dataset

N = 60
WORDS = "the parcel has not arrived and nobody answers when I call the number".split()


def column(cells: Sequence[str | None], name: str = "c") -> tuple[ColumnSchema, pd.Series]:
    raw = pd.Series(cells, name=name, dtype="str")
    found = find_column(raw)
    return found, canonical_cells(raw, found)


NUMBERS: dict[str, tuple[list[str], float]] = {
    "plain": ([f"{i}.5" for i in range(N)], 1800.0),
    "scientific": ([f"{i}e-1" for i in range(N)], 177.0),
    "decimal comma": ([f"{i},5" for i in range(N)], 1800.0),
    "German thousands": ([f"{i + 1}.234,50" for i in range(N)], 1_844_070.0),
    "English thousands": ([f"{i + 1},234" for i in range(N)], 1_844_040.0),
    "Swiss thousands": ([f"{i + 1}'234.50" for i in range(N)], 1_844_070.0),
    "spaced thousands": ([f"{i + 1} 234,50" for i in range(N)], 1_844_070.0),
    "dollars": ([f"${i + 1},200" for i in range(N)], 1_842_000.0),
    "euros behind": ([f"{i},99 €" for i in range(N)], 1829.4),
    "percent": ([f"{i},5 %" for i in range(N)], 1800.0),
    "unit": ([f"{i} kg" for i in range(N)], 1770.0),
    "unit in two spellings": ([f"{i} year{'' if i == 1 else 's'}" for i in range(N)], 1770.0),
    "negative in parentheses": ([f"({i}.5)" if i % 2 else f"{i}.5" for i in range(N)], -30.0),
    "yuan": ([f"{i}.5元" for i in range(N)], 1800.0),
}


@pytest.mark.parametrize("others", [["EMEA", "APAC"], ["AF", "AS", "EU", "SA"]])
def test_beside_other_regions_na_is_one(others: list[str]) -> None:
    regions = [*others, "NA"]
    found, cells = column([regions[i % len(regions)] for i in range(N)])
    assert found.kind is Kind.CATEGORY
    assert set(cells) == set(regions)
    plain, _ = column([["AF", "NA", "EU"][i % 3] for i in range(N)])
    assert "na" in plain.rules.missing


def test_large_amounts_are_numbers_and_named_seconds_are_moments() -> None:
    amounts: list[str | None] = [str(1_000_000_000 + 13_919_317 * (i % 50)) for i in range(N)]
    assert column(amounts, "revenue")[0].kind is Kind.NUMBER
    assert column([f"{cell}000" for cell in amounts], "market cap")[0].kind is Kind.NUMBER
    assert column(amounts, "created_at")[0].kind is Kind.DATE


@pytest.mark.parametrize("signs", ["+-", "+0-", "+–"])
def test_beside_a_plus_a_minus_is_an_answer(signs: str) -> None:
    found, cells = column([signs[i % len(signs)] for i in range(N)])
    assert found.kind is Kind.CATEGORY
    assert set(cells) == set(signs)
    assert canonical_cells(pd.Series(["-"], dtype="str"), found).isna().tolist() == [False]


@pytest.mark.parametrize("way", NUMBERS)
def test_numbers_are_numbers_however_they_are_written(way: str) -> None:
    cells, total = NUMBERS[way]
    found, canonical = column(list(cells))
    with_unit = way in {"dollars", "euros behind", "percent", "unit", "unit in two spellings", "yuan"}
    assert found.kind is (Kind.NUMBER_WITH_UNIT if with_unit else Kind.NUMBER)
    assert found.cells is (Cells.NUMBER if way in {"plain", "scientific"} else Cells.TEXT)
    assert pd.to_numeric(canonical).sum() == pytest.approx(total)
    assert canonical.notna().all()


@pytest.mark.parametrize("token", ["?", "NA", "n/a", "null", "-", "None", "", "#N/A"])
def test_disguised_missing_values_among_numbers_are_missing(token: str) -> None:
    found, canonical = column([token if i % 6 == 0 else f"{i}.5" for i in range(N)])
    assert (found.kind, found.cells, found.n_missing) == (Kind.NUMBER, Cells.NUMBER, 10)
    assert canonical.dtype == np.float64
    assert canonical.isna().sum() == 10


def test_none_is_an_answer_among_words_but_na_is_not() -> None:
    found, canonical = column([("none", "guarantor", "NA")[i % 3] for i in range(N)])
    assert found.kind is Kind.CATEGORY
    assert found.n_missing == 20
    assert set(canonical.dropna()) == {"none", "guarantor"}


def test_a_few_cells_that_are_no_numbers_are_missing_and_counted() -> None:
    found, canonical = column([*(f"{i}.5" for i in range(N)), "34.46Sq. Meter", "4125Perch"])
    assert found.kind is Kind.NUMBER
    assert found.cells is Cells.TEXT
    assert found.reason.parameters["n"] == 2
    assert canonical.isna().sum() == 2


def test_ranges_among_numbers_are_their_middle() -> None:
    _, canonical = column([*(f"{i}.5" for i in range(N)), "2100 - 2850"])
    assert canonical.iloc[-1] == "2475.0"


def test_classes_of_ranges_stay_classes() -> None:
    found, _ = column([("0-10", "10-20", "20-30")[i % 3] for i in range(N)])
    assert found.kind is Kind.CATEGORY


def test_several_units_are_not_one_number() -> None:
    found, _ = column([f"{i % 5 + 1} {('BHK', 'Bedroom')[i % 2]}" for i in range(N)])
    assert found.kind is Kind.CATEGORY


def test_codes_with_letters_among_digits_stay_as_they_are() -> None:
    found, canonical = column([*(str(i) for i in range(N)), "A17"], "code")
    assert found.kind is not Kind.NUMBER
    assert canonical.iloc[[0, -1]].tolist() == ["0", "A17"]


def test_leading_zeros_and_very_long_codes_are_kept() -> None:
    found, canonical = column([f"{i % 20:05d}" for i in range(N)], "zip")
    assert (found.kind, found.cells) == (Kind.CATEGORY, Cells.TEXT)
    assert canonical.iloc[3] == "00003"
    found, canonical = column([str(2**64 + i) for i in range(N)])
    assert (found.kind, found.cells) == (Kind.ID, Cells.TEXT)
    assert canonical.iloc[1] == "18446744073709551617"


@pytest.mark.parametrize(
    ("cells", "kind", "form"),
    [
        (["0", "1"], Kind.YES_NO, Cells.NUMBER),
        (["yes", "no"], Kind.YES_NO, Cells.TEXT),
        (["TRUE", "FALSE"], Kind.YES_NO, Cells.TEXT),
        (["是", "否"], Kind.YES_NO, Cells.TEXT),
        (["1", "2"], Kind.CATEGORY, Cells.NUMBER),
        (["male", "female"], Kind.CATEGORY, Cells.TEXT),
        (["3", "4", "5"], Kind.NUMBER, Cells.NUMBER),
        (["red", "green", "blue"], Kind.CATEGORY, Cells.TEXT),
        (["x"], Kind.CONSTANT, Cells.TEXT),
        (["7"], Kind.CONSTANT, Cells.NUMBER),
        ([""], Kind.CONSTANT, Cells.TEXT),
    ],
)
def test_few_levels(cells: list[str], kind: Kind, form: Cells) -> None:
    found, _ = column([cells[i % len(cells)] for i in range(N)])
    assert (found.kind, found.cells) == (kind, form)
    assert (found.role is Role.IGNORED) == (kind is Kind.CONSTANT)


def test_spellings_of_yes_and_no_become_one_each() -> None:
    found, canonical = column([("FALSE", "True", "TRUE", "true")[i % 4] for i in range(N)])
    assert found.kind is Kind.YES_NO
    assert canonical.value_counts().to_dict() == {"True": 45, "FALSE": 15}


def test_whole_number_codes_are_categories_only_by_name() -> None:
    cells: list[str | None] = [str(i % 6 + 1) for i in range(N)]
    assert column(cells, "region_code")[0].kind is Kind.CATEGORY
    assert column(cells, "grade")[0].kind is Kind.NUMBER


@pytest.mark.parametrize(
    ("cells", "formats"),
    [
        (["2024-01-31", "2024-02-01"], ("%Y-%m-%d",)),
        (["31/01/2024", "01/02/2024"], ("%d/%m/%Y",)),
        (["01/31/2024", "02/01/2024"], ("%m/%d/%Y",)),
        (["31.01.2024", "01.02.2024"], ("%d.%m.%Y",)),
        (["2024-01-31 08:30:00", "2024-02-01 23:59:59"], ("%Y-%m-%d %H:%M:%S",)),
        (["2024-01-31T08:30:00Z", "2024-02-01T23:59:59Z"], ("%Y-%m-%dT%H:%M:%SZ",)),
        (["31-Jan-2024", "01-Feb-2024"], ("%d-%b-%Y",)),
        (["1/31/2024 3:30 PM", "2/1/2024 11:05 AM"], ("%m/%d/%Y %I:%M %p",)),
        (["2024年1月31日", "2024年12月1日"], ("%Y年%m月%d日",)),
    ],
)
def test_dates_are_known_by_their_format(cells: list[str], formats: tuple[str, ...]) -> None:
    found, canonical = column([cells[i % 2] for i in range(N)])
    assert found.kind is Kind.DATE
    assert found.date_formats == formats
    assert canonical.iloc[0] == cells[0]


def test_two_ways_of_writing_dates_are_both_recorded_and_what_is_none_is_missing() -> None:
    found, canonical = column([*(("2024-01-15", "15.01.2024")[i % 2] for i in range(N)), "soon", "2024-02-30"])
    assert set(found.date_formats) == {"%Y-%m-%d", "%d.%m.%Y"}
    assert canonical.isna().tolist()[-2:] == [True, True]


def test_dates_without_an_order_are_taken_day_first_and_said_to_be_unsure() -> None:
    found, _ = column([f"{i % 12 + 1:02d}/{i % 12 + 1:02d}/2024" for i in range(N)])
    assert found.date_formats == ("%d/%m/%Y",)
    assert found.probability <= 0.5
    assert "day" in render(found.reason)


def test_text_and_ids() -> None:
    sentences = [" ".join(WORDS[(i + j) % len(WORDS)] for j in range(5 + i % 4)) + f" {i}" for i in range(N)]
    assert column(list(sentences))[0].kind is Kind.TEXT
    assert column([f"{i * 7919 % 10007:05d}-QX" for i in range(N)])[0].kind is Kind.ID
    assert column([str(i) for i in range(N)])[0].kind is Kind.ID
    assert column([str(i * i) for i in range(N)], "customerID")[0].kind is Kind.ID
    assert column([str(i * i) for i in range(N)], "income")[0].kind is Kind.NUMBER
    kept = [str(i) for i in range(2, 6 * N) if i % 7 not in {0, 3, 4}][:N]  # of the rows of a larger table
    found, _ = column(kept[N // 2 :] + kept[: N // 2], "c")
    assert found.kind is Kind.ID
    assert "some of which are not here" in render(found.reason)
    assert column([*kept[1:], kept[1]], "c")[0].kind is Kind.NUMBER  # what comes twice counts no rows
    assert column([str(3 * i) for i in range(N)], "rownames")[0].kind is Kind.ID
    assert column([str(3 * i) for i in range(N)], "c")[0].kind is Kind.NUMBER
    assert column([f"name {i % 40}" for i in range(N)])[0].kind is Kind.CATEGORY


def test_every_reason_can_be_said_and_a_schema_survives_json(tmp_path: Path) -> None:
    table = dataset(
        tmp_path,
        {
            "row": range(N),
            "size": [f"{i} cm" for i in range(N)],
            "when": [f"2024-01-{i % 28 + 1:02d}" for i in range(N)],
            "flag": [("Yes", "no", "YES")[i % 3] for i in range(N)],
            "same": ["x"] * N,
        },
    )
    for each in table.schema.columns:
        assert "{" not in render(each.reason)
        assert render(each.reason) != each.reason.code
    stored = json.loads(json.dumps(table.schema.to_json()))
    assert TableSchema.from_json(stored) == table.schema
