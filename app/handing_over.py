"""Gives a finished run's files to an exporter."""

from pathlib import Path

from engine.errors import InputError
from engine.messages import phrase
from engine.registry import part
from exporters.exporter import Exporter, Source
from storage.runs import RunRecord, RunStore

NO_MODEL = phrase(
    "export_no_model",
    "The run {run_id} has no model yet; it is {status}.",
    "Wait until its model is ready; see: tablewright status {run_id}.",
)
OUT_IS_A_FILE = phrase("export_out_is_a_file", "{path} is a file, not a folder.", "Give another folder.")


def source_of(store: RunStore, record: RunRecord) -> Source:
    """Return what exporters need to know of a run; raises InputError while it has no model."""
    progress = store.progress(record.id)
    if progress.ready is None:
        raise InputError(NO_MODEL(run_id=record.id, status=str(progress.status)))
    artifacts = store.artifacts(record.id)
    return Source(
        run_id=record.id,
        name=record.name,
        created_at=record.created_at,
        config=record.config,
        progress=progress,
        artifacts=artifacts,
    )


def hand_over(store: RunStore, record: RunRecord, key: str, folder: Path) -> tuple[Path, ...]:
    """Let the exporter called `key` write into a folder; returns the files.

    Raises InputError when there is no such exporter, the run has no model, or the folder cannot be one.
    """
    exporter = part("exporters", Exporter, key)
    source = source_of(store, record)
    if folder.exists() and not folder.is_dir():
        raise InputError(OUT_IS_A_FILE(path=str(folder)))
    folder.mkdir(parents=True, exist_ok=True)
    return exporter.write(source, folder)
