"""A check looks at a table before training and says what could go wrong, with a remedy that can be a button."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from engine.config import ColumnChoice
from engine.messages import Message, phrase
from engine.registry import Skip, parts
from engine.table.dataset import Dataset
from engine.table.schema import Kind, Role
from engine.tasks.task import Task

NO_TARGET = phrase("check_needs_target", "No target has been chosen yet.")


class Severity(StrEnum):
    """How much a finding matters."""

    BLOCKS = "blocks"  # training cannot start
    WARNS = "warns"  # please look
    INFORMS = "informs"  # handled, for information


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """What would settle a finding: changes to columns, by name."""

    columns: Mapping[str, ColumnChoice] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that a check found. `code` is the message's code."""

    severity: Severity
    message: Message
    columns: tuple[str, ...] = ()
    remedy: Remedy | None = None

    @property
    def code(self) -> str:
        """The short name of what was found."""
        return self.message.code

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this finding."""
        remedy = None
        if self.remedy is not None:
            remedy = {name: {"kind": choice.kind, "role": choice.role} for name, choice in self.remedy.columns.items()}
        return {
            "code": self.code,
            "severity": str(self.severity),
            "columns": list(self.columns),
            "message": self.message.to_json(),
            "remedy": remedy,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Finding":
        """Rebuild a stored finding."""
        remedy = None
        if data["remedy"] is not None:
            remedy = Remedy(
                columns={
                    name: ColumnChoice(
                        kind=Kind(choice["kind"]) if choice["kind"] else None,
                        role=Role(choice["role"]) if choice["role"] else None,
                    )
                    for name, choice in data["remedy"].items()
                }
            )
        return Finding(
            severity=Severity(data["severity"]),
            message=Message.from_json(data["message"]),
            columns=tuple(data["columns"]),
            remedy=remedy,
        )


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check. `look(dataset, task)` returns what it found, or a Skip; `task` is None before a target is chosen."""

    key: str
    title: str
    look: Callable[[Dataset, Task | None], tuple[Finding, ...] | Skip]


def findings(dataset: Dataset, task: Task | None) -> tuple[Finding, ...]:
    """Run every check and return all findings, the most severe first."""
    order = list(Severity)
    found: list[Finding] = []
    for check in parts("engine.checks", Check):
        answer = check.look(dataset, task)
        if not isinstance(answer, Skip):
            found.extend(answer)
    return tuple(sorted(found, key=lambda finding: order.index(finding.severity)))
