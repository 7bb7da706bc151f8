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
    parser.add_argument(
        "--register", metavar="NAME", help="with --as mlflow: give it this name in MLflow's registry as well"
    )
    parser.add_argument(
        "--language",
        metavar="NAME",
        default="en",
        help="with --as report or report-pdf: the language of its text, such as zh_CN",
    )
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.bootstrap import workspace
    from app.handing_over import hand_over
    from app.registering import check_form, register
    from app.smaller import Most

    place = workspace(options.workspace)
    if options.register:
        check_form(options.form)
    store = place.runs
    most = Most(file_mb=options.largest_file_mb, row_ms=options.slowest_row_ms)
    record = store.get(options.run_id)
    written = hand_over(store, record, options.form, options.out, most, options.language)
    version = register(place, record, options.out, options.register) if options.register else None
    if options.json:
        told = {} if version is None else {"registered": {"name": options.register, "version": version}}
        print_json({"files": [str(path) for path in written], **told})
        return DONE
    tell(f"Written to {options.out}: {', '.join(path.name for path in written)}")
    if version is not None:
        tell(f"Registered in MLflow: {options.register}, version {version}")
    return DONE


EXPORT = Command(
    key="export",
    help="write a finished run's model for others: a bundle, the bare file, ...",
    add_arguments=_add_arguments,
    run=_run,
)
