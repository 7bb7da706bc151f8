"""Decisions in the graph: the class to name, the classes that are not ruled out, the interval around a number."""

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from engine.blend.decision import Decision


def named(decision: Decision, probabilities: Var) -> Var:
    """Return the position of the class to name [N, 1], from probabilities in double."""
    if not decision.costs:
        return op.arg_max(probabilities, axis=1, keepdims=1)
    return op.arg_min(op.matmul(probabilities, op.const(np.array(decision.costs))), axis=1, keepdims=1)


def possible(decision: Decision, probabilities: Var, name: Var) -> Var:
    """Return which classes are not ruled out, as booleans [N, K]."""
    least = op.min([op.const(np.float64(decision.threshold)), op.gather_elements(probabilities, name, axis=1)])
    return op.greater_or_equal(probabilities, least)


def interval(decision: Decision, values: Var) -> Var:
    """Return the ends of the intervals [N, 2] around values [N, 1] in double."""
    width = _width(decision, values)
    ends = op.concat([op.sub(values, width), op.add(values, width)], axis=1)
    if decision.lowest is not None:
        ends = op.max([ends, op.const(np.float64(decision.lowest))])
    return ends if decision.highest is None else op.min([ends, op.const(np.float64(decision.highest))])


def _width(decision: Decision, values: Var) -> Var:
    """Add up, knot by knot, how far the value has come from one to the next, times the slope between them."""
    knots, widths = np.array(decision.knots), np.array(decision.widths)
    first = op.const(np.full((1, 1), widths[0]))
    if len(knots) < 2:
        return op.add(op.mul(values, op.const(np.float64(0.0))), first)
    gaps = np.diff(knots)
    come = op.sub(values, op.const(knots[None, :-1]))
    come = op.min([op.max([come, op.const(np.zeros((1, len(gaps))))]), op.const(gaps[None, :])])
    return op.add(op.matmul(come, op.const((np.diff(widths) / gaps)[:, None])), first)
