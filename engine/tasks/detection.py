"""What kind of question a target column asks, and the answers that it holds."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.errors import TargetError
from engine.messages import Message, listed, phrase
from engine.table.dataset import Dataset
from engine.table.schema import Cells, ColumnSchema, Kind
from engine.tasks.classes import Classes, classes_of, label_of, two_classes_of
from engine.tasks.ratings import is_rating, is_rating_name
from engine.tasks.task import Task, TaskKind

ALL_MISSING = phrase("target_missing", "The target {target} has no value in any row.", "Choose another target.")
CONSTANT = phrase(
    "target_constant",
    "The target {target} has the same value in every row, so there is nothing to learn.",
    "Choose another target or add rows with other values.",
)
ONE_OR_NOTHING = phrase(
    "target_one_or_nothing",
    "The target {target} says {value} in {n} rows and nothing in the other {n_empty}, so there is nothing to tell "
    "apart.",
    "If an empty cell means an answer, such as no, write it there; otherwise choose another target.",
)
DATES = phrase(
    "target_dates",
    "The target {target} holds dates, which cannot be predicted as such.",
    "Add a column with the number of days from a date that is known before, and predict that; choose the task "
    "multiclass only if each date is an answer by itself.",
)
NO_NUMBERS = phrase(
    "target_no_numbers",
    "The target {target} does not hold numbers, so it cannot be predicted as a number.",
    "Choose a task that predicts classes.",
)
TOO_FEW_NUMBERS = phrase(
    "target_few_numbers",
    "Only {n} rows of the target {target} hold a number; at least {least} are needed.",
    "Choose a task that predicts classes, or another target.",
)
TOO_MANY_CLASSES = phrase(
    "target_classes",
    "The target {target} has {n} different values; at most {most} classes can be predicted.",
    "Choose another target, or group its values.",
)
NOT_TWO_CLASSES = phrase(
    "target_not_two",
    "The target {target} has {n} different values, so it is no question with two answers.",
    "Choose the task multiclass or regression.",
)
TOO_FEW_ROWS = phrase(
    "target_few_rows",
    "Only {n} rows have a value of the target {target}; at least {least} are needed.",
    "Add rows, or choose another target.",
)
CLASS_TOO_RARE = phrase(
    "target_class_rare",
    "The value {value} of the target {target} occurs in a single row, so it cannot be learned and tested.",
    "Remove that row, join the value with another, or add rows.",
)
SINGLE_LEFT_OUT = phrase(
    "target_single_left_out",
    "Rows with a value of the target {target} that no other row has, which are left out: {n} ({values}).",
    "Join these values with others, or add rows, if they are to be predicted.",
    "They can be learned from or tested, but not both.",
)
ALL_UNIQUE = phrase(
    "target_all_unique",
    "The target {target} has another value in every row, so nothing repeats that could be learned.",
    "Choose another target, or the task regression if it is a quantity.",
)
POSITIVE_NOT_BINARY = phrase(
    "positive_not_binary",
    "{positive} was chosen as the positive class, but {target} asks no question with two answers.",
    "Choose the task binary, or no positive class.",
)
TASK_CHOSEN = phrase("task_chosen", "The task is {task}, because you chose it.")
TASK_TWO = phrase("task_two", "{target} has two different values, {first} and {second}: a question with two answers.")
TASK_LEVELS = phrase(
    "task_levels", "{target} has {n} different values that are no quantities: a question with several answers."
)
TASK_CODES = phrase(
    "task_codes",
    "{target} has only {n} different whole numbers, which come like names of classes and not like grades or counts: a "
    "question with several answers.",
)
TASK_FRACTIONS = phrase("task_fractions", "{target} holds numbers with decimals: a question about a number.")
TASK_MANY_NUMBERS = phrase(
    "task_many_numbers", "{target} holds {n} different whole numbers: a question about a number."
)
TASK_SCALE = phrase(
    "task_scale",
    "{target} holds whole numbers from {low} to {high}, spread like grades or counts: a question about a number.",
)
TASK_RATING = phrase(
    "task_rating", "{target} holds ratings from {low} to {high}, which have an order: a question about a number."
)

LEAST_ROWS = 50
SOME_EMPTY = 0.05  # times those that are filled: a mark in a list is left out where it is not meant
MOST_CLASSES = 500
_REGRESSION_SHARE = 0.05
_REGRESSION_SHARE_SMALL = 0.10  # below 1,000 rows
_FEW_ROWS = 1000
_MOST_CODES = 30
_MOST_NAMED = 12
_DISORDER = 0.05
_MOST_SINGLE = 0.05  # of the rows: where more of them have a value of their own, something else is wrong
_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class FoundTask:
    """A settled question. `reason`: why it is of this kind. `positive_reason`: why of two classes the second is it.

    `left_out`: which values are no classes, because a single row has each; None where there are none.
    """

    task: Task
    reason: Message
    positive_reason: Message | None = None
    left_out: Message | None = None


def task_of(dataset: Dataset, target: str, kind: TaskKind | None = None, positive: str | None = None) -> Task:
    """Settle the question that a target asks, as `find_task` does, without its reasons."""
    return find_task(dataset, target, kind, positive).task


def find_task(dataset: Dataset, target: str, kind: TaskKind | None = None, positive: str | None = None) -> FoundTask:
    """Settle the question that a target asks; `kind` and `positive` None find it out.

    Raises TargetError when the target cannot be predicted, ConfigError when there is no such column.
    """
    column = dataset.schema[target]
    cells = answers_of(dataset, target).dropna()
    _refuse_poor_cells(cells, target, dataset.n_rows - len(cells))
    if column.kind is Kind.DATE and kind is None:
        raise TargetError(DATES(target=target))
    if column.kind is Kind.ID and kind is None and cells.is_unique:
        raise TargetError(ALL_UNIQUE(target=target))
    is_chosen = kind is not None
    kind, reason = (kind, TASK_CHOSEN(task=str(kind))) if kind else kind_of(cells, column)
    if kind is TaskKind.REGRESSION:
        _refuse_positive(positive, target, kind)
        _refuse_poor_numbers(_numbers(cells, column), target)
        return FoundTask(task=Task(kind=kind, targets=(target,)), reason=reason)
    again = _that_come_again(cells)
    if not is_chosen and again.nunique() == 2:
        kind, reason = kind_of(again, column)
    _refuse_positive(positive, target, kind)
    counts = again.value_counts()
    _refuse_poor_classes(counts, target, kind)
    binary = kind is TaskKind.BINARY
    classes = two_classes_of(counts, target, positive=positive) if binary else Classes(labels=classes_of(counts))
    task = Task(kind=kind, targets=(target,), classes=classes.labels)
    left_out = single_left_out(cells, task) if len(again) < len(cells) else None
    return FoundTask(task=task, reason=reason, positive_reason=classes.reason, left_out=left_out)


def _that_come_again(cells: pd.Series) -> pd.Series:
    """Return the cells without those that no other row has, where these are few and others remain to be told apart."""
    counts = cells.value_counts()
    single = counts.index[counts < 2]
    are_few = len(single) <= max(1, _MOST_SINGLE * len(cells))
    return cells[~cells.isin(single)] if len(single) and are_few and len(counts) - len(single) >= 2 else cells


def answers_of(dataset: Dataset, target: str) -> pd.Series:
    """Return the cells of a target: floats also where numbers are written with a unit or a decimal comma."""
    cells, column = dataset.frame[target], dataset.schema[target]
    return pd.to_numeric(cells, errors="coerce") if column.rules.number and column.cells is Cells.TEXT else cells


def single_left_out(cells: pd.Series, task: Task) -> Message | None:
    """Return which values of a question about classes are none of its classes; None where all are."""
    labels = {str(label) for label in task.classes}
    other = [name for name in dict.fromkeys(str(label_of(value)) for value in cells.dropna()) if name not in labels]
    return SINGLE_LEFT_OUT(target=task.target, n=len(other), values=listed(other, _SHOWN)) if other else None


def kind_of(cells: pd.Series, column: ColumnSchema) -> tuple[TaskKind, Message]:
    """Tell a question about a number from one about classes, and say why."""
    cells, target = cells.dropna(), column.name
    n_distinct = cells.nunique()
    if n_distinct == 2:
        first, second = sorted(str(label_of(value)) for value in cells.unique())
        return TaskKind.BINARY, TASK_TWO(target=target, first=first, second=second)
    if not column.kind.is_number and column.cells is not Cells.NUMBER:
        return TaskKind.MULTICLASS, TASK_LEVELS(target=target, n=n_distinct)
    numbers = _numbers(cells, column)
    numbers = numbers[~np.isnan(numbers)]
    if not (numbers == np.round(numbers)).all():
        return TaskKind.REGRESSION, TASK_FRACTIONS(target=target)
    says = TASK_SCALE if _is_scale(numbers) else TASK_RATING
    if says is TASK_SCALE or (is_rating_name(column.original_name) and is_rating(numbers)):
        return TaskKind.REGRESSION, says(target=target, low=int(numbers.min()), high=int(numbers.max()))
    if not column.kind.is_number and n_distinct <= MOST_CLASSES:
        return TaskKind.MULTICLASS, TASK_CODES(target=target, n=n_distinct)
    most_share = _REGRESSION_SHARE if len(cells) >= _FEW_ROWS else _REGRESSION_SHARE_SMALL
    if n_distinct > _MOST_CODES or n_distinct / max(len(cells), 1) > most_share:
        return TaskKind.REGRESSION, TASK_MANY_NUMBERS(target=target, n=n_distinct)
    return TaskKind.MULTICLASS, TASK_CODES(target=target, n=n_distinct)


def _is_scale(numbers: NDArray[np.float64]) -> bool:
    """Know grades and counts among few whole numbers: nearly without gaps, rare at the ends but not in the middle.

    Codes of classes come about equally often, or in no order at all.
    """
    levels, counts = np.unique(numbers, return_counts=True)
    core = levels[counts >= max(2, 0.002 * len(numbers))]  # far out there may be gaps
    if not 5 <= len(core) <= len(levels) <= _MOST_CODES or core[-1] - core[0] >= 1.25 * len(core):
        return False
    if counts.min() >= 0.1 * counts.max():
        return False
    peak = int(np.argmax(counts))
    against = np.concatenate([-np.diff(counts[: peak + 1]), np.diff(counts[peak:])])
    out_of_order = against[against > 0].sum() / counts.sum()
    # Many levels, some of them hardly there: no one gives classes such names, whatever their order.
    return bool(out_of_order <= _DISORDER or (len(levels) > _MOST_NAMED and counts.min() < 0.02 * counts.max()))


def _refuse_poor_cells(cells: pd.Series, target: str, n_empty: int) -> None:
    if not len(cells):
        raise TargetError(ALL_MISSING(target=target))
    if cells.nunique() < 2 and n_empty >= SOME_EMPTY * len(cells):
        raise TargetError(ONE_OR_NOTHING(target=target, value=str(cells.iloc[0]), n=len(cells), n_empty=n_empty))
    if cells.nunique() < 2:
        raise TargetError(CONSTANT(target=target))
    if len(cells) < LEAST_ROWS:
        raise TargetError(TOO_FEW_ROWS(target=target, n=len(cells), least=LEAST_ROWS))


def _refuse_positive(positive: str | None, target: str, kind: TaskKind) -> None:
    if positive is not None and kind is not TaskKind.BINARY:
        raise TargetError(POSITIVE_NOT_BINARY(positive=positive, target=target))


def _refuse_poor_numbers(numbers: NDArray[np.float64], target: str) -> None:
    finite = numbers[np.isfinite(numbers)]
    if not len(finite):
        raise TargetError(NO_NUMBERS(target=target))
    if len(finite) < LEAST_ROWS:
        raise TargetError(TOO_FEW_NUMBERS(target=target, n=len(finite), least=LEAST_ROWS))
    if (finite == finite[0]).all():
        raise TargetError(CONSTANT(target=target))


def _refuse_poor_classes(counts: pd.Series, target: str, kind: TaskKind) -> None:
    if kind is TaskKind.BINARY and len(counts) != 2:
        raise TargetError(NOT_TWO_CLASSES(target=target, n=len(counts)))
    if counts.iloc[0] < 2:
        raise TargetError(ALL_UNIQUE(target=target))
    if len(counts) > MOST_CLASSES:
        raise TargetError(TOO_MANY_CLASSES(target=target, n=len(counts), most=MOST_CLASSES))
    if counts.iloc[-1] < 2:
        raise TargetError(CLASS_TOO_RARE(target=target, value=str(label_of(counts.index[-1]))))


def encode_target(dataset: Dataset, task: Task) -> NDArray[np.generic]:
    """Return the answers, one per row of the table.

    Regression: float64, NaN for missing. Classification: positions in `task.classes` (int64), -1 for missing.
    """
    cells = answers_of(dataset, task.target)
    if task.kind is TaskKind.REGRESSION:
        return _numbers(cells, dataset.schema[task.target])
    whole = bool(task.classes) and isinstance(task.classes[0], int)
    keys = pd.Index([float(label) for label in task.classes] if whole else list(map(str, task.classes)))
    values = cells if whole else _texts(cells)
    return np.asarray(keys.get_indexer(pd.Index(values)), np.int64)


def _numbers(cells: pd.Series, column: ColumnSchema) -> NDArray[np.float64]:
    if column.cells is Cells.NUMBER:
        return np.asarray(cells, np.float64)
    return np.asarray(pd.to_numeric(cells, errors="coerce"), np.float64)


def _texts(cells: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(cells.dtype):
        return cells.map(lambda number: str(label_of(number)), na_action="ignore")
    return cells
