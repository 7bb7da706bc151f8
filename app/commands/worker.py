"""`tablewright worker`: train here what waits in the shared database."""

import os
import threading
from argparse import ArgumentParser, Namespace

from app.command import DONE, Command
from app.terminal import add_workspace, tell, whole_number


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--at-once",
        type=whole_number("number of runs"),
        metavar="N",
        help="runs trained at the same time (default: one for every two cores)",
    )
    add_workspace(parser)


def _run(options: Namespace) -> int:
    from app.bootstrap import workspace
    from app.standing import StandingWorker
    from app.waiting import room
    from storage.settings import ON_WORKERS, TRAIN_ON
    from storage.strays import reap

    os.environ[TRAIN_ON.variable] = ON_WORKERS  # for the runs that it starts, which else would start others
    with workspace(options.workspace) as place:
        reap(place)
        n_at_once = options.at_once or room(place)
        tell(f"Ready to train {n_at_once} at the same time; Ctrl+C leaves what is under way to other workers.")
        StandingWorker(place, n_at_once, tell).work(threading.Event())
    return DONE


WORKER = Command(
    key="worker",
    help="stand ready on this computer, and train the runs that wait in the shared database",
    about="With TABLEWRIGHT_TRAIN_ON=workers the app leaves its runs to such workers, as many as there are.",
    add_arguments=_add_arguments,
    run=_run,
)
