"""`tablewright label-next`: which rows of a file to find out the outcome of first."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path

from app.command import DONE, Command
from app.reading_options import add_file, given_file, reading_options
from app.terminal import add_json, add_run, add_workspace, print_json, tell
from engine.errors import InputError
from engine.messages import phrase

OUT_KIND = phrase("label_out_kind", "The rows cannot be written as {name}.", "Give a name that ends in .csv.")
OUT_UNWRITABLE = phrase(
    "label_out_unwritable", "{path} cannot be written: {reason}.", "Write somewhere else, or close the file."
)
USUAL = 25


def _add_arguments(parser: ArgumentParser) -> None:
    add_run(parser)
    add_file(parser, "rows whose outcome is not known yet")
    parser.add_argument(
        "--count", type=_count, default=USUAL, metavar="N", help=f"how many rows to list (default: {USUAL})"
    )
    parser.add_argument("--out", metavar="FILE", type=Path, help="a .csv file with those rows, to fill in the answers")
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.bootstrap import workspace
    from app.in_use import in_use, keep_look, label_table, look_of
    from app.in_use_view.in_text import document, labels_text
    from app.phrasebook import learn
    from app.spreadsheets import write_csv
    from engine.insight.in_use.label_next import label_next
    from engine.messages import render

    out: Path | None = options.out
    if out is not None and out.suffix.lower() != ".csv":
        raise InputError(OUT_KIND(name=out.name))
    place = workspace(options.workspace)
    used = in_use(place, options.run_id)
    with given_file(options) as (path, name):
        file = used.read(path, name, reading_options(options))
    found = label_next(used.model, used.trained, file, options.count)
    learn()
    if out is not None:
        try:
            write_csv(label_table(file, found, used.model.task.target), out)
        except OSError as problem:
            raise InputError(OUT_UNWRITABLE(path=str(out), reason=problem.strerror or str(problem))) from problem
        tell(f"{len(found.rows)} rows to label are in {out}.")
    look = look_of(file, labels=found)
    keep_look(place.runs, used.record.id, look)
    if options.json:
        print_json(document(used.record.id, look))
    else:
        for message in (*look.done, *look.fit):
            tell(f"tablewright: {render(message)}")
        print(labels_text(found))
    return DONE


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is no number of rows; give 1 or more")
    return int(text)


LABEL_NEXT = Command(
    key="label-next",
    help="list the rows of a file whose outcome would teach a run's model most",
    add_arguments=_add_arguments,
    run=_run,
)
