"""The square root: for counts, whose spread grows with their size."""

import numpy as np
import spox.opset.ai.onnx.v21 as op

from engine.targets.transform import FEWEST_VALUES, Floats, TargetTransform, skewness

SKEWED = 0.75


def _applies(y: Floats) -> bool:
    return bool(len(np.unique(y)) >= FEWEST_VALUES and y.min() >= 0 and skewness(y) > SKEWED)


ROOT = TargetTransform(
    key="root",
    title="Square root",
    forward=np.sqrt,
    inverse=np.square,
    graph=lambda size: op.mul(size, size),
    applies=_applies,
)
