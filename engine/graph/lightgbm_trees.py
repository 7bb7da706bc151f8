"""Reads the trees of a LightGBM model from its text form, the one that carries every digit."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine.graph.trees import Trees, join

# The bits of a split's decision type.
_CATEGORY, _MISSING_LEFT = 1, 2
_MISSING_SHIFT, _MISSING_IS_NAN = 2, 2


def read_trees(model: str, n_outputs: int) -> Trees:
    """Return the trees of `Booster.model_to_string()`; tree t adds to output t mod `n_outputs`."""
    body = model.split("\nend of trees", 1)[0]
    trees = [_tree(text, t % n_outputs) for t, text in enumerate(body.split("\nTree=")[1:])]
    return join(trees, np.zeros(n_outputs))


def _tree(text: str, target: int) -> Trees:
    facts = dict(line.split("=", 1) for line in text.splitlines()[1:] if "=" in line)
    leaf_value = _numbers(facts, "leaf_value")
    n_splits = len(leaf_value) - 1
    decision = _integers(facts, "decision_type")[:n_splits]
    threshold = _numbers(facts, "threshold")[:n_splits]
    is_set = (decision & _CATEGORY).astype(np.bool_)
    has_missing = (decision >> _MISSING_SHIFT) & 3 == _MISSING_IS_NAN
    # A feature that was never missing in training reads a missing value as zero; a set never holds it.
    missing_true = np.where(has_missing, decision & _MISSING_LEFT != 0, threshold >= 0) & ~is_set
    return Trees(
        roots=np.array([0 if n_splits else -1]),
        feature=_integers(facts, "split_feature")[:n_splits],
        threshold=threshold,
        true_child=_integers(facts, "left_child")[:n_splits],
        false_child=_integers(facts, "right_child")[:n_splits],
        missing_true=missing_true,
        sets=_sets(facts, is_set, threshold),
        leaf_value=leaf_value,
        leaf_target=np.full(len(leaf_value), target),
        base=np.zeros(0),
    )


def _sets(
    facts: Mapping[str, str], is_set: NDArray[np.bool_], threshold: NDArray[np.float64]
) -> dict[int, NDArray[np.int64]]:
    splits = np.flatnonzero(is_set)
    if not len(splits):
        return {}
    bounds = _integers(facts, "cat_boundaries")
    words = _integers(facts, "cat_threshold").astype("<u4")
    found = {}
    for split in splits:
        own = words[bounds[int(threshold[split])] : bounds[int(threshold[split]) + 1]]
        found[int(split)] = np.flatnonzero(np.unpackbits(own.view(np.uint8), bitorder="little"))
    return found


def _numbers(facts: Mapping[str, str], name: str) -> NDArray[np.float64]:
    return np.array(facts.get(name, "").split(), np.float64)


def _integers(facts: Mapping[str, str], name: str) -> NDArray[np.int64]:
    return np.array(facts.get(name, "").split(), np.int64)
