"""Fits one candidate of a finished run on growing shares of its training rows, and scores it on rows not seen.

Every share keeps the folds, and a smaller one lies within a larger. What a fold sets aside is scored whole at every
share, so that the points of the curve differ by what was learnt from alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.blend.final import FittedModel
from engine.errors import TrialError
from engine.events import CandidateFinished
from engine.families import BASELINE
from engine.features.pipeline import transform
from engine.insight.draws import Draws
from engine.insight.intervals import estimate
from engine.insight.quality.more_rows import MoreRows, Point
from engine.outcomes import Estimate
from engine.search.data import TrainingData
from engine.search.folds import LEFT_OUT, Indices
from engine.search.kept import load_folds
from engine.search.order import Order
from engine.search.scoring import predicted
from engine.search.trial import run_trial
from engine.tasks.metric import Metric, metric_named

SHARES = (0.125, 0.25, 0.5, 1.0)
LEAST_ROWS = 40  # to learn from
QUICK_SECONDS = 30.0  # a candidate that took longer is fitted on shares only where none was quicker
LEAST_SECONDS = 20.0
N_DRAWS = 200

Floats = NDArray[np.float64]


def candidate_for(leaderboard: Sequence[CandidateFinished]) -> CandidateFinished | None:
    """Return the best candidate that is quick enough to be fitted on every share; where none is, the quickest."""
    able = [each for each in leaderboard if each.family != BASELINE]
    quick = [each for each in able if each.train_seconds <= QUICK_SECONDS]
    return quick[0] if quick else min(able, key=lambda each: each.train_seconds, default=None)


def learning_curve(
    folder: Path,
    data: TrainingData,
    candidate: CandidateFinished,
    best: int,
    metric_key: str,
    *,
    threads: int,
    told: Callable[[int, int], None] = lambda _done, _of: None,
) -> MoreRows:
    """Return the curve of a candidate, without words yet. `folder`: may be filled; `told`: hears how far it is."""
    metric = metric_named(metric_key)
    data, judged = with_rows_kept_apart(data)
    known: list[tuple[int, Floats]] = []
    shares = [share for share in SHARES if share * len(data.train.y) >= LEAST_ROWS]
    for place, share in enumerate(shares):
        told(place, len(shares))
        rows = share_of_rows(data, share)
        if not _has_every_fold(data, rows):
            continue
        order = Order(
            folder=folder / f"share{place}",
            number=0,
            family=candidate.family,
            parameters=candidate.parameters,
            metric=metric_key,
            seed=data.seed,
            threads=threads,
            seconds=max(LEAST_SECONDS, 2 * candidate.train_seconds),
        )
        try:
            known.append(_fitted(order, data, rows, judged))
        except TrialError:
            continue  # a share may lack what the candidate or the metric asks for, such as every class
    told(len(shares), len(shares))
    return _curve(data, metric, known, candidate, best)


def with_rows_kept_apart(data: TrainingData) -> tuple[TrainingData, list[Indices]]:
    """Return the rows of which some are learnt from, and which ones score each fold.

    A single fold stops its fits by the rows that it sets aside, so half of these are kept apart for scoring.
    """
    folds = data.fold_rows()
    if len(folds) > 1:
        return data, [valid for _train, valid in folds]
    ((_train, valid),) = folds
    apart = np.sort(np.random.default_rng(data.seed).permutation(valid)[: len(valid) // 2])
    marks = np.array(data.folds)
    marks[:, apart] = LEFT_OUT
    return replace(data, folds=marks), [apart]


def share_of_rows(data: TrainingData, share: float) -> Indices:
    """Return rows so that each fold and class gives its share, and groups stay whole; a smaller share lies within."""
    marks = data.folds[0].astype(np.int64)
    units, of_row = np.arange(len(marks)), np.arange(len(marks))
    labels = marks if not data.task.classes else marks * (len(data.task.classes) + 1) + data.train.y.astype(np.int64)
    if data.train.groups is not None:
        _groups, units, of_row = np.unique(data.train.groups, return_index=True, return_inverse=True)
        labels = marks[units]
    chance = pd.Series(np.random.default_rng(data.seed).random(len(units)))
    place = chance.groupby(labels).rank() - 0.5
    size = chance.groupby(labels).transform("size")
    return np.flatnonzero((place <= share * size).to_numpy()[of_row])


def _has_every_fold(data: TrainingData, rows: Indices) -> bool:
    """Whether each fold still learns from rows and sets rows aside; a few groups may all be left out of one."""
    marks = np.asarray(data.folds)
    return all(
        (turn[rows] == fold).any() and ((turn[rows] != fold) & (turn[rows] != LEFT_OUT)).any()
        for turn in marks
        for fold in range(int(turn.max()) + 1)
    )


def _fitted(order: Order, data: TrainingData, rows: Indices, judged: Sequence[Indices]) -> tuple[int, Floats]:
    """Return how many rows a model learnt from, and the link-scale scores of all rows that folds set aside."""
    some = replace(data, train=data.train.take(rows), folds=np.asarray(data.folds)[:, rows])
    place = order.folder / "data"
    place.mkdir(parents=True)
    some.save(place)
    run_trial(order)
    n_rows = [len(train) for train, _valid in some.fold_rows()]
    return round(float(np.mean(n_rows))), _scores(load_folds(order.place), data, judged)


def _scores(models: Sequence[FittedModel], data: TrainingData, judged: Sequence[Indices]) -> Floats:
    """Return the mean scores of each row by the models that had not learnt from it; NaN where there is none."""
    frame = data.train.frame
    total, times = np.zeros((len(frame), data.task.n_outputs)), np.zeros(len(frame))
    for model, valid in zip(models, judged, strict=False):  # late repetitions may be missing
        features = transform(model.pipeline, frame.iloc[valid].reset_index(drop=True))
        total[valid] += model.raw(features).reshape(len(valid), -1)
        times[valid] += 1
    return np.where(times[:, None] > 0, total / np.maximum(times, 1)[:, None], np.nan)


def _curve(
    data: TrainingData,
    metric: Metric,
    known: Sequence[tuple[int, Floats]],
    candidate: CandidateFinished,
    best: int,
) -> MoreRows:
    whole = np.array([np.isfinite(raw).all(axis=1) for _n, raw in known])
    rows = np.flatnonzero(whole.all(axis=0)) if len(known) else np.zeros(0, np.int64)
    said = [predicted(raw[rows], data) for _n, raw in known] if len(rows) else []
    points = []
    for (n_rows, _raw), values in zip(known, said, strict=False):
        groups = None if data.train.groups is None else data.train.groups[rows]
        weight = None if data.train.weight is None else data.train.weight[rows]
        score = estimate(metric, data.train.y[rows], values, weight, groups=groups, seed=data.seed)
        points.append(Point(n_rows=n_rows, score=score))
    kept = [place for place, point in enumerate(points) if np.isfinite(point.score.value)]
    return MoreRows(
        metric=metric.key,
        number=candidate.number,
        family=candidate.family,
        best=best,
        points=tuple(points[place] for place in kept),
        gain=_gain(metric, data, rows, said[kept[-2]], said[kept[-1]]) if len(kept) > 1 else None,
    )


def _gain(metric: Metric, data: TrainingData, rows: Indices, before: Floats, after: Floats) -> Estimate | None:
    """Return how much better the later scores are, with a 95 % interval of the same draws of rows for both."""
    y = data.train.y[rows]
    weight = None if data.train.weight is None else data.train.weight[rows]
    draws = Draws(n_rows=len(y), groups=None if data.train.groups is None else data.train.groups[rows])

    def gained(taken: Indices) -> float:
        drawn = None if weight is None else weight[taken]
        return metric.loss(metric.score(y[taken], before[taken], drawn)) - metric.loss(
            metric.score(y[taken], after[taken], drawn)
        )

    value = gained(np.arange(len(y)))
    usable = [taken for taken in draws.rows(data.seed, N_DRAWS) if len(np.unique(y[taken])) > 1]
    found = np.array([gained(taken) for taken in usable])
    found = found[np.isfinite(found)]
    if not len(found):
        return None
    low, high = np.quantile(value + (found - found.mean()) * draws.scale, (0.025, 0.975), method="weibull")
    return Estimate(value=value, low=min(float(low), value), high=max(float(high), value))
