"""Too few rows block or warn; copies of rows are counted."""

from pathlib import Path

from engine.checks.check import Case, Finding, Severity
from engine.checks.rows import COPIES, ROW_NUMBER
from engine.registry import Skip
from engine.table.dataset import Dataset
from tests.tables import dataset


def table(folder: Path, n: int, n_copies: int = 0) -> Dataset:
    rows = [*range(n - n_copies), *range(n_copies)]
    return dataset(folder, {"x": [row * 37 % 1009 / 4 for row in rows], "level": [f"k{row % 5}" for row in rows]})


def found(check: object, given: Dataset) -> tuple[Finding, ...]:
    answer = check.look(Case(dataset=given))  # type: ignore[attr-defined]
    assert not isinstance(answer, Skip)
    return answer


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
