"""`tablewright pause`: let a run stand still."""

from argparse import ArgumentParser, Namespace

from app.command import DONE, Command
from app.terminal import add_json, add_run, add_workspace

PAUSING = (
    "Pausing, as soon as the step under way allows it; then its clock stands still. Go on: tablewright resume {run_id}"
)


def _add_arguments(parser: ArgumentParser) -> None:
    add_run(parser)
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.asking import ask
    from engine import progress

    ask(options, progress.Command.PAUSE, PAUSING)
    return DONE


PAUSE = Command(
    key="pause",
    help="let a run stand still, its clock too",
    add_arguments=_add_arguments,
    run=_run,
)
