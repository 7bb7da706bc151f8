"""How tests of checks ask what is found, and whether a remedy settles it."""

from engine.checks.check import Case, Check, Finding
from engine.chosen import chosen_dataset
from engine.config import ExperimentConfig
from engine.registry import Skip
from engine.table.dataset import Dataset
from engine.tasks.task import Task


def found(check: Check, table: Dataset, task: Task | None = None) -> tuple[Finding, ...]:
    """Return what a check finds; a check that does not apply fails the test."""
    answer = check.look(Case(dataset=table, task=task))
    assert not isinstance(answer, Skip)
    return answer


def the(code: str, check: Check, table: Dataset, task: Task | None = None) -> Finding:
    """Return the one finding of a code."""
    (finding,) = [each for each in found(check, table, task) if each.code == code]
    return finding


def remedied(table: Dataset, finding: Finding, number: int = 0) -> Dataset:
    """Return the table as it is after pressing a finding's button."""
    return chosen_dataset(table, ExperimentConfig().remedied(finding.remedies[number]))


def settles(check: Check, table: Dataset, finding: Finding) -> bool:
    """Whether the advised remedy makes the finding go away."""
    return finding.code not in [each.code for each in found(check, remedied(table, finding))]


def said(finding: Finding) -> str:
    """Return the parameters of a finding's evidence, to look for what must be shown."""
    return " | ".join(str(value) for message in finding.evidence for value in message.parameters.values())
