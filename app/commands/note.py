"""`tablewright note`: words of your own beside a run."""

from argparse import ArgumentParser, Namespace

from app.command import DONE, Command
from app.terminal import add_json, add_run, add_workspace, print_json, tell


def _add_arguments(parser: ArgumentParser) -> None:
    add_run(parser)
    parser.add_argument("text", metavar="TEXT", help="in place of what was written before; empty takes it away")
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.bootstrap import OWNER, workspace

    store = workspace(options.workspace).runs
    run_id = store.get(options.run_id, owner=OWNER).id
    store.note(run_id, options.text)
    if options.json:
        print_json({"run_id": run_id, "notes": store.get(run_id).notes})
    else:
        tell(f"Noted beside run {run_id}.")
    return DONE


NOTE = Command(
    key="note",
    help="write a note beside a run",
    add_arguments=_add_arguments,
    run=_run,
)
