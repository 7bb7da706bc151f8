"""Goes through all rows of a large table block by block, each with the canonical cells of some columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from engine.errors import TableError
from engine.table.files.arrow_texts import Leaf, as_texts, leaf_column, readable_leaves
from engine.table.files.parquet import DAMAGED_PARQUET
from engine.table.large.whole import BLOCK_ROWS, Group, Whole
from engine.table.rules import canonical_cells
from engine.table.schema import Cells, ColumnSchema, TableSchema

Marks = NDArray[np.bool_]

SHARE_OF_LEVELS = 0.5  # of the cells: with more different ones it is not worth while


@dataclass(frozen=True, kw_only=True)
class Block:
    """Some rows that follow each other in the files. `first`: the place of the first one."""

    first: int
    table: pa.Table
    leaves: tuple[Leaf, ...]
    columns: tuple[ColumnSchema, ...]
    kept: Marks

    @property
    def rows(self) -> NDArray[np.int64]:
        """The places of the rows."""
        return self.first + np.flatnonzero(self.kept)

    def cells(self, marks: Marks | None = None) -> pd.DataFrame:
        """Return the canonical cells; `marks`: which of the rows, all if None."""
        wanted = self.kept.copy()
        if marks is not None:
            wanted[wanted] = marks
        table = self.table if wanted.all() else self.table.filter(pa.array(wanted))
        made = {
            column.name: _cells(leaf_column(table.column(leaf.top), leaf), column)
            for leaf, column in zip(self.leaves, self.columns, strict=True)
        }
        return pd.DataFrame(made, index=pd.RangeIndex(int(wanted.sum())))


def blocks(
    whole: Whole, schema: TableSchema, names: Sequence[str] | None = None, groups: Sequence[Group] | None = None
) -> Iterator[Block]:
    """Go through the rows, or through those of some groups. `names`: of the columns that are wanted, all if None.

    Raises TableError when a file is damaged, gone or no longer the same.
    """
    positions = [i for i, column in enumerate(schema.columns) if names is None or column.name in names]
    columns = tuple(schema.columns[i] for i in positions)
    for group in whole.groups() if groups is None else groups:
        try:
            with parquet.ParquetFile(group.part.path) as file:
                found, _told = readable_leaves(file.schema_arrow)
                leaves = [found[whole.leaves[i]] for i in positions]
                tops = sorted({leaf.top for leaf in leaves})
                wanted = [file.schema_arrow.names[top] for top in tops]
                place = {top: i for i, top in enumerate(tops)}
                own = tuple(
                    Leaf(top=place[leaf.top], path=leaf.path, name=leaf.name, type=leaf.type) for leaf in leaves
                )
                first = group.first
                for batch in file.iter_batches(BLOCK_ROWS, row_groups=[group.number], columns=wanted):
                    yield Block(
                        first=first,
                        table=pa.Table.from_batches([batch]),
                        leaves=own,
                        columns=columns,
                        kept=whole.kept(first, batch.num_rows),
                    )
                    first += batch.num_rows
        except (pa.ArrowException, OSError, ValueError, IndexError) as problem:
            whole.refuse_changes()
            raise TableError(DAMAGED_PARQUET(name=group.part.path.name)) from problem


def _cells(column: pa.ChunkedArray, schema: ColumnSchema) -> pd.Series:
    """Return canonical cells; numbers do not become texts on the way."""
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        values: Any = column.cast(pa.float64(), safe=False).to_numpy()
        raw = pd.Series(np.asarray(values, np.float64), name=schema.name)
        if pa.types.is_floating(kind) or np.nanmax(np.abs(raw), initial=0.0) < 2**53:
            return canonical_cells(raw, schema)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _by_level(column, schema)
    return canonical_cells(as_texts(column).rename(schema.name), schema)


def _by_level(column: pa.ChunkedArray, schema: ColumnSchema) -> pd.Series:
    """Return the canonical cells of texts, each different one looked at once."""
    codes = pa.concat_arrays(column.chunks).dictionary_encode() if column.num_chunks else pa.array([], column.type)
    if not len(codes) or len(codes.dictionary) > SHARE_OF_LEVELS * len(codes):
        return canonical_cells(as_texts(column).rename(schema.name), schema)
    levels = canonical_cells(as_texts(pa.chunked_array([codes.dictionary])).rename(schema.name), schema)
    if schema.cells is Cells.NUMBER:
        numbers = np.append(levels.to_numpy(np.float64), np.nan)
        return pd.Series(numbers[codes.indices.fill_null(len(levels)).to_numpy()], name=schema.name)
    texts = pa.array(levels.array, pa.large_string())
    texts = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    return pd.Series(pd.array(texts.take(codes.indices), dtype="str"), name=schema.name)
