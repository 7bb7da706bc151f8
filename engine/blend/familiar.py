"""What the rows that a model has learnt from look like, column by column, to tell cells that are unlike them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.features.levels import MIN_ROWS, frequent_levels, levels_of
from engine.graph.columns import NUMBER_PATTERN, Vocabulary
from engine.table.schema import Cells, ColumnSchema, Kind, Role

BEYOND = 0.1  # of the width of what was seen: a number may lie so far outside
MOST_LEVELS = 1_000
MOST_ALONE = 0.05  # of the cells have a level of their own: about as many of new rows have a new one (Good, 1953)
MISSING = ""
LEVELS = frozenset({Kind.CATEGORY, Kind.YES_NO})


@dataclass(frozen=True, kw_only=True)
class Familiar:
    """What was seen.

    `ranges`: the lowest and highest familiar number of a column; `levels`: the levels of a column of categories. A
    column that stands in neither is never called unlike, nor is a cell without a value.
    """

    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    levels: Mapping[str, Vocabulary] = field(default_factory=dict)

    def unlike(self, frame: pd.DataFrame, columns: tuple[ColumnSchema, ...]) -> NDArray[np.bool_]:
        """Mark the cells such as no row seen has, or only one [N, C]."""
        marks = np.zeros((len(frame), len(columns)), dtype=bool)
        for position, column in enumerate(columns):
            if column.name in self.ranges:
                low, high = self.ranges[column.name]
                numbers = _numbers(frame[column.name], column)
                marks[:, position] = (numbers < low) | (numbers > high)
            elif column.name in self.levels:
                known = {MISSING, *self.levels[column.name]}
                marks[:, position] = [level not in known for level in levels_of(frame[column.name], column.cells)]
        return marks


def familiar_with(frame: pd.DataFrame, columns: tuple[ColumnSchema, ...]) -> Familiar:
    """Return what these rows look like.

    Dates, times and texts are left out, as new ones are to be expected, and so are categories of very many levels, or
    with many of a single row, such as numbers of tickets. Levels of a single row are not familiar: they might tell who
    that was.

    >>> from engine.messages import phrase
    >>> told = phrase("doctest_familiar", "Told.")()
    >>> size = ColumnSchema(
    ...     name="size", original_name="size", position=0, kind=Kind.NUMBER, cells=Cells.NUMBER, reason=told
    ... )
    >>> familiar_with(pd.DataFrame({"size": [10.0, 20.0, None]}), (size,)).ranges
    {'size': (9.0, 21.0)}
    """
    ranges, levels = {}, {}
    for column in columns:
        if column.kind.is_number and column.role is not Role.TIME:
            numbers = _numbers(frame[column.name], column)
            numbers = numbers[np.isfinite(numbers)]
            if len(numbers):
                low, high = float(numbers.min()), float(numbers.max())
                with np.errstate(over="ignore"):
                    beyond = BEYOND * (high - low)
                ranges[column.name] = (low - beyond, high + beyond)
        elif column.kind in LEVELS:
            found = frequent_levels(frame[column.name], column.cells, min_count=MIN_ROWS)
            if len(found) <= MOST_LEVELS and _share_alone(frame[column.name]) <= MOST_ALONE:
                levels[column.name] = tuple(sorted({MISSING, *found}))
    return Familiar(ranges=ranges, levels=levels)


def _share_alone(cells: pd.Series) -> float:
    counts = cells.value_counts()
    return int((counts == 1).sum()) / max(1, int(counts.sum()))


def _numbers(cells: pd.Series, column: ColumnSchema) -> NDArray[np.float64]:
    if column.cells is Cells.NUMBER:
        return np.asarray(cells.to_numpy(dtype=np.float64, na_value=np.nan))
    codes, texts = pd.factorize(cells)
    read = [float(text) if re.fullmatch(NUMBER_PATTERN, text) else np.nan for text in texts]
    return np.asarray(np.array([*read, np.nan])[codes])
