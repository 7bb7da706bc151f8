"""What each column contributes to the outcome for one row; base and parts add up to the outcome exactly.

Shapley values by walks (Štrumbelj and Kononenko 2014, doi:10.1007/s10115-013-0679-x): a row of the table is turned into
the row in question, one column after the other in a random order and then in the reverse one, and each column gets what
the outcome moved when it was turned. All of it is asked of the model's file, in the unit of the outcome.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.insight.asking import Asked

MOST_ASKED = 6_000  # rows
MOST_WALKS = 100


@dataclass(frozen=True, kw_only=True)
class RowParts:
    """`base`: the mean outcome of the rows compared with; `parts`: what each column adds to it; `outcome`: the sum."""

    base: float
    parts: Mapping[str, float]
    outcome: float
    n_walks: int


def row_parts(asked: Asked, row: pd.DataFrame, others: pd.DataFrame, k: int = 0, *, seed: int = 0) -> RowParts:
    """Explain a table of one row beside rows of the table. `k`: which outcome.

    At most 6,000 rows are asked, in one call; columns whose cell is that of the other row contribute nothing there.
    """
    names = [column.name for column in asked.columns]
    n_walks = max(2, min(MOST_WALKS, MOST_ASKED // (len(names) + 1)) // 2 * 2)
    random = np.random.default_rng(seed)
    taken = np.resize(random.permutation(len(others)), n_walks // 2)
    orders, starts = [], []
    for position in taken:
        order = random.permutation(len(names))
        orders += [order, order[::-1]]
        starts += [position, position]
    walks = _walks(row[names], others[names], np.array(orders), np.array(starts))
    (said,) = asked.outcomes([walks])
    along = said[:, k].reshape(n_walks, len(names) + 1)
    moved = np.zeros(len(names))
    for order, moves in zip(orders, np.diff(along, axis=1), strict=True):
        moved[order] += moves
    parts = dict(zip(names, (moved / n_walks).tolist(), strict=True))
    return RowParts(base=float(along[:, 0].mean()), parts=parts, outcome=float(along[0, -1]), n_walks=n_walks)


def _walks(row: pd.DataFrame, others: pd.DataFrame, orders: np.ndarray, starts: np.ndarray) -> pd.DataFrame:
    """Return all rows on the ways, walk after walk: as the other row, then with one more column turned each time."""
    n_columns = orders.shape[1]
    turned_at = np.argsort(orders, axis=1)  # in which step a column is turned
    step = np.arange(n_columns + 1)
    own: dict[str, pd.Series] = {}
    for j, name in enumerate(row.columns):
        turned = (step[None, :] > turned_at[:, j : j + 1]).ravel()
        start = others[name].iloc[np.repeat(starts, n_columns + 1)].reset_index(drop=True)
        same = row[name].iloc[np.zeros(len(start), dtype=np.int64)].reset_index(drop=True).astype(start.dtype)
        own[name] = start.where(~turned, same)
    return pd.DataFrame(own)


def largest(parts: Mapping[str, float], n_most: int) -> tuple[list[tuple[str, float]], float]:
    """Return the largest parts, the strongest first, and the sum of all others.

    >>> largest({"a": 1.0, "b": -3.0, "c": 0.5}, 2)
    ([('b', -3.0), ('a', 1.0)], 0.5)
    """
    ranked = sorted(parts.items(), key=lambda part: -abs(part[1]))
    return ranked[:n_most], sum(value for _name, value in ranked[n_most:])
