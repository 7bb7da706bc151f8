"""Everything that a run depends on, as one frozen value."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from engine.errors import ConfigError
from engine.messages import Message, phrase
from engine.table.schema import Kind, Role, TableSchema
from engine.tasks.metric import metric_named
from engine.tasks.task import TaskKind

BAD_SECONDS = phrase("config_seconds", "The time budget is {seconds} seconds.", "Give at least 5 seconds.")
BAD_HOLDOUT = phrase(
    "config_holdout",
    "The hold-out share is {holdout}.",
    "Give 0 for none, or a share of at most 0.5, such as 0.2.",
)
BAD_CANDIDATES = phrase("config_candidates", "The number of candidates is {candidates}.", "Give at least 1.")
BAD_METRIC = phrase("config_metric", "The metric {metric} does not measure a {task} task.", "Choose another metric.")
NO_FEATURES = phrase(
    "config_no_features",
    "No column is left to predict from.",
    "Give at least one column besides the target the role feature.",
)
TARGET_MISSING = phrase("target_unknown", "The table has no column called {target}.", "Choose one of: {choices}.")


@dataclass(frozen=True, kw_only=True)
class ColumnChoice:
    """What the person changed about one column; None leaves what was found."""

    kind: Kind | None = None
    role: Role | None = None


@dataclass(frozen=True, kw_only=True)
class ExperimentConfig:
    """The settings of one run.

    `target`, `task`, `metric`: None means: suggest one. `columns`: changes to what was found out, by column name.
    `seconds`: time from the start of the process to a verified, scored model.
    `candidates`: try exactly this many and let the clock decide nothing; None means the clock decides.
    `holdout`: share of rows set aside for the final score; None chooses by size; 0 trains on all rows.
    `jobs`: candidates trained at once; None chooses by rows and cores.
    `memory_gb`: limit of one candidate's process; None takes an equal share of what is free.
    `families`: keys of the model families to try; empty means all that apply.
    """

    target: str | None = None
    task: TaskKind | None = None
    metric: str | None = None
    columns: Mapping[str, ColumnChoice] | None = None
    seconds: float = 300.0
    candidates: int | None = None
    holdout: float | None = None
    seed: int = 0
    jobs: int | None = None
    memory_gb: float | None = None
    families: tuple[str, ...] = ()

    def problems(self, schema: TableSchema) -> tuple[Message, ...]:
        """List everything that is wrong at once; empty when the run can start."""
        found: list[Message] = []
        if self.seconds < 5:
            found.append(BAD_SECONDS(seconds=self.seconds))
        if self.holdout is not None and not 0 <= self.holdout <= 0.5:
            found.append(BAD_HOLDOUT(holdout=self.holdout))
        if self.candidates is not None and self.candidates < 1:
            found.append(BAD_CANDIDATES(candidates=self.candidates))
        if self.metric is not None and self.task is not None:
            try:
                if self.task not in metric_named(self.metric).tasks:
                    found.append(BAD_METRIC(metric=self.metric, task=str(self.task)))
            except ConfigError as unknown:
                found.append(unknown.message)
        if self.target is not None and self.target not in schema:
            found.append(TARGET_MISSING(target=self.target, choices=", ".join(schema.names[:20])))
        elif not [column for column in self.apply(schema).features if column.name != self.target]:
            found.append(NO_FEATURES())
        return tuple(found)

    def apply(self, schema: TableSchema) -> TableSchema:
        """Return the schema with the person's changes and the chosen target.

        Raises ConfigError when a changed column does not exist.
        """
        changed = []
        for name, choice in (self.columns or {}).items():
            column = schema[name]
            changed.append(replace(column, kind=choice.kind or column.kind, role=choice.role or column.role))
        schema = schema.replacing(changed)
        return schema.with_target(self.target) if self.target is not None and self.target in schema else schema

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this configuration."""
        data = asdict(self)
        data["families"] = list(self.families)
        return data

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "ExperimentConfig":
        """Rebuild a stored configuration."""
        columns = {
            name: ColumnChoice(
                kind=Kind(choice["kind"]) if choice["kind"] else None,
                role=Role(choice["role"]) if choice["role"] else None,
            )
            for name, choice in (data.get("columns") or {}).items()
        }
        return ExperimentConfig(
            **{
                **data,
                "task": TaskKind(data["task"]) if data.get("task") else None,
                "columns": columns or None,
                "families": tuple(data.get("families") or ()),
            }
        )
