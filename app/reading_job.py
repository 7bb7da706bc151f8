"""The process that reads one file into the workspace: `python -m app.reading_job ROOM --workspace FOLDER`."""

import tempfile
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.logs import begin
from app.reading_room import END, FIRST, leave, leave_process, take_order
from engine.errors import TablewrightError
from engine.table.first_look import first_look
from engine.table.options import ReadingOptions


def main() -> None:
    """Read the file that the order in the room names, and leave there what comes of it."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("room", type=Path)
    parser.add_argument("--workspace", type=Path, required=True)
    given = parser.parse_args()
    begin("reader", given.workspace)
    leave_process(given.room)
    tempfile.tempdir = str(given.room)  # what is written meanwhile goes when the reading is forgotten
    order = take_order(given.room)
    options = ReadingOptions.from_json(order["options"])
    first = first_look(Path(order["given"]), options)
    if first is not None:
        leave(given.room, FIRST, first.to_json())
    try:
        end: Mapping[str, Any] = {"dataset_id": _read(order, options, given.room, given.workspace)}
    except TablewrightError as wrong:
        end = {"problem": wrong.message.to_json()}
    leave(given.room, END, end)


def _read(order: Mapping[str, Any], options: ReadingOptions, room: Path, folder: Path) -> str:
    # Loaded after the first look: the person is waiting for that.
    from app.bootstrap import OWNER
    from app.examination import examine
    from app.opened import settle
    from app.preflight import table_memory
    from app.sources import local_file
    from engine.config import ExperimentConfig
    from engine.table.large.figures import profile_all
    from engine.table.reading import read_table
    from storage.access import OWN_PROJECT

    datasets = settle(folder, for_itself=True).datasets
    path, name = local_file(order["given"], options, room, workspace=folder)
    dataset = read_table(path, options, name=order["name"] or name, most_bytes=table_memory(folder))
    if dataset.whole is not None:
        dataset = replace(dataset, figures=profile_all(dataset, ExperimentConfig()))
    config = ExperimentConfig.from_json(order["config"]).fitted(dataset.schema)
    seen = examine(dataset, config, order["question"], asked=options)
    dataset_id = datasets.save(
        dataset,
        owner=order.get("owner", OWNER),
        project=order.get("project", OWN_PROJECT),
        source=path if path.is_file() and dataset.whole is None else None,
    )
    datasets.save_inspection(dataset_id, seen)
    return dataset_id


if __name__ == "__main__":
    main()
