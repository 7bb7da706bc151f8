"""Finds rows that are copies of earlier ones, looking at as few cells as that takes."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_ODD = np.uint64(0x9E3779B97F4A7C15)


def later_copies(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Say which rows are equal to an earlier one in every column; missing cells are equal to each other.

    >>> later_copies(pd.DataFrame({"x": [1, 2, 1], "y": ["a", "a", "a"]})).tolist()
    [False, False, True]
    """
    copies = np.zeros(len(frame), bool)
    rows = rows_with_copies(frame)
    copies[rows] = frame.iloc[rows].duplicated().to_numpy()
    return copies


def rows_with_copies(frame: pd.DataFrame) -> NDArray[np.int64]:
    """Return the positions of rows that look like others, the first of each kind included.

    Column after column, only rows that have a like in all columns before are looked at. Rows are told apart by
    hashes: hardly ever is a row named that has no copy.
    """
    rows = np.arange(len(frame))
    keys = np.zeros(len(frame), np.uint64)
    for name in _numbers_first(frame):
        cells = frame[name] if len(rows) == len(frame) else frame[name].iloc[rows]
        keys = keys * _ODD + np.asarray(pd.util.hash_pandas_object(cells, index=False), np.uint64)
        alike = pd.Series(keys).duplicated(keep=False).to_numpy()
        rows, keys = rows[alike], keys[alike]
        if not len(rows):
            break
    return rows if len(frame.columns) else rows[:0]


def _numbers_first(frame: pd.DataFrame) -> list[str]:
    """Order columns by how cheaply they tell rows apart."""
    return sorted(frame.columns, key=lambda name: not pd.api.types.is_float_dtype(frame[name].dtype))
