"""What the terminal says about a run: a document for programs, lines and tables for people. Folded from events."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.fixing import fix_word
from app.larger import large_facts, large_line, large_said
from app.terminal import table
from engine.artifacts import Artifacts
from engine.checks.check import Finding, Severity
from engine.events import (
    AllRowsTried,
    BlendChosen,
    CandidateAsked,
    CandidateFailed,
    CandidateFinished,
    CandidatePinned,
    Checked,
    Continued,
    DataPrepared,
    Event,
    Explained,
    ExplanationFailed,
    Failed,
    FamilyBanned,
    FamilySkipped,
    Finished,
    ModelReady,
    ModelRefused,
    Paused,
    Request,
    RequestAnswered,
    RunStarted,
    Sampled,
    SearchEnded,
    StageStarted,
    StopRequested,
    TimeAdded,
)
from engine.figures import chance
from engine.messages import price, render
from engine.outcomes import Estimate
from engine.progress import Progress, Status
from engine.tasks.task import Task, TaskKind

STAGES = {
    "prepare": "Preparing the rows",
    "search": "Searching for good models",
    "blend": "Combining the best models",
    "refit": "Training the chosen models on all training rows",
    "all rows": "Training on all rows, those included that do not fit into memory",
    "export": "Writing the ONNX file",
    "certify": "Checking the file against the libraries",
    "score": "Scoring the file on rows it has never seen",
    "explain": "Finding out what matters most",
}

_WHAT_TO_DO = {
    Status.PAUSED: " Go on: tablewright resume {run_id}",
    Status.INTERRUPTED: " Its process is gone. Go on with what is kept: tablewright resume {run_id}",
    Status.FAILED: " Try again with what is kept: tablewright resume {run_id}",
}


def document(run_id: str, progress: Progress, model: Path | None) -> dict[str, Any]:
    """Return everything about a run as plain data; what is not known yet is None or empty. `model`: the ONNX file."""
    prepared, ready = progress.prepared, progress.ready
    return {
        "run_id": run_id,
        "status": str(progress.status),
        "task": str(prepared.task.kind) if prepared else None,
        "target": prepared.task.target if prepared else None,
        "classes": list(prepared.task.classes) if prepared else [],
        "metric": prepared.metric if prepared else None,
        "rows": row_counts(prepared) if prepared else None,
        "large": large_facts(progress),
        "holdout": estimates(ready.holdout) if ready and ready.holdout is not None else None,
        "validation": estimates(ready.validation) if ready else None,
        "baseline": _baseline(progress),
        "leaderboard": leaderboard_rows(progress),
        "failed": [
            {"number": lost.number, "family": lost.family, "cause": render(lost.cause)} for lost in progress.failed
        ],
        "skipped": [{"family": skip.family, "reason": render(skip.reason)} for skip in progress.skipped],
        "blend": [asdict(member) for member in progress.blend.members] if progress.blend else [],
        "seconds": {
            "total": progress.seconds,
            "read": ready.read_seconds if ready else None,
            "search": ready.search_seconds if ready else None,
            "model_ready": ready.seconds if ready else None,
        },
        "onnx": _onnx(ready, model) if ready else None,
        "importances": [asdict(column) for column in progress.explained.importances] if progress.explained else [],
        "unexplained": render(progress.unexplained.cause) if progress.unexplained else None,
        "findings": findings_rows(progress.checked.findings) if progress.checked else [],
        "failure": render(progress.failure.cause) if progress.failure else None,
    }


def row_counts(prepared: DataPrepared) -> dict[str, int]:
    """Return how the rows were divided."""
    return {"all": prepared.n_rows, "train": prepared.n_train, "holdout": prepared.n_holdout, "folds": prepared.n_folds}


def estimates(scores: Mapping[str, Estimate]) -> dict[str, dict[str, float]]:
    """Return scores with their intervals as plain data."""
    return {metric: asdict(estimate) for metric, estimate in scores.items()}


def leaderboard_rows(progress: Progress) -> list[dict[str, Any]]:
    """Return the leaderboard as plain data, best first."""
    return [
        {
            "number": result.number,
            "family": result.family,
            "score": result.score,
            "spread": result.spread,
            "seconds": result.train_seconds,
        }
        for result in progress.leaderboard
    ]


def findings_rows(findings: tuple[Finding, ...]) -> list[dict[str, Any]]:
    """Return findings as plain data, in words."""
    return [
        {
            "code": finding.code,
            "severity": str(finding.severity),
            "columns": list(finding.columns),
            "message": render(finding.message),
            "price": price(finding.message),
            "evidence": [render(message) for message in finding.evidence],
            "remedies": [render(remedy.title) for remedy in finding.remedies],
            "automatic": finding.automatic,
            "fix": fix_word(finding),
        }
        for finding in findings
    ]


def main_score(progress: Progress) -> float | None:
    """Return the score of the file in the run's metric; before there is a file, that of the best candidate."""
    if progress.prepared is None:
        return None
    if progress.ready is not None:
        scores = progress.ready.validation if progress.ready.holdout is None else progress.ready.holdout
        if progress.prepared.metric in scores:
            return scores[progress.prepared.metric].value
    return progress.best.score if progress.best is not None else None


def kept_model(progress: Progress, artifacts: Artifacts) -> Path | None:
    """Return where the run's ONNX file lies; None before there is one, and when it is gone."""
    if progress.ready is None:
        return None
    try:
        return artifacts.fetch(progress.ready.path)
    except FileNotFoundError:
        return None


def standing(run_id: str, progress: Progress) -> str:
    """Say in a sentence or two how a run stands and what can be done about it."""
    what = _WHAT_TO_DO.get(progress.status, "").format(run_id=run_id)
    cause = f" {render(progress.failure.cause)}" if progress.failure is not None else ""
    stage = f" {STAGES.get(progress.stage, progress.stage)}." if progress.status is Status.TRAINING else ""
    return f"Run {run_id} is {progress.status} after {progress.seconds:.0f} s.{stage}{cause}{what}"


def line(event: Event, progress: Progress) -> str | None:  # noqa: C901 - one line per kind of event
    """Say in one line what happened; None for what need not be said. `progress`: how things stand with it."""
    match event:
        case RunStarted():
            return "Resumed." if event.resumed else None
        case Sampled() | AllRowsTried():
            return large_line(event)
        case DataPrepared():
            return _prepared(event)
        case StageStarted():
            return f"{STAGES.get(event.stage, event.stage)} ..."
        case Checked():
            return _checked(event)
        case CandidateFinished():
            return _candidate(event, progress)
        case CandidateFailed():
            return f"{event.number:>4}  {event.family} failed, alone: {render(event.cause)}"
        case FamilySkipped():
            return f"{event.family} is left out: {render(event.reason)}"
        case Paused():
            return "Paused."
        case Continued():
            return "Going on."
        case StopRequested():
            return "Asked to stop; the best is kept."
        case TimeAdded():
            return f"More time: {event.added_seconds:.0f} s on top of what it began with."
        case CandidateAsked() | FamilyBanned() | CandidatePinned():
            return asked_text(event)
        case RequestAnswered():
            return render(event.problem) if event.problem is not None else None
        case BlendChosen():
            names = ", ".join(f"{member.weight:.2f} x {member.family} {member.number}" for member in event.members)
            return f"Chosen: {names}; together {figure(event.score)}"
        case SearchEnded():
            return render(event.reason)
        case ModelRefused():
            return f"{render(event.cause)} Falling back to another choice."
        case ModelReady():
            proof = event.certificate
            return f"Model ready: verified on {proof.rows_checked} rows, largest difference {proof.max_abs_diff:.1e}."
        case Explained():
            names = ", ".join(f"{column.column} {chance(column.share)}" for column in event.importances[:5])
            return f"What matters most: {names}"
        case ExplanationFailed():
            return _unexplained(event)
        case Failed():
            return f"Failed: {render(event.cause)}"
        case Finished():
            return "Stopped; the best was kept." if event.stopped else "Finished."
        case _:
            return None


def asked_text(request: Request) -> str:
    """Say what a person asked of a search.

    >>> asked_text(FamilyBanned(seconds=1, request="a", family="linear"))
    'You asked for no new candidates of linear.'
    """
    match request:
        case FamilyBanned():
            what = (
                f"candidates of {request.family} again" if request.lifted else f"no new candidates of {request.family}"
            )
            return f"You asked for {what}."
        case CandidatePinned():
            return f"You {'let go of' if request.lifted else 'pinned'} candidate {request.number}."
        case CandidateAsked():
            settings = ", ".join(f"{name}={value}" for name, value in request.parameters.items())
            return f"You asked to try next: {request.family} {settings}".rstrip()


def summary(progress: Progress) -> str:
    """Say how a run stands: its leaderboard, its honest score against the baseline, and what matters most."""
    blocks = [
        leaderboard_text(progress),
        score_text(progress),
        "\n".join(large_said(progress)),
        _importances_text(progress),
        _warnings_text(progress),
    ]
    return "\n\n".join(block for block in blocks if block)


def _warnings_text(progress: Progress) -> str:
    """Repeat what is still open about the table, where the score is read: a leak makes every score too good."""
    found = progress.checked.findings if progress.checked else ()
    open_ones = [f"- {_advice(each)}" for each in found if each.severity is not Severity.HANDLED]
    return "\n".join(["Before you rely on it, please look:", *open_ones]) if open_ones else ""


def leaderboard_text(progress: Progress, most: int = 15) -> str:
    """Lay out the best candidates; empty when there is none yet."""
    if progress.prepared is None or not progress.leaderboard:
        return ""
    weights = {member.number: f"{member.weight:.2f}" for member in progress.blend.members} if progress.blend else {}
    rows = [
        [
            result.number,
            result.family,
            figure(result.score),
            figure(result.spread),
            f"{result.train_seconds:.1f}",
            weights.get(result.number, ""),
        ]
        for result in progress.leaderboard[:most]
    ]
    head = ["no.", "family", progress.prepared.metric, "+-", "seconds", "weight"]
    rest = len(progress.leaderboard) - most
    better = "higher" if progress.prepared.greater_is_better else "lower"
    return (
        f"Best first; of {progress.prepared.metric}, {better} is better.\n"
        + table(head, rows, right=(0, 2, 3, 4, 5))
        + (f"\n... and {rest} more" if rest > 0 else "")
    )


def score_text(progress: Progress) -> str:
    """Say how good the file is, on which rows, beside the baseline; empty until the file is ready."""
    if progress.prepared is None or progress.ready is None:
        return ""
    ready, prepared = progress.ready, progress.prepared
    scores = ready.validation if ready.holdout is None else ready.holdout
    where = (
        f"On {prepared.n_holdout} rows the model has never seen (hold-out)"
        if ready.holdout is not None
        else "Out of fold, on all rows (no hold-out was set aside)"
    )
    main = [prepared.metric, *(metric for metric in scores if metric != prepared.metric)]
    rows = [
        [
            metric,
            figure(scores[metric].value),
            f"{figure(scores[metric].low)} to {figure(scores[metric].high)}",
            figure(ready.baseline[metric]) if metric in ready.baseline else "",
        ]
        for metric in main
        if metric in scores
    ]
    return f"{where}:\n" + table(["metric", "score", "95 % interval", "baseline"], rows, right=(1, 3))


def task_text(task: Task) -> str:
    """Say what is predicted.

    >>> task_text(Task(kind=TaskKind.REGRESSION, targets=("price",)))
    'the number in price'
    """
    if task.kind is TaskKind.REGRESSION:
        return f"the number in {task.target}"
    names = ", ".join(str(label) for label in task.classes[:4])
    if task.kind is TaskKind.BINARY:
        return f"whether {task.target} is {task.classes[-1]} (classes: {names})"
    return f"which of {len(task.classes)} classes {task.target} is ({names}{', ...' if len(task.classes) > 4 else ''})"


def figure(value: float) -> str:
    """Return a score with five significant digits.

    >>> figure(0.926812), figure(26801.41), figure(0.00001)
    ('0.92681', '26801', '1e-05')
    """
    return f"{value:.5g}"


def _prepared(event: DataPrepared) -> str:
    rows = f"{event.n_train} rows to learn from, {event.n_holdout} set aside, {event.n_folds} folds"
    said = f"Predicting {task_text(event.task)}: {rows}; {event.metric} of guessing {figure(event.baseline)}."
    reasons = [render(reason) for reason in (event.metric_reason, event.how_validated) if reason is not None]
    return "\n          ".join([said, *reasons])


def _checked(event: Checked) -> str | None:
    said = [f"Please look: {_advice(each)}" for each in event.findings if each.severity is not Severity.HANDLED]
    return "\n          ".join(said) or None


def _advice(finding: Finding) -> str:
    """Say a finding, and of columns that were left out by themselves how to keep them."""
    if not finding.automatic:
        return render(finding.message)
    names = [name for remedy in finding.remedies[:1] for name in remedy.columns]
    keeping = " ".join(f'--known "{name}=before"' for name in names)
    return f"{render(finding.message)} To use what is known in time: {keeping}"


def _candidate(event: CandidateFinished, progress: Progress) -> str:
    state = "given up early" if event.pruned else f"{figure(event.score)} +- {figure(event.spread)}"
    best = "  best so far" if progress.best is not None and progress.best.number == event.number else ""
    return f"{event.number:>4}  {event.family:<12} {state}  {event.train_seconds:.1f} s{best}"


def _baseline(progress: Progress) -> dict[str, float]:
    if progress.ready is not None:
        return dict(progress.ready.baseline)
    return {progress.prepared.metric: progress.prepared.baseline} if progress.prepared is not None else {}


def _onnx(ready: ModelReady, model: Path | None) -> dict[str, Any]:
    certificate = ready.certificate
    return {
        "path": str(model) if model else None,
        "bytes": certificate.bytes,
        "max_abs_diff": certificate.max_abs_diff,
        "rows_checked": certificate.rows_checked,
        "row_microseconds": certificate.row_microseconds,
        "row_p99_microseconds": certificate.row_p99_microseconds,
        "decided": dict(ready.decided),
        "sha256": certificate.sha256,
    }


def _unexplained(event: ExplanationFailed) -> str:
    return f"The model is not touched by it, but what matters most could not be found out: {render(event.cause)}"


def _importances_text(progress: Progress) -> str:
    if progress.explained is None and progress.unexplained is not None:
        return _unexplained(progress.unexplained)
    if progress.explained is None or not progress.explained.importances:
        return ""
    rows = [[column.column, chance(column.share)] for column in progress.explained.importances[:8]]
    return "What matters most:\n" + table(["column", "share"], rows, right=(1,))
