"""Runs graphs: feeds a table's canonical cells to onnxruntime."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnxruntime
import pandas as pd
from numpy.typing import NDArray

from engine.table.schema import Cells, ColumnSchema

CHUNK_ROWS = 1024
"""Rows per call: text is split into a table of tokens as wide as the longest text, so calls must stay bounded."""
CHUNKS_AT_ONCE = 64
"""Calls whose cells are turned into Python's texts together, which take several times the room of the table's own."""


def open_session(model: bytes | Path, *, threads: int = 1) -> onnxruntime.InferenceSession:
    """Open a graph on the CPU, quietly."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    source = model if isinstance(model, bytes) else str(model)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def feeds(frame: pd.DataFrame, columns: Iterable[ColumnSchema]) -> dict[str, NDArray[np.generic]]:
    """Return the graph's inputs for canonical cells: one array [N, 1] per column, doubles or strings."""
    return {column.name: _cells(frame[column.name], column.cells) for column in columns}


def run(
    session: onnxruntime.InferenceSession,
    frame: pd.DataFrame,
    columns: tuple[ColumnSchema, ...],
    outputs: list[str] | None = None,
) -> list[NDArray[np.generic]]:
    """Run a graph over a table of canonical cells and return its outputs, row by row in the table's order."""
    if frame.empty:
        # Some operators refuse a table without rows, so the shape of the outputs is learnt from a row of missing cells.
        one = pd.DataFrame({c.name: [np.nan if c.cells is Cells.NUMBER else None] for c in columns})
        return [values[:0] for values in run(session, one, columns, outputs)]
    n_at_once = CHUNK_ROWS * CHUNKS_AT_ONCE
    blocks = (frame.iloc[first : first + n_at_once] for first in range(0, len(frame), n_at_once))
    chunks = [values for block in blocks for values in _run_chunks(session, feeds(block, columns), len(block), outputs)]
    return [np.concatenate(parts) if len(parts) > 1 else parts[0] for parts in zip(*chunks, strict=True)]


def _run_chunks(
    session: onnxruntime.InferenceSession,
    inputs: dict[str, NDArray[np.generic]],
    n_rows: int,
    outputs: list[str] | None,
) -> list[list[NDArray[np.generic]]]:
    return [
        session.run(outputs, {name: cells[start : start + CHUNK_ROWS] for name, cells in inputs.items()})
        for start in range(0, n_rows, CHUNK_ROWS)
    ]


def _cells(cells: pd.Series, kind: Cells) -> NDArray[np.generic]:
    if kind is Cells.NUMBER:
        return np.asarray(cells.to_numpy(dtype=np.float64, na_value=np.nan)).reshape(-1, 1)
    return np.asarray(cells.astype(object).where(cells.notna(), ""), dtype=object).reshape(-1, 1)
