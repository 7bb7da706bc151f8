"""Chooses rows that are worth much and unlike each other, so that near-copies are not all chosen."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.insight.positions import has_positions, positions, text_of
from engine.insight.terms import WORD
from engine.table.schema import ColumnSchema

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

TINY = 1e-9
N_TRIED = 20  # rows whose distances say what is usual
_WIDTHS = (0.05, 0.95)


class Room:
    """Rows as points: numbers as shares of their usual width, levels as codes, texts as sets of words."""

    def __init__(
        self,
        rows: pd.DataFrame,
        columns: Sequence[ColumnSchema],
        shares: Mapping[str, float],
        widths: Mapping[str, float],
    ) -> None:
        """Place rows; a column counts as much as its share of the model's movement, none of them nothing at all.

        `widths`: of columns with an order; see `usual_widths`.
        """
        least = 0.1 / max(len(columns), 1)  # what hardly matters still tells rows apart
        placed = [column for column in columns if has_positions(column)]
        worded = [column for column in columns if column.kind.is_words]
        coded = [column for column in columns if not has_positions(column) and not column.kind.is_words]
        weights = {column.name: shares.get(column.name, 0.0) + least for column in columns}
        total = sum(weights.values())
        self._numbers = np.column_stack(
            [positions(rows[c.name], c) / widths[c.name] for c in placed] or [np.zeros((len(rows), 0))]
        )
        self._codes = np.column_stack(
            [pd.factorize(rows[c.name].map(text_of))[0] for c in coded] or [np.zeros((len(rows), 0), np.int64)]
        )
        self._words = [[set(WORD.findall(text_of(cell).lower())) for cell in rows[c.name]] for c in worded]
        self._weights = [np.array([weights[c.name] / total for c in part]) for part in (placed, coded, worded)]

    def far_from(self, place: int) -> Floats:
        """Return how far all rows are from one: 0 where they are equal, 1 at most (Gower's distance)."""
        numbers, own = self._numbers, self._numbers[place]
        gaps = np.minimum(1.0, np.abs(numbers - own))
        gaps = np.where(np.isnan(numbers) | np.isnan(own), (np.isnan(numbers) != np.isnan(own)).astype(float), gaps)
        apart = gaps @ self._weights[0] + (self._codes != self._codes[place]) @ self._weights[1]
        for texts, weight in zip(self._words, self._weights[2], strict=True):
            here = texts[place]
            apart = apart + weight * np.array(
                [1 - len(here & words) / len(here | words) if here | words else 0.0 for words in texts]
            )
        return np.asarray(apart, np.float64)


def spread_out(room: Room, worth: Floats, n_most: int, usual: float) -> list[int]:
    """Return the places of up to `n_most` rows, the first one first.

    Next comes the row for which worth times its distance from all that are chosen is greatest; at the `usual` distance
    the worth counts half. Copies of chosen rows are never chosen.
    """
    chosen: list[int] = []
    nearest = np.full(len(worth), np.inf)
    while len(chosen) < min(n_most, len(worth)):
        apart = np.where(np.isinf(nearest), 1.0, 1.0 - usual / (usual + nearest))
        value = np.where(nearest > TINY, (worth + TINY) * apart, -1.0)
        place = int(np.argmax(value))
        if value[place] < 0:
            break
        chosen.append(place)
        nearest = np.minimum(nearest, room.far_from(place))
        nearest[place] = 0.0
    return chosen


def usual_distance(room: Room, n_rows: int) -> float:
    """Return how far the rows of a room usually are from each other."""
    far = np.concatenate([room.far_from(place) for place in range(min(n_rows, N_TRIED))] or [np.ones(1)])
    known = far[far > TINY]
    return float(np.median(known)) if len(known) else 1.0


def best_first(worth: Floats, n_most: int) -> Places:
    """Return the places of the greatest values, in the order of the rows; which of equal ones is left to chance.

    >>> best_first(np.array([0.1, 0.9, 0.5]), 2).tolist()
    [1, 2]
    """
    turn = np.random.default_rng(0).permutation(len(worth))
    return np.array(sorted(np.lexsort((turn, -worth))[:n_most]), dtype=np.int64)


def usual_widths(rows: pd.DataFrame, columns: Sequence[ColumnSchema]) -> dict[str, float]:
    """Return how wide the values of each column with an order usually lie apart."""
    return {column.name: _width(rows[column.name], column) for column in columns if has_positions(column)}


def _width(cells: pd.Series, column: ColumnSchema) -> float:
    at = positions(cells, column)
    known = at[np.isfinite(at)]
    if not len(known):
        return 1.0
    low, high = np.quantile(known, _WIDTHS)
    return float(high - low) or float(np.ptp(known)) or 1.0
