"""A table as the screens see it: what was found out about it, and what the person has chosen so far."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.bootstrap import workspace
from engine.checks.check import Finding, Severity
from engine.config import ColumnChoice, ExperimentConfig
from engine.messages import Message
from engine.table.schema import Role, TableSchema
from engine.tasks.task import Task


@dataclass(frozen=True, kw_only=True)
class Table:
    """What `jobs.inspect` and `jobs.review` leave in the workspace.

    `schema` is as found; `config` holds what the person changed. `target`, `task` and the reasons are those of the
    current choice; None where no column can be predicted yet. `portraits`: bars and examples by column.
    """

    id: str
    name: str
    question: str
    n_rows: int
    schema: TableSchema
    config: ExperimentConfig
    suggested_target: str | None
    target: str | None
    target_reason: Message | None
    task: Task | None
    task_reason: Message | None
    findings: tuple[Finding, ...]
    done_to_the_file: tuple[Message, ...]
    portraits: Mapping[str, Any]
    preview: list[list[Any]]
    families: Mapping[str, str]

    @property
    def chosen_schema(self) -> TableSchema:
        """The schema with the person's changes."""
        return self.config.apply(self.schema)

    @property
    def blocked(self) -> bool:
        """Whether a finding forbids to start."""
        return any(finding.severity is Severity.BLOCKS for finding in self.findings)


def table(dataset_id: str) -> Table:
    """Return what is known about a table.

    Raises InputError when there is no such table.
    """
    return from_json(dataset_id, workspace().datasets.inspection(dataset_id))


def from_json(dataset_id: str, data: Mapping[str, Any]) -> Table:
    """Rebuild a stored table."""

    def message(key: str) -> Message | None:
        return Message.from_json(data[key]) if data[key] else None

    return Table(
        id=dataset_id,
        name=data["name"],
        question=data["question"],
        n_rows=data["n_rows"],
        schema=TableSchema.from_json(data["schema"]),
        config=ExperimentConfig.from_json(data["config"]),
        suggested_target=data["suggested_target"],
        target=data["target"],
        target_reason=message("target_reason"),
        task=Task.from_json(data["task"]) if data["task"] else None,
        task_reason=message("task_reason"),
        findings=tuple(Finding.from_json(item) for item in data["findings"]),
        done_to_the_file=tuple(Message.from_json(item) for item in data["done_to_the_file"]),
        portraits=data["portraits"],
        preview=data["preview"],
        families=data["families"],
    )


def with_columns(config: ExperimentConfig, changes: Mapping[str, ColumnChoice]) -> ExperimentConfig:
    """Return the configuration with changes to columns laid over the ones before."""
    before = dict(config.columns or {})
    for name, choice in changes.items():
        old = before.get(name, ColumnChoice())
        before[name] = ColumnChoice(kind=choice.kind or old.kind, role=choice.role or old.role)
    targets = [name for name, choice in changes.items() if choice.role is Role.TARGET]
    config = replace(config, columns=before or None)
    return with_target(config, targets[-1]) if targets else config


def with_target(config: ExperimentConfig, target: str) -> ExperimentConfig:
    """Return the configuration with another target; what hung on the one before is forgotten."""
    columns = {name: choice for name, choice in (config.columns or {}).items() if choice.role is not Role.TARGET}
    return replace(config, target=target, task=None, metric=None, columns=columns or None)
