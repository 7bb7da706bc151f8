"""`tablewright backup`: the whole workspace in one file."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.command import DONE, Command
from app.terminal import add_json, add_workspace, print_json


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE.zip", help="where to write it; a file there is replaced")
    add_workspace(parser)
    add_json(parser)


def _run(options: Namespace) -> int:
    from app.bootstrap import workspace
    from storage.backup import back_up

    with workspace(options.workspace) as place:
        contents = back_up(place, options.file)
        folder = place.folder
    if options.json:
        print_json({"file": str(options.file), "workspace": str(folder), "files": len(contents.sizes)})
    else:
        print(f"{options.file} holds {len(contents.sizes)} files of the workspace {folder}.")
        print(f"Bring it back with: tablewright restore {options.file} --workspace NEW_FOLDER")
    return DONE


BACKUP = Command(
    key="backup",
    help="write the whole workspace into one file, also while trainings go on",
    about="Tables, runs, models and settings. What unfinished runs have half done, and MLflow's copies, are left out.",
    add_arguments=_add_arguments,
    run=_run,
)
