"""Cells that wait in a Parquet file of texts until their column is asked for, so that memory holds one at a time."""

from pathlib import Path
from types import TracebackType
from typing import Self

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

_CELLS_AT_ONCE = 2_000_000


class ParquetTexts:
    """The cells of a file that `TextsWriter` wrote. Columns with few rows are fetched along with their neighbours."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._metadata = parquet.read_metadata(path)
        self._fetched: dict[int, pa.ChunkedArray] = {}

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return int(self._metadata.num_rows)

    @property
    def n_columns(self) -> int:
        """The number of columns."""
        return int(self._metadata.num_columns)

    def column(self, position: int) -> pd.Series:
        """Return the cells of one column as pandas `str`, NaN for an empty cell."""
        if position not in self._fetched:
            self._fetch(position)
        cells = self._fetched.pop(position)
        return pd.Series(pd.array(cells.cast(pa.large_string()), dtype="str"))

    def _fetch(self, first: int) -> None:
        last = min(first + max(_CELLS_AT_ONCE // max(self.n_rows, 1), 1), self.n_columns)
        # Opened each time: Windows deletes no file that is open.
        with parquet.ParquetFile(self._path, metadata=self._metadata) as file:
            found = file.read(columns=[str(position) for position in range(first, last)])
        self._fetched = {position: found.column(str(position)) for position in range(first, last)}


class TextsWriter:
    """Writes cells batch by batch; as a context it closes the file, which `texts` then reads."""

    def __init__(self, path: Path, n_columns: int) -> None:
        self.path = path
        self.schema = pa.schema([(str(position), pa.string()) for position in range(n_columns)])
        # Dictionaries would take a third longer to write and save little: the file lives for seconds.
        self._writer = parquet.ParquetWriter(
            path, self.schema, compression="snappy", use_dictionary=False, write_statistics=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    def write(self, rows: pa.RecordBatch | pa.Table) -> None:
        """Append rows; their columns are strings called 0, 1 and so on, null for an empty cell."""
        self._writer.write(rows)

    def texts(self) -> ParquetTexts:
        """Return what was written."""
        return ParquetTexts(self.path)
