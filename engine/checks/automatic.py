"""What is left out by itself until the person has said when it is known: the same in the app and in every run."""

from collections.abc import Iterable

from engine.checks.check import Case, Check, Finding
from engine.config import ExperimentConfig
from engine.registry import Skip, parts
from engine.table.dataset import Dataset


def first_findings(case: Case) -> tuple[Finding, ...]:
    """Run only the checks that may leave columns out, and return all that they find."""
    found: list[Finding] = []
    for check in parts("engine.checks", Check):
        answer = check.look(case) if check.leaves_out else ()
        if not isinstance(answer, Skip):
            found.extend(answer)
    return tuple(found)


def settled(dataset: Dataset, found: Iterable[Finding]) -> Dataset:
    """Return a table in which the first remedy of every automatic finding has been taken."""
    config = ExperimentConfig()
    for finding in found:
        if finding.automatic:
            config = config.remedied(finding.remedies[0])
    return dataset.with_schema(config.apply(dataset.schema))
