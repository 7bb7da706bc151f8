"""The tables of a workspace: each in a folder of its own, with a row in the database."""

import json
import shutil
import time
import uuid
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import Engine, Row, Table, insert, select

from engine.errors import InputError
from engine.messages import Message
from engine.table.dataset import Dataset
from engine.table.files.sqlite_file import is_sqlite, log_name, log_of
from storage.access import OWN_PROJECT, Act, Actor, Gate, guarded
from storage.carried import copied_table
from storage.database import transaction
from storage.runs import NO_SUCH_DATASET
from storage.schema import DATASETS
from storage.text import to_text, write_whole

INSPECTION_FILE = "inspection.json"
SOURCE_FOLDER = "source"
TABLE_FILE, FACTS_FILE = "table.parquet", "table.json"  # what `Dataset.save` writes, the second one last


@dataclass(frozen=True, kw_only=True)
class DatasetRecord:
    """What is known about a kept table without reading it."""

    id: str
    owner: str
    project: str
    name: str
    fingerprint: str
    n_rows: int
    n_columns: int
    created_at: datetime


class DatasetStore:
    """Keeps tables in folders. Every method asks the gate of whoever it works for, as with runs."""

    rows: ClassVar[Table] = DATASETS

    def __init__(self, *, engine: Engine, folder: Path, artifact_address: str = "", gate: Gate | None = None) -> None:
        self._engine = engine
        self._folder = folder
        self._artifact_address = artifact_address
        self.gate = gate or Gate(engine=engine)

    def seen_by(self, actor: Actor) -> "DatasetStore":
        """Return the same tables as they are for somebody."""
        seen = copy(self)
        seen.gate = Gate(engine=self._engine, actor=actor)
        return seen

    def missing(self, row_id: str) -> Message:
        """Say that there is no such table."""
        return NO_SUCH_DATASET(dataset_id=row_id)

    def save(self, dataset: Dataset, *, owner: str = "", project: str = OWN_PROJECT, source: Path | None = None) -> str:
        """Keep a table, whole or not at all, and return its id. `owner`: for processes that work for nobody.

        `source`: the file that it was read from, kept beside it so that it can be read again in another way. A file
        of this workspace is shared with whoever else keeps it, any other one copied.
        """
        owner = self.gate.require_place(project, "save") or owner
        dataset_id = uuid.uuid4().hex[:12]
        self.gate.note("save", dataset_id)
        partial = self._folder / f".{dataset_id}"
        partial.mkdir(parents=True)
        try:
            dataset.save(partial)
            if source is not None:
                self._keep_source(source, partial)
            partial.rename(self._folder / dataset_id)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        values = {
            "id": dataset_id,
            "owner": owner,
            "project": project,
            "name": dataset.name,
            "fingerprint": dataset.fingerprint,
            "n_rows": dataset.n_rows_in_all,
            "n_columns": len(dataset.schema.columns),
            "created_at": time.time(),
        }
        with transaction(self._engine) as connection:
            connection.execute(insert(DATASETS).values(values))
        return dataset_id

    def _keep_source(self, source: Path, folder: Path) -> None:
        kept = folder / SOURCE_FOLDER / source.name
        kept.parent.mkdir()
        log = log_of(source) if is_sqlite(source) else None
        if log is not None:  # first, because a database may take its log in at any moment
            self._keep(log, kept.with_name(log_name(kept.name)))
        self._keep(source, kept)

    def _keep(self, file: Path, kept: Path) -> None:
        if file.resolve().is_relative_to(self._folder.parent.resolve()):
            try:
                kept.hardlink_to(file)
            except OSError:  # some file systems know no links
                shutil.copyfile(file, kept)
        else:
            shutil.copyfile(file, kept)

    @guarded(Act.READ)
    def share(self, dataset_id: str) -> None:
        """Keep a copy of a table with the files of runs, where there is a place for those, for workers elsewhere."""
        folder = self._existing(dataset_id)
        if self._artifact_address:
            copied_table(self._artifact_address, dataset_id).put(folder, [TABLE_FILE, FACTS_FILE])

    @guarded(Act.READ)
    def is_at_hand(self, dataset_id: str) -> bool:
        """Whether a table is in this folder or can be fetched into it."""
        if (self._folder / dataset_id).is_dir():
            return True
        copied = copied_table(self._artifact_address, dataset_id) if self._artifact_address else None
        return copied is not None and FACTS_FILE in copied.names()

    @guarded(Act.READ)
    def source(self, dataset_id: str) -> Path | None:
        """Return the file that a table was read from; None when it was not kept."""
        kept = (self._existing(dataset_id) / SOURCE_FOLDER).glob("*")
        return min(kept, key=lambda file: len(file.name), default=None)  # a log has a longer name than its database

    @guarded(Act.READ)
    def load(self, dataset_id: str) -> Dataset:
        """Read a kept table; raises InputError when there is none."""
        return Dataset.load(self._existing(dataset_id))

    @guarded(Act.WRITE)
    def save_inspection(self, dataset_id: str, data: dict[str, Any]) -> None:
        """Keep what was found out about a table beside it."""
        write_whole(self._existing(dataset_id) / INSPECTION_FILE, to_text(data))

    @guarded(Act.READ)
    def inspection(self, dataset_id: str) -> dict[str, Any] | None:
        """Return what was found out about a table; None when nothing was yet."""
        try:
            text = (self._existing(dataset_id) / INSPECTION_FILE).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        return dict(json.loads(text))

    def records(self, owner: str | None = None) -> list[DatasetRecord]:
        """Return tables, the newest first. `owner`: only theirs."""
        query = select(DATASETS).where(self.gate.where(DATASETS))
        if owner is not None:
            query = query.where(DATASETS.c.owner == owner)
        query = query.order_by(DATASETS.c.created_at.desc(), DATASETS.c.id)
        with transaction(self._engine) as connection:
            return [_record(row) for row in connection.execute(query)]

    def record(self, dataset_id: str, owner: str | None = None) -> DatasetRecord:
        """Return one record; raises InputError when there is none or it is another owner's."""
        with transaction(self._engine) as connection:
            query = select(DATASETS).where(DATASETS.c.id == dataset_id, self.gate.where(DATASETS))
            row = connection.execute(query).first()
        if row is None or (owner is not None and row.owner != owner):
            raise InputError(NO_SUCH_DATASET(dataset_id=dataset_id))
        return _record(row)

    @guarded(Act.READ)
    def folder(self, dataset_id: str) -> Path:
        """Return the folder of a kept table; raises InputError when there is none."""
        return self._existing(dataset_id)

    def _existing(self, dataset_id: str) -> Path:
        folder = self._folder / dataset_id
        if not dataset_id.isalnum() or not (folder.is_dir() or self._fetched(dataset_id)):
            raise InputError(NO_SUCH_DATASET(dataset_id=dataset_id))
        return folder

    def _fetched(self, dataset_id: str) -> bool:
        """Fetch the copy of a table that is not in this folder, whole or not at all; returns whether there was one."""
        if not self._artifact_address:
            return False
        partial = self._folder / f".{dataset_id}-{uuid.uuid4().hex}"
        try:
            copied_table(self._artifact_address, dataset_id).bring(partial)
            if (partial / FACTS_FILE).is_file():
                with suppress(OSError):  # another process has fetched it meanwhile
                    partial.rename(self._folder / dataset_id)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        return (self._folder / dataset_id).is_dir()


def _record(row: Row[Any]) -> DatasetRecord:
    values = {**row._mapping, "created_at": datetime.fromtimestamp(row.created_at, UTC)}  # noqa: SLF001 - public in spite of its name
    return DatasetRecord(**values)
