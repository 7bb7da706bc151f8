"""`tablewright tag`: words to find a run by."""

from argparse import ArgumentParser, Namespace

from app.command import DONE, Command
from app.terminal import add_json, add_run, add_workspace


def _add_arguments(parser: ArgumentParser) -> None:
    add_run(parser)
    parser.add_argument("tags", nargs="*", metavar="TAG", help="in place of those before; none takes them away")
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.labels import change

    change(
        options,
        lambda runs, run_id: runs.tag(run_id, options.tags),
        lambda run: {"tags": list(run.tags)},
        "Tags of run {run_id}: {tags}.",
    )
    return DONE


TAG = Command(
    key="tag",
    help="give a run tags to find it by",
    add_arguments=_add_arguments,
    run=_run,
)
