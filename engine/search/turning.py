"""The answers and weights that a candidate is fitted on, where its point turns the target or weighs the classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.blend.final import FittedModel
from engine.errors import ConfigError
from engine.families import BASELINE
from engine.families.family import Family, Parameters
from engine.features.step import Matrix
from engine.messages import phrase
from engine.search.data import TrainingData
from engine.search.folds import Indices, others_of_drawing
from engine.search.point import TARGET
from engine.search.scoring import predicted
from engine.targets.transform import PLAIN_TARGET, transforms_for
from engine.targets.turned import TurnedTarget, turn_target, with_factor
from engine.tasks.metric import Metric
from engine.tasks.task import TaskKind

Floats = NDArray[np.float64]

TRANSFORM, CLASS_WEIGHTS = "transform", "class_weights"
RARE_CLASS = 0.2  # of the rows: classes are weighed where one has a smaller share than this
AS_THEY_ARE = "equal"
HEAVIEST = 100.0  # times the weight of the lightest class
POWERS = {AS_THEY_ARE: 0.0, "softened": 0.5, "balanced": 1.0}
"""How class weights follow from the shares of the classes: one over the share, to this power."""

UNKNOWN_WEIGHTS = phrase(
    "class_weights_unknown", "There are no class weights called {key}.", "Choose one of: {choices}."
)


@dataclass(frozen=True, kw_only=True)
class Turned:
    """What a family is given in place of the answers, for all rows; `target`, `offset`: as in `FittedModel`."""

    y: NDArray[np.generic]
    weight: Floats | None
    target: TurnedTarget | None = None
    offset: tuple[float, ...] = ()


def target_choices(data: TrainingData) -> dict[str, tuple[str, ...]]:
    """Return what a search can choose of the target, by key of the point; the first of each is the usual one."""
    if not data.task.classes:
        return {TARGET + TRANSFORM: transforms_for(np.asarray(data.train.y, dtype=np.float64))}
    shares = np.bincount(data.train.y.astype(np.int64), data.train.weight, minlength=len(data.task.classes))
    return {TARGET + CLASS_WEIGHTS: tuple(POWERS)} if shares.min() < RARE_CLASS * shares.sum() else {}


def in_turns(
    points: Sequence[tuple[Family, Parameters]], choices: Mapping[str, Sequence[str]]
) -> list[tuple[Family, Parameters]]:
    """Return starting points in which each family tries the transforms of the target in turns; each begins elsewhere.

    Where answers are skewed this brought up to 10 % less error, and variety for the blend elsewhere. The first point
    beside the baseline stays plain; what names a transform itself keeps it.
    """
    key = TARGET + TRANSFORM
    transforms = choices.get(key, ())
    if len(transforms) < 2:
        return list(points)
    turns: dict[str, int] = {}
    turned = []
    for family, point in points:
        if family.key == BASELINE or key in point:
            turned.append((family, point))
            continue
        turns[family.key] = turns.get(family.key, len(turns) - 1) + 1
        choice = transforms[turns[family.key] % len(transforms)]
        turned.append((family, point if choice == PLAIN_TARGET else {**point, key: choice}))
    return turned


def turn(choices: Parameters, data: TrainingData, rows: Indices) -> Turned:
    """Turn answers and weights as a point wants it, learning from these training rows alone.

    `choices`: what the point says of the target. Raises ConfigError when it names what does not exist.
    """
    y, weight = data.standardised(), data.train.weight
    if not data.task.classes:
        scale = data.target_scale
        values = np.asarray(y, dtype=np.float64)
        target = turn_target(str(choices.get(TRANSFORM, PLAIN_TARGET)), values[rows], scale.centre, scale.scale)
        return Turned(y=y if target is None else target.forward(values), weight=weight, target=target)
    key = str(choices.get(CLASS_WEIGHTS, AS_THEY_ARE))
    if key not in POWERS:
        raise ConfigError(UNKNOWN_WEIGHTS(key=key, choices=", ".join(POWERS)))
    if not POWERS[key]:
        return Turned(y=y, weight=weight)
    each = class_weights(y[rows], None if weight is None else weight[rows], len(data.task.classes), POWERS[key])
    logs = np.log(each)
    offset = (float(logs[1] - logs[0]),) if data.task.kind is TaskKind.BINARY else tuple(map(float, logs))
    weighed = each[y] if weight is None else weight * each[y]
    return Turned(y=y, weight=weighed, offset=offset)


def class_weights(y: NDArray[np.generic], weight: Floats | None, n_classes: int, power: float) -> Floats:
    """Return a weight for each class that makes up for its share; their mean over the rows is 1.

    A class that no row has weighs 1, and none weighs more than a hundred times the lightest: a handful of rows would
    otherwise be all that counts.

    >>> class_weights(np.array([0, 0, 0, 1]), None, 2, 1.0).round(2)
    array([0.67, 2.  ])
    """
    counts = np.bincount(y.astype(np.int64), weight, minlength=n_classes).astype(np.float64)
    present = counts > 0
    shares = counts[present] / counts.sum()
    made_up = shares**-power
    made_up = np.minimum(made_up, HEAVIEST * made_up.min())
    weights = np.ones(n_classes)
    weights[present] = made_up / (shares @ made_up)
    return weights


def recalibrated(model: FittedModel, held: Matrix, data: TrainingData, rows: Indices, metric: Metric) -> FittedModel:
    """Return the model of a turned target with the factor that suits rows it was not fitted on."""
    if model.target is None:
        return model
    y = data.train.y[rows]
    weight = None if data.train.weight is None else data.train.weight[rows]

    def loss(standardised: Floats) -> float:
        return metric.loss(metric.score(y, predicted(standardised, data), weight))

    return replace(model, target=with_factor(model.target, model.fitted_raw(held), loss))


def with_shared_factors(fitted: Sequence[FittedModel], drawing: Sequence[int]) -> list[FittedModel]:
    """Give each fold's model the factor of the others: no row is scored with a factor that it had a say in.

    `drawing`: of each fold.
    """
    if len(fitted) == 1:
        return list(fitted)
    return [
        with_factor_of(model, [fitted[other] for other in others])
        for model, others in zip(fitted, others_of_drawing(drawing), strict=True)
    ]


def with_factor_of(model: FittedModel, others: Sequence[FittedModel]) -> FittedModel:
    """Give a model the mean factor of others, such as a refitted one that of its candidate's folds."""
    if model.target is None:
        return model
    logs = [np.log(other.target.factor) for other in others if other.target is not None]
    return replace(model, target=replace(model.target, factor=float(np.exp(np.mean(logs)))))
