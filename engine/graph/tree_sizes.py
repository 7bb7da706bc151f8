"""How large trees are: what they take in the file, and how long a row takes through them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class TreeSizes:
    """The trees of one fitted model, all together; 0 without trees.

    `n_nodes`: what they take in the file, in splits or leaves with a number. `n_steps`: splits that a row passes if
    every tree branches evenly: the time of a row follows them, and each takes longer the more nodes there are.
    """

    n_nodes: int = 0
    n_steps: int = 0


def tree_sizes(n_leaves: Sequence[int], n_values: int = 1) -> TreeSizes:
    """Return the sizes of trees with so many leaves each and so many numbers in each leaf.

    >>> tree_sizes([64, 8]), tree_sizes([64], n_values=8)
    (TreeSizes(n_nodes=142, n_steps=9), TreeSizes(n_nodes=191, n_steps=6))
    """
    leaves = np.asarray(n_leaves, dtype=np.int64)
    # Eight numbers in a leaf take about as much as a node.
    further = leaves * n_values // 8 if n_values > 2 else np.zeros_like(leaves)
    return TreeSizes(
        n_nodes=int((2 * leaves - 1 + further).sum()), n_steps=round(float(np.log2(np.maximum(leaves, 1)).sum()))
    )
