"""`tablewright leaderboard`: the candidates of one run, best first."""

from argparse import ArgumentParser, Namespace

from app.command import DONE, Command
from app.terminal import add_json, add_run, add_workspace, print_json


def _add_arguments(parser: ArgumentParser) -> None:
    add_run(parser)
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.bootstrap import workspace
    from app.reporting.document import leaderboard_rows
    from app.reporting.summary import leaderboard_text

    store = workspace(options.workspace).runs
    progress = store.progress(store.get(options.run_id).id)
    if options.json:
        print_json(leaderboard_rows(progress))
    else:
        print(leaderboard_text(progress, most=len(progress.leaderboard)) or "No candidate has a score yet.")
    return DONE


LEADERBOARD = Command(
    key="leaderboard",
    help="list a run's candidates, best first",
    add_arguments=_add_arguments,
    run=_run,
)
