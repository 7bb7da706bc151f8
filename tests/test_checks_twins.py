"""Columns that say the same as others are found, whatever they say it with."""

import random
from collections.abc import Sequence
from pathlib import Path

from engine.checks.check import Severity
from engine.checks.sums import SUM_COLUMNS
from engine.checks.twins import CODES, STEPS, TWINS
from engine.tasks.task import Task, TaskKind
from tests.checking import found, remedied, said, settles, the
from tests.tables import dataset

N = 200
DRAW = random.Random(1)
A, B, C = ([round(DRAW.gauss(10, 3), 3) for _ in range(N)] for _ in range(3))
TOWNS = [DRAW.choice(("Ulm", "Bonn", "Kiel")) for _ in range(N)]


def test_equal_columns_are_one_finding(tmp_path: Path) -> None:
    table = dataset(tmp_path, {"a": A, "town": TOWNS, "again": A, "place": TOWNS, "other": B})
    finding = the("same_columns", TWINS, table)
    assert finding.columns == ("again", "place", "a", "town")
    assert set(finding.remedies[0].columns) == {"again", "place"}
    assert settles(TWINS, table, finding)
    assert set(remedied(table, finding, 1).schema.names) == set(table.schema.names)


def test_other_names_for_the_same_things(tmp_path: Path) -> None:
    codes = {"Ulm": 89, "Bonn": 228, "Kiel": 431}
    columns: dict[str, Sequence[object]] = {
        "town": TOWNS,
        "code": [codes[town] for town in TOWNS],
        "x": A,
        "y": [town == "Ulm" for town in TOWNS],
    }
    table = dataset(tmp_path, columns)
    finding = the("one_to_one_columns", CODES, table)
    assert (finding.columns, finding.severity) == (("code",), Severity.HANDLED)
    assert settles(CODES, table, finding)
    nearly = [*columns["code"][:-1], 89 if columns["code"][-1] != 89 else 228]
    assert found(CODES, dataset(tmp_path, {**columns, "code": nearly})) == ()


def test_numbers_in_step(tmp_path: Path) -> None:
    rough = [a + DRAW.gauss(0, 1) for a in A]
    fahrenheit = [None if i % 9 == 0 else round(32 + 1.8 * a, 1) for i, a in enumerate(A)]
    table = dataset(tmp_path, {"celsius": A, "b": B, "fahrenheit": fahrenheit, "rough": rough})
    finding = the("correlated_columns", STEPS, table)
    assert finding.columns == ("fahrenheit",)
    assert "celsius" in said(finding)
    assert settles(STEPS, table, finding)


def test_the_target_is_no_twin(tmp_path: Path) -> None:
    table = dataset(tmp_path, {"a": A, "b": B, "t": A})
    task = Task(kind=TaskKind.REGRESSION, targets=("t",))
    assert not found(TWINS, table, task)
    assert not found(STEPS, table, task)


def test_sums_of_two_and_of_a_run(tmp_path: Path) -> None:
    pair = [round(a + c, 3) for a, c in zip(A, C, strict=True)]
    run = [round(a + b + c, 3) for a, b, c in zip(A, B, C, strict=True)]
    for name, cells, parts in (("pair", pair, "a + c"), ("run", run, "a + b + c")):
        table = dataset(tmp_path, {name: cells, "a": A, "b": B, "c": C})
        finding = the("sum_columns", SUM_COLUMNS, table)
        assert (finding.columns, said(finding)) == ((name,), f"{name} | {parts}")
        assert settles(SUM_COLUMNS, table, finding)
    assert found(SUM_COLUMNS, dataset(tmp_path, {"a": A, "b": B, "c": C})) == ()
