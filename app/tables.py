"""A table as the screens see it: what was found out about it, and what the person has chosen so far."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app import jobs
from app.opened import workspace
from engine.checks.check import Severity
from engine.column_choice import ColumnChoice
from engine.config import ExperimentConfig
from engine.table.inspection import Inspection
from engine.table.missing import MissingMap
from engine.table.options import ReadingOptions
from engine.table.profile import ColumnProfile
from engine.table.schema import Role, TableSchema

SAMPLED = "read_sampled"  # as `engine.table.large.reading` calls it, which the server need not load


@dataclass(frozen=True, kw_only=True)
class Table:
    """What reading a file and `jobs.review` leave in the workspace.

    `inspection`: in the light of `config`, which holds what the person changed; `found`: the schema without that.
    `preview`: the first rows. `asked`: how the person said that the file is to be read. `missing`: where gaps are.
    """

    id: str
    question: str
    inspection: Inspection
    found: TableSchema
    config: ExperimentConfig
    preview: list[list[Any]]
    asked: ReadingOptions
    missing: MissingMap

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.inspection.name

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return self.inspection.n_rows

    @property
    def is_sampled(self) -> bool:
        """Whether the table is larger than memory, which holds a sample of its rows."""
        return any(each.code == SAMPLED for each in self.inspection.done_to_the_file)

    @property
    def schema(self) -> TableSchema:
        """The columns, with the person's changes."""
        return self.inspection.schema

    @property
    def target(self) -> str | None:
        """The column that is to be predicted, as far as one is chosen or suggested."""
        return self.config.target

    @property
    def blocked(self) -> bool:
        """Whether something must be fixed before a training can start."""
        blocking = any(finding.severity is Severity.MUST_FIX for finding in self.inspection.findings)
        return blocking or self.inspection.task is None

    def profile(self, column: str) -> ColumnProfile:
        """Return what the values of a column look like."""
        return next(profile for profile in self.inspection.profile if profile.name == column)


def table(dataset_id: str) -> Table:
    """Return what is known about a table; one that nobody has looked at yet is looked at now.

    Raises InputError when there is no such table.
    """
    datasets = workspace().datasets
    data = datasets.inspection(dataset_id)
    if data is None or "inspection" not in data:
        jobs.review(dataset_id, ExperimentConfig())
        data = datasets.inspection(dataset_id) or {}
    return from_json(dataset_id, data)


def from_json(dataset_id: str, data: Mapping[str, Any]) -> Table:
    """Rebuild a stored table."""
    return Table(
        id=dataset_id,
        question=data["question"],
        inspection=Inspection.from_json(data["inspection"]),
        found=TableSchema.from_json(data["found"]),
        config=ExperimentConfig.from_json(data["config"]),
        preview=data["preview"],
        asked=ReadingOptions.from_json(data["asked"]),
        missing=MissingMap.from_json(data["missing"]),
    )


def with_columns(config: ExperimentConfig, changes: Mapping[str, ColumnChoice]) -> ExperimentConfig:
    """Return the configuration with changes to columns laid over the ones before."""
    before = dict(config.columns or {})
    for name, choice in changes.items():
        before[name] = choice.over(before.get(name, ColumnChoice()))
    targets = [name for name, choice in changes.items() if choice.role is Role.TARGET]
    config = replace(config, columns=before or None)
    if targets:
        return with_target(config, targets[-1])
    given_up = any(name == config.target and choice.role is not None for name, choice in changes.items())
    return replace(config, target=None, task=None, positive=None, metric=None) if given_up else config


def with_target(config: ExperimentConfig, target: str) -> ExperimentConfig:
    """Return the configuration with another target; what hung on the one before is forgotten."""
    columns = {
        name: replace(choice, role=None) if name == target or choice.role is Role.TARGET else choice
        for name, choice in (config.columns or {}).items()
    }
    return replace(config, target=target, task=None, positive=None, metric=None, columns=columns or None)
