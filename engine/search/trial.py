"""One candidate, from features to out-of-fold scores: what runs inside the guarded process."""

import logging
import math
import pickle
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from engine.blend.final import FittedModel
from engine.errors import TrialError
from engine.families.family import family_named
from engine.features.step import Matrix
from engine.logs import event
from engine.messages import phrase
from engine.search.data import TrainingData
from engine.search.even_parts import even_parts
from engine.search.fitting import features_of, fitted_model
from engine.search.folds import Indices, drawings, others_of_drawing
from engine.search.kept import keep
from engine.search.order import Order, Report
from engine.search.pruners.pruner import pruner_named
from engine.search.scoring import score_of
from engine.search.taught import Taught, taught_rows
from engine.search.turning import recalibrated, with_shared_factors
from engine.tasks.metric import Metric, metric_named

Floats = NDArray[np.float64]
logger = logging.getLogger(__name__)

NOT_MEASURABLE = phrase(
    "trial_not_measurable",
    "The metric is not defined on these rows, so the candidate has no score.",
    "Choose another metric, or add rows of the rare class.",
)


def run_trial(order: Order) -> Report:
    """Fit a candidate fold by fold and keep its models and out-of-fold scores.

    The number of boosting rounds that scores a fold's rows is the median of what the other folds found best, so that
    rows which stop a fit never alone score it.
    """
    logger.info("A candidate is tried", extra=event(number=order.number, family=order.family))
    # NumPy's own threads would fight with those of the trial beside this one.
    with threadpool_limits(order.threads):
        return _run_folds(order)


def _run_folds(order: Order) -> Report:
    data = TrainingData.load(order.folder / "data")
    family, metric = family_named(order.family), metric_named(order.metric)
    folds, stops = _judged(data, order.seed)
    taught = [
        taught_rows(family, str(position), train, np.union1d(valid, stops[position]), order.seed)
        for position, (train, valid) in enumerate(folds)
    ]
    started, drawing = time.monotonic(), drawings(data.folds)
    fitted: list[FittedModel] = []
    scores: list[float] = []
    end_seconds = 0.0  # of all folds, once they are fitted
    for position, (_, valid) in enumerate(folds):
        deadline = _deadline(order, started, n_left=len(folds) - position, end_seconds=end_seconds)
        model, features = _fit_fold(order, data, taught[position], stops[position], deadline)
        fitted.append(model)
        scored = time.monotonic()
        scores.append(score_of(model.raw(features.take(valid)), data, valid, metric))
        if position == 0 and order.seconds is not None:
            end_seconds = len(folds) * _seconds_of_keeping(model, scored)
        if position + 1 < len(folds) and _gives_up(order, metric, scores):
            return _report(scores, fitted, math.nan, pruned=True)
        share = (position + 1) / len(folds)
        is_drawn = drawing[position + 1 : position + 2] != [drawing[position]]  # every row has been predicted
        if is_drawn and _is_late(order, started, share=share, end_seconds=end_seconds):
            folds, taught = folds[: position + 1], taught[: position + 1]  # rather so than not at all
            break
    drawing = drawing[: len(fitted)]
    fitted = [model.cut() for model in with_shared_factors(_with_shared_rounds(fitted, drawing), drawing)]
    out_of_fold = [
        model.raw(features_of(order, data, rows).take(valid))
        for model, rows, (_, valid) in zip(fitted, taught, folds, strict=True)
    ]
    scores = [score_of(raw, data, valid, metric) for raw, (_, valid) in zip(out_of_fold, folds, strict=True)]
    together = _together(out_of_fold, folds, len(data.train.y), data.task.n_outputs)
    validated = np.flatnonzero(np.isfinite(together).all(axis=1))
    pooled_score = score_of(together[validated], data, validated, metric)
    if not np.isfinite(scores).any():
        scores = [pooled_score]
    keep(order.place, fitted, together)
    return _report(scores, fitted, pooled_score, pruned=False)


def _fit_fold(
    order: Order, data: TrainingData, taught: Taught, stopping_rows: Indices, deadline: float | None
) -> tuple[FittedModel, Matrix]:
    model, features = fitted_model(
        order, data, taught, deadline, parameters=order.spec.parameters, stopping_rows=stopping_rows
    )
    return recalibrated(model, features.take(stopping_rows), data, stopping_rows, metric_named(order.metric)), features


def _deadline(order: Order, started: float, *, n_left: int, end_seconds: float) -> float | None:
    if order.seconds is None:
        return None
    now = time.monotonic()
    return now + max(0.0, started + order.seconds - end_seconds - now) / n_left


def _seconds_of_keeping(model: FittedModel, scored: float) -> float:
    """Return what a fold takes when all are fitted: it is scored once more, and written. `scored`: when that began.

    Many small trees take long to write: a trial that fits until its last moment would be ended with nothing to show.
    """
    pickle.dumps(model.cut())
    return time.monotonic() - scored


Fold = tuple[Indices, Indices]


def _judged(data: TrainingData, seed: int) -> tuple[list[Fold], list[Indices]]:
    """Return the folds with the rows that score them, and the rows that stop each fit.

    With several folds each scores with rounds that the others chose; a single one stops on half of its rows and is
    scored on the other half, which has its share of each class.
    """
    folds = data.fold_rows()
    if len(folds) > 1:
        return folds, [valid for _, valid in folds]
    ((train, valid),) = folds
    groups, y = None if data.train.groups is None else data.train.groups[valid], data.train.y[valid]
    half = even_parts(y, data.task, 2, np.random.default_rng(seed), groups)
    if data.task.classes and len(np.unique(y[half == 0])) != len(np.unique(y[half == 1])):
        half = even_parts(y, data.task, 2, np.random.default_rng(seed))  # groups must not keep classes from a score
    return [(train, valid[half == 1])], [valid[half == 0]]


def _gives_up(order: Order, metric: Metric, scores: Sequence[float]) -> bool:
    if order.race is None:
        return False
    return pruner_named(order.pruner).gives_up([metric.loss(score) for score in scores], order.race)


def _is_late(order: Order, started: float, *, share: float, end_seconds: float) -> bool:
    """Say whether the rest of the folds would take longer than there is time, judged by the `share` that is done."""
    if order.seconds is None or share >= 1:
        return False
    spent = time.monotonic() - started
    return spent / share + end_seconds > order.seconds


def _with_shared_rounds(fitted: Sequence[FittedModel], drawing: Sequence[int]) -> list[FittedModel]:
    """Cut each fold's model at what the other folds found best; fits that hurried compare as rate times rounds.

    `drawing`: of each fold. Those of another drawing stop on rows that this fold is scored on, so they have no say.
    """
    efforts = np.array([model.rounds * model.part.rate(model.state) for model in fitted])
    if len(fitted) == 1 or not efforts.any():
        return list(fitted)
    shared = [float(np.median(efforts[others])) for others in others_of_drawing(drawing)]
    return [
        replace(model, rounds=max(1, round(effort / model.part.rate(model.state))))
        for model, effort in zip(fitted, shared, strict=True)
    ]


def _usual_rounds(fitted: Sequence[FittedModel]) -> int:
    """Return the rounds of a refit at the median rate of the folds; 0 for families without rounds."""
    rates = [model.part.rate(model.state) for model in fitted]
    efforts = [model.rounds * rate for model, rate in zip(fitted, rates, strict=True)]
    return round(float(np.median(efforts)) / float(np.median(rates)))


def _together(parts: Sequence[Floats], folds: Sequence[tuple[Indices, Indices]], n_rows: int, n_outputs: int) -> Floats:
    """Average the out-of-fold scores over repetitions: [N, n_outputs]; NaN for rows that were never validated."""
    total, times = np.zeros((n_rows, n_outputs)), np.zeros(n_rows)
    for raw, (_, valid) in zip(parts, folds, strict=True):
        total[valid] += raw.reshape(len(valid), n_outputs)
        times[valid] += 1
    with np.errstate(invalid="ignore"):
        return total / times[:, None]


def _report(scores: Sequence[float], fitted: Sequence[FittedModel], pooled_score: float, *, pruned: bool) -> Report:
    known = [score for score in scores if np.isfinite(score)]
    if not known:
        raise TrialError(NOT_MEASURABLE())
    # A fold in which the metric is not defined, such as AUC where one class is absent, counts as the others do.
    mean = float(np.mean(known))
    sizes = [model.part.tree_sizes(model.state, model.rounds) for model in fitted]
    return Report(
        fold_scores=tuple(float(score) if np.isfinite(score) else mean for score in scores),
        score=mean,
        pooled_score=pooled_score,
        spread=float(np.std(known)),
        rounds=_usual_rounds(fitted),
        n_nodes=sum(each.n_nodes for each in sizes),
        n_steps=sum(each.n_steps for each in sizes),
        n_unscored=len(fitted) - len(scores),
        pruned=pruned,
    )
