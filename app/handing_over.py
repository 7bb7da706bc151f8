"""Gives a finished run's files to an exporter."""

import tempfile
from pathlib import Path

from app.language import ENGLISH
from app.phrasebook import learn
from app.reader import reader_of
from app.smaller import ANY, Most, best_within
from engine.errors import InputError, TablewrightError
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
OUT_UNUSABLE = phrase(
    "export_out_unusable",
    "The folder {path} cannot be written into: {reason}.",
    "Give another folder, or change its permissions.",
)


def source_of(store: RunStore, record: RunRecord, most: Most = ANY, language: str = ENGLISH) -> Source:
    """Return what exporters need to know of a run; raises InputError while it has no model, or none that small."""
    from app.quality_view.reading import n_looks

    progress = best_within(store.progress(record.id), most)
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
        n_looks=n_looks(store, record),
        reader=reader_of(language),
    )


def hand_over(
    store: RunStore, record: RunRecord, key: str, folder: Path, most: Most = ANY, language: str = ENGLISH
) -> tuple[Path, ...]:
    """Let the exporter called `key` write into a folder; returns the files.

    `language`: of the texts, where the form has texts for readers.

    Raises InputError when there is no such exporter, the run has no model, none that keeps to `most`, or the folder
    cannot be one.
    """
    exporter = part("exporters", Exporter, key)
    learn()  # what the checks of the table have said is told in the documents of some forms
    source = source_of(store, record, most, language)
    prepare_folder(folder)
    try:
        return exporter.write(source, folder)
    except OSError as problem:
        raise _unusable(folder, problem) from problem


def bundle_into(store: RunStore, run_id: str, folder: Path) -> tuple[Path, None] | tuple[None, TablewrightError]:
    """Write a run's bundle into a folder and return its model; what prevents it comes back, not as an exception.

    Who trained before is to see first what came of it, and then that there is no bundle.
    """
    try:
        written = hand_over(store, store.get(run_id), "bundle", folder)
    except TablewrightError as refused:
        return None, refused
    return next(path for path in written if path.suffix == ".onnx"), None


def prepare_folder(folder: Path) -> None:
    """Make a folder and try to write into it; raises InputError when that cannot be done."""
    try:
        if folder.exists() and not folder.is_dir():
            raise InputError(OUT_IS_A_FILE(path=str(folder)))
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as problem:
        raise _unusable(folder, problem) from problem


def _unusable(folder: Path, problem: OSError) -> InputError:
    return InputError(OUT_UNUSABLE(path=str(folder), reason=problem.strerror or str(problem)))
