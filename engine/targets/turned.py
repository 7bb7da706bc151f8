"""A transform fitted to the answers of a fold: from the standardised target to what a family is fitted on, and back.

A mean of logarithms is not the logarithm of a mean, so values turned back lie too low on average. They are stretched by
a factor from rows held back, in the manner of Duan 1983, "Smearing estimate: a nonparametric retransformation method";
here it is the one that suits the metric, since the smallest absolute error, for one, needs none.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Var

from engine.targets.transform import PLAIN_TARGET, TargetTransform, transform_named

Floats = NDArray[np.float64]

SMALLEST_SIZE = 0.01  # of how far the median lies above the lowest answer: so far below that lies the origin, or at 0
MARGIN = 0.5  # standard deviations that a turned prediction may lie beyond the answers of the training
LEAST_FACTOR, MOST_FACTOR = 0.8, 1.5


@dataclass(frozen=True, kw_only=True)
class TurnedTarget:
    """A fitted transform.

    `centre`, `scale`: how the target was standardised before. `origin`: where sizes begin, in the target's own unit.
    `turned_centre`, `turned_scale`: how turned sizes are standardised. `low`, `high`: what a family's standardised
    prediction is cut to, so that no exponential runs away. `factor`: what sizes turned back are multiplied by.
    """

    key: str
    centre: float
    scale: float
    origin: float
    turned_centre: float
    turned_scale: float
    low: float
    high: float
    factor: float = 1.0

    @property
    def transform(self) -> TargetTransform:
        """The part that it was fitted with."""
        return transform_named(self.key)

    def forward(self, y: Floats) -> Floats:
        """Turn the standardised target into what a family is fitted on."""
        size = np.maximum(y * self.scale + self.centre - self.origin, np.finfo(np.float64).tiny)
        turned = (self.transform.forward(size) - self.turned_centre) / self.turned_scale
        return np.clip(turned, self.low, self.high)  # answers that the fit did not see may lie far beyond

    def inverse(self, raw: Floats) -> Floats:
        """Turn a family's predictions into the standardised target."""
        turned = np.clip(raw, self.low, self.high) * self.turned_scale + self.turned_centre
        size = self.factor * self.transform.inverse(turned)
        return (size + (self.origin - self.centre)) / self.scale

    def graph(self, raw: Var) -> Var:
        """Return the same of a double variable."""
        cut = op.min([op.max([raw, op.const(np.float64(self.low))]), op.const(np.float64(self.high))])
        turned = op.add(op.mul(cut, op.const(self.turned_scale)), op.const(self.turned_centre))
        size = op.mul(self.transform.graph(turned), op.const(self.factor))
        return op.div(op.add(size, op.const(self.origin - self.centre)), op.const(self.scale))

    def slope(self, raw: Floats, base: Floats) -> Floats:
        """Return what contributions that lead from `base` to `raw` are multiplied by to lead there after turning back.

        The rule "rescale" of DeepLIFT (Shrikumar et al. 2017, arXiv:1704.02685): (f(raw) - f(base)) / (raw - base).
        """
        step = 1e-6
        gap = raw - base
        near = np.abs(gap) < step
        rise = self.inverse(base + step) - self.inverse(base - step)
        wide = (self.inverse(raw) - self.inverse(base)) / np.where(near, 1.0, gap)
        return np.where(near, rise / (2 * step), wide)


def turn_target(key: str, y: Floats, centre: float, scale: float) -> TurnedTarget | None:
    """Fit a transform to standardised answers; None for the plain one, which changes nothing.

    Raises ConfigError when there is no such transform.
    """
    transform = transform_named(key)
    if key == PLAIN_TARGET:
        return None
    values = y * scale + centre
    origin = origin_of(values)
    turned = transform.forward(values - origin)
    middle, spread = float(turned.mean()), float(turned.std()) or 1.0
    standard = (turned - middle) / spread
    # The transform's own lowest value is that of size 0, which some transforms do not have.
    floor = (float(transform.forward(np.array([origin_gap(values)]))[0]) - middle) / spread
    return TurnedTarget(
        key=key,
        centre=centre,
        scale=scale,
        origin=origin,
        turned_centre=middle,
        turned_scale=spread,
        low=max(float(standard.min()) - MARGIN, floor),
        high=float(standard.max()) + MARGIN,
    )


def origin_of(values: Floats) -> float:
    """Return the origin of sizes: 0, or as far below the lowest answer as keeps its size from vanishing.

    >>> origin_of(np.array([50.0, 100.0, 400.0])), origin_of(np.array([0.0, 100.0, 400.0]))
    (0.0, -1.0)
    """
    return min(0.0, float(values.min()) - origin_gap(values))


def origin_gap(values: Floats) -> float:
    """Return the smallest size that an answer may have."""
    spread = float(np.median(values) - values.min()) or float(values.std()) or 1.0
    return SMALLEST_SIZE * spread


def with_factor(target: TurnedTarget, raw: Floats, loss: Callable[[Floats], float]) -> TurnedTarget:
    """Return the target with the factor that makes the loss of rows held back smallest.

    `raw`: a family's predictions [N, 1] for them; `loss`: of predictions on the scale of the standardised target.
    """
    from scipy.optimize import minimize_scalar

    def loss_with(log_factor: float) -> float:
        value = loss(replace(target, factor=float(np.exp(log_factor))).inverse(raw))
        return value if np.isfinite(value) else float("inf")

    bounds = (float(np.log(LEAST_FACTOR)), float(np.log(MOST_FACTOR)))
    found = minimize_scalar(loss_with, bounds=bounds, method="bounded", options={"xatol": 1e-3})
    better = np.isfinite(found.fun) and found.fun < loss_with(0.0)
    return replace(target, factor=float(np.exp(found.x)) if better else 1.0)
