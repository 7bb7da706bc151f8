"""`tablewright stop`: end a run early, with the best it has."""

from argparse import ArgumentParser, Namespace

from app.command import DONE, Command
from app.terminal import add_json, add_run, add_workspace


def _add_arguments(parser: ArgumentParser) -> None:
    add_run(parser)
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.asking import ask
    from engine import progress

    ask(options, progress.Command.STOP, "Stopping; the best is kept. See how it ends: tablewright status {run_id}")
    return DONE


STOP = Command(
    key="stop",
    help="ask a run to stop early and keep the best model",
    add_arguments=_add_arguments,
    run=_run,
)
