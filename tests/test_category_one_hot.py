"""Categories as yes/no columns: no table makes more of them than a linear model can hold."""

import numpy as np
import pandas as pd
import pytest

from engine.features import category_one_hot
from engine.features.category_one_hot import CATEGORY_ONE_HOT, MOST_FEATURES
from engine.features.step import Answers
from engine.messages import Message
from engine.table.schema import Cells, ColumnSchema, Kind
from engine.tasks.task import Task, TaskKind

TASK = Task(kind=TaskKind.REGRESSION, targets=("y",))


def category(name: str) -> ColumnSchema:
    return ColumnSchema(
        name=name, original_name=name, position=0, kind=Kind.CATEGORY, cells=Cells.TEXT, reason=Message("test")
    )


def features_of(n_rows: int, n_columns: int, n_levels: int) -> int:
    random = np.random.default_rng(0)
    frame = pd.DataFrame({f"c{i}": random.integers(0, n_levels, n_rows).astype(str) for i in range(n_columns)})
    columns = tuple(category(name) for name in frame.columns)
    answers = Answers(y=np.zeros(n_rows), task=TASK)
    state = CATEGORY_ONE_HOT.fit(frame, columns, {"min_count": 1, "max_levels": 300}, answers)
    return len(CATEGORY_ONE_HOT.outputs(state))


def test_many_columns_share_the_features_that_a_linear_model_can_hold() -> None:
    assert features_of(600, 3, 300) > 700
    assert features_of(600, 100, 300) == MOST_FEATURES


def test_many_rows_leave_fewer_levels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(category_one_hot, "MAX_CELLS", 600 * 40)
    assert features_of(600, 4, 100) == 40
