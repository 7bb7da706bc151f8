"""Steps on one flat vector, with decoupled weight decay, and the average of the weights on the way.

The average stands for a learning rate that has come to rest (polynomial decay averaging, Shamir and Zhang 2013,
arXiv:1212.1824), so that training can end at any moment: no schedule has to be completed before a deadline.
"""

import math

import numpy as np

from engine.network.layout import Layout, Single

MOMENTUM, SQUARES = 0.9, 0.95
# Lion remembers longer; a step of signs alone is larger than one of Adam, so it takes a part of its rate, and as much
# more of the decay.
LION_MEMORY, LION_SHARE = 0.99, 0.2
OPTIMIZERS = ("adam", "nadam", "lion")
"""Adam (Kingma and Ba 2015), with Nesterov's look ahead (Dozat 2016), and Lion (Chen et al. 2023, arXiv:2302.06675)."""
# The average weighs about the last ninth of all steps.
AVERAGED = 8.0
WARM_UP_STEPS = 20
# How fast a parameter learns beside the weights of the layers; those of wide layers learn in smaller steps
# (the "neural tangent" parametrisation). After Holzmüller et al. 2024.
RATES = {"scale": 6.0, "frequency": 0.1 * 2.0 * math.pi, "phase": 0.1, "mix": 0.1}
BIAS_RATE = 0.1


class Optimizer:
    """The steps of one fit.

    `flat`: the parameters, changed in place; `slopes`: where their slopes are put. `kind`: one of `OPTIMIZERS`.
    """

    def __init__(self, layout: Layout, flat: Single, *, rate: float, decay: float, kind: str) -> None:
        self._kind = kind
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
        step = self._signs() if self._kind == "lion" else self._scaled()
        step *= self._rates
        step *= np.float32(warm * self._rate)
        self.flat -= step
        np.multiply(self.flat, self._decay, out=step)
        self.flat -= step
        np.subtract(self.flat, self.average, out=step)
        step *= np.float32(AVERAGED / (self.n_steps + AVERAGED))
        self.average += step

    def _scaled(self) -> Single:
        """Return slopes averaged over steps, each beside its usual size."""
        step, slopes = self._spare, self.slopes
        self._first *= np.float32(MOMENTUM)
        np.multiply(slopes, np.float32(1.0 - MOMENTUM), out=step)
        self._first += step
        self._second *= np.float32(SQUARES)
        np.multiply(slopes, slopes, out=step)
        step *= np.float32(1.0 - SQUARES)
        self._second += step
        np.sqrt(self._second, out=step)
        step *= np.float32(1.0 / math.sqrt(1.0 - SQUARES**self.n_steps))
        step += np.float32(1e-8)
        if self._kind == "nadam":
            ahead = np.float32(MOMENTUM) * self._first + np.float32(1.0 - MOMENTUM) * slopes
            np.divide(ahead, step, out=step)
            step *= np.float32(1.0 / (1.0 - MOMENTUM ** (self.n_steps + 1)))
        else:
            np.divide(self._first, step, out=step)
            step *= np.float32(1.0 / (1.0 - MOMENTUM**self.n_steps))
        return step

    def _signs(self) -> Single:
        """Return the signs of slopes averaged over steps, as large as a step shall be beside one of Adam."""
        step, slopes = self._spare, self.slopes
        np.multiply(self._first, np.float32(MOMENTUM / (1.0 - MOMENTUM)), out=step)
        step += slopes
        np.sign(step, out=step)
        step *= np.float32(LION_SHARE)
        self._first *= np.float32(LION_MEMORY)
        self._first += np.float32(1.0 - LION_MEMORY) * slopes
        return step


def _relative_rate(name: str, shape: tuple[int, ...]) -> float:
    if name == "skip" or name.startswith("weight"):
        return 1.0 / math.sqrt(max(1, shape[0]))
    if name == "mix":
        return RATES[name] / math.sqrt(shape[1])
    return RATES.get(name, BIAS_RATE)
