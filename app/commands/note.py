"""`tablewright note`: words of your own beside a run."""

from argparse import ArgumentParser, Namespace

from app.command import DONE, Command
from app.terminal import add_json, add_run, add_workspace


def _add_arguments(parser: ArgumentParser) -> None:
    add_run(parser)
    parser.add_argument("text", metavar="TEXT", help="in place of what was written before; empty takes it away")
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.labels import change

    change(
        options,
        lambda runs, run_id: runs.note(run_id, options.text),
        lambda run: {"notes": run.notes},
        "Noted beside run {run_id}.",
    )
    return DONE


NOTE = Command(
    key="note",
    help="write a note beside a run",
    add_arguments=_add_arguments,
    run=_run,
)
