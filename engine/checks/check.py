"""A check looks at a table before training and says what could go wrong, with a remedy that can be a button."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from engine.checks.equal import equal_columns
from engine.checks.power import Answers, Power, answers_of, powers_of
from engine.checks.sample import Sample
from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig, Remedy
from engine.messages import Message, Phrase, listed, phrase
from engine.registry import Skip, parts
from engine.table.dataset import Dataset
from engine.table.schema import ColumnSchema, Role
from engine.tasks.task import Task

_MOST_EVIDENCE = 20  # wide tables would be flooded

NO_TARGET = phrase("check_needs_target", "No target has been chosen yet.")
LEAVE_OUT = phrase("remedy_leave_out", "Leave out {columns}")


class Severity(StrEnum):
    """How much a finding matters."""

    MUST_FIX = "must fix"  # training cannot start
    PLEASE_LOOK = "please look"
    HANDLED = "handled"  # for information


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that a check found. `code` is the message's code, which also says what it costs to do nothing.

    `evidence`: what shows it, such as rows or values. `remedies`: what would settle it, the advised one first.
    `automatic`: the first remedy is taken unless the person has said when the columns are known.
    """

    severity: Severity
    message: Message
    columns: tuple[str, ...] = ()
    evidence: tuple[Message, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    automatic: bool = False

    @property
    def code(self) -> str:
        """The short name of what was found."""
        return self.message.code

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this finding."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "columns": list(self.columns),
            "message": self.message.to_json(),
            "evidence": [message.to_json() for message in self.evidence],
            "remedies": [remedy.to_json() for remedy in self.remedies],
            "automatic": self.automatic,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Finding":
        """Rebuild a stored finding."""
        return Finding(
            severity=Severity(data["severity"]),
            message=Message.from_json(data["message"]),
            columns=tuple(data["columns"]),
            evidence=tuple(Message.from_json(message) for message in data["evidence"]),
            remedies=tuple(Remedy.from_json(remedy) for remedy in data["remedies"]),
            automatic=data["automatic"],
        )


@dataclass(frozen=True, kw_only=True)
class Case:
    """What a check looks at. `task`: None before a target is chosen. `config`: the settings so far.

    `dataset` has the person's changes already.
    """

    dataset: Dataset
    task: Task | None = None
    config: ExperimentConfig = field(default_factory=ExperimentConfig)

    @cached_property
    def sample(self) -> Sample:
        """Some rows, drawn once for all checks."""
        return Sample.of(self.dataset)

    @cached_property
    def features(self) -> tuple[ColumnSchema, ...]:
        """The columns that a model may look at, without the target."""
        target = self.task.target if self.task is not None else None
        return tuple(column for column in self.dataset.schema.features if column.name != target)

    @cached_property
    def powers(self) -> Mapping[str, Power]:
        """How well each feature alone predicts the target; empty before one is chosen."""
        if self.task is None or self.answers is None:
            return {}
        return powers_of(self.dataset, self.task, self.answers)

    @cached_property
    def answers(self) -> Answers | None:
        """The answers in the rows that columns are judged by; None before a target is chosen."""
        return answers_of(self.dataset, self.task) if self.task is not None else None

    @cached_property
    def equal_columns(self) -> Mapping[str, str]:
        """The features that hold the same values as an earlier one, with that one."""
        return equal_columns(self.sample, self.features)


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check. `look(case)` returns what it found, or a Skip. `leaves_out`: some findings are `automatic`."""

    key: str
    title: str
    look: Callable[[Case], tuple[Finding, ...] | Skip]
    leaves_out: bool = False


def findings(case: Case, first: tuple[Finding, ...] | None = None) -> tuple[Finding, ...]:
    """Run every check and return all findings, the most severe first.

    `first`: what the checks that may leave columns out have found; None runs them too.
    """
    order = list(Severity)
    found = list(first or ())
    for check in parts("engine.checks", Check):
        answer = check.look(case) if first is None or not check.leaves_out else ()
        if not isinstance(answer, Skip):
            found.extend(answer)
    found = [replace(finding, evidence=finding.evidence[:_MOST_EVIDENCE]) for finding in found]
    return tuple(sorted(found, key=lambda finding: order.index(finding.severity)))


def leave_out(names: Sequence[str]) -> Remedy:
    """Return the remedy that leaves columns out."""
    columns = {name: ColumnChoice(role=Role.IGNORED) for name in names}
    return Remedy(title=LEAVE_OUT(columns=listed(list(names))), columns=columns)


def about_columns(
    say: Phrase, shown: Mapping[str, Message], severity: Severity, remedies: tuple[Remedy, ...]
) -> tuple[Finding, ...]:
    """Return the one finding about some columns, each with what shows it; none where there are no columns."""
    if not shown:
        return ()
    names = tuple(shown)
    message = say(columns=listed(names))
    return (
        Finding(severity=severity, message=message, columns=names, evidence=tuple(shown.values()), remedies=remedies),
    )
