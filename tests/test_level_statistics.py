"""What steps tell of the levels of a category: averages of the answers and frequencies."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from engine.features.pipeline import fit_pipeline, training_features, transform
from engine.features.step import Answers, StepSpec
from engine.messages import Message
from engine.table.schema import Cells, ColumnSchema, Kind
from engine.tasks.task import Task, TaskKind

PRICE = Task(kind=TaskKind.REGRESSION, targets=("price",))
RISK = Task(kind=TaskKind.BINARY, targets=("risk",), classes=("low", "high"))
GRADE = Task(kind=TaskKind.MULTICLASS, targets=("grade",), classes=tuple("abcdefgh"))


def category(name: str, cells: Cells = Cells.TEXT) -> ColumnSchema:
    return ColumnSchema(
        name=name, original_name=name, position=0, kind=Kind.CATEGORY, cells=cells, reason=Message("test")
    )


def seen(
    key: str, frame: pd.DataFrame, answers: Answers, new: pd.DataFrame | None = None, **parameters: float
) -> tuple[list[str], NDArray[np.float32], NDArray[np.float32]]:
    """Return the names, what the rows that a step was fitted on see, and what new rows see."""
    columns = tuple(category(str(name)) for name in frame)
    pipeline = fit_pipeline(frame, columns, (StepSpec(key, parameters),), answers)
    applied = transform(pipeline, frame)
    inside = training_features(pipeline, frame, answers, applied).values
    names = [column.name for column in applied.columns]
    return names, inside, transform(pipeline, frame if new is None else new).values


def test_averages_are_drawn_to_the_overall_one() -> None:
    frame = pd.DataFrame({"city": ["a"] * 30 + ["b"] * 5 + ["c"] * 65 + ["d"]})
    y = np.r_[np.full(30, 2.0), np.full(5, -1.0), np.full(65, 0.0), 3.0]
    answers = Answers(task=PRICE, y=y)
    new = pd.DataFrame({"city": ["a", "b", "d", "never seen"]})
    names, _, applied = seen("target_statistics", frame, answers, new, min_levels=2)
    overall = y.mean()
    alone = (3.0 + 10 * overall) / 11  # the level of one row stands for all that are rare or new
    expected = [(60 + 10 * overall) / 40, (-5 + 10 * overall) / 15, alone, alone]
    assert names == ["average price by city"]
    np.testing.assert_allclose(applied[:, 0], expected, rtol=1e-6)


def test_shares_are_told_as_log_odds() -> None:
    frame = pd.DataFrame({"city": ["a"] * 40 + ["b"] * 60})
    y = np.r_[np.ones(30), np.zeros(10), np.zeros(60)].astype(np.int64)
    answers = Answers(task=RISK, y=y)
    names, _, applied = seen("target_statistics", frame, answers, frame.iloc[[0, 99]], min_levels=1)
    shares = np.array([33 / 50, 3 / 70])
    assert names == ["share of high by city"]
    np.testing.assert_allclose(applied[:, 0], np.log(shares / (1 - shares)) - np.log(0.3 / 0.7), rtol=1e-5)


def test_a_row_sees_nothing_of_its_own_answer() -> None:
    """Noise with many levels explains its own answers where a row sees them; out of fold it must not."""
    draw = np.random.default_rng(3)
    frame = pd.DataFrame({"noise": draw.integers(0, 1500, 6000).astype(str)})
    y = draw.normal(size=6000)
    _, inside, applied = seen("target_statistics", frame, Answers(task=PRICE, y=y))
    assert np.corrcoef(applied[:, 0], y)[0, 1] > 0.3
    assert abs(np.corrcoef(inside[:, 0], y)[0, 1]) < 0.05


def test_rows_of_a_group_do_not_see_each_other() -> None:
    draw = np.random.default_rng(4)
    group = draw.integers(0, 300, 3000)
    y = draw.normal(size=300)[group]
    # Every level belongs to one group, so that it would name the group's answer.
    frame = pd.DataFrame({"branch": (group * 2 + draw.integers(0, 2, 3000)).astype(str)})
    _, apart, _ = seen("target_statistics", frame, Answers(task=PRICE, y=y, groups=group))
    _, together, _ = seen("target_statistics", frame, Answers(task=PRICE, y=y))
    assert np.corrcoef(together[:, 0], y)[0, 1] > 0.9
    assert abs(np.corrcoef(apart[:, 0], y)[0, 1]) < 0.1


def test_of_many_classes_the_most_frequent_are_told() -> None:
    draw = np.random.default_rng(5)
    y = np.r_[np.repeat([0, 2, 4, 5, 6, 7], 50), [1, 3]]
    frame = pd.DataFrame({"city": draw.choice([f"c{i}" for i in range(12)], len(y))})
    names, inside, applied = seen("target_statistics", frame, Answers(task=GRADE, y=y))
    assert names == [f"share of {label} by city" for label in "acefgh"]
    assert inside.shape == applied.shape == (302, 6)
    assert np.isfinite(inside).all()


@pytest.mark.parametrize("weight", [None, np.r_[np.full(50, 3.0), np.full(50, 1.0)]])
def test_weights_count_as_rows(weight: NDArray[np.float64] | None) -> None:
    frame = pd.DataFrame({"city": ["a", "b"] * 50})
    y = np.r_[np.ones(50), np.zeros(50)]
    _, _, applied = seen(
        "target_statistics", frame, Answers(task=PRICE, y=y, weight=weight), min_levels=1, smoothing=1e-6
    )
    np.testing.assert_allclose(applied[:, 0], 0.5 if weight is None else 0.75, rtol=1e-5)


def test_few_levels_are_left_alone() -> None:
    frame = pd.DataFrame({"city": list("abcdefghij") * 5})
    names, _, _ = seen("target_statistics", frame, Answers(task=PRICE, y=np.arange(50.0)))
    assert names == ["nothing"]


def test_frequencies_count_the_other_rows() -> None:
    frame = pd.DataFrame({"city": ["a"] * 7 + ["b"] * 2 + ["c"]})
    answers = Answers(task=PRICE, y=np.arange(10.0))
    new = pd.DataFrame({"city": ["a", "b", "never seen"]})
    names, inside, applied = seen("category_counts", frame, answers, new, min_levels=2)
    assert names == ["frequency of city"]
    top = np.log(11)
    np.testing.assert_allclose(applied[:, 0], np.log([8, 3, 1]) / top, rtol=1e-6)
    np.testing.assert_allclose(inside[:, 0], np.log([7] * 7 + [2] * 2 + [1]) / top, rtol=1e-6)
