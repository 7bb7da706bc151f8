"""The tables of a workspace: each in a folder of its own, with a row in the database."""

import json
import shutil
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Row, insert, select

from engine.errors import InputError
from engine.messages import phrase
from engine.table.dataset import Dataset
from engine.table.files.sqlite_file import is_sqlite, log_name, log_of
from storage.database import transaction
from storage.schema import DATASETS
from storage.text import to_text, write_whole

INSPECTION_FILE = "inspection.json"
SOURCE_FOLDER = "source"
NO_SUCH_DATASET = phrase("dataset_unknown", "There is no table called {dataset_id}.", "Open the file again.")


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
    """Keeps tables in folders."""

    def __init__(self, *, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self._folder = folder

    def save(self, dataset: Dataset, *, owner: str, project: str = "default", source: Path | None = None) -> str:
        """Keep a table, whole or not at all, and return its id.

        `source`: the file that it was read from, kept beside it so that it can be read again in another way. A file
        of this workspace is shared with whoever else keeps it, any other one copied.
        """
        dataset_id = uuid.uuid4().hex[:12]
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
            "n_rows": dataset.n_rows,
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

    def source(self, dataset_id: str) -> Path | None:
        """Return the file that a table was read from; None when it was not kept."""
        kept = (self.folder(dataset_id) / SOURCE_FOLDER).glob("*")
        return min(kept, key=lambda file: len(file.name), default=None)  # a log has a longer name than its database

    def load(self, dataset_id: str) -> Dataset:
        """Read a kept table; raises InputError when there is none."""
        return Dataset.load(self.folder(dataset_id))

    def save_inspection(self, dataset_id: str, data: dict[str, Any]) -> None:
        """Keep what was found out about a table beside it."""
        write_whole(self.folder(dataset_id) / INSPECTION_FILE, to_text(data))

    def inspection(self, dataset_id: str) -> dict[str, Any] | None:
        """Return what was found out about a table; None when nothing was yet."""
        try:
            text = (self.folder(dataset_id) / INSPECTION_FILE).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        return dict(json.loads(text))

    def records(self, owner: str) -> list[DatasetRecord]:
        """Return an owner's tables, the newest first."""
        query = select(DATASETS).where(DATASETS.c.owner == owner).order_by(DATASETS.c.created_at.desc(), DATASETS.c.id)
        with transaction(self._engine) as connection:
            return [_record(row) for row in connection.execute(query)]

    def record(self, dataset_id: str, owner: str | None = None) -> DatasetRecord:
        """Return one record; raises InputError when there is none or it is another owner's."""
        with transaction(self._engine) as connection:
            row = connection.execute(select(DATASETS).where(DATASETS.c.id == dataset_id)).first()
        if row is None or (owner is not None and row.owner != owner):
            raise InputError(NO_SUCH_DATASET(dataset_id=dataset_id))
        return _record(row)

    def folder(self, dataset_id: str) -> Path:
        """Return the folder of a kept table; raises InputError when there is none."""
        folder = self._folder / dataset_id
        if not dataset_id.isalnum() or not folder.is_dir():
            raise InputError(NO_SUCH_DATASET(dataset_id=dataset_id))
        return folder


def _record(row: Row[Any]) -> DatasetRecord:
    values = {**row._mapping, "created_at": datetime.fromtimestamp(row.created_at, UTC)}  # noqa: SLF001 - public in spite of its name
    return DatasetRecord(**values)
