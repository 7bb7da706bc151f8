"""Cells that arrive row by row are kept in files of the room, some thousand rows each, and given back by column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa

ROWS_OF_A_PART = 50_000


@dataclass(kw_only=True)
class TextParts:
    """Columns under keys; a part that lacks one has empty cells there. Filled first, read afterwards."""

    room: Path
    keys: list[str] = field(default_factory=list)
    n_rows: int = 0
    _parts: list[tuple[Path, int, frozenset[str]]] = field(default_factory=list)

    @property
    def n_columns(self) -> int:
        """The number of columns."""
        return len(self.keys)

    def add(self, columns: Mapping[str, Sequence[str | None]], n_rows: int) -> None:
        """Keep further rows."""
        from pyarrow import parquet

        path = self.room / f"part_{len(self._parts)}.parquet"
        known = set(self.keys)
        self.keys += [key for key in columns if key not in known]
        cells = {key: pa.array(column, pa.large_string()) for key, column in columns.items()}
        parquet.write_table(pa.table(cells), path, use_dictionary=False, write_statistics=False)
        self._parts.append((path, n_rows, frozenset(columns)))
        self.n_rows += n_rows

    def column(self, position: int) -> pd.Series:
        """Return the cells of one column as pandas `str`, NaN for an empty cell."""
        from pyarrow import parquet

        key = self.keys[position]
        chunks: list[pa.Array] = []
        for path, n_rows, keys in self._parts:
            if key in keys:
                with parquet.ParquetFile(path) as file:
                    chunks += _named(file.read(columns=[key]), key).chunks
            else:
                chunks.append(pa.nulls(n_rows, pa.large_string()))
        return pa.chunked_array(chunks, pa.large_string()).to_pandas().astype("str")


def _named(table: pa.Table, key: str) -> pa.ChunkedArray:
    return table.column(table.column_names.index(key))  # a name may also begin the name of another column
