"""The shape of a network and where each of its parameters stands in one flat vector."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Single = NDArray[np.float32]
Views = dict[str, Single]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The shape of a network.

    `numbers`: positions of the inputs that are encoded by `n_waves` waves, mixed to `n_mixed` values each.
    `widths`: of the hidden layers. `skip`: whether the inputs also reach the output directly.
    """

    n_inputs: int
    numbers: tuple[int, ...]
    n_waves: int
    n_mixed: int
    widths: tuple[int, ...]
    n_outputs: int
    activation: str
    skip: bool

    @property
    def n_encoded(self) -> int:
        """The inputs and their encoding, side by side."""
        return self.n_inputs + len(self.numbers) * self.n_mixed

    @property
    def sizes(self) -> tuple[int, ...]:
        """The widths of all layers from the encoded inputs to the outputs."""
        return (self.n_encoded, *self.widths, self.n_outputs)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each parameter, in the order in which they stand."""
        n_numbers = len(self.numbers)
        shapes: dict[str, tuple[int, ...]] = {"scale": (self.n_encoded,)}
        if n_numbers:
            shapes["frequency"] = (n_numbers, 1, self.n_waves)
            shapes["phase"] = (n_numbers, 1, self.n_waves)
            shapes["mix"] = (n_numbers, self.n_waves, self.n_mixed)
        for layer, (before, after) in enumerate(zip(self.sizes[:-1], self.sizes[1:], strict=True)):
            shapes[f"weight{layer}"] = (before, after)
            shapes[f"bias{layer}"] = (after,)
        if self.skip:
            shapes["skip"] = (self.n_encoded, self.n_outputs)
        return shapes

    @property
    def n_parameters(self) -> int:
        """The length of the flat vector."""
        return sum(math.prod(shape) for shape in self.shapes.values())

    def views(self, flat: Single) -> Views:
        """Return each parameter as a view into the flat vector.

        >>> layout = Layout(
        ...     n_inputs=2, numbers=(), n_waves=0, n_mixed=0, widths=(3,), n_outputs=1, activation="relu", skip=False
        ... )
        >>> {name: view.shape for name, view in layout.views(np.zeros(layout.n_parameters, np.float32)).items()}
        {'scale': (2,), 'weight0': (2, 3), 'bias0': (3,), 'weight1': (3, 1), 'bias1': (1,)}
        """
        views, start = {}, 0
        for name, shape in self.shapes.items():
            size = math.prod(shape)
            views[name] = flat[start : start + size].reshape(shape)
            start += size
        return views
