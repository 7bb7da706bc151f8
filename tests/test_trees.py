"""The tree operator of the file sends every row down the same branches as plain Python does."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from spox import Tensor, Var, argument, build

from engine.graph.leaf_tables import sum_of_leaves
from engine.graph.trees import Trees, constant, join, tree_ensemble

N_FEATURES = 3
# The last feature holds codes: sets are of whole numbers.
CODES = N_FEATURES - 1
LARGEST_CODE = 200


@st.composite
def one_tree(draw: st.DrawFn, n_outputs: int) -> Trees:
    """Grow a tree of random shape: each split turns one of the leaves into two."""
    n_splits = draw(st.integers(0, 8))
    children = [[-1, -2] for _ in range(n_splits)]
    open_ends: list[tuple[int, int]] = []
    for split in range(n_splits):
        if split:
            parent, side = open_ends.pop(draw(st.integers(0, len(open_ends) - 1)))
            children[parent][side] = split
        open_ends += [(split, 0), (split, 1)]
    for leaf, (parent, side) in enumerate(open_ends):
        children[parent][side] = ~leaf
    is_set = [draw(st.booleans()) for _ in range(n_splits)]
    codes = st.sets(st.integers(0, LARGEST_CODE), min_size=1, max_size=70)
    threshold = st.one_of(st.floats(-3, 3), st.sampled_from([0.0, -0.0, 1e-40, 1e300, -1e300, 0.1]))
    values = st.floats(-10, 10)
    return Trees(
        roots=np.array([0 if n_splits else -1]),
        feature=np.array([CODES if member else draw(st.integers(0, CODES - 1)) for member in is_set], np.int64),
        threshold=np.array([draw(threshold) for _ in range(n_splits)], np.float64),
        true_child=np.array([child[0] for child in children], np.int64),
        false_child=np.array([child[1] for child in children], np.int64),
        missing_true=np.array([draw(st.booleans()) and not member for member in is_set], np.bool_),
        sets={i: np.array(sorted(draw(codes))) for i in range(n_splits) if is_set[i]},
        leaf_value=np.array([draw(values) for _ in range(n_splits + 1)], np.float64),
        leaf_target=np.full(n_splits + 1, draw(st.integers(0, n_outputs - 1))),
        base=np.zeros(0),
    )


NUMBERS = st.one_of(st.floats(-3, 3, width=32), st.sampled_from([float("nan"), 1e30, -1e30, 0.0]))
ROWS = st.lists(
    st.tuples(NUMBERS, NUMBERS, st.sampled_from([float("nan"), -1.0, 1e30, *range(LARGEST_CODE + 2)])),
    min_size=1,
    max_size=12,
)


def walk(trees: Trees, row: NDArray[np.float32]) -> NDArray[np.float64]:
    scores = trees.base.copy()
    for root in trees.roots:
        at = int(root)
        while at >= 0:
            cell = float(row[trees.feature[at]])
            if np.isnan(cell):
                goes = bool(trees.missing_true[at])
            elif at in trees.sets:
                goes = cell in trees.sets[at]
            else:
                goes = cell <= trees.threshold[at]
            at = int((trees.true_child if goes else trees.false_child)[at])
        scores[trees.leaf_target[~at]] += trees.leaf_value[~at]
    return scores


def run(trees: Trees, rows: NDArray[np.float32], n_outputs: int) -> NDArray[np.float64]:
    return said(lambda x: tree_ensemble(x, trees, n_outputs), rows)


def said(graph: Callable[[Var], Var], rows: NDArray[np.float32]) -> NDArray[np.float64]:
    x = argument(Tensor(np.float32, ("N", N_FEATURES)))
    model = build({"x": x}, {"y": graph(x)})
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"x": rows})[0])


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_the_operator_walks_like_plain_python(data: st.DataObject) -> None:
    n_outputs = data.draw(st.integers(1, 3))
    parts = data.draw(st.lists(one_tree(n_outputs), min_size=1, max_size=4))
    base = np.array(data.draw(st.lists(st.floats(-5, 5), min_size=n_outputs, max_size=n_outputs)))
    trees = join(parts, base)
    rows = np.array(data.draw(ROWS), np.float32)
    expected = np.array([walk(trees, row) for row in rows])
    np.testing.assert_allclose(run(trees, rows, n_outputs), expected, rtol=1e-12, atol=1e-12)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_leaves_of_several_numbers_add_up_as_in_plain_python(
    data: st.DataObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    n_outputs = data.draw(st.integers(2, 4))
    monkeypatch.setattr("engine.graph.leaf_tables.LOOKED_UP", data.draw(st.integers(1, 12)))
    trees = data.draw(st.lists(one_tree(1), min_size=1, max_size=5))
    random = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    leaves = [random.normal(size=(len(tree.leaf_value), n_outputs)) for tree in trees]
    rows = np.array(data.draw(ROWS), np.float32)
    numbered = [replace(t, leaf_value=np.arange(len(t.leaf_value), dtype=float), base=np.zeros(1)) for t in trees]
    expected = [
        np.sum([values[int(walk(tree, row)[0])] for tree, values in zip(numbered, leaves, strict=True)], axis=0)
        for row in rows
    ]
    # What stands in a leaf is kept in single precision, and added in double.
    np.testing.assert_allclose(said(lambda x: sum_of_leaves(x, trees, leaves), rows), expected, rtol=0, atol=2e-6)


def stump(threshold: float) -> Trees:
    return Trees(
        roots=np.array([0]),
        feature=np.array([0]),
        threshold=np.array([threshold]),
        true_child=np.array([-1]),
        false_child=np.array([-2]),
        missing_true=np.array([False]),
        sets={},
        leaf_value=np.array([1.0, 2.0]),
        leaf_target=np.array([0, 0]),
        base=np.array([0.5]),
    )


@pytest.mark.parametrize("step", [-1.0, 1.0])
def test_a_row_on_the_threshold_goes_left_and_the_next_number_right(step: float) -> None:
    edge = np.float32(0.1)
    rows = np.zeros((1, N_FEATURES), np.float32)
    rows[0, 0] = np.nextafter(edge, np.float32(step))
    on_edge = np.array([[edge, 0, 0]], np.float32)
    assert run(stump(float(edge)), on_edge, 1)[0, 0] == 1.5
    assert run(stump(float(edge)), rows, 1)[0, 0] == (1.5 if step < 0 else 2.5)


def test_a_broken_threshold_is_noticed() -> None:
    rows = np.random.default_rng(0).normal(size=(500, N_FEATURES)).astype(np.float32)
    whole = join([stump(t) for t in np.linspace(-2, 2, 50)], np.zeros(1))
    expected = np.array([walk(whole, row) for row in rows])
    broken = replace(whole, threshold=whole.threshold + np.where(np.arange(50) == 25, 0.05, 0.0))
    assert np.abs(run(whole, rows, 1) - expected).max() <= 1e-12
    assert np.abs(run(broken, rows, 1) - expected).max() > 0.5


def test_joining_counts_all_nodes() -> None:
    assert join([stump(0.0), stump(1.0)], np.zeros(1)).n_nodes == 6


def test_a_constant_has_as_many_rows_as_its_input() -> None:
    x = argument(Tensor(np.float32, ("N", 0)))
    model = build({"x": x}, {"y": constant(x, np.array([1.0, 2.0]))})
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"x": np.empty((3, 0), np.float32)})
    np.testing.assert_array_equal(found, [[1.0, 2.0]] * 3)
