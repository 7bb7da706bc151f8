"""Everything there is to say about a table before training, in one value for all doors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.checks.automatic import settled
from engine.checks.check import Case, Finding, findings
from engine.chosen import chosen_dataset
from engine.config import ExperimentConfig
from engine.errors import InputError, TargetError
from engine.messages import Message
from engine.table.dataset import Dataset
from engine.table.large.figures import profile_all
from engine.table.options import AUTOMATIC, NO_CHOICES, FileChoices, LeftOut, ReadingOptions
from engine.table.profile import ColumnProfile, profile
from engine.table.schema import TableSchema
from engine.tasks.detection import FoundTask, find_task
from engine.tasks.suggestions import TargetSuggestion, suggest_targets
from engine.tasks.task import Task


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What was found out about a table, in the light of what the person has chosen.

    `config`: those choices, with the target filled in where one is suggested. `schema` has the target's role set, and
    what is left out by itself is ignored in it.
    `suggestions`: columns that are probably asked about, best first. `task` is None when there is no target or it
    cannot be predicted; `problem` then says why. `task_reason`, `positive_reason`: why the question is of its kind, and
    why of two classes the second is the positive one. `powers`: how well each feature alone predicts the target, to 1.
    """

    name: str
    n_rows: int
    schema: TableSchema
    config: ExperimentConfig
    profile: tuple[ColumnProfile, ...]
    suggestions: tuple[TargetSuggestion, ...]
    task: Task | None
    task_reason: Message | None
    positive_reason: Message | None
    problem: Message | None
    powers: Mapping[str, float]
    findings: tuple[Finding, ...]
    done_to_the_file: tuple[Message, ...]
    left_out: tuple[LeftOut, ...] = ()
    read_as: ReadingOptions = AUTOMATIC
    choices: FileChoices = NO_CHOICES

    @property
    def suggestion(self) -> TargetSuggestion | None:
        """The best of the suggestions."""
        return self.suggestions[0] if self.suggestions else None

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this inspection; messages stay code and parameters."""
        return {
            "name": self.name,
            "rows": self.n_rows,
            "schema": self.schema.to_json(),
            "config": self.config.to_json(),
            "profile": [column.to_json() for column in self.profile],
            "suggestions": [suggestion.to_json() for suggestion in self.suggestions],
            "task": self.task.to_json() if self.task else None,
            "task_reason": _json(self.task_reason),
            "positive_reason": _json(self.positive_reason),
            "problem": _json(self.problem),
            "powers": dict(self.powers),
            "findings": [finding.to_json() for finding in self.findings],
            "done_to_the_file": [message.to_json() for message in self.done_to_the_file],
            "left_out": [line.to_json() for line in self.left_out],
            "read_as": self.read_as.to_json(),
            "choices": self.choices.to_json(),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Inspection":
        """Rebuild a stored inspection."""
        return Inspection(
            name=data["name"],
            n_rows=data["rows"],
            schema=TableSchema.from_json(data["schema"]),
            config=ExperimentConfig.from_json(data["config"]),
            profile=tuple(ColumnProfile.from_json(column) for column in data["profile"]),
            suggestions=tuple(TargetSuggestion.from_json(each) for each in data["suggestions"]),
            task=Task.from_json(data["task"]) if data["task"] else None,
            task_reason=_message(data["task_reason"]),
            positive_reason=_message(data["positive_reason"]),
            problem=_message(data["problem"]),
            powers=data["powers"],
            findings=tuple(Finding.from_json(finding) for finding in data["findings"]),
            done_to_the_file=tuple(Message.from_json(message) for message in data["done_to_the_file"]),
            left_out=tuple(LeftOut.from_json(line) for line in data["left_out"]),
            read_as=ReadingOptions.from_json(data["read_as"]),
            choices=FileChoices.from_json(data["choices"]),
        )


_NOTHING_CHOSEN = ExperimentConfig()


def inspect_table(dataset: Dataset, config: ExperimentConfig = _NOTHING_CHOSEN) -> Inspection:
    """Find out everything about a table, in the light of what the person has chosen; suggests a target if none is.

    A target that cannot be predicted is a `problem`, not an error. Raises ConfigError when a column that was chosen
    does not exist.
    """
    suggestions, problem = _suggestions(dataset)
    config = with_suggested_target(config, suggestions)
    chosen = chosen_dataset(dataset, config)
    found: FoundTask | None = None
    if config.chosen_target is not None:
        try:
            found = find_task(chosen, config.chosen_target, config.task, config.positive)
            problem = None
        except InputError as refusal:
            problem = refusal.message
    task = found.task if found else None
    case = Case(dataset=chosen, task=task, config=config)
    noticed = findings(case)
    return Inspection(
        name=dataset.name,
        n_rows=chosen.n_rows if dataset.whole is None else dataset.n_rows_in_all,
        schema=settled(chosen, noticed).schema,
        config=config,
        profile=profile(chosen) if dataset.whole is None else profile_all(dataset, config),
        suggestions=suggestions,
        task=task,
        task_reason=found.reason if found else None,
        positive_reason=found.positive_reason if found else None,
        problem=problem,
        findings=noticed,
        powers={name: power.value for name, power in case.powers.items() if not power.words},
        done_to_the_file=dataset.done_to_the_file,
        left_out=dataset.left_out,
        read_as=dataset.read_as,
        choices=dataset.choices,
    )


def with_suggested_target(config: ExperimentConfig, suggestions: Sequence[TargetSuggestion]) -> ExperimentConfig:
    """Return the settings with the best suggestion as the target, unless the person has chosen one.

    A column that the person has given another role is no target.
    """
    if config.chosen_target is not None:
        return config
    roles = {name: choice.role for name, choice in (config.columns or {}).items()}
    free = [each.column for each in suggestions if roles.get(each.column) is None]
    return replace(config, target=free[0]) if free else config


def _suggestions(dataset: Dataset) -> tuple[tuple[TargetSuggestion, ...], Message | None]:
    try:
        return suggest_targets(dataset), None
    except TargetError as refusal:
        return (), refusal.message


def _json(message: Message | None) -> dict[str, Any] | None:
    return message.to_json() if message else None


def _message(data: Mapping[str, Any] | None) -> Message | None:
    return Message.from_json(data) if data else None
