"""`tablewright rename`: another name for a run."""

from argparse import ArgumentParser, Namespace

from app.command import DONE, Command
from app.terminal import add_json, add_run, add_workspace


def _add_arguments(parser: ArgumentParser) -> None:
    add_run(parser)
    parser.add_argument("name", metavar="NAME", help="what it is to be called")
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.labels import change

    change(
        options,
        lambda runs, run_id: runs.rename(run_id, options.name),
        lambda run: {"name": run.name},
        "Run {run_id} is called {name} now.",
    )
    return DONE


RENAME = Command(
    key="rename",
    help="give a run another name",
    add_arguments=_add_arguments,
    run=_run,
)
