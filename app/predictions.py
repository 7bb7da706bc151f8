"""The predictions for one file: where they lie and what is known about them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.opened import workspace
from engine.messages import Message
from engine.new_rows.fit import NO_FIT, Fit

FOLDER = "predictions"
SUMMARY = "summary.json"
CSV = "predictions.csv"
EXCEL = "predictions.xlsx"


@dataclass(frozen=True, kw_only=True)
class Predictions:
    """What came of one file. `preview` holds its first rows, predictions first, as plain values.

    `used`: the columns that the model looked at; `extra`: those it did not. `outcome`: bars of all predictions.
    `done`: what reading the file changed or left out. `fit`: how far its columns fit the model.
    """

    id: str
    name: str
    n_rows: int
    used: tuple[str, ...]
    extra: tuple[str, ...]
    preview_columns: tuple[str, ...]
    preview: tuple[tuple[Any, ...], ...]
    outcome: Mapping[str, Any]
    has_excel: bool
    done: tuple[Message, ...] = ()
    fit: Fit = NO_FIT


def folder_of(run_id: str, predictions_id: str) -> Path:
    """Return the folder of one set of predictions."""
    return workspace().runs.folder(run_id) / FOLDER / predictions_id


def save_summary(made: Predictions, folder: Path) -> None:
    """Write the summary; it comes last, so that a folder with one is complete."""
    (folder / SUMMARY).write_text(json.dumps(asdict(made), ensure_ascii=False, default=str), encoding="utf-8")


def load_summary(run_id: str, predictions_id: str) -> Predictions | None:
    """Return what is known about a set of predictions; None when there is none of this id."""
    if not predictions_id.isalnum():
        return None
    path = folder_of(run_id, predictions_id) / SUMMARY
    if not path.is_file():
        return None
    data = json.loads(path.read_text(encoding="utf-8"))
    tuples = {name: tuple(data[name]) for name in ("used", "extra", "preview_columns")}
    done = tuple(Message.from_json(each) for each in data.get("done", ()))
    preview = tuple(tuple(row) for row in data["preview"])
    fit = Fit.from_json(data["fit"]) if "fit" in data else NO_FIT
    return Predictions(**{**data, **tuples, "preview": preview, "done": done, "fit": fit})
