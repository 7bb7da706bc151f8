"""`tablewright predict`: a model and a file in, the same rows with their predictions out."""

import sys
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path
from shutil import copymode
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from app.command import DONE, Command
from app.reading_options import add_file, given_file, reading_options
from app.terminal import add_workspace, tell
from engine.errors import InputError
from engine.messages import phrase, render

if TYPE_CHECKING:
    import pandas as pd

NO_SUCH_MODEL = phrase(
    "predict_no_model",
    "There is no model {model}: no such file, no bundle folder with a model.onnx, and no run of that name.",
    "Give a model.onnx, a bundle folder or a run's id; `tablewright runs` lists the runs.",
)
OUT_KIND = phrase(
    "predict_out_kind",
    "Predictions cannot be written as {name}.",
    "Give a name that ends in .csv or .xlsx.",
)
OUT_FOLDER = phrase("predict_out_folder", "There is no folder {path}.", "Create it, or write somewhere else.")
OUT_UNWRITABLE = phrase(
    "predict_out_unwritable",
    "{path} cannot be written: {reason}.",
    "Write somewhere else, or close the file if another program has it open.",
)
OUT_ROWS = phrase(
    "predict_out_rows",
    "{n_rows} rows do not fit into an Excel sheet, which holds {most}.",
    "Give a name that ends in .csv.",
)
MODEL_FILE = "model.onnx"


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a run's id, a bundle folder or a model.onnx")
    add_file(parser, "the table to predict for")
    parser.add_argument(
        "--out", metavar="FILE", type=Path, help="a .csv or .xlsx file (default: CSV on standard output)"
    )
    parser.add_argument(
        "--doubt",
        action="store_true",
        help="add how sure the model is: low and high of a number; unsure, and the classes that are possible",
    )
    add_workspace(parser)


def _run(options: Namespace) -> int:
    _refuse_bad_out(options.out)
    from engine.model import open_model

    model = open_model(model_path(options.model, options.workspace))
    with given_file(options) as (path, _name):
        # Each row is predicted, whatever it looks like.
        asked = replace(reading_options(options), keep_all_rows=True)
        table = model.read(path, asked)
        raw = table.frame
    predicted, fit = model.predict_and_tell(raw, asked, doubt=options.doubt)
    for message in (*table.done, *fit.messages):
        tell(f"tablewright: {render(message)}")
    _write(beside(raw, predicted), options.out)
    return DONE


def model_path(model: str, folder: Path | None) -> Path:
    """Return the ONNX file that a person means by a path or by a run's id.

    Raises InputError when there is none.
    """
    path = Path(model)
    for candidate in (path, path / MODEL_FILE):
        if candidate.is_file():
            return candidate
    from app.bootstrap import workspace
    from app.handing_over import source_of

    if not model.isalnum():
        raise InputError(NO_SUCH_MODEL(model=model))
    store = workspace(folder).runs
    try:
        record = store.get(model)
    except InputError as unknown:
        raise InputError(NO_SUCH_MODEL(model=model)) from unknown
    source = source_of(store, record)
    return source.model


def beside(raw: "pd.DataFrame", predicted: "pd.DataFrame") -> "pd.DataFrame":
    """Return the input's columns, then the predictions; a column of the input that has their name gets `_in`.

    All names are unique, also when the input holds predictions of before.
    """
    import pandas as pd

    from engine.table.files.names import RESERVED, unique_names

    taken = [name for name in predicted.columns if name not in RESERVED]
    wanted = [f"{name}_in" if name in predicted.columns else str(name) for name in raw.columns]
    own = raw.set_axis(unique_names([*taken, *wanted])[len(taken) :], axis=1)
    return pd.concat([own.reset_index(drop=True), predicted.reset_index(drop=True)], axis=1)


def _refuse_bad_out(out: Path | None) -> None:
    if out is None:
        return
    if out.suffix.lower() not in {".csv", ".xlsx"}:
        raise InputError(OUT_KIND(name=out.name))
    if not out.absolute().parent.is_dir():
        raise InputError(OUT_FOLDER(path=str(out.absolute().parent)))


def _write(frame: "pd.DataFrame", out: Path | None) -> None:
    """Write whole or not at all, so that no cell can be run as a formula."""
    from app.spreadsheets import EXCEL_ROWS, harmless_frame, write_csv, write_excel

    if out is None:
        harmless_frame(frame).to_csv(sys.stdout, index=False, lineterminator="\n")
        return
    excel = out.suffix.lower() == ".xlsx"
    frame = frame.apply(_as_numbers) if excel else frame
    if excel and len(frame) > EXCEL_ROWS:
        raise InputError(OUT_ROWS(n_rows=len(frame), most=EXCEL_ROWS))
    out = out.resolve()  # of a link the file behind it
    try:
        with TemporaryDirectory(dir=out.parent, prefix=".predict-", ignore_cleanup_errors=True) as place:
            part = Path(place) / out.name
            (write_excel if excel else write_csv)(frame, part)
            if out.exists():
                copymode(out, part)
            part.replace(out)
    except OSError as problem:
        raise InputError(OUT_UNWRITABLE(path=str(out), reason=problem.strerror or str(problem))) from problem
    tell(f"{len(frame)} predictions are in {out}.")


def _as_numbers(cells: "pd.Series") -> "pd.Series":
    """Turn a column of plain numbers into numbers, so that a spreadsheet can reckon with it; leave codes like 007."""
    import pandas as pd

    text = cells.dropna()
    if pd.api.types.is_numeric_dtype(cells.dtype) or not len(text):
        return cells
    plain = text.str.fullmatch(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?").fillna(value=False).all()
    return pd.to_numeric(cells) if plain else cells


PREDICT = Command(
    key="predict",
    help="write a file's rows with a model's predictions beside them",
    add_arguments=_add_arguments,
    run=_run,
)
