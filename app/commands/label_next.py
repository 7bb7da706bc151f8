"""`tablewright label-next`: which rows of a file to find out the outcome of first."""

from argparse import ArgumentParser, Namespace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.command import DONE, Command
from app.looking import add_look, look_at_file
from app.terminal import tell, whole_number
from engine.errors import InputError
from engine.messages import phrase

if TYPE_CHECKING:
    from app.in_use import InUse
    from engine.insight.in_use.arrived import Arrived

OUT_KIND = phrase("label_out_kind", "The rows cannot be written as {name}.", "Give a name that ends in .csv.")
OUT_UNWRITABLE = phrase(
    "label_out_unwritable", "{path} cannot be written: {reason}.", "Write somewhere else, or close the file."
)
OUT_IS_INPUT = phrase(
    "label_out_is_input", "{path} is the file with all rows, of which only a few are written.", "Give another name."
)
USUAL = 25


def _add_arguments(parser: ArgumentParser) -> None:
    add_look(parser, "rows whose outcome is not known yet")
    parser.add_argument(
        "--count",
        type=whole_number("number of rows"),
        default=USUAL,
        metavar="N",
        help=f"how many rows to list (default: {USUAL})",
    )
    parser.add_argument("--out", metavar="FILE", type=Path, help="a .csv file with those rows, to fill in the answers")


def _run(options: Namespace) -> int:
    out: Path | None = options.out
    if out is not None and out.suffix.lower() != ".csv":
        raise InputError(OUT_KIND(name=out.name))
    if out is not None and out.exists() and Path(options.file).exists() and out.samefile(options.file):
        raise InputError(OUT_IS_INPUT(path=str(out)))
    look_at_file(options, partial(_find, options.count, out))
    return DONE


def _find(n_rows: int, out: Path | None, used: "InUse", file: "Arrived") -> tuple[dict[str, Any], str]:
    from app.in_use import label_table
    from app.in_use_view.in_text import labels_text
    from app.spreadsheets import write_csv
    from engine.insight.in_use.label_next import label_next

    found = label_next(used.model, used.trained, file, n_rows)
    if out is not None:
        try:
            write_csv(label_table(file, found, used.model.task.target), out)
        except OSError as problem:
            raise InputError(OUT_UNWRITABLE(path=str(out), reason=problem.strerror or str(problem))) from problem
        tell(f"{len(found.rows)} rows to label are in {out}.")
    return {"labels": found}, labels_text(found)


LABEL_NEXT = Command(
    key="label-next",
    help="list the rows of a file whose outcome would teach a run's model most",
    add_arguments=_add_arguments,
    run=_run,
)
