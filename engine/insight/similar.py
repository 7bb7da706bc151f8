"""Which rows are most like a row: by all columns, each counting as much as it matters to the model.

The distance is Gower's (1971, doi:10.2307/2528823): of numbers and dates the difference as a share of the usual width,
of levels whether they differ; of texts (Jaccard's) the share of words that they do not have in common.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.insight.positions import has_positions, positions, text_of
from engine.insight.terms import WORD
from engine.table.schema import ColumnSchema

Floats = NDArray[np.float64]


def distances(
    row: Mapping[str, object], rows: pd.DataFrame, columns: Sequence[ColumnSchema], weights: Mapping[str, float]
) -> Floats:
    """Return how far rows are from a row: 0 where they are equal in everything that has a weight, 1 at most.

    `weights`: by column; those without one count nothing.
    """
    total: Floats = np.zeros(len(rows))
    sum_of_weights = sum(weights.get(column.name, 0.0) for column in columns)
    if sum_of_weights <= 0:
        return total
    for column in columns:
        weight = weights.get(column.name, 0.0)
        if weight > 0:
            total += weight / sum_of_weights * apart(row[column.name], rows[column.name], column)
    return total


def apart(cell: object, cells: pd.Series, column: ColumnSchema) -> Floats:
    """Return how far cells are from a cell, from 0 to 1; a missing one is far from every other.

    >>> from engine.messages import phrase
    >>> from engine.table.schema import Cells, Kind
    >>> told = phrase("doctest_similar", "Told.")()
    >>> size = ColumnSchema(
    ...     name="size", original_name="size", position=0, kind=Kind.NUMBER, cells=Cells.NUMBER, reason=told
    ... )
    >>> apart(10.0, pd.Series([0.0, 10.0, None]), size).tolist()
    [1.0, 0.0, 1.0]
    """
    if column.kind.is_words:
        return _words_apart(text_of(cell), [text_of(each) for each in cells])
    if not has_positions(column):
        own = text_of(cell)
        return np.array([float(text_of(each) != own) for each in cells])
    # Sized by all the rows together with the cell, so that a cell far outside is far from all of them.
    at = positions(pd.concat([cells, _alike(cell, cells)], ignore_index=True), column)
    there, here = at[:-1], at[-1]
    known = there[np.isfinite(there)]
    if not np.isfinite(here):
        return np.isfinite(there).astype(np.float64)
    width = float(np.quantile(known, 0.95) - np.quantile(known, 0.05)) if len(known) else 0.0
    width = width or float(np.ptp(np.append(known, here)))
    if width <= 0:
        return (~np.isfinite(there)).astype(np.float64)
    return np.where(np.isfinite(there), np.minimum(1.0, np.abs(there - here) / width), 1.0)


def _words_apart(text: str, texts: Sequence[str]) -> Floats:
    """Return which share of the words of both texts stands in one of them only (Jaccard)."""
    own = set(WORD.findall(text.lower()))
    theirs = [set(WORD.findall(each.lower())) for each in texts]
    return np.array([1 - len(own & words) / len(own | words) if own | words else 0.0 for words in theirs])


def most_similar(
    row: Mapping[str, object],
    rows: pd.DataFrame,
    columns: Sequence[ColumnSchema],
    weights: Mapping[str, float],
    n_most: int = 5,
) -> tuple[NDArray[np.int64], Floats]:
    """Return the positions of the nearest rows, the nearest first, and how far they are."""
    far = distances(row, rows, columns, weights)
    order = np.argsort(far, kind="stable")[:n_most]
    return order, far[order]


def _alike(cell: object, cells: pd.Series) -> pd.Series:
    return (
        pd.Series([cell], dtype=object).astype(cells.dtype)
        if cell is not None
        else pd.Series([None], dtype=cells.dtype)
    )
