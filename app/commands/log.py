"""`tablewright log`: who did what in the workspace of a team."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.command import DONE, Command
from app.commands.predict import OUT_UNWRITABLE
from app.terminal import add_json, add_workspace, print_json, table, tell, whole_number
from engine.errors import InputError


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--last",
        type=whole_number("number of lines"),
        default=50,
        metavar="N",
        help="how many lines are shown (default: 50)",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the whole log as CSV")
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.bootstrap import workspace
    from storage import audit

    place = workspace(options.workspace)
    if options.out is not None:
        import pandas as pd

        from app.spreadsheets import write_csv

        every = audit.lines(audit.entries(place.engine)[::-1])
        try:
            write_csv(pd.DataFrame(every, columns=list(audit.HEAD)), options.out)
        except OSError as problem:
            raise InputError(
                OUT_UNWRITABLE(path=str(options.out), reason=problem.strerror or str(problem))
            ) from problem
        tell(f"{len(every)} lines written to {options.out}.")
        if not options.json:
            return DONE
    rows = audit.lines(audit.entries(place.engine, limit=options.last))
    if options.json:
        print_json([dict(zip(audit.HEAD, row, strict=True)) for row in rows])
    elif rows:
        print(table(audit.HEAD, rows))
    else:
        tell("Nothing yet: of a single user nothing is written down.")
    return DONE


LOG = Command(key="log", help="who did what in a workspace of a team", add_arguments=_add_arguments, run=_run)
