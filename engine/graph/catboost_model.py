"""Rebuilds a CatBoost model from its JSON form: categories to numbers, then symmetric trees."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Var

from engine.graph.catboost_ctr import (
    Combination,
    Flags,
    Integers,
    elements_of,
    enumerate_combination,
    look_up,
    statistic,
)
from engine.graph.constants import places, whole
from engine.graph.leaf_tables import sum_of_leaves
from engine.graph.trees import Trees, constant, join, tree_ensemble

_NUMBER, _LEVEL, _STATISTIC = "FloatFeature", "OneHotFeature", "OnlineCtr"
_Test = tuple[str, int, float]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the graph of one model consists of.

    The trees see the matrix's columns, then `levels` (one test each), then the statistics in the order of `tables`.
    `leaves`: what stands in those of each tree, [number of leaves, n_outputs]. `base`: added once, [n_outputs].
    """

    levels: Flags
    flags: Flags
    code_columns: Integers
    combinations: tuple[Combination, ...]
    tables: tuple[tuple[NDArray[np.float32], ...], ...]
    trees: tuple[Trees, ...]
    leaves: tuple[NDArray[np.float64], ...]
    base: NDArray[np.float64]


def read_plan(model: Mapping[str, Any], n_levels: Mapping[int, int], seen: NDArray[np.float32] | None) -> Plan:
    """Return the plan of a model in CatBoost's JSON form.

    `n_levels`: per code column of the matrix. `seen`: the training matrix, needed only if the model combines columns.
    """
    return _Reader(model, n_levels, seen).plan()


def model_graph(x: Var, plan: Plan) -> Var:
    """Return what the model says about float32 rows [N, F]: doubles [N, n_outputs]."""
    blocks = [x, *(op.cast(flags, to=np.float32) for flags in plan.levels.graph(x))]
    if plan.combinations:
        codes = op.cast(op.gather(x, op.const(plan.code_columns), axis=1), to=np.int64)
        digits = [codes, *plan.flags.graph(x)]
        # The padding digit of combinations that are shorter than the longest.
        digits.append(op.mul(op.gather(codes, places(0), axis=1), whole(0)))
        blocks.append(look_up(op.concat(digits, axis=1), plan.combinations, plan.tables))
    features = op.concat(blocks, axis=1) if len(blocks) > 1 else x
    if not plan.trees:
        return constant(features, plan.base)
    if len(plan.base) > 1:
        return op.add(sum_of_leaves(features, plan.trees, plan.leaves), op.const(plan.base[None, :]))
    alone = [replace(tree, leaf_value=values[:, 0]) for tree, values in zip(plan.trees, plan.leaves, strict=True)]
    return tree_ensemble(features, join(alone, plan.base), 1)


class _Reader:
    """Follows the references inside one model."""

    def __init__(self, model: Mapping[str, Any], n_levels: Mapping[int, int], seen: NDArray[np.float32] | None) -> None:
        facts = model["features_info"]
        self.model = model
        self.n_levels = n_levels
        self.seen = seen
        self.numbers = {f["feature_index"]: f for f in facts.get("float_features") or []}
        self.categories = {f["feature_index"]: f for f in facts.get("categorical_features") or []}
        self.ctrs: list[dict[str, Any]] = facts.get("ctrs") or []
        self.hash_of = {int(entry["value"]): int(entry["hash"]) for entry in facts.get("cat_features_hash") or []}
        self.code_of = {value: code for code, value in self.hash_of.items()}
        self.code_columns = np.array(sorted(n_levels), np.int64)

    def plan(self) -> Plan:
        tests = self._tests()
        levels = sorted({(int(test[1]), test[2]) for test in tests if test[0] == _LEVEL})
        flags, combinations, order = self._combinations()
        tables = tuple(
            tuple(statistic(self.ctrs[i], self.model["ctr_data"][self.ctrs[i]["identifier"]], c.hashes) for i in own)
            for c, own in zip(combinations, order, strict=True)
        )
        n_columns = len(self.numbers) + len(self.categories)
        column = {(_LEVEL, category, value): n_columns + i for i, (category, value) in enumerate(levels)}
        placed = [i for own in order for i in own]
        column |= {(_STATISTIC, i, 0.0): n_columns + len(levels) + at for at, i in enumerate(placed)}
        level_flags = self._flags([], [(category, int(value)) for category, value in levels])
        trees = self.model["oblivious_trees"]
        splits = [[self._split(tests[each["split_index"]], column) for each in tree["splits"] or ()] for tree in trees]
        scale, bias = self.model["scale_and_bias"]
        leaves = [
            scale * np.asarray(tree["leaf_values"], np.float64).reshape(2 ** len(own), -1)
            for tree, own in zip(trees, splits, strict=True)
        ]
        base = np.atleast_1d(np.asarray(bias, np.float64))
        return Plan(
            levels=level_flags,
            flags=flags,
            code_columns=self.code_columns,
            combinations=combinations,
            tables=tables,
            trees=tuple(map(_symmetric_tree, splits)),
            leaves=tuple(leaves),
            base=np.resize(base, leaves[0].shape[1]) if leaves and len(base) == 1 else base,
        )

    def _tests(self) -> list[_Test]:
        """Return all tests in the order that splits refer to: kind, which one, and border or level."""
        found: list[_Test] = []
        for index, number in self.numbers.items():
            found += [(_NUMBER, index, border) for border in number["borders"] or ()]
        for index, category in self.categories.items():
            found += [(_LEVEL, index, value) for value in category.get("values", ())]
        for index, ctr in enumerate(self.ctrs):
            found += [(_STATISTIC, index, border) for border in ctr["borders"]]
        return found

    def _flags(self, above: Sequence[tuple[int, float]], equal: Sequence[tuple[int, int]]) -> Flags:
        numbers = [self.numbers[index] for index, _ in above]
        return Flags(
            above_column=np.array([number["flat_feature_index"] for number in numbers], np.int64),
            above_border=np.array([border for _, border in above], np.float32),
            above_missing=np.array([number["nan_value_treatment"] == "AsTrue" for number in numbers], np.bool_),
            equal_column=np.array([self.categories[index]["flat_feature_index"] for index, _ in equal], np.int64),
            equal_code=np.array([self.code_of.get(value & 0xFFFFFFFF, -1) for _, value in equal], np.int64),
        )

    def _combinations(self) -> tuple[Flags, tuple[Combination, ...], list[list[int]]]:
        """Return the combinations that statistics are looked up by, and which statistics belong to each."""
        groups: dict[str, list[int]] = {}
        for index, ctr in enumerate(self.ctrs):
            groups.setdefault(elements_of(ctr), []).append(index)
        keys = [json.loads(elements) for elements in groups]
        above = sorted({_above(e) for key in keys for e in key if e["combination_element"] == "float_feature"})
        equal = sorted(
            {_equal(e) for key in keys for e in key if e["combination_element"] == "cat_feature_exact_value"}
        )
        flags = self._flags(above, equal)
        digits = self._digits(flags)
        found = [self._combination(key, above, equal, digits) for key in keys]
        return flags, tuple(found), list(groups.values())

    def _digits(self, flags: Flags) -> Integers | None:
        if self.seen is None:
            return None
        return np.hstack([self.seen[:, self.code_columns].astype(np.int64), flags.of(self.seen)])

    def _combination(
        self,
        key: Sequence[Mapping[str, Any]],
        above: Sequence[tuple[int, float]],
        equal: Sequence[tuple[int, int]],
        seen: Integers | None,
    ) -> Combination:
        codes = [e["cat_feature_index"] for e in key if e["combination_element"] == "cat_feature_value"]
        columns = [self.categories[index]["flat_feature_index"] for index in codes]
        digits = [int(np.searchsorted(self.code_columns, column)) for column in columns]
        sizes = [self.n_levels[column] for column in columns]
        hashes = [self._hashes(size) for size in sizes]
        for element in key:
            if element["combination_element"] == "float_feature":
                digits.append(len(self.code_columns) + above.index(_above(element)))
            elif element["combination_element"] == "cat_feature_exact_value":
                digits.append(len(self.code_columns) + len(above) + equal.index(_equal(element)))
        n_flags = len(digits) - len(columns)
        sizes += [2] * n_flags
        hashes += [np.arange(2, dtype=np.uint64)] * n_flags
        rows = np.arange(sizes[0])[:, None] if len(digits) == 1 else _rows(seen, digits)
        return enumerate_combination(digits, sizes, rows, hashes)

    def _hashes(self, n_levels: int) -> NDArray[np.uint64]:
        # CatBoost widens the 32-bit hash of a category with its sign.
        own = np.array([self.hash_of[code] for code in range(n_levels)], np.uint64)
        return own.astype(np.uint32).astype(np.int32).astype(np.int64).astype(np.uint64)

    def _split(self, test: _Test, column: Mapping[tuple[str, int, float], int]) -> tuple[int, float, bool]:
        """Return the column, the border, and whether a missing value counts as not above it."""
        kind, index, value = test
        if kind == _NUMBER:
            number = self.numbers[index]
            return number["flat_feature_index"], float(np.float32(value)), number["nan_value_treatment"] != "AsTrue"
        if kind == _LEVEL:
            return column[kind, index, value], 0.5, False
        return column[kind, index, 0.0], float(np.float32(value)), False


def _rows(seen: Integers | None, digits: Sequence[int]) -> Integers:
    assert seen is not None, "a model that combines columns is read with the rows it was fitted on"
    return seen[:, digits]


def _above(element: Mapping[str, Any]) -> tuple[int, float]:
    return element["float_feature_index"], element["border"]


def _equal(element: Mapping[str, Any]) -> tuple[int, int]:
    return element["cat_feature_index"], element["value"]


def _symmetric_tree(splits: Sequence[tuple[int, float, bool]]) -> Trees:
    """Return a tree that asks the last split first; bit i of a leaf's position is the answer to split i.

    Its leaves add nothing yet.
    """
    depth = len(splits)
    n_inner = 2**depth - 1
    inner = np.arange(n_inner)
    level = depth - 1 - np.floor(np.log2(inner + 1)).astype(np.int64)
    below, above = 2 * inner + 1, 2 * inner + 2
    return Trees(
        roots=np.array([0 if depth else -1]),
        feature=np.array([split[0] for split in splits], np.int64)[level],
        threshold=np.array([split[1] for split in splits], np.float64)[level],
        true_child=np.where(below < n_inner, below, ~(below - n_inner)),
        false_child=np.where(above < n_inner, above, ~(above - n_inner)),
        missing_true=np.array([split[2] for split in splits], np.bool_)[level],
        sets={},
        leaf_value=np.zeros(2**depth),
        leaf_target=np.zeros(2**depth, np.int64),
        base=np.zeros(0),
    )
