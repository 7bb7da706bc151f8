"""`tablewright ban`: no new candidates of a model family."""

from argparse import ArgumentParser, Namespace

from app.command import DONE, Command
from app.terminal import add_json, add_run, add_workspace

BANNED = (
    "No new candidates of it are begun; those under way may end. Allow it again: tablewright ban {run_id} %s --lift"
)
ALLOWED = "It is tried again."


def _add_arguments(parser: ArgumentParser) -> None:
    add_run(parser)
    parser.add_argument("family", metavar="FAMILY", help="as `leaderboard` names it")
    parser.add_argument("--lift", action="store_true", help="allow it again")
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.asking_search import ask_search
    from app.guiding import ban

    said = ALLOWED if options.lift else BANNED % options.family
    ask_search(options, lambda runs, run_id: ban(runs, run_id, options.family, lifted=options.lift), said)
    return DONE


BAN = Command(
    key="ban",
    help="begin no new candidates of a model family in a run under way",
    add_arguments=_add_arguments,
    run=_run,
)
