"""Decision trees as plain arrays, and as one operator of a graph.

The operator compares and adds in double, like the libraries do: a float32 feature widened to double is the same
number, so no threshold is ever rounded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import onnx.helper
import onnx.numpy_helper
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from onnx import AttributeProto, NodeProto, TensorProto
from spox import Var, inline

ML_OPSET = 5
_LESS_OR_EQUAL, _MEMBER = 0, 6
_SUM = 1


@dataclass(frozen=True, kw_only=True)
class Trees:
    """The trees of one ensemble; all splits of all trees in a row, and all leaves in a row.

    A child (and a root) is the position of a split when it is >= 0, else leaf `~child`.
    `feature`, `threshold`, `true_child`, `false_child`, `missing_true`: one per split. A row goes to the true child
    when its feature is <= the threshold, or in the set of values; a missing value goes there if `missing_true`.
    `sets`: the whole numbers of each split that has a set, by position of the split; its threshold is not used and its
    feature holds whole numbers only.
    `leaf_value`, `leaf_target`: what a leaf adds, and to which output. `base`: added once, one per output.
    """

    roots: NDArray[np.int64]
    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    true_child: NDArray[np.int64]
    false_child: NDArray[np.int64]
    missing_true: NDArray[np.bool_]
    sets: dict[int, NDArray[np.int64]]
    leaf_value: NDArray[np.float64]
    leaf_target: NDArray[np.int64]
    base: NDArray[np.float64]

    @property
    def n_nodes(self) -> int:
        """The number of splits and leaves."""
        return len(self.feature) + len(self.leaf_value)


read_once = lru_cache(maxsize=16)  # more boosters than a blend has
"""Decorates what reads the trees of a booster: a file that is above its limits is put together again."""


def join(parts: Sequence[Trees], base: NDArray[np.float64]) -> Trees:
    """Put ensembles behind each other; `base` replaces theirs."""
    splits = np.cumsum([0, *(len(p.feature) for p in parts)])
    leaves = np.cumsum([0, *(len(p.leaf_value) for p in parts)])

    def moved(children: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
        shifted = [np.where(c >= 0, c + n, c - m) for c, n, m in zip(children, splits, leaves, strict=False)]
        return np.concatenate([np.empty(0, np.int64), *shifted])

    return Trees(
        roots=moved([p.roots for p in parts]),
        feature=np.concatenate([np.empty(0, np.int64), *(p.feature for p in parts)]),
        threshold=np.concatenate([np.empty(0, np.float64), *(p.threshold for p in parts)]),
        true_child=moved([p.true_child for p in parts]),
        false_child=moved([p.false_child for p in parts]),
        missing_true=np.concatenate([np.empty(0, np.bool_), *(p.missing_true for p in parts)]),
        sets={int(k + s): v for p, s in zip(parts, splits, strict=False) for k, v in p.sets.items()},
        leaf_value=np.concatenate([np.empty(0, np.float64), *(p.leaf_value for p in parts)]),
        leaf_target=np.concatenate([np.empty(0, np.int64), *(p.leaf_target for p in parts)]),
        base=base,
    )


def tree_ensemble(x: Var, trees: Trees, n_outputs: int) -> Var:
    """Return what the trees say about float32 rows [N, F]: doubles [N, n_outputs]."""
    alone = trees.roots[trees.roots < 0]
    base = trees.base + np.bincount(trees.leaf_target[~alone], trees.leaf_value[~alone], n_outputs)
    if len(alone) == len(trees.roots):
        return constant(x, base)
    (summed,) = inline(_model(trees, n_outputs))(op.cast(x, to=np.float64)).values()
    return op.add(summed, op.const(base[None, :])) if base.any() else summed


def constant(x: Var, values: NDArray[np.float64]) -> Var:
    """Return the same values for each row of `x`: doubles [N, number of values].

    >>> from spox import Tensor, argument
    >>> constant(argument(Tensor(np.float32, ("N", 2))), np.zeros(3)).unwrap_tensor().dtype
    dtype('float64')
    """
    n_rows = op.shape(x, start=0, end=1)
    shape = op.concat([n_rows, op.const(np.array([len(values)]))], axis=0)
    return op.expand(op.const(values[None, :]), shape)


def _model(trees: Trees, n_outputs: int) -> onnx.ModelProto:
    # Built from tensors: the typed constructor would look at each of up to a million attribute values several times.
    graph = onnx.helper.make_graph(
        [_node(trees, n_outputs)],
        "trees",
        [onnx.helper.make_tensor_value_info("x", TensorProto.DOUBLE, ["N", None])],
        [onnx.helper.make_tensor_value_info("y", TensorProto.DOUBLE, ["N", n_outputs])],
    )
    opsets = [onnx.helper.make_opsetid("", 21), onnx.helper.make_opsetid("ai.onnx.ml", ML_OPSET)]
    return onnx.helper.make_model(graph, opset_imports=opsets, ir_version=10)


def _node(trees: Trees, n_outputs: int) -> NodeProto:
    modes = np.full(len(trees.feature), _LESS_OR_EQUAL, np.uint8)
    modes[list(trees.sets)] = _MEMBER
    node = NodeProto(op_type="TreeEnsemble", domain="ai.onnx.ml", input=["x"], output=["y"])
    node.attribute.extend(
        [
            AttributeProto(name="n_targets", type=AttributeProto.INT, i=n_outputs),
            AttributeProto(name="aggregate_function", type=AttributeProto.INT, i=_SUM),
            _integers("tree_roots", trees.roots[trees.roots >= 0]),
            _tensor("nodes_modes", modes),
            _integers("nodes_featureids", trees.feature),
            _tensor("nodes_splits", np.where(modes == _MEMBER, 0.0, trees.threshold)),
            _integers("nodes_truenodeids", np.where(trees.true_child >= 0, trees.true_child, ~trees.true_child)),
            _integers("nodes_trueleafs", trees.true_child < 0),
            _integers("nodes_falsenodeids", np.where(trees.false_child >= 0, trees.false_child, ~trees.false_child)),
            _integers("nodes_falseleafs", trees.false_child < 0),
            _integers("nodes_missing_value_tracks_true", trees.missing_true),
            _integers("leaf_targetids", trees.leaf_target),
            _tensor("leaf_weights", trees.leaf_value),
        ]
    )
    if trees.sets:
        node.attribute.append(
            _tensor("membership_values", _closed([trees.sets[split] for split in sorted(trees.sets)]))
        )
    return node


def _closed(sets: Sequence[NDArray[np.generic]]) -> NDArray[np.float64]:
    """Return the values of all sets one after the other, each set closed by a NaN."""
    ends = np.cumsum([len(values) + 1 for values in sets]) - 1
    closed = np.full(ends[-1] + 1, np.nan)
    closed[np.delete(np.arange(len(closed)), ends)] = np.concatenate(sets)
    return closed


def _integers(name: str, values: NDArray[np.generic]) -> AttributeProto:
    return AttributeProto(name=name, type=AttributeProto.INTS, ints=values.astype(np.int64).tolist())


def _tensor(name: str, values: NDArray[np.generic]) -> AttributeProto:
    return AttributeProto(name=name, type=AttributeProto.TENSOR, t=onnx.numpy_helper.from_array(values, name))
