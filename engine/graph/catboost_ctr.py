"""The numbers that CatBoost makes of categories: tests for one level, and counts and target means looked up by key.

All look-ups of a model share one chain of nodes, however many columns and combinations there are: codes and flags are
digits of one whole number per combination, which a single LabelEncoder turns into the position in a table.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import spox.opset.ai.onnx.ml.v5 as ml
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Var

from engine.graph.constants import places, whole

Integers = NDArray[np.int64]
_HASH_STEP = np.uint64(0x4906BA494954CB65)


@dataclass(frozen=True, kw_only=True)
class Flags:
    """Tests of single columns: `above`: number > border; `equal`: code == level. Columns are those of the matrix."""

    above_column: Integers
    above_border: NDArray[np.float32]
    above_missing: NDArray[np.bool_]
    equal_column: Integers
    equal_code: Integers

    def of(self, values: NDArray[np.float32]) -> Integers:
        """Return the flags of rows: int64 [N, number of flags], `above` first."""
        numbers = values[:, self.above_column]
        above = (numbers > self.above_border) | (np.isnan(numbers) & self.above_missing)
        equal = values[:, self.equal_column] == self.equal_code
        return np.hstack([above, equal]).astype(np.int64)

    def graph(self, x: Var) -> list[Var]:
        """Return the same in a graph; empty when there are no flags."""
        found = []
        if len(self.above_column):
            numbers = op.gather(x, op.const(self.above_column), axis=1)
            above = op.greater(numbers, op.const(self.above_border[None, :]))
            if self.above_missing.any():
                above = op.or_(above, op.and_(op.isnan(numbers), op.const(self.above_missing[None, :])))
            found.append(above)
        if len(self.equal_column):
            codes = op.gather(x, op.const(self.equal_column), axis=1)
            found.append(op.equal(codes, op.const(self.equal_code[None, :].astype(np.float32))))
        return [op.cast(flags, to=np.int64) for flags in found]


@dataclass(frozen=True, kw_only=True)
class Combination:
    """Code columns and flags that are looked up together; `digits` and `sizes`: where they are and how many values."""

    digits: tuple[int, ...]
    sizes: tuple[int, ...]
    keys: Integers
    hashes: NDArray[np.uint64]


def combine_hashes(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Mix two columns of CatBoost's 64-bit hashes; overflow is meant."""
    with np.errstate(over="ignore"):
        return _HASH_STEP * (first + _HASH_STEP * second)


def enumerate_combination(
    digits: Sequence[int], sizes: Sequence[int], rows: Integers, hashes: Sequence[NDArray[np.uint64]]
) -> Combination:
    """Return the distinct digit rows [N, D] of a combination as keys, with CatBoost's hash of each.

    `hashes`: per digit, the hash of each of its values.
    """
    weights = _place_values(sizes)
    keys, first = np.unique(rows @ weights, return_index=True)
    mixed = np.zeros(len(keys), np.uint64)
    for position, own in enumerate(hashes):
        mixed = combine_hashes(mixed, own[rows[first, position]])
    return Combination(digits=tuple(digits), sizes=tuple(sizes), keys=keys, hashes=mixed)


def _place_values(sizes: Sequence[int]) -> Integers:
    return np.cumprod([1, *sizes[:0:-1]])[::-1].astype(np.int64)


def statistic(ctr: Mapping[str, Any], table: Mapping[str, Any], hashes: NDArray[np.uint64]) -> NDArray[np.float32]:
    """Return one statistic for each key, and last for a key that training never saw; in float32 like CatBoost."""
    stride = table["hash_stride"]
    cells = np.array(table["hash_map"], dtype=object).reshape(-1, stride)
    known = {int(key): row for key, row in zip(cells[:, 0], cells[:, 1:].astype(np.float64), strict=True)}
    nothing = np.zeros(stride - 1)
    counts = np.array([known.get(int(key), nothing) for key in hashes] + [nothing])
    hits, total = _hits_and_total(ctr, table, counts)
    share = (hits + np.float32(ctr["prior_numerator"])) / (total + np.float32(ctr["prior_denomerator"]))
    return (share + np.float32(ctr["shift"])) * np.float32(ctr["scale"])


def _hits_and_total(
    ctr: Mapping[str, Any], table: Mapping[str, Any], counts: NDArray[np.float64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    border = ctr["target_border_idx"]
    match ctr["ctr_type"]:
        case "Counter" | "FeatureFreq":
            pair = counts[:, 0], np.full(len(counts), table["counter_denominator"])
        case "BinarizedTargetMeanValue" | "FloatTargetMeanValue":
            pair = counts[:, 0], counts[:, 1]
        case "Buckets":
            pair = counts[:, border], counts.sum(axis=1)
        case _:
            pair = counts[:, border + 1 :].sum(axis=1), counts.sum(axis=1)
    return pair[0].astype(np.float32), pair[1].astype(np.float32)


def look_up(digits: Var, combinations: Sequence[Combination], tables: Sequence[Sequence[NDArray[np.float32]]]) -> Var:
    """Return all statistics [N, number of statistics] from digits int64 [N, D], in the order of the tables.

    The last digit column is 0 for every row. `tables`: per combination its statistics, each one value per key and last
    the value of an unseen key.
    """
    positions = _positions(digits, combinations)
    owner = np.array([i for i, own in enumerate(tables) for _ in own])
    flat = [statistics for own in tables for statistics in own]
    starts = np.cumsum([0, *(len(statistics) for statistics in flat[:-1])])
    place = op.add(op.gather(positions, op.const(owner), axis=1), op.const(starts[None, :]))
    return op.gather(op.const(np.concatenate(flat)), place)


def _positions(digits: Var, combinations: Sequence[Combination]) -> Var:
    """Return the position of each combination's key among its keys, behind the last if unseen: int64 [N, C]."""
    depth = max(len(combination.digits) for combination in combinations)
    n_keys = np.array([len(combination.keys) for combination in combinations])
    columns = np.full((len(combinations), depth), -1)
    weights = np.zeros((len(combinations), depth), np.int64)
    for i, combination in enumerate(combinations):
        columns[i, : len(combination.digits)] = combination.digits
        weights[i, : len(combination.digits)] = _place_values(combination.sizes)
    ranges = np.array([np.prod(combination.sizes) for combination in combinations])
    starts = np.cumsum([0, *ranges[:-1]])
    if depth == 1:
        keys = op.gather(digits, op.const(columns[:, 0]), axis=1)
    else:
        taken = op.gather(digits, op.const(columns.ravel()), axis=1)
        shaped = op.reshape(taken, op.const(np.array([-1, *columns.shape])))
        keys = op.reduce_sum(op.mul(shaped, op.const(weights[None])), places(2), keepdims=0)
    found = ml.label_encoder(
        op.add(keys, op.const(starts[None, :])),
        keys_tensor=np.concatenate([c.keys + start for c, start in zip(combinations, starts, strict=True)]),
        values_tensor=np.concatenate([np.arange(n) for n in n_keys]),
        default_tensor=np.array([-1]),
    )
    return op.where(op.less(found, whole(0)), op.const(n_keys[None, :]), found)


def elements_of(ctr: Mapping[str, Any]) -> str:
    """Return what a statistic is looked up by, as a text that is equal for equal combinations."""
    return json.dumps(ctr["elements"])
