"""Rows that a model never saw, made up: what a run would have kept of them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engine.artifacts import Artifacts
from engine.insight.quality.judged import Judged, judged_from
from engine.messages import Message
from engine.table.schema import Cells, ColumnSchema, Kind, TableSchema
from engine.tasks.task import Task
from engine.unseen import ANSWERS, CELLS, TABLE


def rows_of(columns: Mapping[str, Any]) -> tuple[pd.DataFrame, TableSchema]:
    """Return canonical cells and their schema: numbers as they are, dates by their shape, other texts as categories."""
    cells = pd.DataFrame({name: pd.Series(values) for name, values in columns.items()})
    return cells, TableSchema(tuple(_column(name, cells[name], i) for i, name in enumerate(cells)))


def column_of(schema: TableSchema, name: str, **changed: Any) -> TableSchema:
    """Return a schema with one column changed."""
    return schema.replacing([replace(schema[name], **changed)])


def _column(name: str, cells: pd.Series, position: int) -> ColumnSchema:
    is_number = cells.dtype.kind in "fi"
    is_date = not is_number and cells.dropna().astype(str).str.fullmatch(r"\d{4}-\d\d-\d\d").all()
    return ColumnSchema(
        name=name,
        original_name=name,
        position=position,
        kind=Kind.NUMBER if is_number else Kind.DATE if is_date else Kind.CATEGORY,
        cells=Cells.NUMBER if is_number else Cells.TEXT,
        reason=Message("test_made_up"),
        date_formats=("%Y-%m-%d",) if is_date else (),
        n_distinct=int(cells.nunique()),
    )


def answers_of(task: Task, y: np.ndarray, predicted: np.ndarray, half: float | None = None) -> pd.DataFrame:
    """Return what a file says of rows: `y` class positions or numbers, `predicted` probabilities or numbers."""
    table: dict[str, Any] = {"row": np.arange(len(y)) * 5}
    if task.classes:
        labels = np.array(task.classes)
        table |= {"truth": labels[y], "prediction": labels[predicted.argmax(axis=1)]}
        table |= {f"probability_{label}": predicted[:, i].astype(np.float32) for i, label in enumerate(task.classes)}
        return pd.DataFrame(table)
    table |= {"truth": y, "prediction": predicted.astype(np.float32)}
    return pd.DataFrame(table if half is None else {**table, "low": predicted - half, "high": predicted + half})


def judged(task: Task, y: np.ndarray, predicted: np.ndarray, columns: Mapping[str, Any]) -> Judged:
    """Return rows as a screen reads them."""
    cells, schema = rows_of(columns)
    return judged_from(answers_of(task, y, predicted), cells, schema, task, held_out=True, n_rows=len(y))


def keep(artifacts: Artifacts, folder: Path, answers: pd.DataFrame, columns: Mapping[str, Any]) -> None:
    """Keep rows as a run does."""
    cells, schema = rows_of(columns)
    facts = {"schema": schema.to_json(), "held_out": True, "n_unseen": len(answers), "name": "made up"}
    folder.mkdir(parents=True, exist_ok=True)
    answers.to_parquet(folder / ANSWERS)
    cells.to_parquet(folder / CELLS)
    (folder / TABLE).write_text(json.dumps(facts), encoding="utf-8")
    for name in (ANSWERS, CELLS, TABLE):
        artifacts.save(name, folder / name)
