"""What happens in a run, a line for each event, as the terminal says it."""

from app.larger import large_line
from app.reporting.words import STAGES, advice, asked_text, figure, task_text, unexplained
from engine.checks.check import Severity
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
    RequestAnswered,
    RunStarted,
    Sampled,
    SearchEnded,
    StageStarted,
    StopRequested,
    TimeAdded,
)
from engine.figures import chance
from engine.insight.effect_sentences import NOTHING_MOVES
from engine.messages import render
from engine.progress import Progress


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
            said = f"Chosen: {names}; together {figure(event.score)}, on rows that had no say in their weights"
            return said if event.reason is None else f"{said}\n          {render(event.reason)}"
        case SearchEnded():
            return render(event.reason)
        case ModelRefused():
            return f"{render(event.cause)} Falling back to another choice."
        case ModelReady():
            proof = event.certificate
            return f"Model ready: verified on {proof.rows_checked} rows, largest difference {proof.max_abs_diff:.1e}."
        case Explained():
            if not any(column.share for column in event.importances):
                return render(NOTHING_MOVES())
            names = ", ".join(f"{column.column} {chance(column.share)}" for column in event.importances[:5])
            return f"What matters most: {names}"
        case ExplanationFailed():
            return unexplained(event)
        case Failed():
            return f"Failed: {render(event.cause)}"
        case Finished():
            return "Stopped; the best was kept." if event.stopped else "Finished."
        case _:
            return None


def _prepared(event: DataPrepared) -> str:
    rows = f"{event.n_train} rows to learn from, {event.n_holdout} set aside, {event.n_folds} folds"
    said = f"Predicting {task_text(event.task)}: {rows}; {event.metric} of guessing {figure(event.baseline)}."
    reasons = [render(reason) for reason in (event.metric_reason, event.how_validated) if reason is not None]
    return "\n          ".join([said, *reasons])


def _checked(event: Checked) -> str | None:
    said = [f"Please look: {advice(each)}" for each in event.findings if each.severity is not Severity.HANDLED]
    return "\n          ".join(said) or None


def _candidate(event: CandidateFinished, progress: Progress) -> str:
    state = "given up early" if event.pruned else f"{figure(event.score)} +- {figure(event.spread)}"
    best = "  best so far" if progress.best is not None and progress.best.number == event.number else ""
    return f"{event.number:>4}  {event.family:<12} {state}  {event.train_seconds:.1f} s{best}"
