"""Everything there is to say about a table before training, in one value for all doors."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from engine.checks.check import Case, Finding, findings
from engine.errors import TargetError
from engine.messages import Message
from engine.table.dataset import Dataset
from engine.table.options import AUTOMATIC, NO_CHOICES, FileChoices, LeftOut, ReadingOptions
from engine.table.profile import ColumnProfile, profile
from engine.table.schema import TableSchema
from engine.tasks.detection import TargetSuggestion, suggest_target, task_of
from engine.tasks.task import Task, TaskKind


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What was found out about a table.

    `schema` has the target's role set. `suggestion` is None when the person named the target or when nothing can be
    predicted. `task` is None when the suggested target cannot be predicted; `problem` then says why.
    """

    name: str
    n_rows: int
    schema: TableSchema
    profile: tuple[ColumnProfile, ...]
    suggestion: TargetSuggestion | None
    task: Task | None
    problem: Message | None
    findings: tuple[Finding, ...]
    done_to_the_file: tuple[Message, ...]
    left_out: tuple[LeftOut, ...] = ()
    read_as: ReadingOptions = AUTOMATIC
    choices: FileChoices = NO_CHOICES

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this inspection; messages stay code and parameters."""
        suggestion = None
        if self.suggestion is not None:
            suggestion = {**asdict(self.suggestion), "reason": self.suggestion.reason.to_json()}
            suggestion["task"] = str(self.suggestion.task)
        return {
            "name": self.name,
            "rows": self.n_rows,
            "schema": self.schema.to_json(),
            "profile": [column.to_json() for column in self.profile],
            "suggestion": suggestion,
            "task": self.task.to_json() if self.task else None,
            "problem": self.problem.to_json() if self.problem else None,
            "findings": [finding.to_json() for finding in self.findings],
            "done_to_the_file": [message.to_json() for message in self.done_to_the_file],
            "left_out": [line.to_json() for line in self.left_out],
            "read_as": self.read_as.to_json(),
            "choices": self.choices.to_json(),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Inspection":
        """Rebuild a stored inspection."""
        suggestion = data["suggestion"]
        return Inspection(
            name=data["name"],
            n_rows=data["rows"],
            schema=TableSchema.from_json(data["schema"]),
            profile=tuple(ColumnProfile.from_json(column) for column in data["profile"]),
            suggestion=TargetSuggestion(
                column=suggestion["column"],
                task=TaskKind(suggestion["task"]),
                reason=Message.from_json(suggestion["reason"]),
                probability=suggestion["probability"],
            )
            if suggestion
            else None,
            task=Task.from_json(data["task"]) if data["task"] else None,
            problem=Message.from_json(data["problem"]) if data["problem"] else None,
            findings=tuple(Finding.from_json(finding) for finding in data["findings"]),
            done_to_the_file=tuple(Message.from_json(message) for message in data["done_to_the_file"]),
            left_out=tuple(LeftOut.from_json(line) for line in data["left_out"]),
            read_as=ReadingOptions.from_json(data["read_as"]),
            choices=FileChoices.from_json(data["choices"]),
        )


def inspect_table(dataset: Dataset, target: str | None = None) -> Inspection:
    """Find out everything about a table; `target` None suggests one.

    Raises ConfigError or TargetError when a target that was named does not exist or cannot be predicted.
    """
    suggestion, task, problem = None, None, None
    if target is not None:
        task = task_of(dataset, target)
    else:
        try:
            suggestion = suggest_target(dataset)
            task = task_of(dataset, suggestion.column)
        except TargetError as refusal:
            problem = refusal.message
    chosen = task.target if task else None
    asked = dataset.with_schema(dataset.schema.with_target(chosen)) if chosen else dataset
    return Inspection(
        name=dataset.name,
        n_rows=dataset.n_rows,
        schema=asked.schema,
        profile=profile(asked),
        suggestion=suggestion,
        task=task,
        problem=problem,
        findings=findings(Case(dataset=asked, task=task)),
        done_to_the_file=dataset.done_to_the_file,
        left_out=dataset.left_out,
        read_as=dataset.read_as,
        choices=dataset.choices,
    )
