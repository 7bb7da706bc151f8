"""The levels of category columns, as texts that a graph can look up."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.graph.columns import Vocabulary
from engine.table.schema import Cells, ColumnSchema

MANY_LEVELS = 10
MIN_ROWS = 2
MAX_LEVELS = 20_000


@dataclass(frozen=True)
class LevelsState:
    """The known levels per column; the empty text stands for missing. Levels that are rare are not among them."""

    vocabularies: Mapping[str, Vocabulary]


def levels_of(cells: pd.Series, kind: Cells) -> pd.Series:
    """Return each cell's level as text; missing cells are the empty text.

    >>> list(levels_of(pd.Series([3.0, None]), Cells.NUMBER))
    ['3.0', '']
    """
    present = cells.notna()
    if kind is Cells.TEXT:
        return cells.astype(object).where(present, "")
    names = {value: repr(float(value) + 0.0) for value in cells[present].unique()}  # -0.0 and 0.0 are one level
    return cells.map(names).astype(object).where(present, "")


def _distinct(cells: pd.Series, kind: Cells) -> tuple[NDArray[np.int64], list[str]]:
    """Return a code per cell, and the level of each code: texts are made once per level, not once per cell."""
    codes, values = pd.factorize(cells)
    levels = [*levels_of(pd.Series(values), kind), ""]  # the last one for missing cells
    return np.where(codes < 0, len(values), codes).astype(np.int64), levels


def frequent_levels(cells: pd.Series, kind: Cells, *, min_count: int, max_levels: int | None = None) -> Vocabulary:
    """Return the levels with at least `min_count` rows, the `max_levels` most frequent at most, sorted."""
    codes, levels = _distinct(cells, kind)
    counts = np.bincount(codes, minlength=len(levels))
    # Ties are broken by name so that the same rows always give the same vocabulary.
    ordered = sorted((-int(n), level) for n, level in zip(counts, levels, strict=True) if n >= max(1, min_count))
    return tuple(sorted(level for _, level in ordered[:max_levels]))


def fit_levels(
    frame: pd.DataFrame, columns: tuple[ColumnSchema, ...], *, min_count: int, max_levels: int | None = None
) -> LevelsState | None:
    """Learn the levels of each column; None when no column has a frequent level."""
    found = {
        column.name: frequent_levels(frame[column.name], column.cells, min_count=min_count, max_levels=max_levels)
        for column in columns
    }
    kept = {name: levels for name, levels in found.items() if levels}
    return LevelsState(kept) if kept else None


def fit_many_levels(
    frame: pd.DataFrame, columns: tuple[ColumnSchema, ...], *, more_than: int
) -> tuple[Mapping[str, Vocabulary], Mapping[str, Cells]] | None:
    """Learn the levels of the columns that have more than so many, and how their cells are kept; None when none has.

    Levels of one row are not among them: they tell what a level that was never seen may be like.
    """
    many = tuple(column for column in columns if frame[column.name].nunique() > more_than)
    levels = fit_levels(frame, many, min_count=MIN_ROWS, max_levels=MAX_LEVELS)
    if levels is None:
        return None
    return levels.vocabularies, {column.name: column.cells for column in many if column.name in levels.vocabularies}


def level_positions(cells: pd.Series, kind: Cells, vocabulary: Vocabulary) -> NDArray[np.int64]:
    """Return each cell's position in a vocabulary, as the graph does; the position after the last when it is unknown.

    >>> level_positions(pd.Series(["red", "blue", None]), Cells.TEXT, ("blue", "red")).tolist()
    [1, 0, 2]
    """
    codes, levels = _distinct(cells, kind)
    position = {level: i for i, level in enumerate(vocabulary)}
    return np.array([position.get(level, len(vocabulary)) for level in levels], np.int64)[codes]


def level_title(level: str, kind: Cells = Cells.TEXT) -> str:
    """Return a level as people write it.

    >>> level_title("3.0", Cells.NUMBER), level_title("")
    ('3', 'missing')
    """
    if not level:
        return "missing"
    return f"{float(level):g}" if kind is Cells.NUMBER else level
