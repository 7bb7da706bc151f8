"""The logarithm: for sizes that grow by factors, such as prices and counts."""

import numpy as np
import spox.opset.ai.onnx.v21 as op

from engine.targets.transform import FEWEST_VALUES, Floats, TargetTransform, skewness
from engine.targets.turned import origin_of

SKEWED = 0.75


def _applies(y: Floats) -> bool:
    """Offer it where no answer is negative, the upper tail is long, and the logarithm makes the tails more alike."""
    if len(np.unique(y)) < FEWEST_VALUES or y.min() < 0:
        return False
    before = skewness(y)
    return before > SKEWED and abs(skewness(np.log(y - origin_of(y)))) < before


LOG = TargetTransform(
    key="log",
    title="Logarithm",
    forward=np.log,
    inverse=np.exp,
    graph=op.exp,
    applies=_applies,
)
