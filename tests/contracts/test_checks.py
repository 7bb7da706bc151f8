"""Every check keeps its contract, on tables of every task and before a target is chosen."""

import json

import pytest

from engine.checks.check import Case, Check, Finding, findings
from engine.messages import render
from engine.registry import Skip, parts
from engine.table.dataset import Dataset
from engine.table.inspection import Inspection, inspect_table
from engine.table.reading import read_table
from engine.tasks.detection import task_of
from sample_data.catalogue import SAMPLES, Sample

CHECKS = parts("engine.checks", Check)


@pytest.fixture(scope="module")
def tables() -> dict[str, Dataset]:
    return {sample.key: read_table(sample.path) for sample in SAMPLES}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.key)
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.key)
def test_a_check_says_what_it_finds_or_why_it_does_not_apply(
    check: Check, sample: Sample, tables: dict[str, Dataset]
) -> None:
    table = tables[sample.key]
    target = sample.target
    asked = table.with_schema(table.schema.with_target(target))
    before = table.frame.copy()
    for task in (None, task_of(asked, target)):
        answer = check.look(Case(dataset=asked, task=task))
        if isinstance(answer, Skip):
            assert render(answer.reason) != answer.reason.code
            continue
        assert answer == check.look(Case(dataset=asked, task=task)), "a check must not depend on chance"
        for finding in answer:
            assert finding.code == finding.message.code
            assert "{" not in render(finding.message)
            assert set(finding.columns) <= set(table.schema.names)
            assert all(set(remedy.columns) <= set(table.schema.names) for remedy in finding.remedies)
            assert Finding.from_json(json.loads(json.dumps(finding.to_json()))) == finding
    assert table.frame.equals(before), "a check must not change the table"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.key)
def test_the_most_severe_findings_come_first(sample: Sample, tables: dict[str, Dataset]) -> None:
    table = tables[sample.key]
    order = ["must fix", "please look", "handled"]
    severities = [
        order.index(str(f.severity)) for f in findings(Case(dataset=table, task=task_of(table, sample.target)))
    ]
    assert severities == sorted(severities)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.key)
def test_an_inspection_survives_json(sample: Sample, tables: dict[str, Dataset]) -> None:
    inspection = inspect_table(tables[sample.key])
    assert Inspection.from_json(json.loads(json.dumps(inspection.to_json()))) == inspection
