"""Constants that graphs share: to make a node takes longer than anything that the node does, so each is made once."""

from functools import cache

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var


@cache
def single(value: float) -> Var:
    """Return a number without shape, float32. Only for numbers of the code: every one that is asked for is kept."""
    return op.const(np.array(value, np.float32))


@cache
def double(value: float) -> Var:
    """Return a number without shape, float64."""
    return op.const(np.array(value, np.float64))


@cache
def whole(value: int) -> Var:
    """Return a whole number without shape, int64."""
    return op.const(np.array(value, np.int64))


@cache
def places(*positions: int) -> Var:
    """Return axes, or positions to gather: int64 [n]."""
    return op.const(np.array(positions, np.int64))
