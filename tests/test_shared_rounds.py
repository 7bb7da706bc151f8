"""The rounds that score a fold come from folds that did not stop on its rows."""

from types import SimpleNamespace

import pytest

from engine.blend.final import FittedModel
from engine.features.pipeline import FittedPipeline
from engine.search.trial import _with_shared_rounds


def fitted(rounds: int, rate: float = 0.1) -> FittedModel:
    state = SimpleNamespace(learning_rate=rate)
    return FittedModel(pipeline=FittedPipeline((), ()), family="lightgbm", state=state, rounds=rounds)


@pytest.mark.parametrize(
    ("rounds", "drawing", "shared"),
    [
        ([10, 20, 30], [0, 0, 0], [25, 20, 15]),
        # Drawn twice: the other drawing stopped on the same rows.
        ([10, 20, 300, 400], [0, 0, 1, 1], [20, 10, 400, 300]),
        ([10], [0], [10]),
    ],
)
def test_rounds_are_those_of_the_other_folds_of_one_drawing(
    rounds: list[int], drawing: list[int], shared: list[int]
) -> None:
    models = _with_shared_rounds([fitted(each) for each in rounds], drawing)
    assert [model.rounds for model in models] == shared


def test_fits_that_hurried_count_by_rate_times_rounds() -> None:
    models = _with_shared_rounds([fitted(100, 0.1), fitted(50, 0.2)], [0, 0])
    assert [model.rounds for model in models] == [100, 50]
