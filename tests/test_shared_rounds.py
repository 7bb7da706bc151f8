"""The rounds and the factor that score a fold come from folds that did not stop on its rows."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from engine.blend.final import FittedModel
from engine.features.pipeline import FittedPipeline
from engine.search.trial import _with_shared_rounds
from engine.search.turning import with_shared_factors
from engine.targets.turned import TurnedTarget


def fitted(rounds: int, rate: float = 0.1) -> FittedModel:
    state = SimpleNamespace(learning_rate=rate)
    return FittedModel(pipeline=FittedPipeline((), ()), family="lightgbm", state=state, rounds=rounds)


def turned(factor: float) -> FittedModel:
    names = ("centre", "scale", "origin", "turned_centre", "turned_scale", "low", "high")
    target = TurnedTarget(key="log", factor=factor, **dict.fromkeys(names, 1.0))
    return replace(fitted(10), target=target)


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


def test_no_fold_has_a_factor_that_its_rows_had_a_say_in() -> None:
    models = [turned(factor) for factor in (1.0, 1.1, 1.2, 1.3)]
    factors = [model.target.factor for model in with_shared_factors(models, [0, 0, 1, 1]) if model.target]
    assert factors == pytest.approx([1.1, 1.0, 1.3, 1.2])  # the other drawing's folds hold the same rows
    (alone,) = with_shared_factors(models[:1], [0])
    assert alone is models[0]
