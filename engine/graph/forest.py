"""Reads the trees of a scikit-learn forest, and averages what their leaves say inside the graph."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Var

from engine.graph.leaf_tables import sum_of_leaves
from engine.graph.trees import Trees, join, tree_ensemble


def mean_of_trees(x: Var, trees: Sequence[Any], feature: NDArray[np.int64]) -> Var:
    """Return the mean over `trees` (scikit-learn's `tree_`) of their values: doubles [N, number of values in a leaf].

    `feature`: where the graph has what the trees call feature 0, 1 and so on.
    """
    read = [_tree(tree, feature) for tree in trees]
    leaves = [tree.value[tree.children_left < 0, 0, :] / len(trees) for tree in trees]
    n_values = trees[0].value.shape[2]
    if n_values > 2:
        return sum_of_leaves(x, read, leaves)
    # Where there are two, they are shares, which add up to one.
    last = [replace(tree, leaf_value=values[:, -1]) for tree, values in zip(read, leaves, strict=True)]
    mean = tree_ensemble(x, join(last, np.zeros(1)), 1)
    return mean if n_values == 1 else op.concat([op.sub(op.const(np.ones((1, 1))), mean), mean], axis=1)


def _tree(tree: Any, feature: NDArray[np.int64]) -> Trees:
    """Return one tree whose leaves add nothing yet."""
    is_leaf = tree.children_left < 0
    n_leaves = int(is_leaf.sum())
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
        leaf_value=np.zeros(n_leaves),
        leaf_target=np.zeros(n_leaves, np.int64),
        base=np.zeros(0),
    )
