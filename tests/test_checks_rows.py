"""Too few rows block or warn; copies of rows are counted."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from engine.checks.check import Severity
from engine.checks.rows import COPIES, ROW_NUMBER, ROWS_PER_COLUMN
from engine.checks.sample import MOST_ROWS, Sample
from engine.checks.weights import WEIGHTS
from engine.chosen import chosen_dataset
from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig
from engine.table.copies import later_copies
from engine.table.dataset import Dataset
from engine.table.schema import Role, TableSchema
from tests.checking import found, remedied, said, settles
from tests.tables import dataset


def table(folder: Path, n: int, n_copies: int = 0) -> Dataset:
    rows = [*range(n - n_copies), *range(n_copies)]
    return dataset(folder, {"x": [row * 37 % 1009 / 4 for row in rows], "level": [f"k{row % 5}" for row in rows]})


def test_rows_are_counted(tmp_path: Path) -> None:
    assert [finding.severity for finding in found(ROW_NUMBER, table(tmp_path, 49))] == [Severity.MUST_FIX]
    assert [finding.severity for finding in found(ROW_NUMBER, table(tmp_path, 50))] == [Severity.PLEASE_LOOK]
    assert found(ROW_NUMBER, table(tmp_path, 300)) == ()


def test_copies_are_counted_and_many_are_warned_of(tmp_path: Path) -> None:
    assert found(COPIES, table(tmp_path, 300)) == ()
    for n_copies, severity in ((3, Severity.HANDLED), (30, Severity.PLEASE_LOOK)):
        (copies,) = found(COPIES, table(tmp_path, 300, n_copies))
        assert copies.severity is severity
        assert copies.message.parameters["n"] == n_copies
        assert settles(COPIES, table(tmp_path, 300, n_copies), copies)
        assert said(copies).startswith(f"{300 - n_copies + 1} | 1")


def test_rows_that_differ_in_an_id_only(tmp_path: Path) -> None:
    exact: dict[str, Sequence[object]] = {
        "key": [*(f"k{i}" for i in range(299)), "k7"],
        "x": [*(i * 37 % 1009 / 4 for i in range(299)), 7 * 37 / 4],
    }
    numbered = {
        "row_id": range(300),
        "x": [i % 290 * 37 % 1009 / 4 for i in range(300)],
        "y": [i % 290 for i in range(300)],
    }
    both = dataset(tmp_path, {name: [*cells, cells[0]] for name, cells in numbered.items()})
    same, alike = found(COPIES, both)
    assert (same.code, same.message.parameters["n"]) == ("same_rows", 1)
    assert (alike.code, alike.message.parameters["n"]) == ("alike_rows", 10)
    assert remedied(both, same).n_rows == 300
    assert remedied(both, alike).n_rows == 290
    assert settles(COPIES, both, same)
    assert settles(COPIES, both, alike)
    (copies,) = found(COPIES, dataset(tmp_path, exact))
    assert copies.code == "same_rows"


def test_few_possible_rows_must_repeat(tmp_path: Path) -> None:
    few: dict[str, Sequence[object]] = {
        "sex": [("m", "f")[i % 2] for i in range(300)],
        "class": [i % 3 for i in range(300)],
    }
    (told,) = found(COPIES, dataset(tmp_path, few))
    assert (told.code, told.severity, told.remedies) == ("same_by_nature", Severity.HANDLED, ())


def test_columns_need_rows(tmp_path: Path) -> None:
    wide = {f"c{i}": [(row * 37 + i * 11) % 101 / 4 for row in range(100)] for i in range(11)}
    (few,) = found(ROWS_PER_COLUMN, dataset(tmp_path, wide))
    assert few.message.parameters["columns"] == 11
    del wide["c10"]
    assert found(ROWS_PER_COLUMN, dataset(tmp_path, wide)) == ()


def test_copies_are_those_that_pandas_finds() -> None:
    draw = np.random.default_rng(0)
    for n_levels in (2, 5, 1000):
        words = pd.Series(draw.choice(np.array(["a", "b", None], dtype=object), 3000), dtype="str")
        numbers = np.where(draw.random(3000) < 0.1, np.nan, draw.integers(0, n_levels, 3000))
        frame = pd.DataFrame({"w": words, "x": numbers, "y": draw.integers(0, n_levels, 3000).astype(float)})
        assert later_copies(frame).tolist() == frame.duplicated().tolist()


def test_a_sample_is_always_the_same() -> None:
    n = MOST_ROWS * 2
    frame = pd.DataFrame({"x": np.arange(n, dtype=np.float64)})
    large = Dataset(frame=frame, schema=TableSchema(()), name="t", fingerprint="")
    one, other = Sample.of(large), Sample.of(large)
    assert np.array_equal(one.rows, other.rows)
    assert len(one.rows) == MOST_ROWS == len(np.unique(one.rows))
    assert one.frame["x"].is_monotonic_increasing
    assert n / 4 < np.median(one.rows) < n * 3 / 4


def test_rows_without_a_weight_are_counted(tmp_path: Path) -> None:
    def weighed(n_none: int) -> Dataset:
        cells = [None, -1, 0][: min(n_none, 3)] + [0] * max(0, n_none - 3)
        table = dataset(tmp_path, {"x": range(200), "w": [*cells, *([1.5] * (200 - n_none))]})
        return chosen_dataset(table, ExperimentConfig(columns={"w": ColumnChoice(role=Role.WEIGHT)}))

    assert found(WEIGHTS, weighed(0)) == ()
    for n_none, severity in ((3, Severity.HANDLED), (40, Severity.PLEASE_LOOK)):
        (none,) = found(WEIGHTS, weighed(n_none))
        assert (none.severity, none.message.parameters["n"]) == (severity, n_none)
    assert found(WEIGHTS, dataset(tmp_path, {"x": range(200), "w": range(200)})) == ()
