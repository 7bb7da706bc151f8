"""Looks at a table in the light of what the person has chosen. Runs in a job, never in the server."""

from typing import Any

import pandas as pd

from engine.chosen import chosen_dataset
from engine.config import ExperimentConfig
from engine.table.dataset import Dataset
from engine.table.inspection import inspect_table
from engine.table.missing import missing_map
from engine.table.options import AUTOMATIC, ReadingOptions
from engine.table.schema import Cells

N_PREVIEW = 20


def examine(
    dataset: Dataset, config: ExperimentConfig, question: str, *, asked: ReadingOptions = AUTOMATIC
) -> dict[str, Any]:
    """Return what `app.tables.from_json` reads: the table, the question, and what was found, as plain data.

    `asked`: how the person said that the file is to be read.
    """
    seen = inspect_table(dataset, config)
    return {
        "inspection": seen.to_json(),
        "found": dataset.schema.to_json(),
        "config": seen.config.to_json(),
        "question": question,
        "asked": asked.to_json(),
        "missing": missing_map(chosen_dataset(dataset, seen.config)).to_json(),
        "preview": _preview(dataset),
    }


def _preview(dataset: Dataset) -> list[list[Any]]:
    first = dataset.frame.head(N_PREVIEW)
    numbers = {column.name for column in dataset.schema.columns if column.cells is Cells.NUMBER}
    rows = first.itertuples(index=False, name=None)
    return [[_cell(cell, number=name in numbers) for name, cell in zip(first, row, strict=True)] for row in rows]


def _cell(cell: Any, *, number: bool) -> Any:
    if pd.isna(cell):
        return None
    return float(cell) if number else str(cell)
