"""SHAP values of a network by walking from training rows to the row that is explained, one column at a time.

Each walk starts at a background row and changes the inputs to those of the explained row in random order; the way back
is walked too (Štrumbelj and Kononenko 2014; antithetic pairs: Mitchell et al. 2022, arXiv:2104.12199). The steps of a
walk add up to the difference between both rows, so contributions add up exactly whatever the number of walks.
"""

import numpy as np
from numpy.typing import NDArray

from engine.network.activations import ACTIVATIONS
from engine.network.layout import Layout, Single, Views
from engine.network.passes import encode
from engine.network.state import Network, within_reach

Floats = NDArray[np.float64]


def walk_contributions(state: Network, x: Single, rounds: int) -> tuple[Floats, Floats]:
    """Return contributions [N, n_inputs, n_outputs] and their base [n_outputs]: the mean answer of the background.

    Inputs that were made from the same columns change together; the first of them is given the contribution.
    """
    layout, views = state.layout, state.views(rounds)
    groups = np.array(state.groups, np.int64)
    n_groups = int(groups.max(initial=-1)) + 1
    first = np.array([int(np.flatnonzero(groups == group)[0]) for group in range(n_groups)], np.int64)
    begun = _first_sums(layout, views, within_reach(state.background), groups, n_groups)
    base = _finish(state, views, begun.sum(axis=1)).mean(axis=0)
    order = np.random.default_rng(0).permuted(np.tile(np.arange(n_groups), (len(begun), 1)), axis=1)
    orders = np.concatenate([order, order[:, ::-1]])
    starts = np.concatenate([begun, begun])
    values = np.zeros((len(x), layout.n_inputs, layout.n_outputs))
    walks = np.arange(len(orders))[:, None]
    for row in range(len(x)):
        target = _first_sums(layout, views, within_reach(x[row : row + 1]), groups, n_groups)
        changes = (target - starts)[walks, orders]
        sums = np.concatenate([starts.sum(axis=1, keepdims=True), changes], axis=1).cumsum(axis=1)
        answers = _finish(state, views, sums.reshape(-1, sums.shape[-1])).reshape(*sums.shape[:2], -1)
        steps = np.empty((*orders.shape, layout.n_outputs))
        steps[walks, orders] = np.diff(answers, axis=1)
        values[row, first] = steps.mean(axis=0)
    return values, base


def _first_sums(layout: Layout, views: Views, x: Single, groups: NDArray[np.int64], n_groups: int) -> Floats:
    """Return what each group adds to the sums of the first layer, the skip beside them: [N, groups, sums].

    In double, so that a walk ends where its row stands.
    """
    scaled = (encode(layout, views, x)[0] * views["scale"]).astype(np.float64)
    weight = views["weight0"] if not layout.skip else np.concatenate([views["weight0"], views["skip"]], axis=1)
    owner = np.concatenate([groups, np.repeat(groups[list(layout.numbers)], layout.n_mixed)])
    parts = np.zeros((len(x), n_groups, weight.shape[1]))
    for group in range(n_groups):
        mine = np.flatnonzero(owner == group)
        parts[:, group] = scaled[:, mine] @ weight[mine]
    return parts


def _finish(state: Network, views: Views, sums: Floats) -> Floats:
    """Return the answers of rows of which the sums of the first layer are known."""
    layout = state.layout
    value = ACTIVATIONS[layout.activation].value
    width = layout.widths[0]
    flow = value((sums[:, :width] + views["bias0"]).astype(np.float32))
    for layer in range(1, len(layout.widths)):
        flow = value(flow @ views[f"weight{layer}"] + views[f"bias{layer}"])
    last = len(layout.widths)
    outputs = flow @ views[f"weight{last}"] + views[f"bias{last}"]
    if layout.skip:
        outputs = outputs + sums[:, width:].astype(np.float32)
    return state.limited(outputs).astype(np.float64)
