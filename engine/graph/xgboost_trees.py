"""Reads the trees of an XGBoost model from its JSON form."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.graph.trees import Trees, join


def read_trees(model: bytes | bytearray, base: NDArray[np.float64]) -> Trees:
    """Return the trees of `Booster.save_raw("json")`; `base` is the score before the first tree."""
    found = json.loads(model)["learner"]["gradient_booster"]["model"]
    trees = [_tree(tree, target) for tree, target in zip(found["trees"], found["tree_info"], strict=True)]
    return join(trees, base)


def _tree(tree: Mapping[str, Any], target: int) -> Trees:
    left, right = np.array(tree["left_children"]), np.array(tree["right_children"])
    is_leaf = left < 0
    place = np.where(is_leaf, ~(np.cumsum(is_leaf) - 1), np.cumsum(~is_leaf) - 1)
    # XGBoost keeps and compares single precision.
    condition = np.array(tree["split_conditions"], np.float32)
    is_set = np.array(tree["split_type"])[~is_leaf] == 1
    to_left, to_right = place[left[~is_leaf]], place[right[~is_leaf]]
    default_left = np.array(tree["default_left"])[~is_leaf].astype(np.bool_)
    # What is less goes left, what is in a set goes right.
    return Trees(
        roots=place[:1].astype(np.int64),
        feature=np.array(tree["split_indices"])[~is_leaf].astype(np.int64),
        threshold=np.nextafter(condition[~is_leaf], np.float32(-np.inf)).astype(np.float64),
        true_child=np.where(is_set, to_right, to_left),
        false_child=np.where(is_set, to_left, to_right),
        missing_true=np.where(is_set, ~default_left, default_left),
        sets=_sets(tree, place),
        leaf_value=condition[is_leaf].astype(np.float64),
        leaf_target=np.full(int(is_leaf.sum()), target),
        base=np.zeros(0),
    )


def _sets(tree: Mapping[str, Any], place: NDArray[np.int64]) -> dict[int, NDArray[np.int64]]:
    every = np.array(tree["categories"], np.int64)
    facts = zip(tree["categories_nodes"], tree["categories_segments"], tree["categories_sizes"], strict=True)
    return {int(place[node]): every[start : start + size] for node, start, size in facts}
