"""The process that reads one file into the workspace: `python -m app.reading_job ROOM --workspace FOLDER`."""

import json
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from app.bootstrap import OWNER
from app.opened import settle, workspace
from app.readings import END, FIRST, ORDER, note_process
from app.sources import local_file
from engine.config import ExperimentConfig
from engine.errors import TablewrightError
from engine.table.first_look import first_look
from engine.table.options import ReadingOptions
from storage.text import to_text, write_whole


def main() -> None:
    """Read the file that the order in the room names, and leave there what comes of it."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("room", type=Path)
    parser.add_argument("--workspace", type=Path, required=True)
    given = parser.parse_args()
    note_process(given.room)
    tempfile.tempdir = str(given.room)  # what is written meanwhile goes when the reading is forgotten
    settle(given.workspace)
    order = json.loads((given.room / ORDER).read_text(encoding="utf-8"))
    try:
        end: dict[str, Any] = {"dataset_id": _read(order, given.room)}
    except TablewrightError as wrong:
        end = {"problem": wrong.message.to_json()}
    write_whole(given.room / END, to_text(end))


def _read(order: dict[str, Any], room: Path) -> str:
    options = ReadingOptions.from_json(order["options"])
    path, name = local_file(order["given"], options, room, workspace=workspace().folder)
    first = first_look(path, options)
    if first is not None:
        write_whole(room / FIRST, to_text(first.to_json()))
    from app.examination import examine
    from engine.table.reading import read_table

    dataset = read_table(path, options, name=order["name"] or name)
    target = order["target"]
    config = ExperimentConfig(target=target if target in dataset.schema else None)
    found = examine(dataset, config, order["question"], asked=options)
    datasets = workspace().datasets
    dataset_id = datasets.save(dataset, owner=OWNER, source=path)
    datasets.save_inspection(dataset_id, found)
    return dataset_id


if __name__ == "__main__":
    main()
