"""The graph of a trained network, with the scaling layer and the constant parts of the encoding folded away."""

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from engine.graph.constants import single
from engine.network.activations import ACTIVATIONS
from engine.network.layout import Layout, Single, Views
from engine.network.state import REACH, Network


def network_graph(state: Network, x: Var, rounds: int) -> Var:
    """Return the answers [N, n_outputs] for a float32 variable [N, n_inputs]."""
    layout, views = state.layout, state.views(rounds)
    flow = op.clip(x, single(-REACH), single(REACH))
    scaled = _encoded(layout, views, flow) if layout.numbers else flow
    flow = scaled
    activate = ACTIVATIONS[layout.activation].graph
    for layer in range(len(layout.widths)):
        weight = views[f"weight{layer}"]
        flow = activate(_affine(flow, _rescaled(weight, views) if layer == 0 else weight, views[f"bias{layer}"]))
    last = len(layout.widths)
    outputs = _affine(flow, views[f"weight{last}"], views[f"bias{last}"])
    if layout.skip:
        outputs = op.add(outputs, op.matmul(scaled, op.const(_rescaled(views["skip"], views))))
    if state.low is None or state.high is None:
        return outputs
    return op.clip(outputs, op.const(np.float32(state.low)), op.const(np.float32(state.high)))


def _encoded(layout: Layout, views: Views, x: Var) -> Var:
    """Return the inputs and, beside them, a few mixtures of waves for each number."""
    n_numbers = len(layout.numbers)
    repeated = np.repeat(np.array(layout.numbers, np.int64), layout.n_waves)
    sums = op.mul(op.gather(x, op.const(repeated), axis=1), op.const(views["frequency"].reshape(1, -1)))
    waves = op.cos(op.add(sums, op.const(views["phase"].reshape(1, -1))))
    by_number = op.reshape(waves, op.const(np.array([-1, n_numbers, 1, layout.n_waves])))
    mixed = op.matmul(by_number, op.const(views["mix"][None]))
    return op.concat([x, op.reshape(mixed, op.const(np.array([-1, n_numbers * layout.n_mixed])))], axis=1)


def _rescaled(weight: Single, views: Views) -> Single:
    return weight * views["scale"][:, None]


def _affine(x: Var, weight: Single, bias: Single) -> Var:
    return op.gemm(x, op.const(np.ascontiguousarray(weight)), op.const(bias))
