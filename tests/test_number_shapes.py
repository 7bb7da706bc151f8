"""Numbers by rank, in bins and against others of their level: what the contract of all steps does not ask."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from engine.features.pipeline import fit_pipeline, transform
from engine.features.step import Answers, FeatureStep, Matrix, StepSpec
from engine.messages import Message
from engine.registry import parts
from engine.table.schema import Cells, ColumnSchema, Kind
from engine.tasks.task import Task, TaskKind

NUMBER = ColumnSchema(
    name="x", original_name="x", position=0, kind=Kind.NUMBER, cells=Cells.NUMBER, reason=Message("test")
)
CITY = replace(NUMBER, name="city", original_name="city", kind=Kind.CATEGORY, cells=Cells.TEXT)
PRICE = Task(kind=TaskKind.REGRESSION, targets=("price",))
Floats = NDArray[np.float64]
AnswersOf = Callable[[Floats, Floats, np.random.Generator], Floats]


def made(key: str, frame: pd.DataFrame, y: np.ndarray | None = None, **parameters: float) -> Matrix:
    answers = Answers(task=PRICE, y=np.zeros(len(frame)) if y is None else y)
    columns = tuple(column for column in (NUMBER, CITY) if column.name in frame)
    return transform(fit_pipeline(frame, columns, (StepSpec(key, parameters),), answers), frame)


def test_ranks_of_any_shape_become_normal() -> None:
    frame = pd.DataFrame({"x": np.exp(np.random.default_rng(1).normal(size=4000) * 3)})
    values = made("numbers_quantile", frame).values[:, 0]
    assert abs(values.mean()) < 0.01
    assert abs(values.std() - 1) < 0.01
    np.testing.assert_array_equal(np.argsort(values, kind="stable"), np.argsort(frame["x"], kind="stable"))


@pytest.mark.parametrize("key", ["numbers_quantile", "number_bins"])
@pytest.mark.parametrize(
    "cells",
    [
        [1.0] * 50,
        [0.0] * 49 + [1.0],
        [1e-300, 2e-300, 3e-300] * 20,
        [-1e300, 0.0, 1e300] * 20,
        [1e29, 2e29, np.nan] * 20,
        [np.nan] * 20 + [5.0],
    ],
)
def test_numbers_of_any_size_stay_finite(key: str, cells: list[float]) -> None:
    assert np.isfinite(made(key, pd.DataFrame({"x": cells})).values).all()


def test_bins_let_a_straight_line_bend() -> None:
    x = np.random.default_rng(2).uniform(-3, 3, 2000)
    y = np.abs(x)
    left = {}
    for key in ("numbers_scaled", "number_bins"):
        features = np.column_stack([made(key, pd.DataFrame({"x": x})).values, np.ones(len(x))])
        left[key] = float(((features @ np.linalg.lstsq(features, y)[0] - y) ** 2).mean())
    assert left["number_bins"] < 0.01 * left["numbers_scaled"]


def test_few_rows_get_few_bins() -> None:
    names = [column.name for column in made("number_bins", pd.DataFrame({"x": np.arange(300.0)})).columns]
    assert names == ["x", "x from 0 to 100", "x from 100 to 199", "x from 199 to 299"]


def relative(y_of: AnswersOf, seed: int = 3) -> Matrix:
    draw = np.random.default_rng(seed)
    city = draw.integers(0, 40, 6000)
    usual = draw.normal(size=40) * 50
    beside = draw.normal(size=6000)
    frame = pd.DataFrame({"city": [f"c{i}" for i in city], "x": usual[city] + beside})
    return made("group_relative", frame, y_of(beside, frame["x"].to_numpy(), draw))


def test_a_number_that_matters_beside_others_is_found() -> None:
    matrix = relative(lambda beside, _x, draw: beside + 0.1 * draw.normal(size=len(beside)))
    assert [(column.name, column.sources) for column in matrix.columns] == [("x against its city", ("x", "city"))]


@pytest.mark.parametrize("of", ["the number itself", "chance"])
def test_a_number_that_does_not_is_left_alone(of: str) -> None:
    matrix = relative(lambda _beside, x, draw: x / 50 if of != "chance" else draw.normal(size=len(x)))
    assert [column.name for column in matrix.columns] == ["nothing"]


@pytest.mark.parametrize(
    "key", [each.key for each in parts("engine.features", FeatureStep) if Kind.NUMBER in each.kinds]
)
@pytest.mark.parametrize(
    "cells", [[1.7e308, 1.7e308, -1.7e308, 5e-324, -5e-324, 0.0, 1.0, 1.7e308], [1.7e308, 1.6e308, 1.7e308, -1.7e308]]
)
def test_the_largest_and_the_smallest_numbers_that_there_are_make_no_infinity(key: str, cells: list[float]) -> None:
    values = np.resize(cells, 40)
    frame = pd.DataFrame({"x": values, "z": np.roll(values, 1)})
    columns = (NUMBER, replace(NUMBER, name="z", original_name="z", position=1))
    answers = Answers(task=PRICE, y=np.arange(40.0))
    assert not np.isinf(transform(fit_pipeline(frame, columns, (StepSpec(key),), answers), frame).values).any()
