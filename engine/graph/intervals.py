"""In which interval a number lies, inside the graph: a search tree per column, a few comparisons in double."""

from collections.abc import Sequence

import numpy as np
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Var

from engine.graph.trees import Trees, tree_ensemble

Floats = NDArray[np.float64]


def interval_index(numbers: Var, limits: Sequence[Floats]) -> Var:
    """Return how many limits of its column are below each number: doubles [N, C] become int64 [N, C].

    `limits`: for each column its limits in rising order, at least one. A missing number counts as above all.
    """
    return op.cast(tree_ensemble(numbers, search_trees(limits), len(limits)), to=np.int64)


def search_trees(limits: Sequence[Floats]) -> Trees:
    """Return one balanced tree per column, whose leaves say how many limits are below.

    >>> trees = search_trees([np.array([1.0, 2.0, 5.0])])
    >>> trees.threshold.tolist(), trees.leaf_value.tolist()
    ([2.0, 1.0, 5.0], [0.0, 1.0, 2.0, 3.0])
    """
    feature: list[int] = []
    threshold: list[float] = []
    children: list[list[int]] = []
    leaves: list[tuple[float, int]] = []

    def grow(column: int, first: int, last: int) -> int:
        """Add the part of a tree that tells the intervals `first` to `last` apart; returns its root."""
        if first == last:
            leaves.append((float(first), column))
            return ~(len(leaves) - 1)
        middle = (first + last) // 2
        split = len(feature)
        feature.append(column)
        threshold.append(float(limits[column][middle]))
        children.append([])
        children[split] = [grow(column, first, middle), grow(column, middle + 1, last)]
        return split

    roots = [grow(column, 0, len(own)) for column, own in enumerate(limits)]
    both = np.array(children, np.int64).reshape(-1, 2)
    return Trees(
        roots=np.array(roots, np.int64),
        feature=np.array(feature, np.int64),
        threshold=np.array(threshold),
        true_child=both[:, 0],
        false_child=both[:, 1],
        missing_true=np.zeros(len(feature), np.bool_),
        sets={},
        leaf_value=np.array([value for value, _ in leaves]),
        leaf_target=np.array([column for _, column in leaves], np.int64),
        base=np.zeros(len(limits)),
    )
