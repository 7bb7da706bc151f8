"""Where in a table values are missing, small enough to draw."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.table.dataset import Dataset

MOST_COLUMNS = 40
N_BLOCKS = 60


@dataclass(frozen=True, kw_only=True)
class MissingMap:
    """The share of missing values per column and block of rows.

    `columns`: those with the most missing values, in the order of the table. `n_columns`: how many have any.
    `shares`: one list per column, one share per block. `rows_per_block`: rows in each block but the last.
    """

    columns: tuple[str, ...]
    n_columns: int
    shares: tuple[tuple[float, ...], ...]
    rows_per_block: int

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this map."""
        return {
            "columns": list(self.columns),
            "n_columns": self.n_columns,
            "shares": [list(each) for each in self.shares],
            "rows_per_block": self.rows_per_block,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "MissingMap":
        """Rebuild a stored map."""
        shares = tuple(tuple(each) for each in data["shares"])
        return MissingMap(**{**data, "columns": tuple(data["columns"]), "shares": shares})


def missing_map(dataset: Dataset) -> MissingMap:
    """Say where values are missing, in blocks of rows from top to bottom."""
    counts = {column.name: column.n_missing for column in dataset.schema.columns if column.n_missing}
    most = set(sorted(counts, key=lambda name: -counts[name])[:MOST_COLUMNS])
    rows_per_block = max(-(-dataset.n_rows // N_BLOCKS), 1)
    starts = np.arange(0, dataset.n_rows, rows_per_block)
    sizes = np.diff(np.append(starts, dataset.n_rows))
    columns = tuple(name for name in counts if name in most)
    shares = []
    for name in columns:
        missing = dataset.frame[name].isna().to_numpy(np.float64)
        shares.append(tuple(round(float(share), 4) for share in np.add.reduceat(missing, starts) / sizes))
    return MissingMap(columns=columns, n_columns=len(counts), shares=tuple(shares), rows_per_block=rows_per_block)
