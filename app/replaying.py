"""Finds what a replay needs: the record in a report or a model card, and the table that it speaks of."""

import json
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from engine.errors import ConfigError, InputError
from engine.insight.again.record import Record
from engine.messages import phrase
from engine.table.dataset import Dataset
from exporters.report_parts.card import REPLAY, TEMPLATE_ID
from storage.workspace import Workspace

NO_FILE = phrase("replay_no_file", "There is no file {path}.", "Check the path and the spelling.")
NO_RECORD = phrase(
    "replay_no_record",
    "{path} is no report and no model card that says how to train the run again.",
    "Give the report.html or the model_card.json of `tablewright export --as report`; older ones do not hold it.",
)
NO_TABLE = phrase(
    "replay_no_table",
    "The table {table} with the fingerprint {fingerprint} is not in this workspace.",
    "Give its file: --table FILE.",
)
OTHER_TABLE = phrase(
    "replay_other_table",
    "{path} is not the table of the report: its fingerprint is {found}, that of the report {fingerprint}.",
    "Give the file as it was then; a single changed cell makes another fingerprint.",
)


class _Inside(HTMLParser):
    """Reads what stands in the element that holds the record."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._within = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._within = self._within or (tag == "template" and dict(attrs).get("id") == TEMPLATE_ID)

    def handle_endtag(self, tag: str) -> None:
        self._within = self._within and tag != "template"

    def handle_data(self, data: str) -> None:
        self.text += data if self._within else ""


def read_record(path: Path) -> Record:
    """Read the record in a report or a model card; raises InputError where there is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as problem:
        raise InputError(NO_RECORD(path=str(path))) from problem
    except OSError as problem:
        raise InputError(NO_FILE(path=str(path))) from problem
    if text.lstrip().startswith("<"):
        reader = _Inside()
        reader.feed(text)
        text = reader.text
    try:
        found: Mapping[str, Any] = json.loads(text)
        return Record.from_json(found.get("reproduce", found)[REPLAY])
    except (AttributeError, ConfigError, KeyError, TypeError, ValueError) as problem:
        raise InputError(NO_RECORD(path=str(path))) from problem


def find_table(place: Workspace, record: Record, file: Path | None, *, owner: str) -> str:
    """Return the id of the table that a record speaks of; a `file` that is it is kept first.

    Raises InputError where neither the workspace nor the file has it.
    """
    for dataset_id in _likely(place, record, owner):
        if fingerprint_in(place.datasets.load(dataset_id), record) == record.fingerprint:
            return dataset_id
    if file is None:
        raise InputError(NO_TABLE(table=record.table, fingerprint=record.fingerprint))
    from engine.table.reading import read_table

    dataset = read_table(file, record.read_as)
    found = fingerprint_in(dataset, record)
    if found != record.fingerprint:
        raise InputError(OTHER_TABLE(path=str(file), found=found, fingerprint=record.fingerprint))
    return place.datasets.save(dataset, owner=owner)


def fingerprint_in(dataset: Dataset, record: Record) -> str:
    """Return the fingerprint of a table in the light of the run's settings; empty where they do not suit it."""
    from engine.chosen import chosen_dataset

    if record.config.problems(dataset.schema):
        return ""
    return chosen_dataset(dataset, record.config).fingerprint


def _likely(place: Workspace, record: Record, owner: str) -> Iterator[str]:
    """Yield tables of this fingerprint, and then of this name: settings of columns make another one of the cells."""
    kept = place.datasets.records(owner)
    yield from (each.id for each in kept if each.fingerprint == record.fingerprint)
    yield from (each.id for each in kept if each.fingerprint != record.fingerprint and each.name == record.table)
