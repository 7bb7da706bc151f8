"""Reads the trees of a scikit-learn forest, and averages what their leaves say inside the graph."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Var

from engine.graph.constants import places
from engine.graph.trees import Trees, join, tree_ensemble

# Numbers that are looked up at once for a row: more would need much memory for many rows.
LOOKED_UP = 256


def mean_of_trees(x: Var, trees: Sequence[Any], feature: NDArray[np.int64]) -> Var:
    """Return the mean over `trees` (scikit-learn's `tree_`) of their values: doubles [N, number of values in a leaf].

    `feature`: where the graph has what the trees call feature 0, 1 and so on.
    """
    n_values = trees[0].value.shape[2]
    if n_values == 1:
        parts = [_tree(tree, feature, tree.value[:, 0, 0] / len(trees), 0) for tree in trees]
        return tree_ensemble(x, join(parts, np.zeros(1)), 1)
    if n_values == 2:
        # The two shares of a leaf add up to one.
        parts = [_tree(tree, feature, tree.value[:, 0, 1] / len(trees), 0) for tree in trees]
        second = tree_ensemble(x, join(parts, np.zeros(1)), 1)
        return op.concat([op.sub(op.const(np.ones((1, 1))), second), second], axis=1)
    return _looked_up(x, trees, feature, n_values)


def _looked_up(x: Var, trees: Sequence[Any], feature: NDArray[np.int64], n_values: int) -> Var:
    """Let each tree say which leaf it is, then add up the rows of a table of all leaves.

    A leaf of the operator adds one number to one output: trees with many values in a leaf would be repeated for each.
    """
    n_together = max(1, LOOKED_UP // n_values)
    total = None
    for start in range(0, len(trees), n_together):
        some = trees[start : start + n_together]
        first = np.cumsum([0, *(tree.node_count for tree in some)])
        is_leaf = np.concatenate([tree.children_left < 0 for tree in some])
        number = np.cumsum(is_leaf) - 1
        parts = [
            _tree(tree, feature, number[first[t] : first[t + 1]].astype(np.float64), t) for t, tree in enumerate(some)
        ]
        leaves = op.cast(tree_ensemble(x, join(parts, np.zeros(len(some))), len(some)), to=np.int64)
        table = np.concatenate([tree.value[:, 0, :] for tree in some])[is_leaf] / len(trees)
        values = op.cast(op.gather(op.const(table.astype(np.float32)), leaves), to=np.float64)
        added = op.reduce_sum(values, places(1), keepdims=0)
        total = added if total is None else op.add(total, added)
    assert total is not None
    return total


def _tree(tree: Any, feature: NDArray[np.int64], value: NDArray[np.float64], target: int) -> Trees:
    """Return one tree whose leaves add `value` (one per node) to an output."""
    is_leaf = tree.children_left < 0
    # A node becomes the position of a split, or of a leaf from the other end.
    place = np.where(is_leaf, ~(np.cumsum(is_leaf) - 1), np.cumsum(~is_leaf) - 1)
    return Trees(
        roots=place[:1],
        feature=feature[tree.feature[~is_leaf]],
        threshold=tree.threshold[~is_leaf],
        true_child=place[tree.children_left[~is_leaf]],
        false_child=place[tree.children_right[~is_leaf]],
        missing_true=tree.missing_go_to_left[~is_leaf].astype(np.bool_),
        sets={},
        leaf_value=value[is_leaf],
        leaf_target=np.full(int(is_leaf.sum()), target),
        base=np.zeros(0),
    )
