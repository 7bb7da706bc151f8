"""What the person has chosen about cells is the same in training, in prediction and in the bundle's script."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.checks.check import Case
from engine.checks.rows import COPIES, COPIES_LEFT_OUT
from engine.chosen import chosen_dataset
from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig
from engine.table.rules import canonical_cells
from engine.table.schema import Kind, Role, TableSchema
from exporters.predictor import reading as script
from tests.checking import found, remedied
from tests.tables import dataset

N = 400
AGES = [["child", "adult", "n so"][i // 5 % 3] if i % 5 == 0 else str(18 + i * 7 % 70) for i in range(N)]
AGES[3], AGES[7], AGES[8] = "-4", "250", "999"
TOWNS = ["ΑΘΗΝΑ", "ΑΓΝΩΣΤΟΣ", "İzmir", "Straße", "Bonn"]


@pytest.mark.parametrize("at_once", [True, False])
def test_limits_hold_in_a_column_that_is_read_as_numbers(tmp_path: Path, *, at_once: bool) -> None:
    table = dataset(tmp_path, {"age": AGES, "y": ["a", "b"] * (N // 2)})
    assert table.schema["age"].kind is Kind.CATEGORY
    choice = ColumnChoice(kind=Kind.NUMBER, missing=("n so", "999"), lowest=0, highest=120)
    if not at_once:
        choice = choice.over(ColumnChoice(kind=Kind.NUMBER))
    chosen = chosen_dataset(table, ExperimentConfig(target="y", columns={"age": choice}))
    column, cells = chosen.schema["age"], chosen.frame["age"]
    expected = [str(float(age)) if age.isdigit() and int(age) <= 120 else np.nan for age in AGES]
    pd.testing.assert_series_equal(cells, pd.Series(expected, name="age", dtype="str"))
    assert (column.n_missing, column.n_distinct) == (cells.isna().sum(), cells.nunique())
    raw = pd.Series(AGES, name="age", dtype="str")
    pd.testing.assert_series_equal(canonical_cells(raw, column), cells)
    assert [script.canonical(age, column.to_json()) for age in AGES] == cells.fillna("").tolist()


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["250,00 €", "1.200,50 €", "- €", "offen"], ["250.0", "1200.5", "0.0", np.nan]),
        (["< 5 kg", "800 g", "7 kg", "to follow"], ["5.0", "0.8", "7.0", np.nan]),
        (["118 rpx", "90 rpx", "7 rpx", "11 rpy"], ["118.0", "90.0", "7.0", np.nan]),  # nobody knows what a rpy is
        (["12", "7", "many", "some"], ["12.0", "7.0", np.nan, np.nan]),
    ],
)
def test_texts_that_a_person_calls_numbers_are_read_as_they_are_written(
    tmp_path: Path, cells: list[str], numbers: list[str | float]
) -> None:
    table = dataset(tmp_path, {"size": [f'"{cell}"' for cell in cells] * (N // 4), "y": ["a", "b"] * (N // 2)})
    assert table.schema["size"].kind is Kind.CATEGORY
    config = ExperimentConfig(target="y", columns={"size": ColumnChoice(kind=Kind.NUMBER_WITH_UNIT)})
    chosen = chosen_dataset(table.with_schema(TableSchema.from_json(table.schema.to_json())), config)
    column, made = chosen.schema["size"], chosen.frame["size"].tolist()
    assert made == numbers * (N // 4)
    assert canonical_cells(pd.Series(cells, dtype="str"), column).tolist() == numbers
    assert [script.canonical(cell, column.to_json()) or np.nan for cell in cells] == numbers
    assert column.n_missing == made.count(np.nan)


@pytest.mark.parametrize("word", ["ΑΓΝΩΣΤΟΣ", "İzmir", "STRASSE", "Straße", "BONN"])
def test_words_for_missing_are_the_same_in_few_cells_and_in_many(tmp_path: Path, word: str) -> None:
    towns = [TOWNS[i % 5] for i in range(N)]
    table = dataset(tmp_path, {"town": towns, "y": ["a", "b"] * (N // 2)})
    choice = ColumnChoice(kind=Kind.CATEGORY, missing=(word,))
    chosen = chosen_dataset(table, ExperimentConfig(target="y", columns={"town": choice}))
    column = chosen.schema["town"]
    few = canonical_cells(pd.Series(TOWNS, dtype="str"), column).tolist()
    many = canonical_cells(pd.Series(towns, dtype="str"), column).tolist()
    assert many == chosen.frame["town"].tolist() == few * (N // 5)
    assert [script.canonical(town, column.to_json()) or np.nan for town in TOWNS] == few
    assert few.count(np.nan) == (word != "STRASSE")


def test_rows_alike_are_compared_in_the_columns_that_were_used(tmp_path: Path) -> None:
    again = [i % 350 for i in range(N)]
    columns: dict[str, list[object]] = {
        "row_id": [f"k{i:04d}" for i in range(N)],
        "a": [i * 37 % 1009 / 4 for i in again],
        "b": [("x", "y", "z")[i % 3] for i in again],
    }
    table = dataset(tmp_path, columns)
    (alike,) = found(COPIES, table)
    assert remedied(table, alike).n_rows == 350
    without = ColumnChoice(role=Role.IGNORED)
    later = chosen_dataset(table, ExperimentConfig(columns={"a": without}).remedied(alike.remedies[0]))
    assert later.n_rows == 350
    (told,) = COPIES_LEFT_OUT.look(Case(dataset=later))  # type: ignore[misc]
    assert (told.severity, told.message.parameters["n"]) == ("handled", 50)
    assert COPIES_LEFT_OUT.look(Case(dataset=table)) == ()


@pytest.mark.parametrize("kind", [Kind.CATEGORY, Kind.TEXT])
def test_dates_that_are_no_dates_to_the_person_are_written_as_before(tmp_path: Path, kind: Kind) -> None:
    days = [f"{1 + i % 28}. {('März', 'Mai', 'Oktober')[i % 3]} {2020 + i % 4}" for i in range(N)]
    table = dataset(tmp_path, {"day": days, "y": ["a", "b"] * (N // 2)})
    assert table.schema["day"].kind is Kind.DATE
    chosen = chosen_dataset(table, ExperimentConfig(target="y", columns={"day": ColumnChoice(kind=kind)}))
    column, cells = chosen.schema["day"], chosen.frame["day"]
    assert canonical_cells(pd.Series(days, dtype="str"), column).tolist() == cells.tolist()
    assert [script.canonical(day, column.to_json()) for day in days] == cells.tolist()
