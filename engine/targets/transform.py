"""One way of turning a numeric target: a rising function of its size above an origin, and the way back."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from spox import Var

from engine.registry import part, parts

Floats = NDArray[np.float64]
PLAIN_TARGET = "plain"
FEWEST_VALUES = 20  # different answers: fewer are steps, not a scale


@dataclass(frozen=True, kw_only=True)
class TargetTransform:
    """One transform.

    It works on sizes, which are above 0: how far an answer lies above the origin that `engine.targets.turned` chooses.
    `forward`, `inverse`: rising functions and each other's inverse. `graph`: the inverse, of a double variable.
    `applies(y)`: whether it may pay for answers [N] in their own unit.
    """

    key: str
    title: str
    forward: Callable[[Floats], Floats]
    inverse: Callable[[Floats], Floats]
    graph: Callable[[Var], Var]
    applies: Callable[[Floats], bool]


def transform_named(key: str) -> TargetTransform:
    """Return the transform with this key; raises ConfigError when there is none."""
    return part("engine.targets", TargetTransform, key)


def transforms_for(y: Floats) -> tuple[str, ...]:
    """Return the keys of the transforms that may pay for answers [N] in their own unit; "plain" comes first.

    >>> transforms_for(np.linspace(-1.0, 1.0, 100))
    ('plain',)
    >>> transforms_for(np.exp(np.linspace(0.0, 9.0, 100)))
    ('plain', 'log', 'root')
    """
    fitting = [each.key for each in parts("engine.targets", TargetTransform) if each.applies(y)]
    return tuple(sorted(fitting, key=lambda key: key != PLAIN_TARGET))


def skewness(values: Floats) -> float:
    """Return how much longer the upper tail is than the lower one: 0 for a symmetric distribution.

    >>> round(skewness(np.array([0.0, 0.0, 0.0, 4.0])), 2)
    1.15
    """
    distance = values - values.mean()
    spread = distance.std()
    return float(np.mean((distance / spread) ** 3)) if spread > 0 else 0.0
