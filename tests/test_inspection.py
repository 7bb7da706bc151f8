"""One value holds everything there is to say about a table before training."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.checks.check import Severity
from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig
from engine.errors import ConfigError
from engine.table.inspection import inspect_table
from engine.table.profile import N_BINS, profile
from engine.table.schema import Role
from engine.tasks.task import TaskKind
from tests.tables import dataset

N = 80
COLUMNS: dict[str, Sequence[object]] = {
    "x": [None if i < 20 else i % 40 / 4 for i in range(N)],
    "level": [("red", "red", "blue", "green")[i % 4] for i in range(N)],
    "day": [f"2024-01-{i % 28 + 1:02d}" for i in range(N)],
    "row_id": range(N),
    "t": ["yes", "no"] * (N // 2),
}


def test_a_table_is_inspected_for_a_suggested_or_a_named_target(tmp_path: Path) -> None:
    table = dataset(tmp_path, COLUMNS)
    suggested, named = inspect_table(table), inspect_table(table, ExperimentConfig(target="level"))
    assert suggested.suggestion is not None
    assert suggested.task is not None
    assert suggested.suggestion.column == suggested.task.target == "t"
    assert suggested.schema["t"].role is Role.TARGET
    assert named.config.target == "level"
    assert named.task is not None
    assert (named.task.target, named.task.kind) == ("level", TaskKind.MULTICLASS)
    assert "ids_left_out" in {finding.code for finding in named.findings}


def test_a_target_that_was_given_another_role_is_not_suggested_again(tmp_path: Path) -> None:
    table = dataset(tmp_path, COLUMNS)
    found = inspect_table(table, ExperimentConfig(columns={"t": ColumnChoice(role=Role.IGNORED)}))
    assert found.config.target == found.suggestions[1].column
    assert found.suggestions[0].column == "t"
    by_role = inspect_table(table, ExperimentConfig(columns={"level": ColumnChoice(role=Role.TARGET)}))
    assert by_role.task is not None
    assert by_role.task.target == "level"


def test_an_inspection_says_why_and_how_much_each_column_tells(tmp_path: Path) -> None:
    found = inspect_table(dataset(tmp_path, {**COLUMNS, "x": [i % 40 / 4 for i in range(N)]}))
    assert found.task_reason is not None
    assert found.positive_reason is not None
    assert (found.task_reason.code, found.positive_reason.code) == ("task_two", "positive_yes")
    assert set(found.powers) >= {"x", "level"}
    assert "t" not in found.powers
    assert all(0 <= power <= 1 for power in found.powers.values())
    assert found.powers["level"] > 0.5 > found.powers["day"]


def test_named_targets_that_cannot_be_predicted_are_refused_and_suggested_ones_explained(tmp_path: Path) -> None:
    table = dataset(tmp_path, {name: list(cells)[:30] for name, cells in COLUMNS.items()})
    inspection = inspect_table(table)
    assert inspection.task is None
    assert inspection.problem is not None
    assert Severity.MUST_FIX in {finding.severity for finding in inspection.findings}
    named = inspect_table(table, ExperimentConfig(target="t"))
    assert named.task is None
    assert named.problem is not None
    assert named.problem.code == "target_few_rows"
    with pytest.raises(ConfigError):
        inspect_table(table, ExperimentConfig(columns={"nothing": ColumnChoice(role=Role.IGNORED)}))


def test_profiles_describe_each_kind_in_its_way(tmp_path: Path) -> None:
    by_name = {column.name: column for column in profile(dataset(tmp_path, COLUMNS))}
    x, level, day = by_name["x"], by_name["level"], by_name["day"]
    assert (x.n_missing, x.missing_share, x.n_distinct) == (20, 0.25, 40)
    assert (x.minimum, x.maximum) == (0.0, 9.75)
    assert len(x.histogram) == N_BINS
    assert sum(x.histogram) == 60
    assert level.top == (("red", 40), ("blue", 20), ("green", 20))
    assert level.examples == ("red", "blue", "green")
    assert (day.minimum, day.maximum) == ("2024-01-01", "2024-01-28")
    assert sum(day.histogram) == N
