"""SHAP values of the mean of deep trees, for many rows and leaves at once.

A leaf is worth its value where a row meets the conditions of all features on its path, and its share of the training
rows z where a feature is unknown: a product over features of o (met or not) or z. The Shapley values of such a product
are integrals over t of the other features' factors t o + (1 - t) z (the multilinear extension, Owen 1972). They are
polynomials in t, so Gauss-Legendre nodes integrate them exactly, and factors are shared along the paths as in Linear
TreeSHAP (Yu et al., 2022).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.families.family import Floats

# Numbers held at once: more rows and trees together are no faster.
HELD = 2_000_000
# A branch of weightless rows counts as a very light one.
LIGHTEST = 1e-12

Positions = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class _Nodes:
    """The nodes of some trees, the root first in each.

    `feature`: of the split in the parent, -1 for a root. `last`: the nearest node above that the same feature led to,
    -1 for none. `z`: share of the rows that this feature lets through, over all its splits so far. `n_features`: on
    the path. `levels`: positions by depth. `children`: [nodes, 2], -1 for a leaf.
    """

    parent: Positions
    children: Positions
    feature: Positions
    threshold: Floats
    missing_left: NDArray[np.bool_]
    last: Positions
    z: Floats
    n_features: Positions
    levels: tuple[Positions, ...]
    value: Floats


def mean_contributions(trees: Sequence[Any], values: NDArray[np.float32]) -> tuple[Floats, Floats]:
    """Return SHAP values [N, F, number of values in a leaf] of scikit-learn's `tree_` objects, and their base."""
    if trees[0].value.shape[2] == 2:
        # The two shares of a leaf add up to one.
        second, share = _mean(trees, values, 1)
        return np.concatenate([-second, second], axis=2), np.append(1.0 - share, share)
    return _mean(trees, values, 0)


def _mean(trees: Sequence[Any], values: NDArray[np.float32], first: int) -> tuple[Floats, Floats]:
    n_values = trees[0].value.shape[2] - first
    found: Floats = np.zeros((len(values), values.shape[1], n_values))
    base = np.zeros(n_values)
    for tree in trees:
        nodes = _nodes(tree, first)
        points, weights = np.polynomial.legendre.leggauss(max(1, (int(nodes.n_features.max()) + 1) // 2))
        points, weights = (points + 1) / 2, weights / 2
        n_rows = max(1, HELD // (len(nodes.parent) * len(points) * n_values))
        for start in range(0, len(values), n_rows):
            found[start : start + n_rows] += _tree(nodes, values[start : start + n_rows], points, weights)
        base += _expected(nodes)
    return found / len(trees), base / len(trees)


def _nodes(tree: Any, first: int) -> _Nodes:
    children = np.column_stack([tree.children_left, tree.children_right]).astype(np.int64)
    split = np.flatnonzero(children[:, 0] >= 0)
    parent = np.full(len(children), -1)
    parent[children[split]] = split[:, None]
    feature = np.where(parent >= 0, tree.feature[parent], -1).astype(np.int64)
    cover = np.maximum(tree.weighted_n_node_samples, LIGHTEST)
    levels, last = [np.zeros(1, np.int64)], np.full(len(children), -1)
    z, n_features = np.ones(len(children)), np.zeros(len(children), np.int64)
    while len(below := _below(children, levels[-1])):
        last[below] = _nearest(below, parent, feature)
        known = last[below] >= 0
        z[below] = cover[below] / cover[parent[below]] * np.where(known, z[last[below]], 1.0)
        n_features[below] = n_features[parent[below]] + ~known
        levels.append(below)
    return _Nodes(
        parent=parent,
        children=children,
        feature=feature,
        threshold=tree.threshold,
        missing_left=tree.missing_go_to_left.astype(np.bool_),
        last=last,
        z=z,
        n_features=n_features,
        levels=tuple(levels),
        value=tree.value[:, 0, first:],
    )


def _below(children: Positions, above: Positions) -> Positions:
    found: Positions = children[above].reshape(-1)
    return found[found >= 0]


def _nearest(nodes: Positions, parent: Positions, feature: Positions) -> Positions:
    found = parent[nodes]
    while (wrong := (found >= 0) & (feature[found] != feature[nodes])).any():
        found = np.where(wrong, parent[found], found)
    # A root was led to by no feature.
    return np.where((found >= 0) & (feature[found] >= 0), found, -1)


def _expected(nodes: _Nodes) -> Floats:
    reach = np.ones(len(nodes.parent))
    for level in nodes.levels[1:]:
        before = np.where(nodes.last[level] >= 0, nodes.z[nodes.last[level]], 1.0)
        reach[level] = reach[nodes.parent[level]] * nodes.z[level] / before
    leaves = nodes.children[:, 0] < 0
    return np.asarray(reach[leaves] @ nodes.value[leaves], np.float64)


def _met(nodes: _Nodes, values: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Say for each node and row whether the row meets all conditions, so far, of the feature that led there."""
    met = np.ones((len(nodes.parent), len(values)), np.bool_)
    for level in nodes.levels[1:]:
        above = nodes.parent[level]
        seen = values[:, nodes.feature[level]].T
        left = np.where(np.isnan(seen), nodes.missing_left[above][:, None], seen <= nodes.threshold[above][:, None])
        is_left = nodes.children[above, 0] == level
        # For a node without `last` this reads any row: the result is not used.
        before = met[nodes.last[level]] | (nodes.last[level] < 0)[:, None]
        met[level] = (left == is_left[:, None]) & before
    return met


def _tree(nodes: _Nodes, values: NDArray[np.float32], points: Floats, weights: Floats) -> Floats:
    """Return contributions [N, F, values]; factors and products are held for [nodes, N, points]."""
    n_rows, n_values = len(values), nodes.value.shape[1]
    met = _met(nodes, values)
    factor = met[:, :, None] * points + (nodes.z[:, None] * (1 - points))[:, None, :]
    factor[0] = 1.0
    product = np.ones_like(factor)
    for level in nodes.levels[1:]:
        before = np.where((nodes.last[level] >= 0)[:, None, None], factor[nodes.last[level]], 1.0)
        product[level] = product[nodes.parent[level]] * factor[level] / before
    leaf = nodes.children[:, 0] < 0
    below = np.zeros((*factor.shape, n_values))
    below[leaf] = product[leaf][..., None] * nodes.value[leaf][:, None, None, :]
    found: Floats = np.zeros((values.shape[1], n_rows, n_values))
    lean = (met - nodes.z[:, None])[:, :, None] * weights / factor
    for level in reversed(nodes.levels[1:]):
        inner = level[~leaf[level]]
        below[inner] = below[nodes.children[inner, 0]] + below[nodes.children[inner, 1]]
        before = np.where((nodes.last[level] >= 0)[:, None, None], lean[nodes.last[level]], 0.0)
        moved = np.einsum("nrq,nrqk->nrk", lean[level] - before, below[level])
        np.add.at(found, nodes.feature[level], moved)
    return found.transpose(1, 0, 2)
