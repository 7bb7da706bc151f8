"""Columns that are empty in the same rows are grouped."""

from pathlib import Path

from engine.checks.check import Severity
from engine.checks.missing import BLOCKS
from tests.checking import found, said, the
from tests.tables import dataset

N = 200


def with_gaps(gap: int, shift: int = 0) -> list[object]:
    return [None if (i + shift) % gap == 0 else i % 13 / 2 for i in range(N)]


def test_columns_that_are_empty_together(tmp_path: Path) -> None:
    columns = {"a": with_gaps(5), "b": with_gaps(5), "c": with_gaps(5, 1), "d": with_gaps(7), "e": with_gaps(N + 1)}
    finding = the("missing_together", BLOCKS, dataset(tmp_path, columns))
    assert (finding.columns, finding.severity) == (("a", "b"), Severity.HANDLED)
    assert "a, b | 20.0" in said(finding)
    assert found(BLOCKS, dataset(tmp_path, {name: columns[name] for name in ("a", "c", "d")})) == ()
