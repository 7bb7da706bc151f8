"""Of features that are mostly zeros only the rest is kept, and every product is the same."""

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.families import products
from engine.families.products import Products, products_of


@pytest.fixture(scope="module")
def both() -> tuple[Products, Products]:
    rng = np.random.default_rng(0)
    values = np.where(rng.random((300, 40)) < 0.05, rng.normal(3.0, 1.0, (300, 40)), 0.0).astype(np.float32)
    mean = np.asarray(weights() @ values, np.float64)
    dense, sparse = products._Dense(values, mean), products_of(values, mean)
    assert type(sparse) is not type(dense)
    return dense, sparse


def weights() -> NDArray[np.float64]:
    drawn = np.random.default_rng(1).random(300)
    return np.asarray(drawn / drawn.sum())


def test_products_do_not_depend_on_how_features_are_kept(both: tuple[Products, Products]) -> None:
    rng = np.random.default_rng(2)
    coefficients, slopes = rng.normal(size=(40, 3)), rng.normal(size=(300, 3))
    forwards, backwards, squares = (
        [getattr(each, name)(given) for each in both]
        for name, given in (("forwards", coefficients), ("backwards", slopes), ("squares", weights()))
    )
    for dense, sparse in (forwards, backwards, squares):
        np.testing.assert_allclose(sparse, dense, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(weights() @ forwards[1], 0.0, atol=1e-12)  # less their means


def test_squares_are_added_up_over_blocks_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(3).normal(size=(300, 5)).astype(np.float32)
    whole = products_of(values, weights() @ values).squares(weights())
    monkeypatch.setattr(products, "ROWS_AT_ONCE", 7)
    np.testing.assert_allclose(products_of(values, weights() @ values).squares(weights()), whole, rtol=1e-6)
    centred = values - weights() @ values
    np.testing.assert_allclose(whole, (centred * weights()[:, None]).T @ centred, rtol=1e-4, atol=1e-6)
