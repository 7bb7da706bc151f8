"""A check for columns that are the sum of others, found by sums over rows with weights drawn by chance."""

import numpy as np

from engine.checks.check import Case, Check, Finding, Severity
from engine.checks.remedies import leave_out_each
from engine.checks.sample import Floats
from engine.checks.twins import drawn_numbers
from engine.messages import listed, phrase

SUMS = phrase(
    "sum_columns",
    "Columns that are the sum of others: {columns}.",
    "Leave them out, or the parts, if one of the two is easier to come by.",
    "Linear models cannot tell the sum from its parts, so what matters is divided between them.",
)
SUM_SHOWN = phrase("sum_shown", "{column} = {parts}.")

_MOST_COLUMNS = 400
_MOST_RUN = 40
_LEAST_ROWS = 30
_EXACT = 1e-9
_SEED = 0

Parts = tuple[tuple[int, ...], float, float]  # which columns, their sum, and how large it is at most


def find_sums(values: Floats) -> dict[int, tuple[int, ...]]:
    """Return columns that are the sum of two others, or of several that stand side by side, with these.

    Rows are weighted by chance and added up: then the sums add up too, which is checked row by row afterwards.

    >>> draw = np.random.default_rng(0).normal(size=(50, 3))
    >>> find_sums(np.column_stack([draw, draw[:, 0] + draw[:, 2]]))
    {3: (0, 2)}
    """
    filled = np.where(np.isfinite(values), values, 0.0)
    weights = np.random.default_rng(_SEED).normal(size=len(values))
    sums = weights @ filled
    scale = np.abs(weights) @ np.abs(filled)
    order = np.argsort(sums)
    found: dict[int, tuple[int, ...]] = {}
    for parts, total, size in (*_pairs(sums, scale), *_runs(sums, scale)):
        for column in _near(sums[order], total, _EXACT * size):
            at = int(order[column])
            if at not in found and at not in parts and _adds_up(values, at, parts):
                found[at] = parts
    # a = b + c is b = a - c too: only sums of what is no sum itself are told.
    return dict(sorted(found.items()))


def _pairs(sums: Floats, scale: Floats) -> list[Parts]:
    """Return the pairs of columns whose sum is near one of the sums."""
    order = np.sort(sums)
    made: list[Parts] = []
    for first in range(len(sums) - 1):
        totals = sums[first] + sums[first + 1 :]
        sizes = scale[first] + scale[first + 1 :]
        place = np.clip(np.searchsorted(order, totals), 1, len(order) - 1)
        gap = np.minimum(np.abs(order[place] - totals), np.abs(order[place - 1] - totals))
        made += [
            ((first, first + 1 + int(at)), float(totals[at]), float(sizes[at]))
            for at in np.flatnonzero(gap <= _EXACT * sizes)
        ]
    return made


def _runs(sums: Floats, scale: Floats) -> list[Parts]:
    """Return the runs of three and more columns side by side whose sum is near one of the sums."""
    order = np.sort(sums)
    to_here, sizes_to_here = np.append(0.0, np.cumsum(sums)), np.append(0.0, np.cumsum(scale))
    made = []
    for n in range(3, min(_MOST_RUN, len(sums) - 1) + 1):
        totals, sizes = to_here[n:] - to_here[:-n], sizes_to_here[n:] - sizes_to_here[:-n]
        place = np.clip(np.searchsorted(order, totals), 1, len(order) - 1)
        gap = np.minimum(np.abs(order[place] - totals), np.abs(order[place - 1] - totals))
        made += [
            (tuple(range(int(first), int(first) + n)), float(totals[first]), float(sizes[first]))
            for first in np.flatnonzero(gap <= _EXACT * sizes)
        ]
    return made


def _near(ordered: Floats, total: float, slack: float) -> range:
    return range(int(np.searchsorted(ordered, total - slack)), int(np.searchsorted(ordered, total + slack, "right")))


def _adds_up(values: Floats, column: int, parts: tuple[int, ...]) -> bool:
    rows = np.isfinite(values[:, [column, *parts]]).all(axis=1)
    if rows.sum() < _LEAST_ROWS or any((values[rows, part] != 0).sum() < _LEAST_ROWS for part in parts):
        return False
    return bool(np.allclose(values[rows][:, list(parts)].sum(axis=1), values[rows, column], rtol=1e-6, atol=1e-9))


def _look(case: Case) -> tuple[Finding, ...]:
    columns = [column for column in case.features if column.kind.is_number and column.n_distinct > 2][:_MOST_COLUMNS]
    if len(columns) < 3:
        return ()
    found = find_sums(drawn_numbers(case, columns))
    if not found:
        return ()
    names = tuple(columns[at].name for at in found)
    return (
        Finding(
            severity=Severity.HANDLED,
            message=SUMS(columns=listed(names)),
            columns=names,
            evidence=tuple(
                SUM_SHOWN(column=columns[at].name, parts=" + ".join(columns[part].name for part in parts))
                for at, parts in found.items()
            ),
            remedies=leave_out_each(names),
        ),
    )


SUM_COLUMNS = Check(key="sums", title="Columns that are sums of others", look=_look)
