"""Finds the crosses that explain what quick trees leave unexplained: greedily, in the manner of AutoCross.

Luo et al. 2019, "AutoCross" (arXiv:1904.12857): one cross at a time, made of those chosen and of single fields, each
judged with all that is chosen held fixed. Here what is left to explain is held fixed, and means per code judge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from engine.features.statistics import SMOOTHING

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Cross = tuple[int, ...]

MOST_CODES = 20_000
MOST_FIELDS = 3  # of one cross
SURE = 2.0  # how many of its standard errors a gain must be away from nothing


@dataclass(frozen=True, kw_only=True)
class Gain:
    """What a cross explains of rows that it did not learn from.

    `errors`: in standard errors. `explained`: what its means say for each row [N, K].
    """

    total: float
    errors: float
    explained: Floats


def strides_of(cross: Cross, n_codes: Sequence[int]) -> tuple[int, ...]:
    """Return by what each field's code is multiplied, so that the sum is the code of the cross.

    >>> strides_of((0, 2), (3, 9, 5))
    (5, 1)
    """
    sizes = [n_codes[field] for field in cross]
    return tuple(int(np.prod(sizes[i + 1 :], dtype=np.int64)) for i in range(len(sizes)))


def size_of(cross: Cross, n_codes: Sequence[int]) -> int:
    """Return how many codes a cross has."""
    return int(np.prod([n_codes[field] for field in cross], dtype=np.int64))


def crossed(codes: Codes, cross: Cross, n_codes: Sequence[int]) -> Codes:
    """Return the codes of a cross [N] from those of all fields [N, fields]."""
    return np.asarray(codes[:, list(cross)] @ np.array(strides_of(cross, n_codes)))


def find_crosses(
    codes: Codes, n_codes: Sequence[int], left_over: Floats, half: NDArray[np.bool_], *, n_most: int
) -> tuple[Cross, ...]:
    """Return at most `n_most` crosses, the most telling first.

    `left_over`: what is unexplained of the answers of these rows [N, K]; best that of trees which never saw them.
    `half`: the rows that gains are learnt from and judged on in turns with the others.
    """
    chosen: list[Cross] = []
    single = {
        (field,): gain_of(codes[:, field], n_codes[field], left_over, half).total for field in range(len(n_codes))
    }
    pairs = combinations(range(len(n_codes)), 2)
    candidates: list[Cross] = [pair for pair in pairs if size_of(pair, n_codes) <= MOST_CODES]
    while candidates and len(chosen) < n_most:
        gains = {
            cross: gain_of(crossed(codes, cross, n_codes), size_of(cross, n_codes), left_over, half)
            for cross in candidates
        }
        best = max(candidates, key=lambda cross: gains[cross].total)
        gain = gains[best]
        if gain.errors < SURE:
            break
        candidates = [cross for cross in candidates if cross != best and gains[cross].total > 0]
        if gain.total <= max(single[(field,)] for field in best):
            continue  # one of its fields says as much
        chosen.append(best)
        left_over = left_over - gain.explained
        single = {field: gain_of(codes[:, field[0]], n_codes[field[0]], left_over, half).total for field in single}
        longer = {tuple(sorted({*best, field})) for field in range(len(n_codes)) if len(best) < MOST_FIELDS}
        fresh = longer - {best, *candidates, *chosen}
        candidates += sorted(cross for cross in fresh if size_of(cross, n_codes) <= MOST_CODES)
    return tuple(chosen)


def gain_of(codes: Codes, n_codes: int, left_over: Floats, half: NDArray[np.bool_]) -> Gain:
    """Return what means per code, learnt from half of the rows, explain of the others, and the other way round."""
    explained = np.zeros_like(left_over)
    for learn in (half, ~half):
        counts = np.bincount(codes[learn], minlength=n_codes) + SMOOTHING
        for k, column in enumerate(left_over.T):
            means = np.bincount(codes[learn], weights=column[learn], minlength=n_codes) / counts
            explained[~learn, k] = means[codes[~learn]]
    per_row = (explained * (2 * left_over - explained)).sum(axis=1)
    error = float(per_row.std()) * len(per_row) ** 0.5
    total = float(per_row.sum())
    return Gain(total=total, errors=total / error if error > 0 else 0.0, explained=explained)
