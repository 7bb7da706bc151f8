"""From the contributions of what models see to the importance of the table's own columns. Arrays, no figures."""

import numpy as np
from numpy.typing import NDArray

from engine.features.step import FeatureColumn
from engine.outcomes import Importance

Floats = NDArray[np.float64]


def fold_to_columns(values: Floats, columns: tuple[FeatureColumn, ...], names: tuple[str, ...]) -> Floats:
    """Fold contributions of features [N, F, n_outputs] to the table columns `names` [N, C, n_outputs].

    What a feature contributes is shared equally by the table columns it was made from, so sums stay the same.

    >>> made = (FeatureColumn("a*b", ("a", "b")), FeatureColumn("a", ("a",)))
    >>> fold_to_columns(np.array([[[2.0], [1.0]]]), made, ("a", "b"))[0, :, 0]
    array([2., 1.])
    """
    position = {name: i for i, name in enumerate(names)}
    shares = np.zeros((len(names), len(columns)))
    for i, column in enumerate(columns):
        for source in column.sources:
            shares[position[source], i] += 1 / len(column.sources)
    return np.asarray(np.einsum("cf,nfk->nck", shares, values, optimize=True))


def importances(values: Floats, names: tuple[str, ...]) -> tuple[Importance, ...]:
    """Return how much each column moves the prediction, the most important first; the shares add up to 1.

    `values`: contributions [N, C, n_outputs]. Where nothing moves the prediction, all shares are 0. Equally important
    columns keep their order.
    """
    moved = np.abs(values).mean(axis=(0, 2))
    total = float(moved.sum())
    shares = moved / total if total > 0 else moved
    order = np.argsort(-moved, kind="stable")
    return tuple(Importance(column=names[i], value=float(moved[i]), share=float(shares[i])) for i in order)
