"""Finds columns that hold the same values as others, looking at as few cells as that takes."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from engine.checks.sample import Sample
from engine.table.schema import ColumnSchema

_KEY_ROWS = 200


def equal_columns(sample: Sample, columns: Iterable[ColumnSchema]) -> dict[str, str]:
    """Return columns that hold the same values as an earlier one, with that one."""
    alike: dict[object, list[str]] = {}
    for column in columns:
        start = _as_bytes(sample.frame[column.name].iloc[:_KEY_ROWS])
        alike.setdefault((column.cells, column.n_missing, column.n_distinct, start), []).append(column.name)
    same = {}
    for names in alike.values():
        first_with: dict[bytes, str] = {}
        for name in names if len(names) > 1 else ():
            other = first_with.setdefault(_as_bytes(sample.frame[name]), name)
            frame = sample.dataset.frame
            if other != name and frame[name].equals(frame[other].rename(name)):
                same[name] = other
    return same


def _as_bytes(cells: pd.Series) -> bytes:
    """Return bytes that are the same for the same cells."""
    return np.asarray(pd.util.hash_pandas_object(cells, index=False)).tobytes()
