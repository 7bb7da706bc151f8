"""Predicts a file with the model of a run. Runs in a job."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from app.commands.predict import beside
from app.opened import workspace
from app.predictions import CSV, EXCEL, Predictions, folder_of, save_summary
from app.spreadsheets import EXCEL_ROWS, write_csv, write_excel
from engine.errors import InputError
from engine.messages import phrase
from engine.model import Model, open_model
from engine.new_rows.matching import matched
from engine.table.dataset import Dataset
from engine.table.options import ReadingOptions
from engine.table.profile import profile
from engine.table.schema import Cells, ColumnSchema, Kind, TableSchema
from engine.tasks.task import PREDICTION

N_PREVIEW = 100
NO_MODEL = phrase("predictions_no_model", "This run has no model yet.", "Wait until it is ready.")
MODEL_OUTPUT = phrase("predictions_output", "What the model says.")


def predict_file(
    run_id: str, file: Path, name: str, predictions_id: str, options: ReadingOptions, *, doubt: bool
) -> None:
    """Predict a file, and leave the tables and their summary in the folder of the run.

    `doubt`: add how sure the model is.

    Raises InputError, naming the columns, when the file does not fit the model.
    """
    runs = workspace().runs
    ready = runs.progress(run_id).ready
    if ready is None:
        raise InputError(NO_MODEL())
    model = open_model(runs.artifacts(run_id).fetch(ready.path))
    # Each row is predicted, whatever it looks like.
    asked = replace(options, keep_all_rows=True)
    raw = model.read(file, asked)
    rows = raw.frame
    predicted, fit = model.predict_and_tell(rows, asked, doubt=doubt)
    table = beside(rows, predicted)
    folder = folder_of(run_id, predictions_id)
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(table, folder / CSV)
    if len(table) <= EXCEL_ROWS:
        write_excel(table, folder / EXCEL)
    made = _summary(model, table, predicted, name, predictions_id)
    save_summary(replace(made, done=raw.done, fit=fit), folder)


def _summary(model: Model, table: pd.DataFrame, predicted: pd.DataFrame, name: str, predictions_id: str) -> Predictions:
    n_given = table.shape[1] - predicted.shape[1]
    given = [str(column) for column in table.columns[:n_given]]
    used = set(matched(given, model.columns).values())
    first = table.iloc[:N_PREVIEW, [*range(n_given, table.shape[1]), *range(n_given)]]  # the answers in front
    return Predictions(
        id=predictions_id,
        name=name,
        n_rows=len(table),
        used=tuple(column for column in given if column in used),
        extra=tuple(column for column in given if column not in used),
        preview_columns=tuple(str(column) for column in first.columns),
        preview=tuple(tuple(_plain(cell) for cell in row) for row in first.itertuples(index=False, name=None)),
        outcome=_outcome(predicted, numeric=not model.task.classes),
        has_excel=len(table) <= EXCEL_ROWS,
    )


def _outcome(predicted: pd.DataFrame, *, numeric: bool) -> dict[str, object]:
    answers = predicted[[PREDICTION]]
    column = ColumnSchema(
        name=PREDICTION,
        original_name=PREDICTION,
        position=0,
        kind=Kind.NUMBER if numeric else Kind.CATEGORY,
        cells=Cells.NUMBER if numeric else Cells.TEXT,
        reason=MODEL_OUTPUT(),
    )
    frame = answers.astype("float64") if numeric else answers.astype("str")
    alone = Dataset(frame=frame, schema=TableSchema((column,)), name=PREDICTION, fingerprint="")
    return profile(alone)[0].to_json()


def _plain(cell: object) -> object:
    if isinstance(cell, float):
        return None if pd.isna(cell) else cell
    return cell.item() if hasattr(cell, "item") else cell
