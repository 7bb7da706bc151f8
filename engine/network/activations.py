"""What a hidden layer does to its sums, with the slope that training needs and the operator of the graph."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from engine.network.layout import Single

SELU_SCALE, SELU_ALPHA = np.float32(1.0507009873554805), np.float32(1.6732632423543772)


@dataclass(frozen=True, kw_only=True)
class Activation:
    """`both(x)`: the value and its slope; `value(x)`: the value alone; `graph`: the same in a file."""

    both: Callable[[Single], tuple[Single, Single]]
    value: Callable[[Single], Single]
    graph: Callable[[Var], Var]


def sigmoid(x: Single) -> Single:
    """Return 1 / (1 + exp(-x)) without overflow.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0], np.float32))
    array([0. , 0.5, 1. ], dtype=float32)
    """
    half: Single = np.tanh(x * np.float32(0.5))
    half *= np.float32(0.5)
    half += np.float32(0.5)
    return half


def _silu(x: Single) -> tuple[Single, Single]:
    gate = sigmoid(x)
    value = x * gate
    slope = np.float32(1.0) - gate
    slope *= value
    slope += gate
    return value, slope


def _relu(x: Single) -> tuple[Single, Single]:
    positive = (x > 0).astype(np.float32)
    return x * positive, positive


def _selu(x: Single) -> tuple[Single, Single]:
    below = SELU_SCALE * SELU_ALPHA * np.exp(np.minimum(x, np.float32(0.0)))
    positive = x > 0
    return np.where(positive, SELU_SCALE * x, below - SELU_SCALE * SELU_ALPHA), np.where(positive, SELU_SCALE, below)


ACTIVATIONS = {
    "silu": Activation(both=_silu, value=lambda x: x * sigmoid(x), graph=lambda x: op.mul(x, op.sigmoid(x))),
    "relu": Activation(both=_relu, value=lambda x: np.maximum(x, np.float32(0.0)), graph=op.relu),
    "selu": Activation(
        both=_selu,
        value=lambda x: _selu(x)[0],
        graph=lambda x: op.selu(x, alpha=float(SELU_ALPHA), gamma=float(SELU_SCALE)),
    ),
}
