"""A run's model in use: new files held against its training table, and what they showed, kept with the run."""

import json
import time
import uuid
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.kept_why import keep_text
from app.spreadsheets import write_csv
from engine.errors import InputError
from engine.insight.in_use.look import FOLDER, Look
from engine.messages import Message, phrase, render
from engine.table.options import ReadingOptions
from storage.runs import RunRecord, RunStore
from storage.workspace import Workspace

if TYPE_CHECKING:  # what trains is loaded only where a file is looked at
    import pandas as pd

    from engine.insight.in_use.arrived import Arrived
    from engine.insight.in_use.bearing import Bearing
    from engine.insight.in_use.label_next import Labels
    from engine.insight.in_use.trained import Trained
    from engine.model import Model
    from engine.progress import Progress

NO_MODEL = phrase(
    "in_use_no_model",
    "The run {run_id} has no model yet; it is {status}.",
    "Wait until its model is ready; see: tablewright status {run_id}.",
)
NOTHING_KEPT = phrase(
    "in_use_nothing_kept",
    "The table of the run {run_id} is gone, and the run has kept no rows of it, so there is nothing to compare with.",
    "Train again.",
)
LABELS_CSV = "label_next.csv"
N_LABELS = 25


@dataclass(frozen=True, kw_only=True)
class InUse:
    """A run's model with what it was trained on."""

    record: RunRecord
    progress: "Progress"
    model: "Model"
    trained: "Trained"

    def read(self, path: Path, name: str, options: ReadingOptions) -> "Arrived":
        """Read a file for the model; raises InputError, naming the columns, when it does not fit."""
        from engine.insight.in_use.arrived import arrived

        return arrived(self.model, self.trained.schema, path, name, options)


def in_use(place: Workspace, run_id: str) -> InUse:
    """Open a run's model and its table.

    Raises InputError while there is no model, and where nothing is left of the table.
    """
    from engine.insight.in_use.trained import trained_on
    from engine.model import open_model

    store = place.runs
    record = store.get(run_id)
    progress = store.progress(record.id)
    if progress.ready is None or progress.prepared is None:
        raise InputError(NO_MODEL(run_id=record.id, status=str(progress.status)))
    files = store.artifacts(record.id)
    model = open_model(files.fetch(progress.ready.path))
    dataset = None
    with suppress(InputError):  # the table may have been removed; then the rows that the run has kept must do
        dataset = place.datasets.load(record.dataset_id)
    trained = trained_on(model, files, progress, dataset, record.config)
    if trained is None:
        raise InputError(NOTHING_KEPT(run_id=record.id))
    return InUse(record=record, progress=progress, model=model, trained=trained)


def look_of(file: "Arrived", look_id: str = "", **parts: Any) -> Look:
    """Return a look at a file with what it showed: `drift`, `scored` or `labels`."""
    return Look(
        id=look_id or uuid.uuid4().hex[:12],
        file=file.name,
        at=time.time(),
        n_rows=file.n_rows,
        done=file.done,
        fit=file.fit.messages,
        **parts,
    )


def look_at(place: Workspace, run_id: str, path: Path, name: str, look_id: str, options: ReadingOptions) -> Look:
    """Find out all that a file can show, and keep it: drift always, the score and rows to label where they apply."""
    from engine.insight.in_use.drift import find_drift
    from engine.insight.in_use.label_next import label_next
    from engine.insight.in_use.scored import score_file

    used = in_use(place, run_id)
    file = used.read(path, name, options)
    scored, labels = None, None
    with suppress(InputError):  # no outcomes
        scored = score_file(used.model, used.trained, used.progress, file, seed=used.record.config.seed)
    with suppress(InputError):  # no rows without an outcome
        labels = label_next(used.model, used.trained, file, N_LABELS)
    found = look_of(file, look_id, drift=find_drift(used.model, used.trained, file), scored=scored, labels=labels)
    if labels is not None:
        folder = folder_of(place.runs, used.record.id, found.id)
        folder.mkdir(parents=True, exist_ok=True)
        write_csv(label_table(file, labels, used.model.task.target), folder / LABELS_CSV)
    keep_look(place.runs, used.record.id, found)
    return found


def folder_of(store: RunStore, run_id: str, look_id: str) -> Path:
    """Return the folder for what is to be downloaded of a look."""
    return store.folder(run_id) / FOLDER / look_id


def keep_look(store: RunStore, run_id: str, look: Look) -> None:
    """Keep a look with its run."""
    keep_text(store, run_id, look.artifact, json.dumps(look.to_json(), ensure_ascii=False))


def kept_looks(store: RunStore, run_id: str) -> list[Look]:
    """Return what files have shown of a run's model, the latest first; what another version kept is left out."""
    files = store.artifacts(run_id)
    names = sorted((name for name in files.names() if name.startswith(f"{FOLDER}/")), reverse=True)
    read = (Look.from_json(json.loads(files.fetch(name).read_text(encoding="utf-8"))) for name in names)
    return [look for look in read if look is not None]


def bearing_of(store: RunStore, run_id: str) -> "Bearing | None":
    """Return what a run's model bears: as it was kept, else worked out now and kept; None where it cannot be said."""
    from engine.insight.in_use.bearing_kept import BEARING, bearing_from_kept, kept_bearing

    kept = kept_bearing(store.artifacts(run_id))
    if kept is not None:
        return kept
    found = bearing_from_kept(store.artifacts(run_id), store.progress(run_id), seed=store.get(run_id).config.seed)
    if found is not None:
        keep_text(store, run_id, BEARING, json.dumps(found.to_json(), ensure_ascii=False))
    return found


def label_table(file: "Arrived", labels: "Labels", target: str) -> "pd.DataFrame":
    """Return the rows to label with a place for the answer in front; the file's other columns stand behind.

    `target`: what the column of answers is called. It and the file's own columns keep their names, by which the filled
    file is read again: of ours, such as `rank`, one that is taken gets a number.
    """
    import pandas as pd

    ours = {
        "rank": range(1, len(labels.rows) + 1),
        "row": [each.row for each in labels.rows],
        "prediction": [each.prediction for each in labels.rows],
        "why": [words(each.reasons) for each in labels.rows],
    }
    raw = file.raw.iloc[[each.row - 1 for each in labels.rows]].reset_index(drop=True)
    raw = raw.drop(columns=[name for name in raw.columns if name in {target, f"'{target}"}])
    taken = {target, *raw.columns}
    front = {target: [""] * len(labels.rows)} | {_free(name, taken): cells for name, cells in ours.items()}
    return pd.concat([pd.DataFrame(front), raw], axis=1)


def _free(name: str, taken: Collection[str]) -> str:
    """Return a name, with the first number that makes it another than those taken."""
    return next(each for each in chain([name], (f"{name}_{n}" for n in count(2))) if each not in taken)


def words(messages: Sequence[Message]) -> str:
    """Return sentences in English, for the terminal and for files."""
    return " ".join(map(render, messages))
