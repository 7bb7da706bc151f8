"""Work that needs more than the server may load, done in a process of its own that answers with one JSON document.

The server calls the functions; each starts `python -m app.jobs` and waits.
"""

import json
import subprocess
import sys
import zipfile
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.opened import settle, workspace
from engine.config import ExperimentConfig
from engine.errors import InputError, TablewrightError
from engine.messages import Message, phrase
from engine.table.options import AUTOMATIC, ReadingOptions

CRASHED = phrase(
    "job_crashed",
    "The work broke off without saying why; the computer may have run out of memory.",
    "Close other programs and try again, or use fewer rows.",
)
BUNDLE = "bundle"


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
    asked = {"options": options.to_json(), "doubt": doubt}
    _run("predict", run_id=run_id, file=str(file), name=name, predictions_id=predictions_id, **asked)


def bundle(run_id: str) -> Path:
    """Return the zipped ONNX bundle of a run, made when it is first asked for.

    Raises InputError when the run has no model.
    """
    path = _bundle_path(run_id)
    return path if path is not None and path.is_file() else Path(_run("bundle", run_id=run_id)["path"])


def _bundle_path(run_id: str) -> Path | None:
    """Return where the bundle of a run as it stands is kept: what goes into it is part of the name."""
    runs = workspace().runs
    progress = runs.progress(run_id)
    if progress.ready is None:
        return None
    state = "explained" if progress.explained else "unexplained"
    return runs.folder(run_id) / "exports" / f"{BUNDLE}_{progress.ready.certificate.sha256}_{state}.zip"


def _run(job: str, **parameters: Any) -> Mapping[str, Any]:
    finished = subprocess.run(
        [sys.executable, "-P", "-m", "app.jobs", job, "--workspace", str(workspace().folder)],
        input=json.dumps(parameters),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if finished.returncode != 0:
        print(finished.stderr, file=sys.stderr)
        raise InputError(CRASHED())
    answer: Mapping[str, Any] = json.loads(finished.stdout)
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


def _bundle(run_id: str) -> Mapping[str, Any]:
    from app.handing_over import hand_over, source_of

    store = workspace().runs
    record = store.get(run_id)
    target = _bundle_path(run_id)  # before the files are read: what is worked out meanwhile may come in, not be lacking
    if target is None:
        source_of(store, record)  # says what is lacking
        raise InputError(CRASHED())
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target.parent, ignore_cleanup_errors=True) as room:
        folder, part = Path(room) / BUNDLE, Path(room) / f"{BUNDLE}.zip"
        hand_over(store, record, BUNDLE, folder)
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(folder.rglob("*")):
                archive.write(file, file.relative_to(room))
        _put(part, target)
    return {"path": str(target)}


def _put(part: Path, target: Path) -> None:
    """Move a file into its place, unless the same one stands there and is being read, which Windows does not allow."""
    try:
        part.replace(target)
    except PermissionError:
        if not target.is_file():
            raise


JOBS: Mapping[str, Callable[..., Mapping[str, Any]]] = {
    "review": _review,
    "predict": _predict,
    "bundle": _bundle,
}


def main() -> None:
    """Do one job: parameters from standard input, the answer to standard output."""
    options = _options()
    settle(options.workspace)
    sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    answers, sys.stdout = sys.stdout, sys.stderr  # what libraries print must not get into the answer
    try:
        answer = JOBS[options.job](**json.load(sys.stdin))
    except TablewrightError as wrong:
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
