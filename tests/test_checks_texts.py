"""Spellings of one value, damaged letters and what other programs leave in cells and names are found."""

from pathlib import Path

import pytest

from engine.checks.check import Severity
from engine.checks.names import COLUMN_NAMES
from engine.checks.spelling import SAME_SPELLED
from engine.checks.texts import DAMAGED_LETTERS, MARKS
from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig
from engine.table.dataset import Dataset
from engine.table.rules import canonical_cells
from tests.checking import found, remedied, said, settles, the
from tests.tables import dataset

N = 120
X = [i * 37 % 101 / 4 for i in range(N)]


def of_levels(folder: Path, *levels: str) -> Dataset:
    return dataset(folder, {"level": [levels[i % len(levels)] for i in range(N)], "x": X})


def test_spellings_become_one_value(tmp_path: Path) -> None:
    table = of_levels(tmp_path, "New York", "New York", "new york", "NewYork", "Bonn", "BONN", "Bonn", "Kiel")
    finding = the("spellings", SAME_SPELLED, table)
    assert (finding.columns, finding.severity) == (("level",), Severity.PLEASE_LOOK)
    assert settles(SAME_SPELLED, table, finding)
    chosen = remedied(table, finding)
    assert set(chosen.frame["level"]) == {"New York", "Bonn", "Kiel"}
    assert chosen.schema["level"].n_distinct == 3
    raw = table.frame["level"].head(8)
    assert canonical_cells(raw, chosen.schema["level"]).tolist() == chosen.frame["level"].head(8).tolist()


def test_a_second_choice_of_spellings_leads_to_the_last(tmp_path: Path) -> None:
    table = of_levels(tmp_path, "a", "b", "c")
    once = ColumnChoice(same=(("a", "b"),))
    config = ExperimentConfig(columns={"level": ColumnChoice(same=(("b", "c"),)).over(once)})
    column = config.apply(table.schema)["level"]
    assert dict(column.rules.same) == {"a": "c", "b": "c"}
    assert ExperimentConfig.from_json(config.to_json()) == config


def test_what_is_written_as_a_missing_value_is_missing_too(tmp_path: Path) -> None:
    table = of_levels(tmp_path, "Bonn", "BONN", "Kiel")
    choice = ColumnChoice(same=(("BONN", "Bonn"),), missing=("Bonn",))
    column = ExperimentConfig(columns={"level": choice}).apply(table.schema)["level"]
    assert canonical_cells(table.frame["level"].head(3), column).isna().tolist() == [True, True, False]


@pytest.mark.parametrize("levels", [("A+", "A-", "A"), ("1-2", "12", "1 2 3"), ("< 0", "> 0"), ("C", "C#", "C++")])
def test_values_that_only_look_alike_are_kept_apart(tmp_path: Path, levels: tuple[str, ...]) -> None:
    assert found(SAME_SPELLED, of_levels(tmp_path, *levels, "other")) == ()


@pytest.mark.parametrize(
    ("damaged", "meant"),
    [("FranÃ§ois", "François"), ("5 â‚¬", "5 €"), ("MÃ¼ller", "Müller"), ("caf\ufffd", None), ("锟斤拷", None)],
)
def test_damaged_letters_are_shown_with_what_was_meant(tmp_path: Path, damaged: str, meant: str | None) -> None:
    finding = the("damaged_letters", DAMAGED_LETTERS, of_levels(tmp_path, damaged, "Bonn", "Kiel"))
    assert (finding.columns, finding.severity) == (("level",), Severity.PLEASE_LOOK)
    assert damaged in said(finding)
    assert meant is None or meant in said(finding)


def test_damaged_cyrillic_letters_and_names(tmp_path: Path) -> None:
    damaged = "Москва".encode().decode("cp1251")
    assert "Москва" in said(the("damaged_letters", DAMAGED_LETTERS, of_levels(tmp_path, damaged, "Bonn", "Kiel")))
    table = dataset(tmp_path, {"GrÃ¶ÃŸe": X, "y": X[::-1]})
    assert the("damaged_letters", DAMAGED_LETTERS, table).columns == ("GrÃ¶ÃŸe",)


def test_letters_of_other_languages_are_not_damaged(tmp_path: Path) -> None:
    levels = ("SÃO PAULO", "Ångström", "Âge", "Москва", "РОССИЯ", "北京市", "東京都", "Ελλάδα", "naïve", "5 €")
    assert found(DAMAGED_LETTERS, of_levels(tmp_path, *levels)) == ()


def test_marks_of_other_programs_are_told(tmp_path: Path) -> None:
    table = of_levels(tmp_path, "one<br>two", "=SUM(A1)", "much  space", "3 < 4", "plain", "-5 to 0")
    marks = found(MARKS, table)
    assert [finding.code for finding in marks] == ["markup_in_cells", "formulas_in_cells", "odd_spaces"]
    assert {finding.severity for finding in marks} == {Severity.HANDLED}
    assert "much··space" in said(marks[2])
    assert found(MARKS, of_levels(tmp_path, "3 < 4", "a = b", "R&D", "-5 to 0")) == ()


def test_names_are_looked_at(tmp_path: Path) -> None:
    table = dataset(tmp_path, {"<script>alert(1)</script>": X, "long" * 30: X[::-1], "good": X[3:] + X[:3]})
    assert {finding.code: finding.columns for finding in found(COLUMN_NAMES, table)} == {
        "long_names": ("long" * 30,),
        "odd_names": ("<script>alert(1)</script>",),
    }
