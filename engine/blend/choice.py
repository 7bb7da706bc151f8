"""Chooses the members of the final model by their out-of-fold scores, and says how good the blend is, honestly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.blend.calibration import temperature
from engine.blend.decision import LABEL_METRICS, Decision, decide
from engine.blend.decisions import USUAL_DECISIONS, DecisionSettings
from engine.blend.ensemble import choose_blend, nested_score
from engine.blend.link import link_to_prediction
from engine.insight.intervals import estimates
from engine.outcomes import Estimate
from engine.search.data import TrainingData
from engine.search.trial import predicted
from engine.tasks.metric import metric_named, metrics_for
from engine.tasks.task import Task, TaskKind

MOST_MEMBERS = 5

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The chosen candidates with their weights, the heaviest first.

    `score`: the metric of the blend on rows that chose neither its weights nor its temperature. `validation`: all
    metrics, likewise. `decision`: what the file decides, fitted on the same rows.
    """

    members: tuple[tuple[int, float], ...]
    temperature: float
    score: float
    validation: Mapping[str, Estimate]
    decision: Decision


def choose_members(
    folder: Path,
    numbers: Sequence[int],
    metric_key: str,
    seed: int,
    settings: DecisionSettings = USUAL_DECISIONS,
    shares: Mapping[int, float] | None = None,
    loads: Mapping[int, float] | None = None,
) -> Choice:
    """Choose among candidates by their out-of-fold scores on disk.

    `shares`: their weights, where these were chosen before, on other rows: then there is nothing to choose. `loads`:
    what each takes of the room in the file, of which there is 1; None where that plays no part.
    """
    data = TrainingData.load(folder / "data")
    metric = metric_named(metric_key)
    out_of_fold = [np.load(folder / "trials" / str(number) / "oof.npy", mmap_mode="r") for number in numbers]
    rows = np.flatnonzero(np.isfinite(out_of_fold[0]).all(axis=1))
    raw = [scores[rows] for scores in out_of_fold]
    # In the target's own unit: of a standardised target some metrics, such as RMSLE, are not defined.
    raw = [predicted(scores, data)[:, None] if data.task.kind is TaskKind.REGRESSION else scores for scores in raw]
    y = data.train.y[rows]
    groups = None if data.train.groups is None else data.train.groups[rows]
    weight = None if data.train.weight is None else data.train.weight[rows]
    taken = None if loads is None else [loads[number] for number in numbers]
    if shares is None:
        chosen = choose_blend(raw, y, data.task, metric, weight, max_members=MOST_MEMBERS, loads=taken, seed=seed)
        weights = chosen.weights
    else:
        weights = tuple(shares[number] / sum(shares[each] for each in numbers) for number in numbers)
    blended = np.asarray(sum(share * scores for share, scores in zip(weights, raw, strict=True)))
    unseen = (
        nested_score(raw, y, data.task, metric, weight, groups, max_members=MOST_MEMBERS, loads=taken, seed=seed)
        if shares is None
        else blended
    )
    judged = link_to_prediction(unseen, data.task)
    decision, decided = decide(data.task, y, judged, weight, metric, settings, seed=seed, groups=groups)
    found = decided_estimates(data.task, y, judged, decided, weight, groups=groups, seed=seed)
    members = [(n, share) for n, share in zip(numbers, weights, strict=True) if share > 0]
    return Choice(
        members=tuple(sorted(members, key=lambda member: -member[1])),
        temperature=temperature(blended, y, data.task, weight),
        score=metric.score(y, decided if metric.key in LABEL_METRICS else judged, weight),
        validation=found,
        decision=decision,
    )


def decided_estimates(
    task: Task,
    y: NDArray[np.generic],
    predicted: Floats,
    decided: Floats,
    weight: Floats | None,
    *,
    groups: NDArray[np.generic] | None = None,
    seed: int,
) -> dict[str, Estimate]:
    """Return the estimates of all metrics; those that look at the named class judge what was decided."""
    metrics = metrics_for(task.kind)
    if decided is predicted:
        return estimates(metrics, y, predicted, weight, groups=groups, seed=seed)
    of_labels = [metric for metric in metrics if metric.key in LABEL_METRICS]
    others = [metric for metric in metrics if metric.key not in LABEL_METRICS]
    found = {
        **estimates(others, y, predicted, weight, groups=groups, seed=seed),
        **estimates(of_labels, y, decided, weight, groups=groups, seed=seed),
    }
    return {metric.key: found[metric.key] for metric in metrics if metric.key in found}
