"""Settings that do not fit the table are found, each with the setting that does."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.checks.check import Case, Check, Finding, Severity
from engine.checks.configuration import DIVISION, HOLDOUT, METRIC
from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig
from engine.registry import Skip
from engine.table.schema import Role
from engine.tasks.detection import task_of
from tests.tables import dataset

N = 400
X = np.random.default_rng(1).normal(size=N).round(3)
UNEVEN = np.where(np.arange(N) % 10 == 0, "a", "b")
EVEN = np.where(np.arange(N) % 2 == 0, "a", "b")


def case(folder: Path, answers: np.ndarray, config: ExperimentConfig, **columns: object) -> Case:
    table = dataset(folder, {"x": X[: len(answers)], **columns, "t": answers})  # type: ignore[dict-item]
    config = replace(config, target="t")
    table = table.with_schema(config.apply(table.schema))
    return Case(dataset=table, task=task_of(table, "t", config.task), config=config)


def look(check: Check, asked: Case) -> tuple[Finding, ...]:
    answer = check.look(asked)
    assert not isinstance(answer, Skip)
    return answer


@pytest.mark.parametrize(
    ("answers", "metric", "code"),
    [
        (UNEVEN, "accuracy", "metric_blind"),
        (EVEN, "accuracy", None),
        (UNEVEN, "auc", None),
        (UNEVEN, None, None),
        (X, "rmsle", "metric_undefined"),
        (np.abs(X), "rmsle", None),
        (X, "auc", "metric_of_other_task"),
        (X, "no such metric", None),
    ],
)
def test_a_metric_that_says_nothing_here(
    tmp_path: Path, answers: np.ndarray, metric: str | None, code: str | None
) -> None:
    asked = case(tmp_path, answers, ExperimentConfig(metric=metric))
    found = look(METRIC, asked)
    assert [finding.code for finding in found] == ([code] if code else [])
    for finding in found:
        for remedy in finding.remedies:
            settled = asked.config.remedied(remedy)
            assert look(METRIC, Case(dataset=asked.dataset, task=asked.task, config=settled)) == ()


def test_a_test_of_too_few_rows(tmp_path: Path) -> None:
    rare = np.where(np.arange(N) < 12, "a", "b")
    (finding,) = look(HOLDOUT, case(tmp_path, rare, ExperimentConfig()))
    assert (finding.code, finding.severity) == ("holdout_too_small", Severity.PLEASE_LOOK)
    settled = ExperimentConfig().remedied(finding.remedies[0])
    assert settled.holdout == 0
    assert look(HOLDOUT, case(tmp_path, rare, settled)) == ()
    assert look(HOLDOUT, case(tmp_path, EVEN, ExperimentConfig())) == ()
    (tiny,) = look(HOLDOUT, case(tmp_path, X, ExperimentConfig(holdout=0.05)))
    assert tiny.code == "holdout_tiny"


@pytest.mark.parametrize(
    ("values", "role", "code"),
    [
        ([f"g{i % 4}" for i in range(N)], Role.GROUP, "few_groups"),
        ([f"g{i}" for i in range(N)], Role.GROUP, "single_groups"),
        ([f"g{i % 50}" for i in range(N)], Role.GROUP, None),
        ([2000 + i % 5 for i in range(N)], Role.TIME, "few_times"),
        ([2000 + i % 40 for i in range(N)], Role.TIME, None),
    ],
)
def test_columns_that_hardly_divide(tmp_path: Path, values: list[object], role: Role, code: str | None) -> None:
    asked = case(tmp_path, EVEN, ExperimentConfig(columns={"by": ColumnChoice(role=role)}), by=values)
    assert [finding.code for finding in look(DIVISION, asked)] == ([code] if code else [])
