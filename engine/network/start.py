"""The parameters that training starts from."""

import math

import numpy as np

from engine.network.layout import Layout, Single
from engine.network.passes import encode


def start(layout: Layout, x: Single, prior: Single, frequency: float, generator: np.random.Generator) -> Single:
    """Return the flat vector of a network that answers `prior` everywhere.

    `frequency`: the spread of the waves' frequencies, in turns per unit. The first layer bends where rows lie.
    """
    flat = np.zeros(layout.n_parameters, np.float32)
    views = layout.views(flat)
    views["scale"][...] = 1.0
    if layout.numbers:
        views["frequency"][...] = 2.0 * math.pi * frequency * _normal(generator, views["frequency"].shape)
        views["phase"][...] = generator.uniform(-math.pi, math.pi, views["phase"].shape)
        views["mix"][...] = _normal(generator, views["mix"].shape) / math.sqrt(layout.n_waves)
    last = len(layout.widths)
    for layer in range(last):
        weight, bias = views[f"weight{layer}"], views[f"bias{layer}"]
        weight[...] = _normal(generator, weight.shape) / math.sqrt(max(1, weight.shape[0]))
        bias[...] = 0.3 * _normal(generator, bias.shape)
    if len(x):
        rows = x[generator.integers(0, len(x), layout.widths[0])]
        views["bias0"][...] = -np.einsum("wf,fw->w", encode(layout, views, rows)[0], views["weight0"])
    views[f"bias{last}"][...] = prior
    return flat


def _normal(generator: np.random.Generator, shape: tuple[int, ...]) -> Single:
    return generator.standard_normal(shape, dtype=np.float32)
