"""Models made of a formula, to show rows to: what is planted in the formula must be found."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from engine.insight.asking import Asked
from engine.messages import phrase
from engine.table.schema import Cells, ColumnSchema, Kind
from engine.tasks.task import Task, TaskKind

TOLD = phrase("test_asking_told", "Told by a test.")
REGRESSION = Task(kind=TaskKind.REGRESSION, targets=("y",))
BINARY = Task(kind=TaskKind.BINARY, targets=("left",), classes=("no", "yes"))
Formula = Callable[[pd.DataFrame], np.ndarray]


def column(
    name: str,
    kind: Kind = Kind.NUMBER,
    cells: Cells | None = None,
    order: Sequence[str] = (),
    date_formats: Sequence[str] = (),
) -> ColumnSchema:
    """Return a column; numbers come as numbers and everything else as text."""
    return ColumnSchema(
        name=name,
        original_name=name,
        position=0,
        kind=kind,
        cells=cells or (Cells.NUMBER if kind is Kind.NUMBER else Cells.TEXT),
        reason=TOLD(),
        order=tuple(order),
        date_formats=tuple(date_formats),
    )


def numbers(*names: str) -> tuple[ColumnSchema, ...]:
    """Return columns of numbers."""
    return tuple(column(name) for name in names)


def predicting(columns: Sequence[ColumnSchema], formula: Formula) -> Asked:
    """Return a model that predicts what a formula gives."""
    return Asked(
        columns=tuple(columns),
        task=REGRESSION,
        predict=lambda rows: pd.DataFrame({"prediction": np.asarray(formula(rows), dtype=float)}),
    )


def deciding(columns: Sequence[ColumnSchema], chance_of_yes: Formula, threshold: float = 0.5) -> Asked:
    """Return a model of two answers: yes where its chance is at least the threshold."""

    def predict(rows: pd.DataFrame) -> pd.DataFrame:
        chance = np.asarray(chance_of_yes(rows), dtype=float)
        answer = np.where(chance >= threshold, "yes", "no")
        return pd.DataFrame({"prediction": answer, "probability_no": 1 - chance, "probability_yes": chance})

    return Asked(columns=tuple(columns), task=BINARY, predict=predict)


def drawn(n_rows: int, *names: str, seed: int = 0) -> pd.DataFrame:
    """Return numbers between 0 and 1 that have nothing to do with each other."""
    return pd.DataFrame(np.random.default_rng(seed).random((n_rows, len(names))), columns=list(names))
