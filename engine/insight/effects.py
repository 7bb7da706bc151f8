"""How the outcome moves with one column: accumulated local effects, partial dependence and some single rows.

Accumulated local effects (Apley and Zhu 2020, doi:10.1111/rssb.12377) change each row only to the next step, so columns
that go together do not lead to rows that cannot be; partial dependence (Friedman 2001) and the lines of single rows
(Goldstein et al. 2015) set every row to each step. All of it is asked of the model's own file, one call a column.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.insight.asking import Asked, answers_of, sample
from engine.insight.positions import has_positions, levels, positions, shown, steps, with_cell, with_cells
from engine.table.schema import ColumnSchema, Kind

N_ROWS = 400
N_SET_ROWS = 80  # of them for partial dependence: each is asked at every step
N_STEPS = 16
N_LINES = 6
N_BARS = 24
MOST_LEVELS = 12

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Effect:
    """How the outcome moves with a column.

    `answer`: the class whose chance it is, empty where a number is predicted; of several classes the one that moves
    most. `scale`: "number", "date", "order", or "levels" where the cells have no order. `places`: where the steps lie
    (days since 1970 for dates); `cells`: what stands there; `n_rows`: how many rows lie nearest to each.
    `ale`: the mean outcome, moved step by step, empty for levels. `pdp`: the mean outcome with all rows set there;
    `lines`: some single rows of these. `bars`: rows in equal parts of the axis, empty for levels.
    `spread`: the width in which 90 of 100 outcomes lie, to judge a movement by.
    """

    column: str
    answer: str
    scale: str
    places: tuple[float, ...]
    cells: tuple[str, ...]
    n_rows: tuple[int, ...]
    ale: tuple[float, ...]
    pdp: tuple[float, ...]
    lines: tuple[tuple[float, ...], ...]
    bars: tuple[int, ...]
    spread: float

    @property
    def curve(self) -> tuple[float, ...]:
        """The values that sentences speak of: moved step by step where there are steps."""
        return self.ale or self.pdp

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Effect":
        """Rebuild a stored effect."""
        named = ("places", "cells", "n_rows", "ale", "pdp", "bars")
        lines = tuple(tuple(line) for line in data["lines"])
        return Effect(**{**data, **{name: tuple(data[name]) for name in named}, "lines": lines})


def effects(asked: Asked, rows: pd.DataFrame, names: Sequence[str], *, seed: int = 0) -> tuple[Effect, ...]:
    """Return the effects of columns on up to 400 of the rows; columns of texts or without two values have none."""
    seen = rows.iloc[sample(rows, N_ROWS, seed)].reset_index(drop=True)
    if seen.empty:
        return ()
    (now,) = asked.outcomes([seen])
    found = (_effect(asked, seen, now, rows[name], asked.column(name)) for name in names)
    return tuple(effect for effect in found if effect is not None)


def _effect(
    asked: Asked, seen: pd.DataFrame, now: Floats, every: "pd.Series[Any]", column: ColumnSchema
) -> Effect | None:
    if has_positions(column):
        at, cells = steps(seen[column.name], column, N_STEPS)
        return _along(asked, seen, now, column, at, cells) if len(at) > 1 else None
    if column.kind.is_words:
        return None
    cells, n_rows = levels(every, MOST_LEVELS)  # the most frequent of many are not those of a few rows
    if len(cells) < 2:
        return None
    few = seen.iloc[_spread_out(now, 2 * N_SET_ROWS)]
    set_there = np.stack(asked.outcomes([with_cell(few, column, cell) for cell in cells]))  # [levels, N, K]
    means = set_there.mean(axis=1)
    k = _widest(means)
    return Effect(
        column=column.name,
        answer=_answer(asked, k),
        scale="levels",
        places=tuple(float(i) for i in range(len(cells))),
        cells=tuple(shown(cell, column) for cell in cells),
        n_rows=tuple(n_rows),
        ale=(),
        pdp=_listed(means[:, k]),
        lines=_some(set_there[:, :, k]),
        bars=(),
        spread=_spread(now[:, k]),
    )


def _along(
    asked: Asked, seen: pd.DataFrame, now: Floats, column: ColumnSchema, at: Floats, cells: list[object]
) -> Effect:
    own = positions(seen[column.name], column)
    known = np.flatnonzero(np.isfinite(own))
    part = np.clip(np.searchsorted(at, own[known], side="left"), 1, len(at) - 1)  # the step above each row
    placed = seen.iloc[known].reset_index(drop=True)
    few = seen.iloc[_spread_out(now, N_SET_ROWS)].reset_index(drop=True)
    lower = with_cells(placed, column, [cells[i - 1] for i in part])
    upper = with_cells(placed, column, [cells[i] for i in part])
    below, above, *set_there = asked.outcomes([lower, upper, *(with_cell(few, column, cell) for cell in cells)])
    accumulated = accumulate(above - below, part, len(at)) + now[known].mean(axis=0)
    # Where columns work together, added steps can lead beyond all that the model says, such as below nothing.
    accumulated = np.clip(accumulated, now.min(axis=0), now.max(axis=0))
    k = _widest(accumulated)
    lines = np.stack(set_there)[:, :, k]
    nearest = np.abs(at[:, None] - own[known][None, :]).argmin(axis=0)
    return Effect(
        column=column.name,
        answer=_answer(asked, k),
        scale="order" if column.order else "date" if column.kind is Kind.DATE else "number",
        places=_listed(at),
        cells=tuple(shown(cell, column) for cell in cells),
        n_rows=tuple(int(n) for n in np.bincount(nearest, minlength=len(at))),
        ale=_listed(accumulated[:, k]),
        pdp=_listed(lines.mean(axis=1)),
        lines=_some(lines),
        bars=tuple(int(n) for n in np.histogram(own[known], bins=N_BARS, range=(at[0], at[-1]))[0]),
        spread=_spread(now[:, k]),
    )


def accumulate(moved: Floats, part: NDArray[np.int64], n_steps: int) -> Floats:
    """Add up the mean movement of each part, so that the mean over the rows is 0: [n_steps, K].

    `moved`: what the step of each row does to it [N, K]; `part`: the step that each row lies below, from 1.

    >>> accumulate(np.array([[2.0], [4.0], [1.0]]), np.array([1, 1, 2]), 3).ravel().tolist()
    [-2.1666666666666665, 0.8333333333333335, 1.8333333333333335]
    """
    n = np.bincount(part, minlength=n_steps)
    sums = np.stack([np.bincount(part, weights=values, minlength=n_steps) for values in moved.T], axis=1)
    means = np.divide(sums, n[:, None], out=np.zeros_like(sums), where=n[:, None] > 0)
    curve = np.cumsum(means, axis=0)
    middles = (curve[1:] + curve[:-1]) / 2
    return np.asarray(curve - (middles * n[1:, None]).sum(axis=0) / max(1, n[1:].sum()))


def _spread_out(now: Floats, n_rows: int) -> NDArray[np.int64]:
    """Return rows at even distances in the order of the outcome: few of them then tell the mean of all."""
    ranked = np.argsort(now[:, int(now.var(axis=0).argmax())], kind="stable")
    return ranked[np.unique(np.round(np.linspace(0, len(ranked) - 1, n_rows)).astype(np.int64))]


def _some(lines: Floats) -> tuple[tuple[float, ...], ...]:
    """Return some of the lines [steps, N], low ones and high ones."""
    chosen = np.unique(np.round(np.linspace(0, lines.shape[1] - 1, N_LINES + 2)[1:-1]).astype(np.int64))
    return tuple(_listed(lines[:, i]) for i in chosen)


def _widest(curves: Floats) -> int:
    return int(np.argmax(np.ptp(curves, axis=0)))


def _answer(asked: Asked, k: int) -> str:
    answers = answers_of(asked.task)
    return answers[k] if answers else ""


def _spread(values: Floats) -> float:
    low, high = np.quantile(values, (0.05, 0.95))
    return float(high - low)


def _listed(values: Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
