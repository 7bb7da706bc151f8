"""A table in the light of what the person has chosen: columns, values that mean nothing, rows that are copies."""

from dataclasses import replace

import numpy as np
import pandas as pd

from engine.config import ExperimentConfig
from engine.table.copies import later_copies
from engine.table.dataset import Dataset
from engine.table.rules import number_texts, possible_numbers
from engine.table.schema import Cells, ColumnSchema, Role


def chosen_dataset(dataset: Dataset, config: ExperimentConfig) -> Dataset:
    """Return the table that is trained on: the schema with the person's changes, and the cells that follow from them.

    Raises ConfigError when a changed column does not exist.
    """
    schema = config.apply(dataset.schema)
    changed = {
        column.name: _cleaned(dataset.frame[column.name], column)
        for column in schema.columns
        if column.rules != dataset.schema[column.name].rules
    }
    chosen = dataset.with_schema(schema.replacing(_counted(schema[name], cells) for name, cells in changed.items()))
    frame = dataset.frame.assign(**changed) if changed else dataset.frame
    if config.drop_copies or config.drop_alike:
        compared = [column.name for column in chosen.schema.columns if column.role is not Role.IGNORED]
        copies = later_copies(frame[compared] if config.drop_alike and compared else frame)
        frame = frame[~copies].reset_index(drop=True)
    return chosen.with_frame(frame)


def _cleaned(cells: pd.Series, column: ColumnSchema) -> pd.Series:
    """Apply rules that came later to cells that are canonical already."""
    rules = column.rules
    if column.cells is Cells.NUMBER:
        numbers = cells.to_numpy(np.float64)
        return pd.Series(possible_numbers(numbers, rules), index=cells.index, name=cells.name)
    cells = cells.mask(cells.str.lower().isin(set(rules.missing)))
    if rules.same:
        cells = cells.replace(dict(rules.same))
    if not rules.number:
        return cells
    numbers = pd.to_numeric(cells, errors="coerce").to_numpy(np.float64)
    return pd.Series(number_texts(possible_numbers(numbers, rules)).array, index=cells.index, name=cells.name)


def _counted(column: ColumnSchema, cells: pd.Series) -> ColumnSchema:
    return replace(column, n_missing=int(cells.isna().sum()), n_distinct=int(cells.nunique()))
