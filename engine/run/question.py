"""Settles the question that a run answers: its target, task, metric and columns."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.blend.decisions import unfit_costs
from engine.checks.automatic import settled
from engine.checks.check import Finding
from engine.chosen import chosen_dataset
from engine.config import BAD_METRIC, ExperimentConfig
from engine.errors import ConfigError
from engine.insight.intervals import baseline_prediction
from engine.messages import Message, phrase
from engine.table.dataset import Dataset
from engine.table.schema import Role
from engine.tasks.detection import encode_target, task_of
from engine.tasks.metric import Metric
from engine.tasks.metric_choice import choose_metric
from engine.tasks.suggestions import suggest_targets
from engine.tasks.task import Task, TaskKind

UNDEFINED_METRIC = phrase(
    "config_metric_undefined",
    "The metric {metric} is not defined for the values of the target {target}.",
    "Choose another metric.",
)
TOO_LARGE = phrase(
    "config_target_too_large",
    "Some values of the target {target} are larger than a file can tell: 3.4e38 is the limit.",
    "Divide the column by a power of ten, or correct these cells.",
)
TOO_COARSE = phrase(
    "config_target_too_coarse",
    "The values of the target {target} differ by too little beside their size: a file tells seven digits of a number.",
    "Subtract a fixed number from the column, such as {n}.",
)
DIRECTIONS_OF_CLASSES = phrase(
    "config_directions_of_classes",
    "Directions can be kept for numbers and two answers only; the target {target} has {n_classes} different answers.",
    "Take the directions back, or choose a target that is a number or has two answers.",
)
COARSEST = 0.01  # standard deviations of the answers: the step between two numbers that a file can tell


@dataclass(frozen=True, kw_only=True)
class Question:
    """The settled question: a dataset with its target and roles, the task, the metric that judges, and why this one.

    `leaks`: the columns that were left out by themselves, because they give the answer away.
    """

    dataset: Dataset
    task: Task
    metric: Metric
    metric_reason: Message
    leaks: tuple[str, ...] = ()


def settle_question(dataset: Dataset, config: ExperimentConfig) -> Question:
    """Apply the person's settings, and suggest what was left open.

    Raises ConfigError or TargetError, in words for the person, when nothing can be trained.
    """
    problems = config.problems(dataset.schema)
    if problems:
        raise ConfigError(problems[0])
    chosen = chosen_dataset(dataset, config)
    target = config.chosen_target or suggest_targets(chosen)[0].column
    chosen = chosen.with_schema(chosen.schema.with_target(target))
    task = task_of(chosen, target, config.task, config.positive)
    if config.limits.monotone and task.kind is TaskKind.MULTICLASS:
        raise ConfigError(DIRECTIONS_OF_CLASSES(target=target, n_classes=len(task.classes)))
    for problem in unfit_costs(config.decisions, task):
        raise ConfigError(problem)
    y = encode_target(chosen, task)
    y = y[is_answered(y, task)]
    if task.kind is TaskKind.REGRESSION:
        _refuse_untellable(y.astype(np.float64), target)
    metric, reason = choose_metric(
        task,
        y,
        config.metric,
        has_costs=config.decisions.costs is not None,
        is_again=config.again is not None,
    )
    _refuse_undefined(metric, y, task)
    return Question(dataset=chosen, task=task, metric=metric, metric_reason=reason)


def without_leaks(question: Question, found: Iterable[Finding]) -> Question:
    """Leave out the columns that automatic findings are about."""
    dataset = settled(question.dataset, found)
    before, after = question.dataset.schema.features, dataset.schema
    leaks = tuple(column.name for column in before if after[column.name].role is not Role.FEATURE)
    return replace(question, dataset=dataset, leaks=leaks)


def is_answered(y: NDArray[np.generic], task: Task) -> NDArray[np.bool_]:
    """Mark the rows whose encoded target is known."""
    return np.isfinite(y) if task.kind is TaskKind.REGRESSION else y.astype(np.int64) >= 0


def _refuse_untellable(y: NDArray[np.float64], target: str) -> None:
    """Refuse numbers that single precision, in which a file answers, cannot hold or cannot tell apart."""
    largest = np.abs(y).max(initial=0.0)
    if largest > np.finfo(np.float32).max:
        raise ConfigError(TOO_LARGE(target=target))
    if np.spacing(np.float32(largest)) > COARSEST * y.std():
        raise ConfigError(TOO_COARSE(target=target, n=f"{np.median(y):.0f}"))


def _refuse_undefined(metric: Metric, y: NDArray[np.generic], task: Task) -> None:
    """Refuse a metric of another task, and one that cannot score even a constant prediction of these answers."""
    if task.kind not in metric.tasks:
        raise ConfigError(BAD_METRIC(metric=metric.key, task=str(task.kind)))
    if not np.isfinite(metric.score(y, baseline_prediction(y, task, len(y)), None)):
        raise ConfigError(UNDEFINED_METRIC(metric=metric.key, target=task.target))
