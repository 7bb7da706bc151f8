"""The rows that a model never saw, with their true answers, what it said of them, and their cells."""

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.artifacts import Artifacts
from engine.blend.views import Views
from engine.table.schema import Role, TableSchema
from engine.tasks.task import PREDICTION, UNLIKE, Task
from engine.unseen import ANSWERS, CELLS, ROW, TABLE, TRUTH

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Rows with answers and predictions, as arrays of one length.

    `y`: class positions, or numbers. `predicted`: probabilities [N, K], or numbers [N]. `named`: the position of the
    class that the file names; empty for numbers. `low`, `high`: the ends of intervals around numbers, None without.
    `unlike`: the columns whose cells are unlike those learnt from. `rows`: their numbers in the table, from 0.
    `held_out`: False where they were predicted out of fold. `n_rows`: how many there were to choose from.
    """

    task: Task
    y: NDArray[np.generic]
    predicted: Floats
    named: Codes
    rows: Codes
    cells: pd.DataFrame
    schema: TableSchema
    held_out: bool = True
    n_rows: int = 0
    low: Floats | None = None
    high: Floats | None = None
    unlike: tuple[str, ...] = ()

    @property
    def views(self) -> Views:
        """What each sort of metric is to judge."""
        named = np.eye(len(self.task.classes))[self.named] if self.task.classes else None
        return Views(predicted=self.predicted, named=named)

    @property
    def hit(self) -> NDArray[np.bool_]:
        """Of two answers: which rows have the one that is looked for."""
        return np.asarray(self.y == 1)

    @property
    def chance(self) -> Floats:
        """Of two answers: how probable the one that is looked for is said to be."""
        return self.predicted[:, 1]

    @property
    def losses(self) -> Floats:
        """How wrong each answer is: 1 or 0 for a class, the distance for a number."""
        if self.task.classes:
            return np.asarray(self.named != self.y, np.float64)
        return np.abs(self.y.astype(np.float64) - self.predicted)

    @property
    def weight_column(self) -> str:
        """The column that says how much each row counts; empty where all count the same."""
        return self._of_role(Role.WEIGHT)

    @property
    def weight(self) -> Floats | None:
        """How much each row counts; None where all count the same."""
        if not self.weight_column:
            return None
        values = pd.to_numeric(self.cells[self.weight_column], errors="coerce").to_numpy(np.float64)
        return np.where(values > 0, values, 0.0)

    @property
    def group_column(self) -> str:
        """The column whose equal values say which rows belong together; empty where each row stands alone."""
        return self._of_role(Role.GROUP)

    def _of_role(self, role: Role) -> str:
        found = self.schema.with_role(role)
        return found[0].name if found else ""


def read_judged(artifacts: Artifacts, task: Task) -> Judged | None:
    """Read what a run kept of rows that its model never saw; None where it kept none."""
    try:
        answers, cells = (pd.read_parquet(artifacts.fetch(name)) for name in (ANSWERS, CELLS))
        facts = json.loads(artifacts.fetch(TABLE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if answers.empty:
        return None
    return judged_from(
        answers, cells, TableSchema.from_json(facts["schema"]), task, facts["held_out"], facts["n_unseen"]
    )


def judged_from(
    answers: pd.DataFrame, cells: pd.DataFrame, schema: TableSchema, task: Task, held_out: bool, n_rows: int
) -> Judged:
    """Turn what is kept into arrays."""
    named = np.zeros(0, np.int64)
    if task.classes:
        y: NDArray[np.generic] = _positions(answers[TRUTH], task)
        predicted = answers[[f"probability_{label}" for label in task.classes]].to_numpy(np.float64)
        named = _positions(answers[PREDICTION], task)
    else:
        y, predicted = answers[TRUTH].to_numpy(np.float64), answers[PREDICTION].to_numpy(np.float64)
    has_ends = {"low", "high"} <= set(answers.columns) and not task.classes
    return Judged(
        task=task,
        y=y,
        predicted=predicted,
        named=named,
        rows=answers[ROW].to_numpy(np.int64),
        cells=cells.reset_index(drop=True),
        schema=schema,
        held_out=held_out,
        n_rows=n_rows,
        low=answers["low"].to_numpy(np.float64) if has_ends else None,
        high=answers["high"].to_numpy(np.float64) if has_ends else None,
        unlike=tuple(answers[UNLIKE].astype(str)) if UNLIKE in answers else (),
    )


def _positions(labels: pd.Series, task: Task) -> Codes:
    known = {str(label): position for position, label in enumerate(task.classes)}
    return np.array([known[str(label)] for label in labels.tolist()], np.int64)
