"""`tablewright enqueue`: try a candidate next, like one of the run but for some settings."""

from argparse import ArgumentParser, Namespace

from app.command import DONE, Command
from app.terminal import add_json, add_run, add_workspace


def _add_arguments(parser: ArgumentParser) -> None:
    add_run(parser)
    parser.add_argument("candidate", type=int, metavar="CANDIDATE", help="its number, as `leaderboard` lists it")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting that is to be another one; can be repeated",
    )
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.asking_search import ask_search
    from app.guiding import changes_written, enqueue

    changes = changes_written(options.set)
    said = "It is tried next, to its end. See what comes of it: tablewright leaderboard {run_id}"
    ask_search(options, lambda runs, run_id: enqueue(runs, run_id, options.candidate, changes), said)
    return DONE


ENQUEUE = Command(
    key="enqueue",
    help="try a candidate of your own next: like one of the run, but for some settings",
    add_arguments=_add_arguments,
    run=_run,
)
