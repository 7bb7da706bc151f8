"""Looks at a table in the light of what the person has chosen. Runs in a job, never in the server."""

from dataclasses import replace
from typing import Any

import pandas as pd

from engine.checks.check import Case, findings
from engine.chosen import chosen_dataset
from engine.config import ExperimentConfig
from engine.errors import InputError
from engine.messages import Message
from engine.table.dataset import Dataset
from engine.table.inspection import Inspection
from engine.table.profile import profile
from engine.table.schema import Cells
from engine.tasks.detection import TargetSuggestion, suggest_target, task_of
from engine.tasks.task import Task, TaskKind

N_PREVIEW = 20


def examine(dataset: Dataset, config: ExperimentConfig, question: str) -> dict[str, Any]:
    """Return what `app.tables.from_json` reads: the table, the question, and what was found, as plain data."""
    suggestion = _suggestion(dataset)
    if config.target is None and suggestion is not None and not _has_a_role(config, suggestion.column):
        config = replace(config, target=suggestion.column)
    chosen = chosen_dataset(dataset, config)
    task, problem = _task(chosen, config.target, config.task)
    seen = Inspection(
        name=dataset.name,
        n_rows=chosen.n_rows,
        schema=chosen.schema,
        profile=profile(chosen),
        suggestion=suggestion,
        task=task,
        problem=problem,
        findings=findings(Case(dataset=chosen, task=task, config=config)),
        done_to_the_file=dataset.done_to_the_file,
        left_out=dataset.left_out,
        read_as=dataset.read_as,
        choices=dataset.choices,
    )
    return {
        "inspection": seen.to_json(),
        "found": dataset.schema.to_json(),
        "config": config.to_json(),
        "question": question,
        "preview": _preview(dataset),
    }


def _suggestion(dataset: Dataset) -> TargetSuggestion | None:
    try:
        return suggest_target(dataset)
    except InputError:
        return None


def _has_a_role(config: ExperimentConfig, column: str) -> bool:
    """Whether the person has said what a column is for."""
    choice = (config.columns or {}).get(column)
    return choice is not None and choice.role is not None


def _task(dataset: Dataset, target: str | None, kind: TaskKind | None) -> tuple[Task | None, Message | None]:
    if target is None:
        return None, None
    try:
        return task_of(dataset, target, kind), None
    except InputError as wrong:
        return None, wrong.message


def _preview(dataset: Dataset) -> list[list[Any]]:
    first = dataset.frame.head(N_PREVIEW)
    numbers = {column.name for column in dataset.schema.columns if column.cells is Cells.NUMBER}
    rows = first.itertuples(index=False, name=None)
    return [[_cell(cell, number=name in numbers) for name, cell in zip(first, row, strict=True)] for row in rows]


def _cell(cell: Any, *, number: bool) -> Any:
    if pd.isna(cell):
        return None
    return float(cell) if number else str(cell)
