"""`tablewright rename`: another name for a run."""

from argparse import ArgumentParser, Namespace

from app.command import DONE, Command
from app.terminal import add_json, add_run, add_workspace, print_json, tell


def _add_arguments(parser: ArgumentParser) -> None:
    add_run(parser)
    parser.add_argument("name", metavar="NAME", help="what it is to be called")
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.bootstrap import OWNER, workspace

    store = workspace(options.workspace).runs
    run_id = store.get(options.run_id, owner=OWNER).id
    store.rename(run_id, options.name)
    name = store.get(run_id).name
    if options.json:
        print_json({"run_id": run_id, "name": name})
    else:
        tell(f"Run {run_id} is called {name} now.")
    return DONE


RENAME = Command(
    key="rename",
    help="give a run another name",
    add_arguments=_add_arguments,
    run=_run,
)
