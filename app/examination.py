"""Looks at a table in the light of what the person has chosen. Runs in a job, never in the server."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from app.portraits import portrait
from engine.checks.check import Finding, Severity, findings
from engine.config import ExperimentConfig
from engine.errors import InputError
from engine.families.family import families
from engine.messages import Message
from engine.table.dataset import Dataset
from engine.table.schema import Cells
from engine.tasks.detection import TargetSuggestion, suggest_target, task_of
from engine.tasks.task import Task, TaskKind

N_PREVIEW = 20


def examine(dataset: Dataset, config: ExperimentConfig, question: str) -> Mapping[str, Any]:
    """Return what `app.tables.from_json` reads: the table, the question, and what was found, as plain data."""
    suggested = _suggestion(dataset)
    target = config.target or (suggested.column if suggested else None)
    config = replace(config, target=target)
    chosen = dataset.with_schema(config.apply(dataset.schema))
    task, problem = _task(chosen, target, config.task)
    return {
        "name": dataset.name,
        "question": question,
        "n_rows": dataset.n_rows,
        "schema": dataset.schema.to_json(),
        "config": config.to_json(),
        "suggested_target": suggested.column if suggested else None,
        "target": target,
        "target_reason": suggested.reason.to_json() if suggested else None,
        "task": task.to_json() if task else None,
        "task_reason": None,
        "findings": [finding.to_json() for finding in _findings(chosen, task, problem)],
        "done_to_the_file": [message.to_json() for message in dataset.done_to_the_file],
        "portraits": {column.name: portrait(dataset.frame[column.name], column) for column in chosen.schema.columns},
        "preview": _preview(dataset),
        "families": {family.key: family.title for family in families()},
    }


def _suggestion(dataset: Dataset) -> TargetSuggestion | None:
    try:
        return suggest_target(dataset)
    except InputError:
        return None


def _task(dataset: Dataset, target: str | None, kind: TaskKind | None) -> tuple[Task | None, Message | None]:
    if target is None:
        return None, None
    try:
        return task_of(dataset, target, kind), None
    except InputError as wrong:
        return None, wrong.message


def _findings(dataset: Dataset, task: Task | None, problem: Message | None) -> tuple[Finding, ...]:
    found = findings(dataset, task)
    if problem is None or any(finding.code == problem.code for finding in found):
        return found
    return (Finding(severity=Severity.BLOCKS, message=problem), *found)


def _preview(dataset: Dataset) -> list[list[Any]]:
    first = dataset.frame.head(N_PREVIEW)
    numbers = {column.name for column in dataset.schema.columns if column.cells is Cells.NUMBER}
    rows = first.itertuples(index=False)
    return [[_cell(cell, number=name in numbers) for name, cell in zip(first, row, strict=True)] for row in rows]


def _cell(cell: Any, *, number: bool) -> Any:
    if pd.isna(cell):
        return None
    return float(cell) if number else str(cell)
