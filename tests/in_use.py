"""Made-up models in use: a formula for a model, a table that it was trained on, and new files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engine.insight.asking import Asked, outcomes
from engine.insight.in_use.arrived import Arrived, Outcomes
from engine.insight.in_use.trained import Trained
from engine.model import Model
from engine.new_rows.fit import NO_FIT
from engine.table.schema import Role, TableSchema
from engine.tasks.task import PREDICTION, UNLIKE
from tests.asking import column


def model_of(asked: Asked, **metadata: str) -> Model:
    """Return what is known of a model without a file: its columns, task and metadata."""
    return Model(path=Path(), columns=asked.columns, task=asked.task, metadata=metadata, session=None)


def said_by(asked: Asked, cells: pd.DataFrame, **more: Any) -> pd.DataFrame:
    """Return what the formula says of rows, and how sure it is where `more` says so."""
    return asked.predict(cells).assign(**{UNLIKE: "", **more})


def trained_of(
    asked: Asked, cells: pd.DataFrame, y: np.ndarray, shares: Mapping[str, float], *, unseen: pd.DataFrame | None = None
) -> Trained:
    """Return the table of a training. `unseen`: rows set aside; none unless given."""
    from dataclasses import replace

    target = replace(column(asked.task.target), role=Role.TARGET)
    return Trained(
        task=asked.task,
        cells=cells,
        y=y,
        weight=None,
        schema=TableSchema((*asked.columns, target)),
        said=pd.DataFrame() if unseen is None else asked.predict(unseen),
        shares=shares,
        is_explained=True,
    )


def file_of(asked: Asked, cells: pd.DataFrame, y: np.ndarray | None = None, **more: Any) -> Arrived:
    """Return a new file. `y`: its outcomes, -1 and NaN for none; `more`: how sure the model is."""
    known = None
    if y is not None:
        none = y < 0 if asked.task.classes else np.isnan(y)
        known = Outcomes(
            y=y,
            cells=pd.Series(y.astype(str), dtype="str").mask(none),
            n_empty=int(none.sum()),
            n_unknown=0,
            examples=(),
            weight=None,
            given=~none,
        )
    return Arrived(
        name="new.csv",
        raw=cells,
        cells=cells,
        said=said_by(asked, cells, **more),
        outcomes=known,
        done=(),
        fit=NO_FIT,
    )


def truth_of(asked: Asked, cells: pd.DataFrame, seed: int = 0) -> np.ndarray:
    """Return outcomes that the formula is right about: a draw of its chance, or its number."""
    spoken = outcomes(asked.predict(cells), asked.task)[:, 0]
    if not asked.task.classes:
        return spoken
    return (np.random.default_rng(seed).random(len(cells)) < spoken).astype(np.int64)


__all__ = ["PREDICTION", "file_of", "model_of", "said_by", "trained_of", "truth_of"]
