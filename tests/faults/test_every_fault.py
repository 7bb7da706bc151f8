"""Every fault of the list has a test, which exists."""

import ast
from pathlib import Path

from tests.faults.faults import FAULTS

ROOT = Path(__file__).parents[2]


def names_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}


def test_the_faults_are_numbered_without_gaps() -> None:
    assert [fault.number for fault in FAULTS] == list(range(1, 27))
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


def test_every_fault_is_produced_by_a_test_that_exists() -> None:
    for fault in FAULTS:
        assert fault.tests, fault.name
        for test in fault.tests:
            file, _, name = test.partition("::")
            assert name in names_in(ROOT / file), f"{fault.name}: {test}"
