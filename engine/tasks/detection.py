"""Which column is asked about, and what kind of question that is."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.errors import TargetError
from engine.messages import Message, phrase
from engine.table.dataset import Dataset
from engine.table.schema import Cells, ColumnSchema, Kind, Role
from engine.tasks.task import Task, TaskKind

NOTHING_TO_PREDICT = phrase(
    "target_none",
    "No column could be predicted: each is constant, free text, a date or an id.",
    "Choose another table.",
)
ALL_MISSING = phrase("target_missing", "The target {target} has no value in any row.", "Choose another target.")
CONSTANT = phrase(
    "target_constant",
    "The target {target} has the same value in every row, so there is nothing to learn.",
    "Choose another target or add rows with other values.",
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
BY_NAME = phrase("target_by_name", "The name {target} is what people call the thing to predict.")
BY_PLACE = phrase(
    "target_by_place", "{target} is the last column that can be predicted, where the target usually stands."
)
BY_KIND = phrase("target_by_kind", "{target} is the column whose values can be predicted best as a {task} task.")

LEAST_ROWS = 50
MOST_CLASSES = 500
_REGRESSION_SHARE = 0.05
_REGRESSION_SHARE_SMALL = 0.10  # below 1,000 rows
_FEW_ROWS = 1000

_SURE = re.compile(
    r"^(target|label|labels|class|y|outcome|response|churn|churned|survived|default|defaulted|exited|attrition|fraud"
    r"|is_fraud|spam|converted|diagnosis)$"
)
_LIKELY_ALONE = re.compile(
    r"^(price|sale_price|sales_price|selling_price|charges|quality|outcome|response|result|sales|revenue|salary"
    r"|diagnosis|species|sentiment|strength|demand|consumption|yield|count|cnt|failure|fault|rating)$"
)
_LIKELY = re.compile(
    r"(^|_)(target|label|class|outcome|response|churn|churned|survived|default|defaulted|exited|attrition|fraud|price"
    r"|cost|charges|quality|rating|grade|strength|result|status|converted|bought|purchased|approved|clicked|failure|failed"
    r"|fault|diagnosis|sales|revenue|demand|yield|consumption|salary|income|cnt|count|risk|claim|readmitted|subscribed"
    r"|deposit|species|sentiment|win|winner|returned|cancelled|canceled|category|mpg|score)$"
)
_POSITIVE = frozenset("yes y true t on positive pos ja oui si sí sim да 是 真".split())
_NEGATIVE_NUMBERS = frozenset({"0", "-1"})  # beside them 1 means yes; beside 2 it is the name of a class


@dataclass(frozen=True, kw_only=True)
class TargetSuggestion:
    """The column that is probably asked about, why, and how sure that is. `task`: the kind of question."""

    column: str
    task: TaskKind
    reason: Message
    probability: float


def suggest_target(dataset: Dataset) -> TargetSuggestion:
    """Suggest a target by name, place and kind.

    Raises TargetError when no column can be predicted.
    """
    possible = [column for column in dataset.schema.columns if _is_possible(dataset, column)]
    if not possible:
        raise TargetError(NOTHING_TO_PREDICT())
    scores = [_score(dataset, column, possible) for column in possible]
    ranked = sorted(range(len(possible)), key=lambda place: (-scores[place], place))
    chosen = possible[ranked[0]]
    margin = scores[ranked[0]] - (scores[ranked[1]] if len(ranked) > 1 else 0.0)
    task = _kind_of(dataset.frame[chosen.name], chosen)
    name = _simple(chosen.name)
    if _SURE.search(name) or _LIKELY.search(name):
        reason = BY_NAME(target=chosen.name)
    elif chosen is possible[-1]:
        reason = BY_PLACE(target=chosen.name)
    else:
        reason = BY_KIND(target=chosen.name, task=str(task))
    return TargetSuggestion(
        column=chosen.name, task=task, reason=reason, probability=round(min(0.5 + margin / 8, 0.95), 2)
    )


def task_of(dataset: Dataset, target: str, kind: TaskKind | None = None) -> Task:
    """Settle the question that a target asks; `kind` None finds it out.

    Raises TargetError when the target cannot be predicted, ConfigError when there is no such column.
    """
    column = dataset.schema[target]
    cells = dataset.frame[target].dropna()
    if not len(cells):
        raise TargetError(ALL_MISSING(target=target))
    n_distinct = cells.nunique()
    if n_distinct < 2:
        raise TargetError(CONSTANT(target=target))
    if len(cells) < LEAST_ROWS:
        raise TargetError(TOO_FEW_ROWS(target=target, n=len(cells), least=LEAST_ROWS))
    kind = kind or _kind_of(cells, column)
    if kind is TaskKind.REGRESSION:
        _refuse_poor_numbers(_numbers(cells, column), target)
        return Task(kind=kind, targets=(target,))
    counts = cells.value_counts()
    if len(counts) > MOST_CLASSES:
        raise TargetError(TOO_MANY_CLASSES(target=target, n=len(counts), most=MOST_CLASSES))
    if kind is TaskKind.BINARY and len(counts) != 2:
        raise TargetError(NOT_TWO_CLASSES(target=target, n=len(counts)))
    if counts.iloc[-1] < 2:
        raise TargetError(CLASS_TOO_RARE(target=target, value=str(_label(counts.index[-1]))))
    return Task(kind=kind, targets=(target,), classes=_classes(counts, binary=kind is TaskKind.BINARY))


def _refuse_poor_numbers(numbers: NDArray[np.float64], target: str) -> None:
    finite = numbers[np.isfinite(numbers)]
    if not len(finite):
        raise TargetError(NO_NUMBERS(target=target))
    if len(finite) < LEAST_ROWS:
        raise TargetError(TOO_FEW_NUMBERS(target=target, n=len(finite), least=LEAST_ROWS))
    if (finite == finite[0]).all():
        raise TargetError(CONSTANT(target=target))


def encode_target(dataset: Dataset, task: Task) -> NDArray[np.generic]:
    """Return the answers, one per row of the table.

    Regression: float64, NaN for missing. Classification: positions in `task.classes` (int64), -1 for missing.
    """
    cells = dataset.frame[task.target]
    if task.kind is TaskKind.REGRESSION:
        return _numbers(cells, dataset.schema[task.target])
    whole = bool(task.classes) and isinstance(task.classes[0], int)
    keys = pd.Index([float(label) for label in task.classes] if whole else list(map(str, task.classes)))
    values = cells if whole else _texts(cells)
    return np.asarray(keys.get_indexer(pd.Index(values)), np.int64)


def _kind_of(cells: pd.Series, column: ColumnSchema) -> TaskKind:
    """Tell a question about a number from one about classes."""
    cells = cells.dropna()
    n_distinct = cells.nunique()
    if n_distinct == 2:
        return TaskKind.BINARY
    if not column.kind.is_number:
        return TaskKind.MULTICLASS
    numbers = _numbers(cells, column)
    numbers = numbers[~np.isnan(numbers)]
    if not (numbers == np.round(numbers)).all():
        return TaskKind.REGRESSION
    share = n_distinct / max(len(cells), 1)
    if share > (_REGRESSION_SHARE if len(cells) >= _FEW_ROWS else _REGRESSION_SHARE_SMALL) or n_distinct > 30:
        return TaskKind.REGRESSION
    return TaskKind.REGRESSION if _is_scale(numbers) else TaskKind.MULTICLASS


def _is_scale(numbers: NDArray[np.float64]) -> bool:
    """Know grades and counts among few whole numbers: without gaps, and rare at the ends but not in the middle.

    Codes of classes come about equally often, or in no order at all.
    """
    levels, counts = np.unique(numbers, return_counts=True)
    if len(levels) < 5 or levels[-1] - levels[0] != len(levels) - 1:
        return False
    peak = int(np.argmax(counts))
    rises = bool((np.diff(counts[: peak + 1]) > 0).all())
    falls = bool((np.diff(counts[peak:]) < 0).all())
    return rises and falls and counts.min() < 0.1 * counts.max()


def _is_possible(dataset: Dataset, column: ColumnSchema) -> bool:
    unfit = column.kind.is_words or column.kind in {Kind.ID, Kind.CONSTANT, Kind.DATE}
    if unfit or column.role not in {Role.FEATURE, Role.TARGET}:
        return False
    most = min(MOST_CLASSES, dataset.n_rows / 5)
    return column.n_distinct > 1 and (column.kind is not Kind.CATEGORY or column.n_distinct <= most)


def _score(dataset: Dataset, column: ColumnSchema, possible: list[ColumnSchema]) -> float:
    """Say how much speaks for a column as the target."""
    at_the_end, at_the_start = column is possible[-1], column is possible[0]
    name = _simple(column.name)
    score = 1.0
    # In the middle of a table "y" is a coordinate.
    if _SURE.search(name) and (name != "y" or at_the_end or at_the_start):
        score += 4
    elif _LIKELY.search(name):
        score += 3 if _LIKELY_ALONE.search(name) else 2
    if at_the_end:
        score += 2.5
    elif at_the_start:
        score += 0.8
    if column.kind is Kind.YES_NO:
        score += 0.4
    # A column with gaps is seldom the one that a table was collected for.
    return score - 3 * column.n_missing / max(dataset.n_rows, 1)


def _simple(name: str) -> str:
    """Write a name in small letters with underscores between its words.

    >>> _simple("SalePrice (EUR)"), _simple("isFraud"), _simple("y")
    ('sale_price', 'is_fraud', 'y')
    """
    bare = re.sub(r"[(\[].*?[)\]]", " ", name)
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", bare)
    return "_".join(re.findall(r"[^\W_]+", words.lower()))


def _numbers(cells: pd.Series, column: ColumnSchema) -> NDArray[np.float64]:
    if column.cells is Cells.NUMBER:
        return np.asarray(cells, np.float64)
    return np.asarray(pd.to_numeric(cells, errors="coerce"), np.float64)


def _texts(cells: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(cells.dtype):
        return cells.map(lambda number: str(_label(number)), na_action="ignore")
    return cells


def _label(value: object) -> str | int:
    if isinstance(value, float):
        return int(value) if value.is_integer() else repr(value)
    return str(value)


def _classes(counts: pd.Series, *, binary: bool) -> tuple[str, ...] | tuple[int, ...]:
    """Order the labels: by size or alphabet; of two, the positive one second.

    Positive is what means yes; if neither says so, the rarer one, because that is usually the one looked for.
    """
    labels = [_label(value) for value in counts.index]
    if binary:
        words = [str(label).strip().lower() for label in labels]
        says_yes = [
            word in _POSITIVE or (word == "1" and other in _NEGATIVE_NUMBERS)
            for word, other in zip(words, reversed(words), strict=True)
        ]
        labels = labels if says_yes[1] or not says_yes[0] else labels[::-1]
    elif all(isinstance(label, int) for label in labels):
        labels = sorted(labels)
    else:
        labels = sorted(map(str, labels))
    if all(isinstance(label, int) for label in labels):
        return tuple(int(label) for label in labels)
    return tuple(str(label) for label in labels)
