"""The predictions for rows that the model has never seen, beside the true answers, for spreadsheet programs."""

import io
import json
import re
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import InputError
from engine.messages import phrase
from engine.tasks.task import PREDICTION, TaskKind
from exporters.exporter import Exporter, Source

if TYPE_CHECKING:
    import pandas as pd

NOT_KEPT = phrase(
    "export_predictions_not_kept",
    "The run {run_id} has not kept its predictions for unseen rows.",
    "Train again: runs of an older version, and those that ran out of memory at the end, have not kept them.",
)

ABOUT = "about.txt"
MOST_CELLS = 250_000  # of a workbook: more take longer to write than a person likes to wait
LONGEST_CELL = 32_767  # characters: Excel cuts off the rest
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # what no workbook can hold
_EXACT = 2**53


def write(source: Source, folder: Path) -> tuple[Path, ...]:
    """Write the CSV, a workbook where it is small enough, and what the columns are.

    Raises InputError when the run has kept no predictions.
    """
    import pandas as pd

    from engine.unseen import ANSWERS, CELLS, TABLE

    try:
        answers, cells = (pd.read_parquet(source.artifacts.fetch(name)) for name in (ANSWERS, CELLS))
        facts = json.loads(source.artifacts.fetch(TABLE).read_text(encoding="utf-8"))
    except FileNotFoundError as gone:
        raise InputError(NOT_KEPT(run_id=source.run_id)) from gone
    frame = _together(answers, cells, source.prepared.task.target, source.prepared.task.kind)
    stem = "predictions_holdout" if facts["held_out"] else "predictions_out_of_fold"
    fits = frame.size <= MOST_CELLS and not _has_hard_cells(frame)
    written = [folder / f"{stem}.csv", *([folder / f"{stem}.xlsx"] if fits else []), folder / ABOUT]
    for path in written:
        part = path.with_name(f".{path.name}")
        if path.suffix == ".csv":
            frame.to_csv(part, index=False, encoding="utf-8-sig", lineterminator="\n")
        elif path.suffix == ".xlsx":
            _write_workbook(frame, part, source.created_at)
        else:
            about = _about(source, facts, len(frame), answer=frame.columns[1], has_workbook=fits)
            part.write_text(about, encoding="utf-8", newline="\n")
        part.replace(path)
    return tuple(written)


def _together(answers: "pd.DataFrame", cells: "pd.DataFrame", target: str, kind: TaskKind) -> "pd.DataFrame":
    """Return row, answer, prediction and how sure it is first, the other cells behind them; no cell is a formula."""
    import pandas as pd

    from engine.unseen import ROW, TRUTH
    from exporters.predictor.predict import harmless, own_names

    said, truth = answers.drop(columns=[ROW, TRUTH]).map(_shortest), answers[TRUTH]
    prediction = said.pop(PREDICTION)
    judged = prediction - truth if kind is TaskKind.REGRESSION else prediction == truth
    judged = judged.rename("error" if kind is TaskKind.REGRESSION else "is_right")
    others = cells.drop(columns=target, errors="ignore").apply(_whole)
    names = own_names([target, *others.columns], [ROW, PREDICTION, judged.name, *said.columns])
    truth, others = truth.rename(names[0]), others.set_axis(names[1:], axis=1)
    made = pd.concat([answers[ROW] + 1, truth, prediction, judged, said, others], axis=1)
    for position in range(made.shape[1]):
        if not pd.api.types.is_numeric_dtype(made.dtypes.iloc[position]):
            made.isetitem(position, made.iloc[:, position].map(harmless))
    return made.rename(columns=lambda name: str(harmless(str(name))))


def _whole(cells: "pd.Series") -> "pd.Series":
    """Write numbers that are all whole without a point, as a person would."""
    known = cells.dropna()
    if cells.dtype.kind == "f" and len(known) and (known % 1 == 0).all() and known.abs().max() < _EXACT:
        return cells.astype("Int64")
    return cells


def _shortest(cell: Any) -> Any:
    """Return a float32 with as few digits as tell it from its neighbours."""
    return float(str(cell)) if isinstance(cell, float) or type(cell).__name__ == "float32" else cell


def _has_hard_cells(frame: "pd.DataFrame") -> bool:
    texts = frame.select_dtypes(exclude="number").astype("str").fillna("")
    return any(
        len(cell) > LONGEST_CELL or _CONTROL.search(cell) is not None for cell in texts.to_numpy(dtype=object).ravel()
    )


def _write_workbook(frame: "pd.DataFrame", path: Path, moment: datetime) -> None:
    """Write an Excel file whose bytes do not tell when it was written: the same predictions are the same file."""
    made = io.BytesIO()
    frame.to_excel(made, index=False, sheet_name="predictions", engine="openpyxl")
    stamp = f"{moment:%Y-%m-%dT%H:%M:%SZ}".encode()
    day = (max(1980, moment.year), moment.month, moment.day, 0, 0, 0)
    with zipfile.ZipFile(made) as before, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            entry = zipfile.ZipInfo(name, day)
            entry.compress_type = zipfile.ZIP_DEFLATED
            after.writestr(entry, content)


def _about(source: Source, facts: Mapping[str, Any], n_rows: int, *, answer: str, has_workbook: bool) -> str:
    held_out, target = facts["held_out"], source.prepared.task.target
    if held_out:
        which = (
            "The hold-out: rows that were set aside before training, predicted by the very file that is handed over."
        )
    else:
        which = (
            "Out of fold: no rows were set aside. Each row is predicted by models of the same candidates that had not\n"
            "seen it, blended as in the file. The file itself has seen these rows and would look better on them."
        )
    some = (
        f"{n_rows} of {facts['n_unseen']} such rows, drawn at random" if n_rows < facts["n_unseen"] else "all of them"
    )
    copies = " (copies that were left out are not counted)" if facts["n_copies_left_out"] else ""
    lines = [
        f"{source.name}: predictions of {target}",
        "",
        which,
        f"There are {some}.",
        "",
        f"row         the number of the row in the table {facts['name']}, from 1 below the names{copies}",
        f"{answer}: the true answer",
        "prediction  what the model says",
        *_columns(source, held_out=held_out),
        "All other columns stand as they were read: numbers without their units, dates as in the table.",
        "",
        "Cells that a spreadsheet program could take for a formula have an apostrophe in front.",
        *([] if has_workbook else ["There is no workbook: it would be too large, or hold texts that Excel cannot."]),
        "",
    ]
    return "\n".join(lines)


def _columns(source: Source, *, held_out: bool) -> list[str]:
    if source.prepared.task.kind is TaskKind.REGRESSION:
        told = ["low, high   the range that the answer is likely in"] if held_out and source.ready.decided else []
        return ["error       the prediction less the true answer", *told]
    told = ["unsure      whether several classes are possible; possible: which"] if held_out else []
    return ["is_right    whether both agree", "probability_ how probable each class is", *told]


PREDICTIONS = Exporter(
    key="predictions",
    title="Predictions for unseen rows",
    summary="A table of rows that the model never saw, with its predictions and the true answers, for Excel.",
    write=write,
)
