"""`tablewright restore`: a workspace out of its backup."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.command import DONE, Command
from app.terminal import add_json, print_json, tell


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE.zip", help="what `tablewright backup` has written")
    parser.add_argument("--workspace", type=Path, metavar="DIR", required=True, help="a folder that is new or empty")
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.bootstrap import workspace
    from app.mirror import mirror
    from engine.progress import ACTIVE
    from storage.backup import restore
    from storage.settings import MLFLOW, NO_MIRROR

    folder = options.workspace.expanduser().absolute()
    contents = restore(options.file, folder)
    with workspace(folder) as place:  # brought up to date where an older version has written it
        records = place.runs.records()
        ended = [each.id for each in records if place.runs.progress(each.id).status not in ACTIVE]
        if ended and MLFLOW.value(folder) != NO_MIRROR:
            tell("Filling MLflow again from the runs.")
            for run_id in ended:
                place.runs.append(run_id, mirror(place, run_id))
    if options.json:
        print_json({"workspace": str(folder), "files": len(contents.sizes), "runs": len(records)})
    else:
        print(f"The workspace {folder} has {len(records)} runs; all {len(contents.sizes)} files are as they were.")
        print(f"Open it with: tablewright app --workspace {folder}")
    return DONE


RESTORE = Command(
    key="restore",
    help="bring a backup of a workspace back into a new folder",
    about="Every file is held against its checksum; a damaged backup changes nothing.",
    add_arguments=_add_arguments,
    run=_run,
)
