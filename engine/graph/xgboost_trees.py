"""Reads the trees of an XGBoost model from its JSON form."""

import json
import re
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.graph.trees import Trees


def leaf_counts(model: bytes | bytearray) -> list[int]:
    """Return the number of leaves of each tree in `Booster.save_raw("json")`, without reading the trees."""
    return [(int(found) + 1) // 2 for found in re.findall(rb'"num_nodes":"(\d+)"', model)]


def read_trees(model: bytes | bytearray) -> Trees:
    """Return the trees of `Booster.save_raw("json")`, without the score before the first tree.

    All trees are read at once: there may be thousands, mostly small ones.
    """
    found = json.loads(model)["learner"]["gradient_booster"]["model"]
    trees: Sequence[Mapping[str, Any]] = found["trees"]

    def of_all(name: str) -> list[Any]:
        return list(chain.from_iterable(tree[name] for tree in trees))

    sizes = np.array([len(tree["left_children"]) for tree in trees], np.int64)
    starts = np.cumsum(sizes) - sizes
    first = np.repeat(starts, sizes)  # the place of a node's root: children are counted from there
    left, right = np.array(of_all("left_children"), np.int64), np.array(of_all("right_children"), np.int64)
    is_leaf = left < 0
    splits = ~is_leaf
    place = np.where(is_leaf, ~(np.cumsum(is_leaf) - 1), np.cumsum(splits) - 1)
    # XGBoost keeps and compares single precision.
    condition = np.array(of_all("split_conditions"), np.float32)
    is_set = np.array(of_all("split_type"), np.int64)[splits] == 1
    to_left, to_right = place[(first + left)[splits]], place[(first + right)[splits]]
    default_left = np.array(of_all("default_left"), np.int64)[splits].astype(np.bool_)
    # What is less goes left, what is in a set goes right.
    return Trees(
        roots=place[starts],
        feature=np.array(of_all("split_indices"), np.int64)[splits],
        threshold=np.nextafter(condition[splits], np.float32(-np.inf)).astype(np.float64),
        true_child=np.where(is_set, to_right, to_left),
        false_child=np.where(is_set, to_left, to_right),
        missing_true=np.where(is_set, ~default_left, default_left),
        sets=dict(chain.from_iterable(_sets(tree, place[i:]) for tree, i in zip(trees, starts, strict=True))),
        leaf_value=condition[is_leaf].astype(np.float64),
        leaf_target=np.repeat(np.array(found["tree_info"], np.int64), sizes)[is_leaf],
        base=np.zeros(0),
    )


def _sets(tree: Mapping[str, Any], place: NDArray[np.int64]) -> list[tuple[int, NDArray[np.int64]]]:
    """Return the sets of a tree, each with the position of its split; `place`: that of each node from its root on."""
    if not tree["categories_nodes"]:
        return []
    every = np.array(tree["categories"], np.int64)
    facts = zip(tree["categories_nodes"], tree["categories_segments"], tree["categories_sizes"], strict=True)
    return [(int(place[node]), every[start : start + size]) for node, start, size in facts]
