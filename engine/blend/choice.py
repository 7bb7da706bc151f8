"""Chooses the members of the final model by their out-of-fold scores, and says how good the blend is, honestly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.blend.calibration import Calibration, calibration
from engine.blend.clear_gain import is_clearly_better
from engine.blend.decision import Decision, decide
from engine.blend.decisions import USUAL_DECISIONS, DecisionSettings
from engine.blend.ensemble import choose_blend, nested_scores
from engine.blend.link import link_to_prediction
from engine.blend.views import Views
from engine.outcomes import Estimate
from engine.search.data import TrainingData
from engine.search.kept import load_out_of_fold, place_of
from engine.search.scoring import predicted
from engine.tasks.metric import Metric, metric_named
from engine.tasks.task import TaskKind

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The chosen candidates with their weights, the heaviest first.

    `score`: the metric of the blend on rows that chose neither its weights nor its calibration, only the stage.
    `validation`: all metrics, likewise. `decision`: what the file decides, fitted on the same rows. `stage`: the
    earlier stage whose blend it is, because no later one is clearly better; None: that of all candidates.
    """

    members: tuple[tuple[int, float], ...]
    calibration: Calibration
    score: float
    validation: Mapping[str, Estimate]
    decision: Decision
    stage: int | None = None


def choose_members(
    folder: Path,
    numbers: Sequence[int],
    metric_key: str,
    seed: int,
    settings: DecisionSettings = USUAL_DECISIONS,
    shares: Mapping[int, float] | None = None,
    loads: Mapping[int, float] | None = None,
    earlier: Sequence[Sequence[int]] = (),
) -> Choice:
    """Choose among candidates by their out-of-fold scores on disk.

    `shares`: their weights, where these were chosen before, on other rows: then there is nothing to choose. `loads`:
    what each takes of the room in the file, of which there is 1; None where that plays no part. `earlier`: those
    among which could be chosen at earlier stages of the search: their blend stays unless a later one is clearly better.
    """
    data, metric = TrainingData.load(folder / "data"), metric_named(metric_key)
    rows = np.flatnonzero(np.isfinite(_out_of_fold(folder, numbers[0])).all(axis=1))
    train = data.train
    blending = _Blending(
        folder=folder,
        data=data,
        rows=rows,
        y=train.y[rows],
        weight=None if train.weight is None else train.weight[rows],
        groups=None if train.groups is None else train.groups[rows],
        metric=metric,
        seed=seed,
        settings=settings,
        shares=shares,
        loads=loads,
    )
    stages = [*earlier, numbers]
    made, kept = blending.blend(stages[0]), 0
    for stage, among in enumerate(stages[1:], start=1):
        further = blending.blend(among)
        if blending.is_clearly_better(further, made):
            made, kept = further, stage
    y, weight, groups = blending.y, blending.weight, blending.groups
    return Choice(
        members=tuple(sorted(made.shares.items(), key=lambda member: -member[1])),
        calibration=calibration(made.scores, y, data.task, weight),
        score=metric.score(y, made.unseen.of(metric), weight),
        validation=made.unseen.estimates(data.task, y, weight, groups=groups, seed=seed),
        decision=made.decision,
        stage=kept if kept < len(earlier) else None,
    )


@dataclass(frozen=True, kw_only=True)
class _Blended:
    """A blend of some candidates. `scores`: on the link scale; `unseen`: predictions as others chose them to be."""

    shares: Mapping[int, float]
    scores: Floats
    unseen: Views
    decision: Decision


@dataclass(frozen=True, kw_only=True)
class _Blending:
    """What all blends of a choice have in common. `y`, `weight`, `groups`: of the `rows` that candidates predicted."""

    folder: Path
    data: TrainingData
    rows: NDArray[np.int64]
    y: NDArray[np.generic]
    weight: Floats | None
    groups: NDArray[np.generic] | None
    metric: Metric
    seed: int
    settings: DecisionSettings
    shares: Mapping[int, float] | None
    loads: Mapping[int, float] | None

    def blend(self, numbers: Sequence[int]) -> _Blended:
        task, y, weight, groups, metric = self.data.task, self.y, self.weight, self.groups, self.metric
        raw = [_out_of_fold(self.folder, number) for number in numbers]
        if len(self.rows) < len(raw[0]):  # otherwise they stay on disk until they are looked at
            raw = [scores[self.rows] for scores in raw]
        # In the target's own unit: of a standardised target some metrics, such as RMSLE, are not defined.
        if task.kind is TaskKind.REGRESSION:
            raw = [predicted(scores, self.data)[:, None] for scores in raw]
        loads = None if self.loads is None else [self.loads[number] for number in numbers]
        given = None
        if self.shares is not None:
            shares = [self.shares[number] for number in numbers]
            given = tuple(share / sum(shares) for share in shares)
        weights = given or choose_blend(raw, y, task, metric, weight, loads=loads, seed=self.seed).weights
        scores = _weighed(raw, weights)
        nested = nested_scores(raw, y, task, metric, weight, groups, loads=loads, given=given, seed=self.seed)
        unseen = link_to_prediction(nested.calibrated, task)
        # Calibration keeps the order of two answers' rows, but each part has its own, which would shuffle the parts.
        ordered = link_to_prediction(nested.blended, task) if task.kind is TaskKind.BINARY else None
        decision, named = decide(task, y, unseen, weight, metric, self.settings, seed=self.seed, groups=groups)
        return _Blended(
            shares={number: share for number, share in zip(numbers, weights, strict=True) if share > 0},
            scores=scores,
            unseen=Views(predicted=unseen, ordered=ordered, named=named),
            decision=decision,
        )

    def is_clearly_better(self, new: _Blended, old: _Blended) -> bool:
        after, before = new.unseen.of(self.metric), old.unseen.of(self.metric)
        return is_clearly_better(self.metric, self.y, after, before, self.weight, groups=self.groups, seed=self.seed)


def _out_of_fold(folder: Path, number: int) -> Floats:
    return load_out_of_fold(place_of(folder, number))


def _weighed(raw: Sequence[Floats], weights: Sequence[float]) -> Floats:
    return np.asarray(sum(share * scores for share, scores in zip(weights, raw, strict=True) if share))
