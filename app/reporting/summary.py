"""What came of a run, laid out for people: leaderboard, score, what matters most, what is still open."""

from collections.abc import Mapping

from app.larger import large_said
from app.reporting.words import STAGES, advice, figure, unexplained
from app.terminal import table
from engine.checks.check import Severity
from engine.figures import chance
from engine.insight.effect_sentences import NOTHING_MOVES
from engine.insight.quality.money import prices_of
from engine.messages import render
from engine.progress import Progress, Status

Costs = Mapping[str, Mapping[str, float]] | None

_WHAT_TO_DO = {
    Status.PAUSED: " Go on: tablewright resume {run_id}",
    Status.INTERRUPTED: " Its process is gone. Go on with what is kept: tablewright resume {run_id}",
    Status.FAILED: " Try again with what is kept: tablewright resume {run_id}",
}


def standing(run_id: str, progress: Progress) -> str:
    """Say in a sentence or two how a run stands and what can be done about it."""
    what = _WHAT_TO_DO.get(progress.status, "").format(run_id=run_id)
    cause = f" {render(progress.failure.cause)}" if progress.failure is not None else ""
    stage = f" {STAGES.get(progress.stage, progress.stage)}." if progress.status is Status.TRAINING else ""
    return f"Run {run_id} is {progress.status} after {progress.seconds:.0f} s.{stage}{cause}{what}"


def outcome(run_id: str, progress: Progress, costs: Costs = None) -> str:
    """Say what came of a run; of one without a model also how it stands, and what can be done about it.

    `costs`: see `summary`.
    """
    said = (summary(progress, costs), standing(run_id, progress) if progress.ready is None else "")
    return "\n\n".join(each for each in said if each)


def summary(progress: Progress, costs: Costs = None) -> str:
    """Say how a run stands: its leaderboard, its honest score against the baseline, and what matters most.

    `costs`: of mistakes, as the person gave them for the run; None where all count alike.
    """
    blocks = [
        leaderboard_text(progress),
        score_text(progress),
        verdict_text(progress, costs),
        "\n".join(large_said(progress)),
        _importances_text(progress),
        _warnings_text(progress),
    ]
    return "\n\n".join(block for block in blocks if block)


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


def verdict_text(progress: Progress, costs: Costs) -> str:
    """Say whether the model is ready for use, usable with care or not useful, and why; empty until there is one."""
    if progress.prepared is None or progress.ready is None:
        return ""
    from engine.insight.quality.quality import judgement_of

    found = judgement_of(progress, prices_of(costs, progress.prepared.task.classes))
    return "\n".join([f"{render(found.title)}:", *(f"- {render(reason)}" for reason in found.reasons)])


def _importances_text(progress: Progress) -> str:
    if progress.explained is None and progress.unexplained is not None:
        return unexplained(progress.unexplained)
    if progress.explained is None or not progress.explained.importances:
        return ""
    if not any(column.share for column in progress.explained.importances):
        return render(NOTHING_MOVES())
    rows = [[column.column, chance(column.share)] for column in progress.explained.importances[:8]]
    return "What matters most:\n" + table(["column", "share"], rows, right=(1,))


def _warnings_text(progress: Progress) -> str:
    """Repeat what is still open about the table, where the score is read: a leak makes every score too good."""
    found = progress.checked.findings if progress.checked else ()
    open_ones = [f"- {advice(each)}" for each in found if each.severity is not Severity.HANDLED]
    return "\n".join(["Before you rely on it, please look:", *open_ones]) if open_ones else ""
