"""A table in the light of what the person has chosen: columns, values that mean nothing, rows that are copies."""

from dataclasses import replace

import numpy as np
import pandas as pd

from engine.config import ExperimentConfig
from engine.table.copies import later_copies
from engine.table.dataset import Dataset
from engine.table.rules import folded, number_cells, number_texts, possible_numbers
from engine.table.schema import Cells, ColumnSchema


def chosen_dataset(dataset: Dataset, config: ExperimentConfig) -> Dataset:
    """Return the table that is trained on: the schema with the person's changes, and the cells that follow from them.

    Raises ConfigError when a changed column does not exist.
    """
    schema = config.apply(dataset.schema)
    changed = {
        column.name: _cleaned(dataset.frame[column.name], column, was_number=dataset.schema[column.name].rules.number)
        for column in schema.columns
        if column.rules != dataset.schema[column.name].rules
    }
    chosen = dataset.with_schema(schema.replacing(_counted(schema[name], cells) for name, cells in changed.items()))
    frame = dataset.frame.assign(**changed) if changed else dataset.frame
    if not config.drop_copies and not config.drop_alike:
        return chosen.with_frame(frame)
    compared = [name for name in config.drop_alike if name in schema]
    copies = later_copies(frame[compared] if compared else frame)
    kept = chosen.with_frame(frame[~copies].reset_index(drop=True))
    drawn = None if dataset.drawn is None else dataset.drawn.without(copies)
    return replace(kept, n_copies_left_out=int(copies.sum()), drawn=drawn)


def _cleaned(cells: pd.Series, column: ColumnSchema, *, was_number: bool) -> pd.Series:
    """Apply rules that came later to cells that are canonical already."""
    rules = column.rules
    if column.cells is Cells.NUMBER:
        numbers = cells.to_numpy(np.float64)
        return pd.Series(possible_numbers(numbers, rules), index=cells.index, name=cells.name)
    cells = cells.mask(folded(cells).isin(set(rules.missing)))
    if rules.same:
        cells = cells.replace(dict(rules.same))
    if not rules.number:
        return cells
    if not was_number:
        return number_cells(cells, rules)
    numbers = possible_numbers(pd.to_numeric(cells, errors="coerce").to_numpy(np.float64), rules)
    return pd.Series(number_texts(numbers).array, index=cells.index, name=cells.name)


def _counted(column: ColumnSchema, cells: pd.Series) -> ColumnSchema:
    return replace(column, n_missing=int(cells.isna().sum()), n_distinct=int(cells.nunique()))
