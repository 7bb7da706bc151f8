"""What categories are crossed with: the levels of a column, or the tenths of a number, as whole codes."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Var

from engine.features.levels import frequent_levels, level_positions
from engine.features.numbers import numbers_of
from engine.graph.columns import ColumnReader, Vocabulary
from engine.graph.constants import places
from engine.table.schema import Cells, ColumnSchema

MOST_LEVELS, LEAST_COUNT = 100, 10
N_PARTS = 10

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Fields:
    """Columns as codes: first those with levels, then numbers by the edges of their parts.

    The last code of a field stands for levels that are rare or were never seen, or for a missing number.
    """

    vocabularies: Mapping[str, Vocabulary]
    cells: Mapping[str, Cells]
    edges: Mapping[str, Floats]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns, in order."""
        return (*self.vocabularies, *self.edges)

    @property
    def n_codes(self) -> tuple[int, ...]:
        """How many codes each field has."""
        levels = [len(vocabulary) + 1 for vocabulary in self.vocabularies.values()]
        return (*levels, *(len(edges) + 2 for edges in self.edges.values()))

    def only(self, names: frozenset[str]) -> "Fields":
        """Return some of the fields."""
        return Fields(
            vocabularies={name: levels for name, levels in self.vocabularies.items() if name in names},
            cells={name: cells for name, cells in self.cells.items() if name in names},
            edges={name: edges for name, edges in self.edges.items() if name in names},
        )

    def codes(self, frame: pd.DataFrame) -> Codes:
        """Return the codes of rows [N, fields], as the graph does."""
        found = [level_positions(frame[name], self.cells[name], known) for name, known in self.vocabularies.items()]
        for name, edges in self.edges.items():
            values = pd.to_numeric(frame[name], errors="coerce").to_numpy(np.float64)
            found.append(np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="right")))
        return np.column_stack(found).astype(np.int64)

    def graph(self, reader: ColumnReader) -> Var:
        """Return the codes of rows: int64 [N, fields]."""
        blocks = [reader.codes(self.vocabularies)] if self.vocabularies else []
        if self.edges:
            blocks.append(self._parts(reader.numbers(tuple(self.edges))))
        return op.concat(blocks, axis=1) if len(blocks) > 1 else blocks[0]

    def _parts(self, cells: Var) -> Var:
        # Nothing is greater than NaN: it fills the lists of edges up to equal lengths.
        table = np.full((len(self.edges), max(len(edges) for edges in self.edges.values())), np.nan)
        for line, edges in zip(table, self.edges.values(), strict=True):
            line[: len(edges)] = edges
        passed = op.greater_or_equal(op.unsqueeze(cells, places(2)), op.const(table[None]))
        part = op.reduce_sum(op.cast(passed, to=np.int64), places(2), keepdims=False)
        missing = np.array([len(edges) + 1 for edges in self.edges.values()])
        return op.where(op.isnan(cells), op.const(missing[None, :]), part)


def fit_fields(frame: pd.DataFrame, columns: tuple[ColumnSchema, ...]) -> Fields:
    """Learn the frequent levels of categories and the parts of numbers; columns with a single code are left out."""
    vocabularies: dict[str, Vocabulary] = {}
    edges: dict[str, Floats] = {}
    for column in columns:
        if column.kind.is_number:
            values = numbers_of(frame, (column,))[:, 0]
            known = values[~np.isnan(values)]
            found = np.unique(np.quantile(known, np.arange(1, N_PARTS) / N_PARTS)) if len(known) else known
            if len(found) and known.min() < found[-1]:
                edges[column.name] = found
        else:
            levels = frequent_levels(frame[column.name], column.cells, min_count=LEAST_COUNT, max_levels=MOST_LEVELS)
            if levels:
                vocabularies[column.name] = levels
    cells = {column.name: column.cells for column in columns if column.name in vocabularies}
    return Fields(vocabularies=vocabularies, cells=cells, edges=edges)
