"""What a column looks like at a glance: a few bars and a few examples, small enough to keep beside the schema."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from engine.table.schema import Cells, ColumnSchema, Kind

N_BARS = 12
N_LEVELS = 8
N_EXAMPLES = 3
OTHER = ""


def portrait(cells: pd.Series, column: ColumnSchema) -> Mapping[str, Any]:
    """Return `labels` and `bars` (row counts), `numeric`, and `examples` of a column.

    The bars of the rarest values are added up under the empty label.
    """
    known = cells.dropna()
    examples = [str(value) for value in known.drop_duplicates().head(N_EXAMPLES)]
    if column.kind is Kind.NUMBER and column.cells is Cells.NUMBER and known.nunique() > N_BARS:
        labels, bars = _ranges(known.to_numpy(dtype=np.float64))
        return {"numeric": True, "labels": labels, "bars": bars, "examples": _numbers(examples)}
    if column.cells is Cells.NUMBER:
        examples = _numbers(examples)
    labels, bars = _levels(known, in_order=column.cells is Cells.NUMBER)
    return {"numeric": False, "labels": labels, "bars": bars, "examples": examples}


def _ranges(values: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[list[str], list[int]]:
    finite = values[np.isfinite(values)]
    low, high = np.quantile(finite, [0.005, 0.995])
    if low == high:
        low, high = float(finite.min()), float(finite.max())
    bars, edges = np.histogram(np.clip(finite, low, high), bins=N_BARS, range=(low, high))
    return [f"{edge:.3g}" if abs(edge) < 1000 else f"{edge:,.0f}" for edge in edges[:-1]], [int(bar) for bar in bars]


def _levels(known: pd.Series, *, in_order: bool) -> tuple[list[str], list[int]]:
    counted = known.value_counts()
    top = counted.head(N_LEVELS)
    if in_order and len(counted) <= N_LEVELS:
        top = top.sort_index()
    labels = [str(value) for value in top.index]
    bars = [int(n) for n in top]
    rest = int(counted.iloc[N_LEVELS:].sum())
    return ([*_numbers(labels), OTHER], [*bars, rest]) if rest else (_numbers(labels) if in_order else labels, bars)


def _numbers(texts: list[str]) -> list[str]:
    return [text.removesuffix(".0") for text in texts]
