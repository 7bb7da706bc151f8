"""Columns that mix words with numbers, metres with centimetres or one unit with another are shown."""

import random
from pathlib import Path

from engine.checks.check import Severity
from engine.checks.mixed import LOST_CELLS, SCALES, SEVERAL_UNITS, SOME_NUMBERS
from engine.table.schema import Kind
from tests.checking import found, remedied, said, settles, the
from tests.tables import dataset

N = 200
DRAW = random.Random(2)
X = [round(DRAW.gauss(0, 1), 3) for _ in range(N)]


def test_cells_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    table = dataset(tmp_path, {"m": [f"see note {i}" if i % 40 == 0 else i % 30 / 4 for i in range(N)], "x": X})
    finding = the("unreadable_cells", LOST_CELLS, table)
    assert (finding.columns, finding.severity) == (("m",), Severity.HANDLED)
    assert said(finding).startswith("m | 5 | see note")
    assert found(LOST_CELLS, dataset(tmp_path, {"x": X, "y": X[::-1]})) == ()


def test_numbers_among_words_can_be_read_as_numbers(tmp_path: Path) -> None:
    amounts = [("few", "many")[i % 2] if i % 3 == 0 else i % 17 for i in range(N)]
    table = dataset(tmp_path, {"amount": amounts, "size": [f"{i % 20 + 30}/{i % 3}" for i in range(N)], "x": X})
    finding = the("half_numbers", SOME_NUMBERS, table)
    assert (finding.columns, finding.severity) == (("amount",), Severity.PLEASE_LOOK)
    assert settles(SOME_NUMBERS, table, finding)
    read = remedied(table, finding)
    assert read.schema["amount"].kind is Kind.NUMBER
    assert read.frame["amount"].isna().sum() == sum(isinstance(amount, str) for amount in amounts)


def test_metres_among_centimetres(tmp_path: Path) -> None:
    centimetres = [round(DRAW.gauss(172, 8), 1) for _ in range(N)]
    mixed = [round(value / 100, 2) if i % 20 == 0 else value for i, value in enumerate(centimetres)]
    table = dataset(tmp_path, {"height": mixed, "right": centimetres, "x": X})
    finding = the("two_scales", SCALES, table)
    assert (finding.columns, finding.severity) == (("height",), Severity.PLEASE_LOOK)
    assert "| 100 |" in said(finding)
    assert settles(SCALES, table, finding)
    assert remedied(table, finding).frame["height"].isna().sum() == 10


def test_several_units_are_named(tmp_path: Path) -> None:
    weights = [f"{i % 90 + 10} kg" if i % 4 else f"{(i % 90 + 10) * 1000} g" for i in range(N)]
    finding = the("several_units", SEVERAL_UNITS, dataset(tmp_path, {"weight": weights, "x": X}))
    assert (finding.columns, finding.severity) == (("weight",), Severity.HANDLED)
    assert said(finding) == "weight | g | kg"
    assert found(SEVERAL_UNITS, dataset(tmp_path, {"weight": [f"{i % 90} kg" for i in range(N)], "x": X})) == ()
