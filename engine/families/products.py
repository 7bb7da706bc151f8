"""Products with centred features, by which linear models are fitted; of mostly zeros only the rest is kept."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.families.family import Floats

MOSTLY_ZEROS = 0.9
# Above this many multiplications the sums of products are taken in single precision, in half the time.
MANY_PRODUCTS = 1e10
ROWS_AT_ONCE = 1_024  # turned into double precision


class Products(Protocol):
    """Features less their means, [N, F], known only by what they are multiplied with."""

    def forwards(self, coefficients: Floats) -> Floats:
        """Return the features times coefficients [F, K]: [N, K]."""

    def backwards(self, slopes: Floats) -> Floats:
        """Return the transposed features times slopes [N, K]: [F, K]."""

    def squares(self, weights: Floats) -> Floats:
        """Return the sums of products of each two features: [F, F]. `weights`: of the rows; their sum is 1."""


def products_of(values: NDArray[np.float32], mean: Floats) -> Products:
    """Return the products with features less their weighted means.

    >>> values = np.eye(40, dtype=np.float32)
    >>> kinds = [products_of(each, each.mean(axis=0)) for each in (values, 1 - values)]
    >>> [type(kind).__name__ for kind in kinds]
    ['_Sparse', '_Dense']
    """
    if np.count_nonzero(values) < (1 - MOSTLY_ZEROS) * values.size:
        return _Sparse(values, mean)
    return _Dense(values, mean)


class _Dense:
    def __init__(self, values: NDArray[np.float32], mean: Floats) -> None:
        self._centred = values - mean.astype(np.float32)

    def forwards(self, coefficients: Floats) -> Floats:
        return (self._centred @ coefficients.astype(np.float32)).astype(np.float64)

    def backwards(self, slopes: Floats) -> Floats:
        return (self._centred.T @ slopes.astype(np.float32)).astype(np.float64)

    def squares(self, weights: Floats) -> Floats:
        n_rows, n_columns = self._centred.shape
        kind: type[np.floating] = np.float32 if n_rows * n_columns**2 > MANY_PRODUCTS else np.float64
        total: NDArray[np.floating] = np.zeros((n_columns, n_columns), kind)
        for first in range(0, n_rows, ROWS_AT_ONCE):
            rows = slice(first, first + ROWS_AT_ONCE)
            scaled: NDArray[np.floating] = (
                self._centred[rows].astype(kind) * np.sqrt(weights[rows]).astype(kind)[:, None]
            )
            total += scaled.T @ scaled
        return total.astype(np.float64)


class _Sparse:
    def __init__(self, values: NDArray[np.float32], mean: Floats) -> None:
        from scipy.sparse import csr_matrix

        self._kept, self._mean = csr_matrix(values, dtype=np.float64), mean
        self._turned = self._kept.T.tocsr()

    def forwards(self, coefficients: Floats) -> Floats:
        return np.asarray(self._kept @ coefficients - self._mean @ coefficients)

    def backwards(self, slopes: Floats) -> Floats:
        return np.asarray(self._turned @ slopes - np.outer(self._mean, slopes.sum(axis=0)))

    def squares(self, weights: Floats) -> Floats:
        products = (self._turned @ self._kept.multiply(weights[:, None])).toarray()
        crossed = np.outer(self._turned @ weights, self._mean)
        return np.asarray(products - crossed - crossed.T + np.outer(self._mean, self._mean))
