"""`tablewright export`: what leaves, in any form that an exporter knows."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.command import DONE, Command
from app.terminal import add_json, add_run, add_workspace, print_json, tell


def _add_arguments(parser: ArgumentParser) -> None:
    add_run(parser)
    parser.add_argument(
        "--as", dest="form", metavar="KEY", required=True, help="which exporter; `tablewright parts` lists them"
    )
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="the folder to write into")
    parser.add_argument(
        "--largest-file-mb", type=float, metavar="MB", help="the best version of the model that is not larger"
    )
    parser.add_argument(
        "--slowest-row-ms", type=float, metavar="MS", help="the best version whose usual row takes no longer"
    )
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.bootstrap import workspace
    from app.handing_over import hand_over
    from app.smaller import Most

    store = workspace(options.workspace).runs
    most = Most(file_mb=options.largest_file_mb, row_ms=options.slowest_row_ms)
    written = hand_over(store, store.get(options.run_id), options.form, options.out, most)
    if options.json:
        print_json({"files": [str(path) for path in written]})
    else:
        tell(f"Written to {options.out}: {', '.join(path.name for path in written)}")
    return DONE


EXPORT = Command(
    key="export",
    help="write a finished run's model for others: a bundle, the bare file, ...",
    add_arguments=_add_arguments,
    run=_run,
)
