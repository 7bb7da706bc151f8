"""`tablewright pin`: a candidate that stays in the choice, and that others are tried near."""

from argparse import ArgumentParser, Namespace

from app.command import DONE, Command
from app.terminal import add_json, add_run, add_workspace

PINNED = (
    "Every second new candidate is a small change of it, and the final model is chosen from it, too, however it ranks. "
    "Let it go: tablewright pin {run_id} %d --lift"
)
LET_GO = "It is a candidate like any other again."


def _add_arguments(parser: ArgumentParser) -> None:
    add_run(parser)
    parser.add_argument("candidate", type=int, metavar="CANDIDATE", help="its number, as `leaderboard` lists it")
    parser.add_argument("--lift", action="store_true", help="let it go again")
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.asking_search import ask_search
    from app.guiding import pin

    said = LET_GO if options.lift else PINNED % options.candidate
    ask_search(options, lambda runs, run_id: pin(runs, run_id, options.candidate, lifted=options.lift), said)
    return DONE


PIN = Command(
    key="pin",
    help="keep a candidate in the choice of a run under way, and try others near it",
    add_arguments=_add_arguments,
    run=_run,
)
