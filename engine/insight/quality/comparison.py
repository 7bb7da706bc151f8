"""The score beside what it has to be better than: the same answer for every row, a simple model, the noise of folds."""

import math
from dataclasses import dataclass

from engine.events import CandidateFinished
from engine.insight.delong import Z_95
from engine.insight.quality.ties import is_simple
from engine.outcomes import Estimate
from engine.progress import Progress
from engine.tasks.metric import metric_named


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Scores in the run's metric. `score`: of the file on the rows set aside, or without any out of fold (`held_out`).

    `baseline`: of the same answer for every row, on the same rows. `folds`: of the blend on rows that had no say in it,
    training rows; None where that is not known. `simple`: of the best model that a person can follow, over the folds,
    on all their rows together as `folds`.
    `spread`: how far the folds of the best candidate are apart (standard deviation). `gain`: over the baseline, row by
    row on the rows set aside, so that more is better; None where that was not measured.
    """

    metric: str
    title: str
    greater_is_better: bool
    held_out: bool
    score: Estimate
    baseline: float
    folds: Estimate | None
    simple: float | None
    simple_family: str
    simple_number: int
    spread: float
    gain: Estimate | None = None

    def better(self, value: float) -> float:
        """Return a score so that more is better."""
        return value if self.greater_is_better else -value

    @property
    def worst_end(self) -> float:
        """The end of the interval nearer to the baseline, so that more is better."""
        return min(self.better(self.score.low), self.better(self.score.high))

    @property
    def best_end(self) -> float:
        """The other end."""
        return max(self.better(self.score.low), self.better(self.score.high))


def compared(progress: Progress) -> Comparison | None:
    """Return the comparison of a finished run; None where its metric was not defined on the rows it is scored on."""
    prepared, ready = progress.prepared, progress.ready
    if prepared is None or ready is None:
        return None
    metric = metric_named(prepared.metric)
    scores = ready.validation if ready.holdout is None else ready.holdout
    if metric.key not in scores or metric.key not in ready.baseline:
        return None
    best = progress.best
    simple = next((result for result in progress.leaderboard if is_simple(result.family)), None)
    return Comparison(
        metric=metric.key,
        title=metric.title,
        greater_is_better=metric.greater_is_better,
        held_out=ready.holdout is not None,
        score=scores[metric.key],
        baseline=ready.baseline[metric.key],
        folds=ready.validation.get(metric.key) or _of_folds(best, progress),
        simple=_pooled(simple) if simple else None,
        simple_family=simple.family if simple else "",
        simple_number=simple.number if simple else 0,
        spread=best.spread if best else math.nan,
        gain=ready.gain,
    )


def _pooled(result: CandidateFinished) -> float:
    return result.score if result.pooled_score is None else result.pooled_score


def _of_folds(best: CandidateFinished | None, progress: Progress) -> Estimate | None:
    """Return the score of the blend over the folds, as sure as the scores of single folds are."""
    if best is None or progress.blend is None or len(best.fold_scores) < 2:
        return None
    half = Z_95 * best.spread / math.sqrt(len(best.fold_scores))
    value = progress.blend.score
    return Estimate(value=value, low=value - half, high=value + half)
