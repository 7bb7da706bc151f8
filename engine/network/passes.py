"""The way through a network and back: outputs from inputs, and slopes of all parameters from those of the outputs.

Numbers are encoded by a few learnt waves beside their own value: the "periodic, bias, linear, densenet" encoding of
Holzmüller et al. 2024 (arXiv:2407.04491) after Gorishniy et al. 2022 (arXiv:2203.05556).
"""

from dataclasses import dataclass

import numpy as np

from engine.network.activations import ACTIVATIONS
from engine.network.layout import Layout, Single, Views

CHUNK_ROWS = 1024


@dataclass(frozen=True, kw_only=True)
class Trace:
    """What the way back needs of the way there. `sums`: the arguments of the waves; `hidden`: (input, slope)s."""

    numbers: Single
    sums: Single
    waves: Single
    encoded: Single
    scaled: Single
    hidden: tuple[tuple[Single, Single], ...]
    last: Single


def numbers_first(layout: Layout, x: Single) -> Single:
    """Return the inputs that are encoded as [numbers, N, 1]."""
    return np.ascontiguousarray(x[:, list(layout.numbers)].T)[:, :, None]


def encode(layout: Layout, views: Views, x: Single) -> tuple[Single, Single, Single, Single]:
    """Return the inputs with their encoding beside them, the encoded numbers, the arguments of the waves, the waves."""
    numbers = numbers_first(layout, x)
    if not layout.numbers:
        return x, numbers, numbers, numbers
    sums = numbers * views["frequency"]
    sums += views["phase"]
    waves = np.cos(sums)
    mixed = np.matmul(waves, views["mix"]).transpose(1, 0, 2).reshape(len(x), -1)
    return np.concatenate([x, mixed], axis=1), numbers, sums, waves


def forward(layout: Layout, views: Views, x: Single, masks: list[Single] | None = None) -> tuple[Single, Trace]:
    """Return the outputs [N, n_outputs] and what `backward` needs; `masks`: what dropout multiplies each layer by."""
    both = ACTIVATIONS[layout.activation].both
    encoded, numbers, sums, waves = encode(layout, views, x)
    scaled = encoded * views["scale"]
    flow, hidden = scaled, []
    for layer in range(len(layout.widths)):
        before = flow
        total: Single = np.matmul(before, views[f"weight{layer}"])
        total += views[f"bias{layer}"]
        flow, slope = both(total)
        if masks is not None:
            flow = flow * masks[layer]
            slope = slope * masks[layer]
        hidden.append((before, slope))
    last = len(layout.widths)
    outputs: Single = np.matmul(flow, views[f"weight{last}"])
    outputs += views[f"bias{last}"]
    if layout.skip:
        outputs += scaled @ views["skip"]
    trace = Trace(
        numbers=numbers, sums=sums, waves=waves, encoded=encoded, scaled=scaled, hidden=tuple(hidden), last=flow
    )
    return outputs, trace


def backward(layout: Layout, views: Views, slopes: Views, trace: Trace, given: Single) -> None:
    """Write the slope of each parameter into `slopes`; `given`: the slopes of the outputs."""
    last = len(layout.widths)
    np.matmul(trace.last.T, given, out=slopes[f"weight{last}"])
    np.sum(given, axis=0, out=slopes[f"bias{last}"])
    flow: Single = given @ views[f"weight{last}"].T
    for layer in range(last - 1, -1, -1):
        before, slope = trace.hidden[layer]
        slope = slope * flow
        np.matmul(before.T, slope, out=slopes[f"weight{layer}"])
        np.sum(slope, axis=0, out=slopes[f"bias{layer}"])
        flow = slope @ views[f"weight{layer}"].T
    if layout.skip:
        np.matmul(trace.scaled.T, given, out=slopes["skip"])
        flow += given @ views["skip"].T
    np.einsum("nf,nf->f", flow, trace.encoded, out=slopes["scale"])
    if layout.numbers:
        mixed = flow[:, layout.n_inputs :] * views["scale"][layout.n_inputs :]
        _back_through_waves(layout, views, slopes, trace, mixed)


def _back_through_waves(layout: Layout, views: Views, slopes: Views, trace: Trace, mixed: Single) -> None:
    by_number = np.ascontiguousarray(mixed.reshape(len(mixed), len(layout.numbers), -1).transpose(1, 0, 2))
    np.matmul(trace.waves.transpose(0, 2, 1), by_number, out=slopes["mix"])
    sums = np.sin(trace.sums)
    sums *= np.matmul(by_number, views["mix"].transpose(0, 2, 1))
    np.negative(sums, out=sums)
    np.sum(sums, axis=1, keepdims=True, out=slopes["phase"])
    np.matmul(trace.numbers.transpose(0, 2, 1), sums, out=slopes["frequency"])


def outputs_of(layout: Layout, views: Views, x: Single) -> Single:
    """Return the outputs [N, n_outputs] for many rows, a few at a time."""
    value = ACTIVATIONS[layout.activation].value
    found = np.empty((len(x), layout.n_outputs), np.float32)
    for start in range(0, len(x), CHUNK_ROWS):
        scaled: Single = encode(layout, views, x[start : start + CHUNK_ROWS])[0] * views["scale"]
        flow = scaled
        for layer in range(len(layout.widths)):
            flow = value(flow @ views[f"weight{layer}"] + views[f"bias{layer}"])
        last = len(layout.widths)
        part = flow @ views[f"weight{last}"] + views[f"bias{last}"]
        found[start : start + CHUNK_ROWS] = part + scaled @ views["skip"] if layout.skip else part
    return found
