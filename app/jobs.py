"""Work that needs more than the server may load, done in a process of its own that answers with one JSON document.

The server calls the functions; each starts `python -m app.jobs` and waits.
"""

import hashlib
import json
import logging
import subprocess
import sys
import zipfile
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

from app.language import ENGLISH
from app.logs import begin
from app.opened import settle, workspace
from app.rights import require_deletion, require_job
from engine import logs
from engine.config import ExperimentConfig
from engine.errors import InputError, TablewrightError
from engine.logs import event
from engine.messages import Message, phrase
from engine.registry import part
from engine.table.options import AUTOMATIC, ReadingOptions
from exporters.exporter import Exporter
from storage.access import ITSELF

logger = logging.getLogger(__name__)

CRASHED = phrase(
    "job_crashed",
    "The work broke off without saying why; the computer may have run out of memory.",
    "Close other programs and try again, or use fewer rows.",
)
EXPORTS = "exports"  # the folder of a run where its exports are kept


def review(dataset_id: str, config: ExperimentConfig) -> None:
    """Look at a table again in the light of what the person has chosen.

    Raises InputError when there is no such table.
    """
    _run("review", dataset_id=dataset_id, config=config.to_json())


def predict(
    run_id: str,
    file: Path,
    name: str,
    predictions_id: str,
    options: ReadingOptions = AUTOMATIC,
    *,
    doubt: bool = False,
) -> None:
    """Predict a file with a run's model; `app.predictions` says where the outcome lies.

    `doubt`: add how sure the model is.
    Raises InputError, saying what to do, when the file does not fit the model.
    """
    asked: dict[str, Any] = {"options": options.to_json(), "doubt": doubt}
    _run("predict", run_id=run_id, file=str(file), name=name, predictions_id=predictions_id, **asked)


def export(run_id: str, form: str, language: str = ENGLISH) -> Path:
    """Return what the exporter called `form` writes of a run, made when it is first asked for; several files zipped.

    `language`: of the texts, where the form has texts for readers.

    Raises InputError when the run has no model, there is no such exporter, or it refuses.
    """
    place = _export_place(run_id, part("exporters", Exporter, form).key, language)
    kept = sorted(place.parent.glob(f"{place.name}.*")) if place is not None else []
    return kept[0] if kept else Path(_run("export", run_id=run_id, form=form, language=language)["path"])


def train_again(
    run_id: str, file: Path, name: str, *, alone: bool = False, seconds: float | None = None
) -> Mapping[str, Any]:
    """Join the new rows of a file to the table of a run; returns an `app.retraining.Prepared` as plain data.

    `alone`, `seconds`: see `app.retraining.Changes`.
    Raises InputError, saying what to do, when the file cannot be learnt from.
    """
    runs = workspace().runs
    record = runs.get(run_id)
    owner = runs.gate.require_place(record.project, "create") or record.owner
    asked: dict[str, Any] = {"alone": alone, "seconds": seconds}
    return _run("again", run_id=record.id, file=str(file), name=name, owner=owner, **asked)


def why(run_id: str) -> None:
    """Work out why a run's model predicts what it predicts, and keep it with the run.

    Raises InputError when the run has no model, or has kept no rows.
    """
    _run("why", run_id=run_id)


def more_rows(run_id: str, told: Callable[[int, int], None]) -> None:
    """Work out whether more rows would help a run's model, and keep it with the run. `told`: hears how far it is.

    Raises InputError when the run has no model, or its table is gone. Who stops listening ends the work.
    """
    _run("more_rows", told, run_id=run_id)


def delete_project(name: str) -> None:
    """Delete a project with everything that was kept of it, for good; raises AccessError for who does not lead it.

    Raises WorkspaceError while a training does not end, or when MLflow cannot be asked.
    """
    require_deletion(workspace(), name)
    _run("delete_project", name=name, owner=workspace().actor.name)


def look_in_use(run_id: str, file: Path, name: str, look_id: str, options: ReadingOptions = AUTOMATIC) -> None:
    """Find out what a new file shows of a run's model, and keep it with the run; see `app.in_use`.

    Raises InputError, saying what to do, when the file does not fit the model.
    """
    _run("look_in_use", run_id=run_id, file=str(file), name=name, look_id=look_id, options=options.to_json())


def bearing(run_id: str) -> None:
    """Work out what a run's model bears, and keep it with the run."""
    _run("bearing", run_id=run_id)


def _export_place(run_id: str, form: str, language: str) -> Path | None:
    """Return where an export of a run as it stands is kept, without the ending: what goes into it is in the name."""
    from app.quality_view.reading import n_looks
    from engine.insight.quality.more_rows import MORE_ROWS
    from engine.unseen import TABLE

    runs = workspace().runs
    progress = runs.progress(run_id)
    if progress.ready is None:
        return None
    record, kept = runs.get(run_id), runs.artifacts(run_id).names()
    state = "explained" if progress.explained else "unexplained"
    # Looks are counted as the job counts them: its answer does not hang on who asks.
    told = [record.name, n_looks(runs.seen_by(ITSELF), record), *(name for name in (TABLE, MORE_ROWS) if name in kept)]
    named = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:8]
    spoken = "" if language == ENGLISH else f"_{language}"
    return runs.folder(run_id) / EXPORTS / f"{form}_{progress.ready.certificate.sha256}_{state}_{named}{spoken}"


def _run(job: str, told: Callable[[int, int], None] | None = None, **parameters: Any) -> Mapping[str, Any]:
    """Do a job in a process of its own; each line that it prints is a document, the last one its answer."""
    require_job(workspace(), job, parameters)
    command = [sys.executable, "-P", "-m", "app.jobs", job, "--workspace", str(workspace().folder)]
    answer: Mapping[str, Any] = {}
    with TemporaryFile("w+", encoding="utf-8", errors="replace") as complaints:
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, text=True, encoding="utf-8"
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                with suppress(BrokenPipeError):  # it has ended already, and says why below
                    process.stdin.write(json.dumps(parameters))
                    process.stdin.close()
                for line in process.stdout:
                    answer = json.loads(line)
                    if told is not None and "done" in answer:
                        told(answer["done"], answer["of"])
            except BaseException:
                process.kill()
                raise
        if process.returncode != 0 or logs.current().form:
            complaints.seek(0)
            sys.stderr.write(complaints.read())
        if process.returncode != 0:
            logger.error("A job broke off", extra=event(job=job, exit_code=process.returncode))
            raise InputError(CRASHED())
    if "error" in answer:
        raise InputError(Message.from_json(answer["error"]))
    return answer


def _review(dataset_id: str, config: Mapping[str, Any]) -> Mapping[str, Any]:
    from app.examination import examine

    datasets = workspace().datasets
    before = datasets.inspection(dataset_id) or {}
    found = examine(
        datasets.load(dataset_id),
        ExperimentConfig.from_json(config),
        before.get("question", ""),
        asked=ReadingOptions.from_json(before.get("asked", {})),
    )
    datasets.save_inspection(dataset_id, found)
    return {}


def _predict(
    run_id: str, file: str, name: str, predictions_id: str, options: Mapping[str, Any], doubt: bool
) -> Mapping[str, Any]:
    from app.predicting import predict_file

    predict_file(run_id, Path(file), name, predictions_id, ReadingOptions.from_json(options), doubt=doubt)
    return {}


def _export(run_id: str, form: str, language: str) -> Mapping[str, Any]:
    from app.handing_over import hand_over, source_of

    store = workspace().runs
    record = store.get(run_id)
    place = _export_place(run_id, form, language)  # before the files are read: what is worked out meanwhile may come in
    if place is None:
        source_of(store, record)  # says what is lacking
        raise InputError(CRASHED())
    place.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=place.parent, ignore_cleanup_errors=True) as room:
        folder = Path(room) / form
        written = hand_over(store, record, form, folder, language=language)
        made = written[0] if len(written) == 1 else _zipped(folder)
        target = place.with_name(place.name + made.suffix)
        _put(made, target)
    return {"path": str(target)}


def _again(run_id: str, file: str, name: str, owner: str, **asked: Any) -> Mapping[str, Any]:
    from app.retraining import Changes, again_with_file

    place = workspace()
    record, changes = place.runs.get(run_id), Changes(**asked)
    return again_with_file(place, record, Path(file), name, AUTOMATIC, changes, owner=owner).to_json()


def _why(run_id: str) -> Mapping[str, Any]:
    from app.kept_why import why_of

    why_of(workspace().runs, run_id)
    return {}


def _more_rows(run_id: str) -> Mapping[str, Any]:
    from app.more_rows import work_out_more_rows

    work_out_more_rows(workspace(), workspace().runs.get(run_id), _tell)
    return {}


def _tell(done: int, of: int) -> None:
    """Say how far the work is, to the one who waits for it."""
    print(json.dumps({"done": done, "of": of}), file=sys.__stdout__, flush=True)


def _look_in_use(run_id: str, file: str, name: str, look_id: str, options: Mapping[str, Any]) -> Mapping[str, Any]:
    from app.in_use import look_at

    look_at(workspace(), run_id, Path(file), name, look_id, ReadingOptions.from_json(options))
    return {}


def _bearing(run_id: str) -> Mapping[str, Any]:
    from app.in_use import bearing_of

    bearing_of(workspace().runs, run_id)
    return {}


def _zipped(folder: Path) -> Path:
    archive = folder.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in sorted(folder.rglob("*")):
            packed.write(file, file.relative_to(folder.parent))
    return archive


def _put(part: Path, target: Path) -> None:
    """Move a file into its place, unless the same one stands there and is being read, which Windows does not allow."""
    try:
        part.replace(target)
    except PermissionError:
        if not target.is_file():
            raise


def _delete_project(name: str, owner: str) -> Mapping[str, Any]:
    from app.project_removal import remove_project

    remove_project(workspace(), name, owner=owner)
    return {}


JOBS: Mapping[str, Callable[..., Mapping[str, Any]]] = {
    "review": _review,
    "predict": _predict,
    "export": _export,
    "why": _why,
    "again": _again,
    "look_in_use": _look_in_use,
    "bearing": _bearing,
    "delete_project": _delete_project,
    "more_rows": _more_rows,
}


def main() -> None:
    """Do one job: parameters from standard input, the answer to standard output."""
    options = _options()
    settle(options.workspace, for_itself=True)  # whoever asked was allowed to before this process was started
    sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    parameters = json.load(sys.stdin)
    begin("job", options.workspace, run=parameters.get("run_id", ""))
    logger.info("A job begins", extra=event(job=options.job))
    answers, sys.stdout = sys.stdout, sys.stderr  # what libraries print must not get into the answer
    try:
        answer = JOBS[options.job](**parameters)
    except TablewrightError as wrong:
        logger.info("A job is refused", extra=event(job=options.job, code=wrong.message.code))
        answer = {"error": wrong.message.to_json()}
    json.dump(answer, answers)
    answers.flush()


def _options() -> Namespace:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("job", choices=sorted(JOBS))
    parser.add_argument("--workspace", type=Path, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
