"""The reading rules: training and prediction get the same canonical cells, whatever types a table comes in."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.table import rules
from engine.table.columns.kinds import find_column
from engine.table.rules import canonical_cells, plain_numbers, present
from engine.table.schema import ColumnSchema
from tests.tables import dataset, write

N = 60


def schema_of(cells: list[str], name: str = "c") -> ColumnSchema:
    return find_column(pd.Series(cells, name=name, dtype="str"))


def test_a_table_that_is_already_typed_gives_the_same_cells_as_its_text(tmp_path: Path) -> None:
    columns: dict[str, list[Any]] = {
        "n": [None if i % 7 == 0 else i for i in range(N)],
        "x": [i / 4 for i in range(N)],
        "code": [i % 3 + 5 for i in range(N)],
        "flag": [("true", "false")[i % 2] for i in range(N)],
        "day": [f"2024-03-{i % 28 + 1:02d}" for i in range(N)],
        "level": [f"k{i % 4}" for i in range(N)],
    }
    table = dataset(tmp_path, columns)
    typed = pd.DataFrame(
        {
            "n": pd.array(columns["n"], dtype="Int64"),
            "x": np.array(columns["x"], np.float32),
            "code": np.array(columns["code"], np.int8),
            "flag": [cell == "true" for cell in columns["flag"]],
            "day": pd.to_datetime(pd.Series(columns["day"])),
            "level": pd.Categorical(columns["level"]),
        }
    )
    for column in table.schema.columns:
        pd.testing.assert_series_equal(canonical_cells(typed[column.name], column), table.frame[column.name])


@pytest.mark.parametrize(
    ("training", "cell", "expected"),
    [
        ([f"{i}.5" for i in range(N)], "abc", None),
        ([f"{i}.5" for i in range(N)], " 7 ", 7.0),
        ([f"{i}.5" for i in range(N)], "1_000", None),
        ([f"{i}.5" for i in range(N)], "nan", None),
        ([f"{i} kg" for i in range(N)], "12.5 KG", "12.5"),
        ([f"{i} kg" for i in range(N)], "12.5", "12.5"),
        ([f"{i} kg" for i in range(N)], "12.5 miles", None),
        ([f"{i + 1}.234,5" for i in range(N)], "7.000,25", "7000.25"),
        ([f"{i + 1}.234,5" for i in range(N)], "7,25", "7.25"),
        (["31/12/2024", "01/12/2024"], "2024-12-24", "24/12/2024"),
        (["31/12/2024", "01/12/2024"], "32/12/2024", None),
        (["31/12/2024", "01/12/2024"], "soon", None),
        (["yes", "no"], "YES", "yes"),
        (["020", "030", "145"], "20", "020"),
        (["020", "20", "145"], "20", "20"),
        (["red", "green", "blue"], "violet", "violet"),
        (["red", "green", "blue"], " red ", "red"),
        (["red", "green", "blue"], "N/A", None),
    ],
)
def test_new_cells_are_read_by_the_rules_of_the_training_cells(
    training: list[str], cell: str, expected: str | float | None
) -> None:
    column = schema_of((training * N)[:N])
    (found,) = canonical_cells(pd.Series([cell], dtype="str"), column)
    assert (None if pd.isna(found) else found) == expected


def test_infinities_are_missing() -> None:
    column = schema_of([f"{i}.5" for i in range(N)])
    assert canonical_cells(pd.Series([np.inf, -np.inf, 1.0]), column).isna().tolist() == [True, True, False]
    assert canonical_cells(pd.Series(["inf", "1e400", "1"], dtype="str"), column).isna().tolist() == [True, True, False]


CELLS = st.one_of(
    st.text(max_size=12), st.floats().map(repr), st.integers().map(str), st.sampled_from(["NA", " ? ", "1,5"])
)


@settings(max_examples=60, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=8))
def test_few_and_many_cells_are_read_alike(cells: list[str]) -> None:
    few = pd.Series([cell.replace("\0", "") for cell in cells], dtype="str")
    many = pd.concat([few] * (rules._FEW // len(few) + 1), ignore_index=True)
    np.testing.assert_array_equal(plain_numbers(few), plain_numbers(many)[: len(few)])
    pd.testing.assert_series_equal(present(few, ("na", "?")), present(many, ("na", "?")).iloc[: len(few)])


@settings(max_examples=60, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e90, max_value=1e90))
def test_plain_numbers_are_read_exactly(number: float) -> None:
    if number == 0 or abs(number) > 1e-90:
        assert plain_numbers(pd.Series([repr(number)], dtype="str"))[0] == number


def test_a_whole_table_reads_the_same_row_by_row(tmp_path: Path) -> None:
    text = "w;d;c\n" + "".join(f"{i},5 kg;{i % 28 + 1:02d}.01.2024;{'ab?'[i % 3]}\n" for i in range(N))
    path = write(tmp_path, text)
    from engine.table.reading import read_raw, read_table

    table, raw = read_table(path), read_raw(path)
    for column in table.schema.columns:
        rows = [canonical_cells(raw.frame[column.name].iloc[[i]], column) for i in range(N)]
        pd.testing.assert_series_equal(pd.concat(rows), table.frame[column.name])
