"""Says what a score means: first in words of 100, then whether it is clearly better than guessing."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.language import _, say
from app.wording import count, figure, plain
from engine.checks.check import Severity
from engine.events import Estimate, ModelReady
from engine.progress import Progress
from engine.tasks.metric import metric_named
from engine.tasks.task import TaskKind

OF_ALL = 100


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What to say. `sentences` and `doubts` are markdown; `score` and `baseline` are those of the run's metric."""

    title: str
    sentences: tuple[str, ...]
    doubts: tuple[str, ...]
    how: str
    metric: str
    score: Estimate
    baseline: float


def verdict(progress: Progress, ready: ModelReady) -> Verdict:
    """Judge a finished model by its scores alone."""
    assert progress.prepared is not None
    prepared = progress.prepared
    scores = ready.holdout or ready.validation
    metric = metric_named(prepared.metric)
    score, baseline = scores[metric.key], ready.baseline[metric.key]
    answers, always = scores.get("accuracy"), ready.baseline.get("accuracy")
    answers_help = answers is None or always is None or answers.value > always
    return Verdict(
        title=_title(score, baseline, greater_is_better=metric.greater_is_better, answers_help=answers_help),
        sentences=_sentences(progress, ready, scores),
        doubts=_doubts(progress),
        how=_how(progress, ready),
        metric=_(metric.title),
        score=score,
        baseline=baseline,
    )


def _title(score: Estimate, baseline: float, *, greater_is_better: bool, answers_help: bool) -> str:
    """Return the verdict; `answers_help`: whether its answers are right more often than the most frequent one."""
    worst, best = (score.low, score.high) if greater_is_better else (-score.high, -score.low)
    same = baseline if greater_is_better else -baseline
    if worst > same:
        if answers_help:
            return _("Clearly better than guessing")
        return _("Better than guessing in its probabilities, but not in its answers")
    return _("Perhaps better than guessing, perhaps not") if best > same else _("No better than guessing")


def _sentences(progress: Progress, ready: ModelReady, scores: Mapping[str, Estimate]) -> tuple[str, ...]:
    binary = progress.prepared is not None and progress.prepared.task.kind is TaskKind.BINARY
    if "accuracy" in scores:
        right = _right_of_100(scores["accuracy"], ready.baseline.get("accuracy"))
        return (*right, _first_of_100(progress, scores["auc"])) if binary and "auc" in scores else right
    if progress.prepared and progress.prepared.task.kind is TaskKind.REGRESSION:
        return _typical_error(progress, ready, scores)
    return ()


def _right_of_100(accuracy: Estimate, baseline: float | None) -> tuple[str, ...]:
    right = _("The answer is right for **{n} of 100** rows (between {low} and {high}).").format(
        n=round(OF_ALL * accuracy.value), low=round(OF_ALL * accuracy.low), high=round(OF_ALL * accuracy.high)
    )
    if baseline is None:
        return (right,)
    always = _("Always giving the most frequent answer is right for {n} of 100.")
    return (f"{right} {always.format(n=round(OF_ALL * baseline))}",)


def _first_of_100(progress: Progress, auc: Estimate) -> str:
    """Say what the area under the curve is: the chance to put the right one of two different rows first."""
    assert progress.prepared is not None
    said = _(
        "Of two rows with different answers, the one whose answer is {answer} gets the higher probability for it "
        "**{n} of 100** times; guessing would manage 50."
    )
    return said.format(answer=f"*{plain(progress.prepared.task.classes[1])}*", n=round(OF_ALL * auc.value))


def _typical_error(progress: Progress, ready: ModelReady, scores: Mapping[str, Estimate]) -> tuple[str, ...]:
    assert progress.prepared is not None
    key = "mae" if "mae" in scores else progress.prepared.metric
    off = _("The prediction of {target} is off by **{value}** on average (between {low} and {high}).").format(
        target=f"*{plain(progress.prepared.task.target)}*",
        value=figure(scores[key].value),
        low=figure(scores[key].low),
        high=figure(scores[key].high),
    )
    same = _("Predicting the same for every row is off by {value}.")
    return (f"{off} {same.format(value=figure(ready.baseline[key]))}" if key in ready.baseline else off,)


def _doubts(progress: Progress) -> tuple[str, ...]:
    """Say what was open when the training started: a score is worth no more than the table."""
    found = progress.checked.findings if progress.checked else ()
    return tuple(plain(say(finding.message)) for finding in found if finding.severity is Severity.PLEASE_LOOK)


def _how(progress: Progress, ready: ModelReady) -> str:
    assert progress.prepared is not None
    if ready.holdout is None:
        return _(
            "Measured by folds of the training rows, because no rows were set aside for a final test; candidates were "
            "chosen by the same rows, so it may be a little too good."
        )
    return _("Measured once, by the file itself, on {n} rows that the model has never seen.").format(
        n=count(progress.prepared.n_holdout)
    )
