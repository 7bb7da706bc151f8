"""What a model has been trained and judged on, to hold new rows against: its table, its importances, what it said."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.artifacts import Artifacts
from engine.chosen import chosen_dataset
from engine.config import ExperimentConfig
from engine.insight.quality.judged import read_judged
from engine.model import Model
from engine.progress import Progress
from engine.run.question import is_answered
from engine.run.roles import weights_of
from engine.table.dataset import Dataset
from engine.table.schema import Role, TableSchema
from engine.tasks.detection import encode_target
from engine.tasks.task import Task
from engine.unseen import ANSWERS, TRUTH

MOST_ROWS = 100_000


_Table = tuple[pd.DataFrame, NDArray[np.generic], NDArray[np.float64] | None, TableSchema]


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A model beside its table.

    `cells`: canonical cells of rows with an answer, the model's columns alone; `y`: their answers, as `encode_target`;
    `weight`: how much each counts, None where all count the same. `schema`: of the whole table. `said`: what the model
    says of rows it has not learnt from; empty where none were kept. `shares`: how much of all movement of the
    prediction is due to each column; equal ones, where that is unknown.
    """

    task: Task
    cells: pd.DataFrame
    y: NDArray[np.generic]
    weight: NDArray[np.float64] | None
    schema: TableSchema
    said: pd.DataFrame
    shares: Mapping[str, float]
    is_explained: bool

    @property
    def weight_column(self) -> str:
        """The column that says how much each row counts; empty where all count the same."""
        found = self.schema.with_role(Role.WEIGHT)
        return found[0].name if found else ""


def trained_on(
    model: Model,
    artifacts: Artifacts,
    progress: Progress,
    dataset: Dataset | None,
    config: ExperimentConfig,
) -> Trained | None:
    """Put together what is known; None where the table is gone and the run has kept no rows of it."""
    found = _of_table(dataset, config, model.task) if dataset is not None else _of_kept(artifacts, model.task)
    if found is None:
        return None
    frame, y, weight, schema = found
    chosen = np.sort(np.random.default_rng(0).permutation(len(y))[:MOST_ROWS])
    names = [column.name for column in model.columns]
    told = {each.column: each.share for each in progress.explained.importances} if progress.explained else {}
    shares = (
        {name: told.get(name, 0.0) for name in names}
        if sum(told.values()) > 0
        else dict.fromkeys(names, 1 / max(len(names), 1))
    )
    return Trained(
        task=model.task,
        cells=frame[names].iloc[chosen].reset_index(drop=True),
        y=y[chosen],
        weight=None if weight is None else weight[chosen],
        schema=schema,
        said=_said(artifacts),
        shares=shares,
        is_explained=bool(told),
    )


def _of_table(dataset: Dataset, config: ExperimentConfig, task: Task) -> _Table:
    chosen = chosen_dataset(dataset, config)
    schema = chosen.schema.with_target(task.target)
    y = encode_target(chosen, task)
    answered = is_answered(y, task)
    weight = weights_of(chosen)
    return chosen.frame[answered], y[answered], None if weight is None else weight[answered], schema


def _of_kept(artifacts: Artifacts, task: Task) -> _Table | None:
    kept = read_judged(artifacts, task)
    if kept is None:
        return None
    return kept.cells, kept.y, kept.weight, kept.schema


def _said(artifacts: Artifacts) -> pd.DataFrame:
    if ANSWERS not in artifacts.names():
        return pd.DataFrame()
    return pd.read_parquet(artifacts.fetch(ANSWERS)).drop(columns=[TRUTH]).reset_index(drop=True)
