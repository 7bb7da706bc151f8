"""Would more rows help? Worked out when it is asked, from the run's own table, then kept with the run."""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from app.kept_why import keep_text
from engine.errors import InputError
from engine.insight.quality.more_rows import MORE_ROWS, MoreRows, in_words, read_more_rows
from engine.messages import phrase
from engine.progress import Progress
from storage.runs import RunRecord, RunStore
from storage.workspace import Workspace

NO_MODEL = phrase(
    "more_rows_no_model",
    "The run {run_id} has no model yet; it is {status}.",
    "Wait until its model is ready; see: tablewright status {run_id}.",
)
NO_CANDIDATE = phrase(
    "more_rows_no_candidate", "The run {run_id} has no candidate that learns from rows, so there is no curve to draw."
)


def kept_more_rows(store: RunStore, run_id: str) -> MoreRows | None:
    """Return what was worked out before; None where nobody has asked."""
    return read_more_rows(store.artifacts(run_id))


def work_out_more_rows(
    place: Workspace, record: RunRecord, told: Callable[[int, int], None] = lambda _done, _of: None
) -> MoreRows:
    """Fit a candidate of a run on shares of its training rows and keep the curve. `told`: hears how far it is.

    Raises InputError while there is no model, and when the table is gone.
    """
    progress = place.runs.progress(record.id)
    if progress.ready is None or progress.prepared is None:
        raise InputError(NO_MODEL(run_id=record.id, status=str(progress.status)))
    room: Path = place.runs.folder(record.id)
    # Arrays on disk are mapped into memory, and what is mapped cannot be removed on Windows before this process ends.
    with TemporaryDirectory(dir=room, prefix="more-rows-", ignore_cleanup_errors=True) as folder:
        found = _curve(place, record, progress, Path(folder), told)
    keep_text(place.runs, record.id, MORE_ROWS, json.dumps(found.to_json(), ensure_ascii=False))
    return found


def _curve(
    place: Workspace, record: RunRecord, progress: Progress, folder: Path, told: Callable[[int, int], None]
) -> MoreRows:
    from engine.insight.learning_curve import candidate_for, learning_curve
    from engine.run.dividing import divide_rows
    from engine.run.question import settle_question, without_leaks
    from engine.run.resources import usable_cores
    from engine.table.schema import Role

    candidate, prepared = candidate_for(progress.leaderboard), progress.prepared
    assert prepared is not None
    if candidate is None:
        raise InputError(NO_CANDIDATE(run_id=record.id))
    findings = progress.checked.findings if progress.checked else ()
    left_out = [each for each in findings if each.automatic]
    question = without_leaks(settle_question(place.datasets.load(record.dataset_id), record.config), left_out)
    data, _plan = divide_rows(question, record.config)
    best = progress.best
    found = learning_curve(
        folder,
        data,
        candidate,
        candidate.number if best is None else best.number,
        prepared.metric,
        threads=1 if record.config.candidates is not None else usable_cores(),
        told=told,
    )
    groups = [column.name for column in question.dataset.schema.with_role(Role.GROUP)]
    return in_words(found, prepared.baseline, groups[0] if groups else "")
