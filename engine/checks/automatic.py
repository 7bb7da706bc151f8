"""What is left out by itself until the person has said when it is known: the same in the app and in every run."""

from collections.abc import Iterable
from dataclasses import replace

from engine.checks.check import Case, Check, Finding
from engine.checks.power import answers_of
from engine.config import ExperimentConfig
from engine.registry import Skip, parts
from engine.table.dataset import Dataset


def automatic_findings(case: Case) -> tuple[Finding, ...]:
    """Run only the checks that may leave columns out, and return the findings that do."""
    found: list[Finding] = []
    for check in parts("engine.checks", Check):
        answer = check.look(case) if check.leaves_out else ()
        if not isinstance(answer, Skip):
            found.extend(finding for finding in answer if finding.automatic)
    return tuple(found)


def settled(dataset: Dataset, found: Iterable[Finding]) -> Dataset:
    """Return a table in which the first remedy of every automatic finding has been taken."""
    config = ExperimentConfig()
    for finding in found:
        if finding.automatic:
            config = config.remedied(finding.remedies[0])
    return dataset.with_schema(config.apply(dataset.schema))


def judged_rows(case: Case) -> Case:
    """Return a case with only the rows by which columns are judged: small enough to be handed to another process."""
    if case.task is None:
        return case
    rows = answers_of(case.dataset, case.task).rows
    fewer = replace(case.dataset, frame=case.dataset.frame.iloc[rows].reset_index(drop=True))
    return Case(dataset=fewer, task=case.task, config=case.config)
