"""Explains the final model: SHAP values of its members, blended and folded to the table's own columns.

Shapley values are additive (Lundberg and Lee 2017, arXiv:1705.07874), so those of a blend on the link scale are the
weighted sum of those of its members.
"""

import pickle
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.blend.final import FinalModel
from engine.blend.link import link_to_prediction
from engine.features.pipeline import transform
from engine.insight.importance import fold_to_columns, importances
from engine.outcomes import Importance
from engine.run.finish import file_predictions, sample_rows
from engine.search.data import RowSet, TrainingData

EXPLAINED_ROWS = 400
LONGEST_CELL = 200  # characters: every cell of the archive takes as many as the longest
FIRST_ROWS = 20  # enough to learn what a row costs
SHORTEST_SECONDS = 1e-3  # that a clock can be trusted with

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What was explained.

    `path`: the SHAP values, see `write`. `max_sum_diff`: largest difference of their sums to the file.
    """

    importances: tuple[Importance, ...]
    path: Path
    n_rows: int
    max_sum_diff: float


def explain(folder: Path, file: Path, seed: int, seconds: float | None) -> Explanation:
    """Explain up to 400 rows with the model that `engine.run.finish.export` kept in `folder`; `file` is its ONNX file.

    `seconds`: explain no more rows than fit in this time, 20 at least; None explains all.
    """
    data = TrainingData.load(folder / "data")
    model: FinalModel = pickle.loads((folder / "final.pkl").read_bytes())  # noqa: S301 - written by this run itself
    frame = sample_rows(data, EXPLAINED_ROWS, seed)
    values, base = contributions(model, frame) if seconds is None else _within(model, frame, seconds)
    frame = frame.head(len(values))
    path = folder / "explanation.npz"
    write(path, model, frame, values, base)
    return Explanation(
        importances=importances(values, tuple(column.name for column in model.columns)),
        path=path,
        n_rows=len(frame),
        max_sum_diff=_difference_to_file(file, data, model, frame, values.sum(axis=1) + base),
    )


def _within(model: FinalModel, frame: pd.DataFrame, seconds: float) -> tuple[Floats, Floats]:
    """Explain a few rows, a few more, and then as many as the time allows judging by the second few.

    The first ones pay for what is made only once, such as sessions and libraries.
    """
    ends_at = time.monotonic() + seconds
    first, base = contributions(model, frame.head(FIRST_ROWS))
    parts, warm = [first], time.monotonic()
    few = frame.iloc[FIRST_ROWS : 2 * FIRST_ROWS].reset_index(drop=True)
    if len(few):
        parts.append(contributions(model, few)[0])
        now = time.monotonic()
        affordable = int(max(0.0, ends_at - now) / max(now - warm, SHORTEST_SECONDS) * len(few))
        rest = frame.iloc[2 * FIRST_ROWS : 2 * FIRST_ROWS + affordable].reset_index(drop=True)
        if len(rest):
            parts.append(contributions(model, rest)[0])
    return np.concatenate(parts), base


def contributions(model: FinalModel, frame: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return SHAP values on the link scale [N, columns, n_outputs] and their base [n_outputs]."""
    names = tuple(column.name for column in model.columns)
    n_outputs = model.task.n_outputs
    total: Floats = np.zeros((len(frame), len(names), n_outputs))
    base: Floats = np.zeros(n_outputs)
    for pipeline, models in model.by_pipeline():
        features = transform(pipeline, frame)
        for share, fitted in models:
            values, start = fitted.contributions(features)
            total += share * fold_to_columns(values, features.columns, names)
            base += share * start
    return total / model.calibration.temperature, model.calibration.calibrated(base)


def write(path: Path, model: FinalModel, frame: pd.DataFrame, values: Floats, base: Floats) -> None:
    """Write SHAP values as a NumPy archive that needs no pickle.

    Arrays: `values` [N, columns, n_outputs] and `base` [n_outputs] on the link scale (a regression's in the target's
    own unit), `columns`, `classes`, and `cells` [N, columns], the cells as text, cut to 200 characters.
    """
    scale = model.target_scale
    texts = np.column_stack(
        [
            frame[c.name].astype(object).where(frame[c.name].notna(), "").astype(str).str.slice(0, LONGEST_CELL)
            for c in model.columns
        ]
    )
    np.savez_compressed(
        path,
        values=(values * scale.scale).astype(np.float32),
        base=base * scale.scale + scale.centre,
        columns=np.array([column.name for column in model.columns], dtype=np.str_),
        classes=np.array([str(label) for label in model.task.classes], dtype=np.str_),
        cells=texts.astype(np.str_),
    )


def _difference_to_file(file: Path, data: TrainingData, model: FinalModel, frame: pd.DataFrame, raw: Floats) -> float:
    rows = RowSet(source=frame, y=np.zeros(len(frame)))
    found = file_predictions(file, data, rows)
    if model.task.classes:
        return float(np.abs(link_to_prediction(raw, model.task) - found).max())
    predicted = raw[:, 0] * model.target_scale.scale + model.target_scale.centre
    return float((np.abs(predicted - found) / max(1.0, model.target_scale.scale)).max())
