"""Which pairs of columns work together: what the outcome does with both that it does not do with each alone.

Measured is the share of a pair, and of all larger groups it belongs to, in the spread of the outcome (the superset
importance of Liu and Owen 2006, doi:10.1198/016214505000001410; Friedman and Popescu's H asks the same of partial
dependence at many times the price). Where the model adds up its columns, on the scale on which it does, it is nought.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from engine.figures import chance
from engine.insight.asking import Asked, on_link, sample
from engine.insight.positions import with_cells
from engine.messages import Message, phrase

N_ROWS = 300
MOST_COLUMNS = 7
MOST_NAMED = 5
LEAST_SHARE = 0.015  # of the spread: below that trees that draw a straight line in steps seem to interact

TOGETHER = phrase(
    "interaction_together",
    "{first} and {second} work together: what one of them does depends on the other. {share} of all differences "
    "between predictions come about only by both at once, partly with further columns.",
)
NONE = phrase("interaction_none", "No two columns work together noticeably: what each does adds up.")


@dataclass(frozen=True, kw_only=True)
class Interaction:
    """Two columns that work together. `share`: of the spread (variance) of the outcome, on the scale of the sum."""

    first: str
    second: str
    share: float

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Interaction":
        """Rebuild a stored interaction."""
        return Interaction(**data)


def interactions(asked: Asked, rows: pd.DataFrame, names: Sequence[str], *, seed: int = 0) -> tuple[Interaction, ...]:
    """Return the five strongest pairs among the first seven of these columns that work together.

    At most 29 times 300 rows are asked, in one call.
    """
    seen = rows.iloc[sample(rows, N_ROWS, seed)].reset_index(drop=True)
    columns = [asked.column(name) for name in names[:MOST_COLUMNS]]
    if len(seen) < 2 or len(columns) < 2:
        return ()
    others = seen.iloc[np.random.default_rng(seed + 1).permutation(len(seen))].reset_index(drop=True)
    pairs = list(combinations(range(len(columns)), 2))
    changed = [with_cells(seen, column, others[column.name].to_numpy(dtype=object)) for column in columns]
    both = [with_cells(changed[i], columns[j], others[columns[j].name].to_numpy(dtype=object)) for i, j in pairs]
    now, *said = (on_link(values, asked.task) for values in asked.outcomes([seen, *changed, *both]))
    alone, together = said[: len(columns)], said[len(columns) :]
    spread = float(now.var(axis=0).sum())
    if spread <= 0:
        return ()
    shares = [
        float(((now - alone[i] - alone[j] + values) ** 2).mean(axis=0).sum()) / 4 / spread
        for (i, j), values in zip(pairs, together, strict=True)
    ]
    found = [
        Interaction(first=columns[i].name, second=columns[j].name, share=share)
        for (i, j), share in zip(pairs, shares, strict=True)
        if share >= LEAST_SHARE
    ]
    return tuple(sorted(found, key=lambda each: -each.share)[:MOST_NAMED])


def told(found: Sequence[Interaction]) -> tuple[Message, ...]:
    """Say which pairs work together, or that none does.

    >>> [message.code for message in told(())]
    ['interaction_none']
    """
    pairs = (TOGETHER(first=each.first, second=each.second, share=chance(each.share)) for each in found)
    return tuple(pairs) or (NONE(),)
