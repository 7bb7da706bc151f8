"""Divides the rows of a settled question, before anything is trained."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.blend.final import TargetScale
from engine.config import NO_FEATURES, ExperimentConfig
from engine.errors import ConfigError
from engine.features.step import FeatureStep
from engine.messages import Message, Phrase, phrase
from engine.registry import parts
from engine.run.division import planned
from engine.run.question import Question, is_answered
from engine.run.roles import FEW_GROUPS, groups_of, strata_of, times_of, weights_of
from engine.search.data import RowSet, TrainingData
from engine.search.folds import Indices, Times, assign_folds, default_holdout, fold_rows, split_holdout
from engine.search.validation import ValidationPlan, as_divided, with_fewer_folds
from engine.table.dataset import Dataset
from engine.table.schema import ColumnSchema, Role, TableSchema
from engine.tasks.detection import LEAST_ROWS, encode_target
from engine.tasks.task import Task, TaskKind

FEW_WEIGHTED = phrase(
    "config_few_weighted",
    "Only {n} rows have an answer and a weight above 0 in the column {column}; at least {least} are needed.",
    "Correct the weights, or give the column another role.",
)
UNWEIGHTED_CLASS = phrase(
    "config_unweighted_class",
    "Some answers of the target {target} occur only in rows without a weight above 0 in the column {column}.",
    "Correct the weights, or give the column another role.",
)
FEW_TIMES = phrase(
    "config_few_times",
    "The rows to learn from have too few different times in the column {column} to compare candidates on later ones.",
    "Give the column another role.",
)
LARGE_GAP = phrase(
    "config_large_gap",
    "A gap of {n} rows leaves no rows to learn from before those that the column {column} puts behind it.",
    "Make the gap smaller.",
)
ONE_SIDED = phrase(
    "config_one_sided",
    "Divided by the column {column}, some rows to learn from would lack answers of the target {target}.",
    "Give the column another role.",
)
FEW_COMPARED = phrase(
    "config_few_compared",
    "Divided by the column {column}, too few rows, or only one answer of the target {target}, are left to compare "
    "candidates on.",
    "Give the column another role.",
)
TOO_UNEVEN = phrase(
    "config_too_uneven",
    "The answers of the target {target} are too unequal to divide the rows: some part would hold a single answer.",
    "Add rows with the rare answers, or set a smaller share of rows aside.",
)
FEWEST_VALIDATED = 4  # rows: two to stop a fit and two to score it, where there is a single fold
T = TypeVar("T")


class Caller(Protocol):
    """Calls a function, here or elsewhere, and returns what it returns."""

    def __call__(self, function: Callable[[], T], /) -> T:
        """Return the function's value."""


def call_here(function: Callable[[], T], /) -> T:
    """Call the function in this process.

    >>> call_here(lambda: 3)
    3
    """
    return function()


@dataclass(frozen=True, kw_only=True)
class _Usable:
    """The rows with an answer and a weight: where they are in the dataset, and when and of what strata they are.

    `times`, `strata`: None where no column says so.
    """

    rows: RowSet
    positions: Indices
    times: Times | None
    strata: NDArray[np.generic] | None


@dataclass(frozen=True, kw_only=True)
class _Apart:
    """Positions among the usable rows: to learn from, for the score alone, and for comparing models of all rows."""

    train: Indices
    held: Indices
    compared: Indices


def divide_rows(
    question: Question, config: ExperimentConfig, *, draw: Caller = call_here
) -> tuple[TrainingData, ValidationPlan]:
    """Leave out rows without an answer or a weight, set the hold-out aside and assign folds to the rest.

    `draw` calls what draws rows at random, which takes a large library that this process may not have imported.
    Raises ConfigError, in words for the person, when the rows cannot be divided.
    """
    columns = usable_columns(question.dataset.schema)
    if not columns:
        raise ConfigError(NO_FEATURES())
    usable = _usable_rows(question, columns)
    share = default_holdout(len(usable.rows.y)) if config.holdout is None else config.holdout
    apart = _set_apart(usable, question, config, share, draw)
    rows, weight_unit = _with_unit_weights(usable.rows, apart.train)
    training = rows.take(apart.train)
    if training.groups is not None and (len(np.unique(training.groups)) < 2 or (share and not len(apart.held))):
        raise ConfigError(FEW_GROUPS(column=question.dataset.schema.with_role(Role.GROUP)[0].name))
    plan = settle_validation(question, config, training)
    folds = draw(
        partial(
            assign_folds,
            training.y,
            question.task,
            plan=plan,
            seed=config.seed,
            groups=training.groups,
            times=None if usable.times is None else usable.times[apart.train],
            strata=None if usable.strata is None else usable.strata[apart.train],
        )
    )
    if not len(folds):
        raise ConfigError(_unordered(question.dataset, config))
    _refuse_one_sided(rows.y, training.y, folds, question)
    _refuse_few_validated(training.y, folds, question)
    data = TrainingData(
        task=question.task,
        columns=columns,
        train=training,
        holdout=rows.take(apart.held),
        folds=folds,
        target_scale=_target_scale(training.y, question.task),
        seed=config.seed,
        weight_unit=weight_unit,
        monotone=config.limits.monotone,
        compared=rows.take(apart.compared) if len(apart.compared) else None,
    )
    n_folds, n_validated = int(folds.max()) + 1, int((folds == 0).sum())
    return data, as_divided(plan, n_turns=len(folds), n_folds=n_folds, n_validated=n_validated)


def _usable_rows(question: Question, columns: tuple[ColumnSchema, ...]) -> _Usable:
    dataset, task = question.dataset, question.task
    y, weight = encode_target(dataset, task), weights_of(dataset)
    answered = is_answered(y, task)
    usable = np.flatnonzero(answered if weight is None else answered & (weight > 0))
    rows = RowSet(
        source=dataset.frame[[column.name for column in columns]],
        y=y,
        weight=weight,
        groups=groups_of(dataset, usable),
        places=np.arange(len(y), dtype=np.int32),
    ).take(usable)
    if dataset.schema.with_role(Role.WEIGHT):
        _refuse_few_weighted(rows.y, question)
    times, strata = times_of(dataset, usable), strata_of(dataset, usable)
    return _Usable(rows=rows, positions=usable, times=times, strata=strata)


def _set_apart(usable: _Usable, question: Question, config: ExperimentConfig, share: float, draw: Caller) -> _Apart:
    n_rows, none = len(question.dataset.frame), np.zeros(0, np.int64)
    again, drawn, positions = config.again, question.dataset.drawn, usable.positions
    if drawn is not None:  # of all rows of a large table, before the sample was drawn
        first_held = n_rows - drawn.n_held
        first_compared = first_held - drawn.n_compared
        is_held, is_trained = positions >= first_held, positions < first_compared
        train, held = np.flatnonzero(is_trained), np.flatnonzero(is_held)
        apart = _Apart(train=train, held=held, compared=np.flatnonzero(~is_trained & ~is_held))
    elif again is not None and again.n_held:
        is_held = positions >= n_rows - again.n_held
        apart = _Apart(train=np.flatnonzero(~is_held), held=np.flatnonzero(is_held), compared=none)
    else:
        train, held = draw(
            partial(
                split_holdout,
                usable.rows.y,
                question.task,
                share=share,
                seed=config.seed if again is None else again.split_seed,
                groups=usable.rows.groups,
                times=usable.times,
                strata=usable.strata,
                gap_rows=config.validation.gap_rows,
            )
        )
        apart = _Apart(train=train, held=held, compared=none)
    if len(apart.train) < FEWEST_VALIDATED and usable.times is not None:
        raise ConfigError(_unordered(question.dataset, config))
    return apart


def _with_unit_weights(rows: RowSet, train: Indices) -> tuple[RowSet, float]:
    """Return the rows with weights of mean 1 where they are learnt from, and what that weight was.

    Libraries count small weights as small evidence: only their ratios are meant.
    """
    if rows.weight is None:
        return rows, 1.0
    unit = float(rows.weight[train].mean())
    return replace(rows, weight=rows.weight / unit), unit


def settle_validation(question: Question, config: ExperimentConfig, training: RowSet) -> ValidationPlan:
    """Settle how candidates are compared; raises ConfigError when the person's choice does not suit the table."""
    n_rarer = int(np.bincount(training.y.astype(np.int64)).min()) if question.task.kind is TaskKind.BINARY else None
    plan = planned(
        config,
        question.dataset.schema,
        question.task,
        n_rows=len(training.y),
        n_columns=len(training.frame.columns),
        n_rarer=n_rarer,
    )
    most = None if config.again is None else config.again.n_folds
    return plan if most is None else with_fewer_folds(plan, most)


def usable_columns(schema: TableSchema) -> tuple[ColumnSchema, ...]:
    """Return the columns of a kind that some feature step takes: the inputs of the file."""
    kinds = frozenset(kind for step in parts("engine.features", FeatureStep) for kind in step.kinds)
    return tuple(column for column in schema.inputs if column.kind in kinds)


def _target_scale(y: NDArray[np.generic], task: Task) -> TargetScale:
    if task.classes:
        return TargetScale()
    values = y.astype(np.float64)
    return TargetScale(centre=float(values.mean()), scale=float(values.std()) or 1.0)


def _refuse_few_weighted(y: NDArray[np.generic], question: Question) -> None:
    task = question.task
    column = question.dataset.schema.with_role(Role.WEIGHT)[0].name
    if len(y) < LEAST_ROWS:
        raise ConfigError(FEW_WEIGHTED(column=column, n=len(y), least=LEAST_ROWS))
    n_distinct = len(np.unique(y))
    if n_distinct < max(2, len(task.classes)):
        raise ConfigError(UNWEIGHTED_CLASS(column=column, target=task.target))


def _refuse_one_sided(
    y: NDArray[np.generic], y_train: NDArray[np.generic], folds: NDArray[np.int16], question: Question
) -> None:
    """Refuse a division by time or group after which some model would see a single answer, or never a class."""
    parts_of_training = [y_train, *(y_train[fit] for fit, _ in fold_rows(folds))]
    complete = not question.task.classes or len(np.unique(y_train)) == len(np.unique(y))
    if complete and all(len(np.unique(part)) > 1 for part in parts_of_training):
        return
    raise _blaming(ONE_SIDED, question)


def _refuse_few_validated(y: NDArray[np.generic], folds: NDArray[np.int16], question: Question) -> None:
    """Refuse a division that compares candidates on so few rows, or of so few answers, that they have no score.

    A single fold is divided once more: half of its rows stop a fit, the other half scores it.
    """
    validated = [valid for _, valid in fold_rows(folds)]
    together = y[np.unique(np.concatenate(validated))]
    least = 2 if len(validated) == 1 else 1
    few = len(together) < FEWEST_VALIDATED
    if question.task.kind is TaskKind.BINARY:
        few |= bool((np.bincount(together.astype(np.int64), minlength=2) < least).any())
    if few:
        raise _blaming(FEW_COMPARED, question)


def _blaming(problem: Phrase, question: Question) -> ConfigError:
    """Return what is wrong with a division: the column that divides, or the answers where there is none."""
    schema, target = question.dataset.schema, question.task.target
    dividing = [column.name for role in (Role.TIME, Role.GROUP) for column in schema.with_role(role)]
    return ConfigError(problem(column=dividing[0], target=target) if dividing else TOO_UNEVEN(target=target))


def _unordered(dataset: Dataset, config: ExperimentConfig) -> Message:
    """Return why no rows are left to learn from before later ones."""
    column = dataset.schema.with_role(Role.TIME)[0].name
    n = config.validation.gap_rows
    return LARGE_GAP(n=n, column=column) if n else FEW_TIMES(column=column)
