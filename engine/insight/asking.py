"""Shows rows to a model and takes its answers as plain numbers, many rows in one call."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.model import Model
from engine.table.schema import ColumnSchema
from engine.tasks.task import PREDICTION, Task, TaskKind

Floats = NDArray[np.float64]
Predict = Callable[[pd.DataFrame], pd.DataFrame]

SMALLEST = 1e-6  # probabilities come in single precision


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What rows are shown to.

    `predict`: canonical cells in; `prediction` and, of classes, `probability_<class>` out, as `Model.predict_cells`.
    """

    columns: tuple[ColumnSchema, ...]
    task: Task
    predict: Predict

    @staticmethod
    def of(model: Model) -> "Asked":
        """Ask a model's file."""
        return Asked(columns=model.columns, task=model.task, predict=model.predict_cells)

    def column(self, name: str) -> ColumnSchema:
        """Return one of the columns that the model looks at."""
        return next(column for column in self.columns if column.name == name)

    def said(self, frames: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
        """Return what the model says of several tables, in one call."""
        names = [column.name for column in self.columns]
        every = self.predict(pd.concat([frame[names] for frame in frames], ignore_index=True))
        ends = np.cumsum([len(frame) for frame in frames])
        starts = [0, *(int(end) for end in ends[:-1])]
        return [
            every.iloc[start : start + len(frame)].reset_index(drop=True)
            for start, frame in zip(starts, frames, strict=True)
        ]

    def outcomes(self, frames: Sequence[pd.DataFrame]) -> list[Floats]:
        """Return the outcomes of the rows of several tables, each [N, K], in one call."""
        return [outcomes(said, self.task) for said in self.said(frames)]


def outcomes(said: pd.DataFrame, task: Task) -> Floats:
    """Return what is spoken of [N, K]: a number, of two classes the chance of the second, else each chance.

    >>> task = Task(kind=TaskKind.BINARY, targets=("left",), classes=("no", "yes"))
    >>> outcomes(pd.DataFrame({"probability_no": [0.75], "probability_yes": [0.25]}), task).tolist()
    [[0.25]]
    """
    names = [f"probability_{label}" for label in answers_of(task)] if task.classes else [PREDICTION]
    return np.asarray(said[names].to_numpy(dtype=np.float64))


def answers_of(task: Task) -> tuple[str, ...]:
    """Return the class of each outcome; empty where a number is predicted."""
    labels = tuple(str(label) for label in task.classes)
    return labels[1:] if task.kind is TaskKind.BINARY else labels


def on_link(values: Floats, task: Task) -> Floats:
    """Return outcomes on the scale on which models add up: log-odds of a chance, a number as it is.

    >>> task = Task(kind=TaskKind.BINARY, targets=("left",), classes=("no", "yes"))
    >>> on_link(np.array([[0.5]]), task).tolist()
    [[0.0]]
    """
    if not task.classes:
        return values
    clipped = np.clip(values, SMALLEST, 1 - SMALLEST)
    return np.asarray(np.log(clipped / (1 - clipped)))


def sample(frame: pd.DataFrame, n_rows: int, seed: int) -> NDArray[np.int64]:
    """Return the positions of up to `n_rows` rows, drawn evenly, in the order of the table."""
    return np.sort(np.random.default_rng(seed).permutation(len(frame))[:n_rows])
