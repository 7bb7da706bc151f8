"""Cells that wait in Parquet files of texts until their column is asked for, so that memory holds few at a time."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

_CELLS_AT_ONCE = 2_000_000
_ROWS_AT_ONCE = 50_000
_BYTES_AT_ONCE = 64_000_000


def is_enough(n_rows: int, n_columns: int, n_bytes: int) -> bool:
    """Say whether so much is waiting that it should be written before more is taken."""
    return n_rows >= _ROWS_AT_ONCE or n_rows * n_columns >= _CELLS_AT_ONCE or n_bytes >= _BYTES_AT_ONCE


class ParquetTexts:
    """The cells of the files that `TextsWriter` wrote. Columns with few rows are fetched along with their neighbours.

    A file that lacks a column has empty cells there.
    """

    def __init__(self, paths: Sequence[Path], n_columns: int) -> None:
        self._files = [(path, parquet.read_metadata(path)) for path in paths]
        self._n_columns = n_columns
        self._fetched: dict[int, pa.ChunkedArray] = {}

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files, in order."""
        return tuple(path for path, _metadata in self._files)

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return sum(int(metadata.num_rows) for _path, metadata in self._files)

    @property
    def n_columns(self) -> int:
        """The number of columns."""
        return self._n_columns

    def column(self, position: int) -> pd.Series:
        """Return the cells of one column as pandas `str`, NaN for an empty cell."""
        if position not in self._fetched:
            self._fetch(position)
        cells = self._fetched.pop(position)
        return pd.Series(pd.array(cells.cast(pa.large_string()), dtype="str"))

    def _fetch(self, first: int) -> None:
        last = min(first + max(_CELLS_AT_ONCE // max(self.n_rows, 1), 1), self.n_columns)
        chunks: dict[int, list[pa.Array]] = {position: [] for position in range(first, last)}
        for path, metadata in self._files:
            # Opened each time: Windows deletes no file that is open.
            with parquet.ParquetFile(path, metadata=metadata) as file:
                found = file.read(columns=[str(position) for position in chunks])
            own = set(found.column_names)
            for position, pieces in chunks.items():
                name = str(position)
                pieces += found.column(name).chunks if name in own else [pa.nulls(metadata.num_rows, pa.string())]
        self._fetched = {position: pa.chunked_array(pieces, pa.string()) for position, pieces in chunks.items()}


class TextsWriter:
    """Writes cells batch by batch; as a context it closes its file, which `texts` then reads.

    `n_columns`: of all batches; without it each may have columns of its own, and where they change a file begins.
    """

    def __init__(self, path: Path, n_columns: int = 0) -> None:
        self.schema = pa.schema([(str(position), pa.string()) for position in range(n_columns)])
        self._path = path
        self._paths: list[Path] = []
        self._n_columns = n_columns
        self._writer: parquet.ParquetWriter | None = None
        if n_columns:
            self._begin()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()

    def write(self, rows: pa.RecordBatch | pa.Table) -> None:
        """Append rows; their columns are strings called by their positions 0, 1 and so on, null for an empty cell."""
        if self._writer is None or rows.schema.names != self.schema.names:
            self.schema = rows.schema
            self._n_columns = max(self._n_columns, *(int(name) + 1 for name in rows.schema.names))
            self._begin()
        assert self._writer is not None
        self._writer.write(rows)

    def write_columns(self, columns: Mapping[int, Sequence[str | None]]) -> None:
        """Append rows that are given as columns by their positions, None for an empty cell."""
        self.write(pa.table({str(position): pa.array(columns[position], pa.string()) for position in sorted(columns)}))

    def texts(self) -> ParquetTexts:
        """Return what was written."""
        return ParquetTexts(self._paths, self._n_columns)

    def _begin(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._paths.append(self._path.with_stem(f"{self._path.stem}_{len(self._paths)}"))
        # Dictionaries would take a third longer to write and save little: the file lives for seconds.
        self._writer = parquet.ParquetWriter(
            self._paths[-1], self.schema, compression="snappy", use_dictionary=False, write_statistics=False
        )
