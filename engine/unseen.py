"""What is kept of a run besides its model: how the table was read, and what is predicted for rows that it never saw.

Written once the model is ready. Nothing that leaves a run needs the table again, which may be gone by then.
"""

import json
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.artifacts import Artifacts
from engine.chosen import chosen_dataset
from engine.config import ExperimentConfig
from engine.errors import TrialError
from engine.model import open_model
from engine.table.dataset import Dataset
from engine.table.large.drawn import Drawn
from engine.tasks.task import PREDICTION

if TYPE_CHECKING:  # the server reads the names below and must not load what trains
    from engine.blend.final import FinalModel
    from engine.run.process import RunProcess
    from engine.search.data import RowSet, TrainingData

TABLE = "table.json"
ANSWERS, CELLS = "unseen_answers.parquet", "unseen_cells.parquet"
"""Names of artifacts: the same rows in both, in the order of the table."""
ROW, TRUTH = "row", "truth"
MOST_ROWS = 100_000


@dataclass(frozen=True, kw_only=True)
class Unseen:
    """Rows with their answers and predictions: `ROW`, from 0, `TRUTH`, and what `Model.predict` returns.

    `held_out`: predicted by the file, which has never seen them; otherwise out of fold: by the models of the same
    candidates that had not seen the row, blended as in the file. `n_rows`: how many there were to choose from.
    """

    frame: pd.DataFrame
    held_out: bool
    n_rows: int


def keep(process: "RunProcess", artifacts: Artifacts, dataset: Dataset, config: ExperimentConfig) -> None:
    """Keep the table's schema, and what is predicted for unseen rows; a run is whole without, so nothing may fail."""
    if TABLE in artifacts.names():
        return
    folder = process.around.folder
    try:
        unseen: Unseen = process.call(unseen_rows, folder, artifacts.fetch("model.onnx"), config.seed)
        chosen = chosen_dataset(dataset, config)
        frame = as_often_as_in_the_table(unseen.frame, chosen.drawn, config.seed)
        places = frame[ROW].to_numpy()
        cells = chosen.frame.iloc[places].reset_index(drop=True)
        in_table = places if chosen.drawn is None else chosen.drawn.rows[places]
        facts = {**_facts(chosen), "held_out": unseen.held_out, "n_unseen": unseen.n_rows}
        frame.assign(**{ROW: in_table}).to_parquet(folder / ANSWERS)
        cells.to_parquet(folder / CELLS)
        (folder / TABLE).write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
        for name in (ANSWERS, CELLS, TABLE):  # the last one says that all are there
            artifacts.save(name, folder / name)
    except (TrialError, OSError):
        return  # who asks for the predictions later is told that there are none


def as_often_as_in_the_table(frame: pd.DataFrame, drawn: Drawn | None, seed: int) -> pd.DataFrame:
    """Leave out so many rows of the answers that were drawn more often that what counts rows counts the table's."""
    if drawn is None or drawn.weight is None:
        return frame
    weight = drawn.weight[frame[ROW].to_numpy()]
    stays = np.random.default_rng(seed).random(len(frame)) * weight.max(initial=0.0) < weight
    return frame[stays].reset_index(drop=True)


def unseen_rows(folder: Path, file: Path, seed: int) -> Unseen:
    """Predict for the hold-out, or, where there is none, blend what the models of the folds said of their rows."""
    from engine.search.data import TrainingData

    data = TrainingData.load(folder / "data")
    held_out = bool(len(data.holdout.y))
    rows, raw = (data.holdout, None) if held_out else (data.train, _out_of_fold(folder))
    known = np.arange(len(rows.y)) if raw is None else np.flatnonzero(np.isfinite(raw).all(axis=1))
    taken = np.sort(np.random.default_rng(seed).permutation(known)[:MOST_ROWS])
    chosen = _lines(rows, taken, data)
    if raw is None:
        said = open_model(file).predict_cells(rows.frame.iloc[taken].reset_index(drop=True), doubt=True)
    else:
        said = _said(folder, data, raw[taken])
    return Unseen(frame=pd.concat([chosen, said], axis=1), held_out=held_out, n_rows=len(known))


def _lines(rows: "RowSet", taken: NDArray[np.int64], data: "TrainingData") -> pd.DataFrame:
    places = np.arange(len(rows.y)) if rows.places is None else np.asarray(rows.places)
    answers = np.asarray(rows.y)[taken]
    truth = np.array(data.task.classes)[answers.astype(np.int64)] if data.task.classes else answers.astype(np.float64)
    return pd.DataFrame({ROW: places[taken], TRUTH: truth})


def _final(folder: Path) -> "FinalModel":
    model: FinalModel = pickle.loads((folder / "final.pkl").read_bytes())  # noqa: S301 - written by this run itself
    return model


def _out_of_fold(folder: Path) -> NDArray[np.float64]:
    from engine.search.kept import load_out_of_fold, place_of

    model = _final(folder)
    parts = [member.weight * load_out_of_fold(place_of(folder, member.number)) for member in model.members]
    return model.calibration.calibrated(np.asarray(sum(parts)))


def _said(folder: Path, data: "TrainingData", raw: NDArray[np.float64]) -> pd.DataFrame:
    from engine.search.scoring import predicted

    values = predicted(raw, data)
    if not data.task.classes:
        return pd.DataFrame({PREDICTION: values})
    decision = _final(folder).decision
    named = values.argmax(axis=1) if decision is None else decision.named(values)
    chances = {f"probability_{label}": values[:, i] for i, label in enumerate(data.task.classes)}
    return pd.DataFrame({PREDICTION: np.array(data.task.classes)[named], **chances})


def _facts(dataset: Dataset) -> Mapping[str, Any]:
    return {
        "name": dataset.name,
        "schema": dataset.schema.to_json(),
        "read_as": dataset.read_as.to_json(),
        "lines_left_out": [line.line for line in dataset.left_out],
        "n_copies_left_out": dataset.n_copies_left_out,
        "n_rows": dataset.n_rows_in_all,
    }
