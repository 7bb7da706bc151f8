"""Settles the question and divides the rows, before anything is trained."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.blend.final import TargetScale
from engine.config import NO_FEATURES, ExperimentConfig
from engine.errors import ConfigError
from engine.families.family import family_named
from engine.features.step import FeatureStep
from engine.registry import parts
from engine.search.data import RowSet, TrainingData
from engine.search.folds import assign_folds, default_holdout, split_holdout
from engine.table.dataset import Dataset
from engine.table.schema import ColumnSchema, Role, TableSchema
from engine.tasks.detection import encode_target, suggest_target, task_of
from engine.tasks.metric import Metric, metric_named, metrics_for
from engine.tasks.task import Task, TaskKind


@dataclass(frozen=True, kw_only=True)
class Question:
    """The settled question: a dataset with its target and roles, the task and the metric that judges."""

    dataset: Dataset
    task: Task
    metric: Metric


def settle_question(dataset: Dataset, config: ExperimentConfig) -> Question:
    """Apply the person's settings, and suggest what was left open.

    Raises ConfigError or TargetError, in words for the person, when nothing can be trained.
    """
    problems = config.problems(dataset.schema)
    if problems:
        raise ConfigError(problems[0])
    for key in config.families:
        family_named(key)  # raises, naming those that exist
    target = config.target or suggest_target(dataset.with_schema(config.apply(dataset.schema))).column
    chosen = dataset.with_schema(config.apply(dataset.schema).with_target(target))
    task = task_of(chosen, target, config.task)
    metric = metric_named(config.metric) if config.metric else metrics_for(task.kind)[0]
    return Question(dataset=chosen, task=task, metric=metric)


def divide_rows(question: Question, config: ExperimentConfig) -> TrainingData:
    """Leave out rows without an answer, set the hold-out aside and assign folds to the rest."""
    dataset, task = question.dataset, question.task
    columns = usable_columns(dataset.schema)
    if not columns:
        raise ConfigError(NO_FEATURES())
    y = encode_target(dataset, task)
    answered = np.flatnonzero(np.isfinite(y) if task.kind is TaskKind.REGRESSION else y.astype(np.int64) >= 0)
    rows = RowSet(
        frame=dataset.frame[[column.name for column in columns]],
        y=y,
        weight=_weights(dataset),
        groups=_groups(dataset),
    ).take(answered)
    share = default_holdout(len(rows.y)) if config.holdout is None else config.holdout
    train, held = split_holdout(rows.y, task, share=share, seed=config.seed, groups=rows.groups)
    training = rows.take(train)
    return TrainingData(
        task=task,
        columns=columns,
        train=training,
        holdout=rows.take(held),
        folds=assign_folds(training.y, task, seed=config.seed, groups=training.groups),
        target_scale=_target_scale(training.y, task),
    )


def usable_columns(schema: TableSchema) -> tuple[ColumnSchema, ...]:
    """Return the features of a kind that some feature step takes: the inputs of the file."""
    kinds = frozenset(kind for step in parts("engine.features", FeatureStep) for kind in step.kinds)
    return tuple(column for column in schema.features if column.kind in kinds)


def _target_scale(y: NDArray[np.generic], task: Task) -> TargetScale:
    if task.classes:
        return TargetScale()
    values = y.astype(np.float64)
    return TargetScale(centre=float(values.mean()), scale=float(values.std()) or 1.0)


def _weights(dataset: Dataset) -> NDArray[np.float64] | None:
    columns = dataset.schema.with_role(Role.WEIGHT)
    if not columns:
        return None
    values = pd.to_numeric(dataset.frame[columns[0].name], errors="coerce").to_numpy(np.float64)
    return np.asarray(np.nan_to_num(np.clip(values, 0.0, None), nan=0.0, posinf=0.0))


def _groups(dataset: Dataset) -> NDArray[np.generic] | None:
    columns = dataset.schema.with_role(Role.GROUP)
    return pd.factorize(dataset.frame[columns[0].name])[0] if columns else None
