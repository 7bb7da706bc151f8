"""Columns that cannot help or stand there twice are found, with a remedy; good columns are left alone."""

from dataclasses import replace
from pathlib import Path

from engine.checks.check import Case, Finding, Severity
from engine.checks.columns import CONSTANTS, DATE_ORDER, IDS
from engine.checks.missing import MISSING
from engine.checks.twins import TWINS
from engine.registry import Skip
from engine.table.dataset import Dataset
from engine.table.schema import Role
from tests.tables import dataset

N = 100
GOOD = {"x": [i * 37 % 101 / 4 for i in range(N)], "level": ["a", "b", "c", "d"] * 25}


def found(check: object, table: Dataset) -> tuple[Finding, ...]:
    answer = check.look(Case(dataset=table))  # type: ignore[attr-defined]
    assert not isinstance(answer, Skip)
    return answer


def using(table: Dataset, name: str) -> Dataset:
    return table.with_schema(table.schema.replacing([replace(table.schema[name], role=Role.FEATURE)]))


def test_good_columns_are_left_alone(tmp_path: Path) -> None:
    table = dataset(tmp_path, GOOD)
    assert not any(found(check, table) for check in (IDS, CONSTANTS, MISSING, TWINS, DATE_ORDER))


def test_ids_and_constants_are_left_out_and_warned_of_when_used(tmp_path: Path) -> None:
    table = dataset(tmp_path, {**GOOD, "row_id": range(N), "same": ["x"] * N})
    for check, name in ((IDS, "row_id"), (CONSTANTS, "same")):
        (told,) = found(check, table)
        assert (told.severity, told.columns, told.remedies) == (Severity.HANDLED, (name,), ())
        (warned,) = found(check, using(table, name))
        assert warned.severity is Severity.PLEASE_LOOK
        assert warned.remedies[0].columns[name].role is Role.IGNORED


def test_missing_shares_are_judged_at_half_and_at_nearly_all(tmp_path: Path) -> None:
    def with_missing(n_missing: int) -> list[object]:
        return [None if i < n_missing else i % 7 / 2 for i in range(N)]

    columns = {**GOOD, "half": with_missing(50), "more": with_missing(60), "most": with_missing(97)}
    nearly_all, half = found(MISSING, dataset(tmp_path, columns))
    assert (nearly_all.columns, half.columns) == (("most",), ("more",))
    assert set(nearly_all.remedies[0].columns) == {"most"}
    assert set(half.remedies[0].columns) == {"more"}


def test_a_second_column_of_the_same_values_is_found(tmp_path: Path) -> None:
    (twin,) = found(TWINS, dataset(tmp_path, {**GOOD, "again": GOOD["x"], "other": GOOD["x"][::-1]}))
    assert twin.columns == ("again", "x")
    assert set(twin.remedies[0].columns) == {"again"}


def test_dates_without_an_order_are_asked_about(tmp_path: Path) -> None:
    (unsure,) = found(DATE_ORDER, dataset(tmp_path, {**GOOD, "d": [f"{i % 9 + 1:02d}/03/2024" for i in range(N)]}))
    assert unsure.columns == ("d",)
    assert not found(DATE_ORDER, dataset(tmp_path, {**GOOD, "d": [f"{i % 28 + 1:02d}/03/2024" for i in range(N)]}))
