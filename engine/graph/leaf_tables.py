"""Trees with several numbers in each leaf: the operator says which leaf a row comes to, a table what stands there.

A leaf of the operator adds one number to one output, so such trees would have to be repeated for each output.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

import numpy as np
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Var

from engine.graph.constants import places
from engine.graph.trees import Trees, join, tree_ensemble

# Numbers that are looked up at once for a row: fewer make a row slower, more need much memory for many rows.
LOOKED_UP = 512


def sum_of_leaves(x: Var, trees: Sequence[Trees], leaves: Sequence[NDArray[np.floating]]) -> Var:
    """Return the sum over trees of what stands in the leaves that float32 rows [N, F] come to: doubles [N, K].

    `trees`: one tree each, at least one, whatever its leaves add. `leaves`: what stands in those of each, [number of
    leaves, K]; it is kept in single precision, and added in double.
    """
    n_together = max(1, LOOKED_UP // leaves[0].shape[1])
    starts = range(0, len(trees), n_together)
    return reduce(op.add, [_sum_of_some(x, trees[i : i + n_together], leaves[i : i + n_together]) for i in starts])


def _sum_of_some(x: Var, trees: Sequence[Trees], leaves: Sequence[NDArray[np.floating]]) -> Var:
    first = np.cumsum([0, *(len(values) for values in leaves)])
    numbered = [
        replace(
            tree,
            leaf_value=np.arange(first[t], first[t + 1], dtype=np.float64),
            leaf_target=np.full(len(values), t),
        )
        for t, (tree, values) in enumerate(zip(trees, leaves, strict=True))
    ]
    number = op.cast(tree_ensemble(x, join(numbered, np.zeros(len(trees))), len(trees)), to=np.int64)
    table = op.const(np.concatenate(leaves).astype(np.float32))
    return op.reduce_sum(op.cast(op.gather(table, number), to=np.float64), places(1), keepdims=0)
