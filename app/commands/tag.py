"""`tablewright tag`: words to find a run by."""

from argparse import ArgumentParser, Namespace

from app.command import DONE, Command
from app.terminal import add_json, add_run, add_workspace, print_json, tell


def _add_arguments(parser: ArgumentParser) -> None:
    add_run(parser)
    parser.add_argument("tags", nargs="*", metavar="TAG", help="in place of those before; none takes them away")
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.bootstrap import OWNER, workspace

    store = workspace(options.workspace).runs
    run_id = store.get(options.run_id, owner=OWNER).id
    store.tag(run_id, options.tags)
    tags = store.get(run_id).tags
    if options.json:
        print_json({"run_id": run_id, "tags": list(tags)})
    else:
        tell(f"Tags of run {run_id}: {', '.join(tags) or 'none'}.")
    return DONE


TAG = Command(
    key="tag",
    help="give a run tags to find it by",
    add_arguments=_add_arguments,
    run=_run,
)
