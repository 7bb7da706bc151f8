"""AdamW on one flat vector, and the average of the weights on the way.

The average stands for a learning rate that has come to rest (polynomial decay averaging, Shamir and Zhang 2013,
arXiv:1212.1824), so that training can end at any moment: no schedule has to be completed before a deadline.
"""

import math

import numpy as np

from engine.network.layout import Layout, Single

MOMENTUM, SQUARES = 0.9, 0.95
# The average weighs about the last ninth of all steps.
AVERAGED = 8.0
WARM_UP_STEPS = 20
# How fast a parameter learns beside the weights of the layers; those of wide layers learn in smaller steps
# (the "neural tangent" parametrisation). After Holzmüller et al. 2024.
RATES = {"scale": 6.0, "frequency": 0.1 * 2.0 * math.pi, "phase": 0.1, "mix": 0.1}
BIAS_RATE = 0.1


class Optimizer:
    """The steps of one fit. `flat`: the parameters, changed in place; `slopes`: where their slopes are put."""

    def __init__(self, layout: Layout, flat: Single, *, rate: float, decay: float) -> None:
        self.flat = flat
        self.slopes = np.zeros_like(flat)
        self.average = flat.copy()
        self.n_steps = 0
        self._rate = rate
        self._rates = np.ones_like(flat)
        kept = np.zeros_like(flat)
        decays = layout.views(kept)
        for name, view in layout.views(self._rates).items():
            view[...] = _relative_rate(name, view.shape)
            decays[name][...] = 1.0 if name == "skip" or name.startswith("weight") else 0.0
        self._decay = np.float32(rate * decay) * kept
        self._first, self._second, self._spare = np.zeros_like(flat), np.zeros_like(flat), np.empty_like(flat)

    def step(self) -> None:
        """Move the parameters against their slopes, and the average after them."""
        self.n_steps += 1
        warm = min(1.0, self.n_steps / WARM_UP_STEPS)
        spare, slopes = self._spare, self.slopes
        self._first *= np.float32(MOMENTUM)
        np.multiply(slopes, np.float32(1.0 - MOMENTUM), out=spare)
        self._first += spare
        self._second *= np.float32(SQUARES)
        np.multiply(slopes, slopes, out=spare)
        spare *= np.float32(1.0 - SQUARES)
        self._second += spare
        np.sqrt(self._second, out=spare)
        spare *= np.float32(1.0 / math.sqrt(1.0 - SQUARES**self.n_steps))
        spare += np.float32(1e-8)
        np.divide(self._first, spare, out=spare)
        spare *= self._rates
        spare *= np.float32(warm * self._rate / (1.0 - MOMENTUM**self.n_steps))
        self.flat -= spare
        np.multiply(self.flat, self._decay, out=spare)
        self.flat -= spare
        np.subtract(self.flat, self.average, out=spare)
        spare *= np.float32(AVERAGED / (self.n_steps + AVERAGED))
        self.average += spare


def _relative_rate(name: str, shape: tuple[int, ...]) -> float:
    if name == "skip" or name.startswith("weight"):
        return 1.0 / math.sqrt(max(1, shape[0]))
    if name == "mix":
        return RATES[name] / math.sqrt(shape[1])
    return RATES.get(name, BIAS_RATE)
