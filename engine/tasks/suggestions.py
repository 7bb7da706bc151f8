"""Which columns are probably asked about, best first."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.errors import TargetError
from engine.messages import Message, phrase
from engine.table.dataset import Dataset
from engine.table.schema import Cells, ColumnSchema, Kind, Role
from engine.tasks.detection import MOST_CLASSES, kind_of
from engine.tasks.task import TaskKind

NOTHING_TO_PREDICT = phrase(
    "target_none",
    "No column could be predicted: each is constant, free text, a date or an id.",
    "Choose another table, or add a column with what you want to know. Groups of similar rows (clustering) are not "
    "looked for by this version.",
)
BY_NAME = phrase("target_by_name", "The name {target} is what people call the thing to predict.")
BY_END = phrase("target_by_place", "{target} is the last column that can be predicted, the usual place of the target.")
BY_START = phrase("target_by_start", "{target} is the first column, where the target stands if not at the end.")
BY_KIND = phrase("target_by_kind", "{target} is the only column of classes; all others hold quantities.")
BY_TWO = phrase("target_two_classes", "It has two different values.")
BY_CLASSES = phrase("target_n_classes", "It has {n} different values, few enough to be classes.")
BY_NUMBERS = phrase("target_numbers", "It holds {n} different numbers.")
UNLIKELY = phrase("target_unlikely", "Its name is rather that of something to predict from.")

MOST_SUGGESTIONS = 5
_MOST_PROBABLE = 0.95
_FEW_CLASSES = 30

# Names are compared in small letters with underscores between the words; those of one word that say it all come first.
_SURE = re.compile(
    r"(target|targets|label|labels|class|classes|klass|klasse|y|y_true|outcome|response|ziel|zielvariable|churn|churned"
    r"|survived|default|defaulted|exited|attrition|fraud|is_fraud|spam|is_spam|converted|conversion|diagnosis|目标"
    r"|标签|类别|因变量|结果)"
)
_LIKELY_ALONE = re.compile(
    r"(price|sale_price|sales_price|selling_price|charges|quality|result|results|sales|revenue|salary|income|species"
    r"|sentiment|strength|demand|consumption|yield|count|cnt|failure|fault|rating|stroke|profit|turnover|价格|房价|售价"
    r"|销量|销售额|收入|是否流失|是否违约|产量|需求量)"
)
# Said of rows as often as asked about them: they count where a target usually stands.
_LIKELY_AT_AN_END = re.compile(r"(type|kind|category|group|status|grade|level|value|score|state|party|variety|genre)")
_WORDS = (
    "target|label|class|outcome|response|churn|churned|survived|default|defaulted|exited|attrition|fraud|price|cost"
    "|charges|quality|rating|grade|strength|result|status|converted|bought|purchased|approved|approval|clicked|click"
    "|failure|failed|fault|defect|diagnosis|disease|sales|revenue|demand|yield|consumption|salary|income|cnt|count|risk"
    "|claim|claims|readmitted|subscribed|deposit|species|sentiment|win|winner|returned|cancelled|canceled|category|mpg"
    "|score|cancer|diabetes|diabetic|stroke|death|died|mortality|accepted|rejected|hired|left|profit|spending|passed"
    "|stayed|renewed|lapsed|paid|late|delayed|anomaly|attack|satisfaction|happiness|popularity|expectancy"
)
_QUESTION = re.compile(rf"(?:is|has|was|will|did)_(?:{_WORDS})")
_STRONG_LAST = re.compile(
    r".*_(?:target|label|outcome|churn|churned|survived|default|defaulted|exited|attrition|fraud|sales|revenue"
    r"|converted|cancelled|canceled|readmitted|subscribed|sentiment|species|diagnosis)"
)
_LIKELY_LAST = re.compile(rf"(?:.*_)?(?:{_WORDS})")
_LIKELY_INSIDE = re.compile(rf"(?:.*_)?(?:{_WORDS})_.*")
_RATHER_A_FEATURE = re.compile(
    r"(?:.*_)?(?:id|ids|idx|index|no|nr|unnamed|fold|split|lat|lon|lng|latitude|longitude|zip|zipcode|postcode|phone"
    r"|name|year|month|day|hour|minute|weekday|date|time|timestamp|sex|gender|age|country|city|region|weight)"
)


@dataclass(frozen=True, kw_only=True)
class TargetSuggestion:
    """A column that is probably asked about, why, and how sure that is. `task`: the kind of question it asks."""

    column: str
    task: TaskKind
    reasons: tuple[Message, ...]
    probability: float

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this suggestion."""
        reasons = [reason.to_json() for reason in self.reasons]
        return {"column": self.column, "task": str(self.task), "reasons": reasons, "probability": self.probability}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "TargetSuggestion":
        """Rebuild a stored suggestion."""
        return TargetSuggestion(
            column=data["column"],
            task=TaskKind(data["task"]),
            reasons=tuple(Message.from_json(reason) for reason in data["reasons"]),
            probability=data["probability"],
        )


def suggest_targets(dataset: Dataset) -> tuple[TargetSuggestion, ...]:
    """Suggest at most five targets by name, place, kind and number of classes, best first.

    Raises TargetError when no column can be predicted.
    """
    possible = [column for column in dataset.schema.columns if _is_possible(dataset, column)]
    if not possible:
        raise TargetError(NOTHING_TO_PREDICT())
    alone = _only_classes(possible)
    points = [_points(dataset, column, possible, alone) for column in possible]
    scores = np.array([sum(each.values()) for each in points])
    shares = np.exp(2 * (scores - scores.max()))
    probabilities = np.minimum(shares / shares.sum(), _MOST_PROBABLE)
    best = np.argsort(-scores, kind="stable")[:MOST_SUGGESTIONS]
    return tuple(_suggestion(dataset, possible[i], tuple(points[i]), float(probabilities[i])) for i in best)


def _suggestion(dataset: Dataset, column: ColumnSchema, reasons: Sequence[str], probability: float) -> TargetSuggestion:
    kind, _reason = kind_of(dataset.frame[column.name], column)
    said = [_REASONS[each](target=column.name) for each in reasons if each in _REASONS]
    if kind is TaskKind.BINARY:
        said.append(BY_TWO())
    else:
        said.append((BY_NUMBERS if kind is TaskKind.REGRESSION else BY_CLASSES)(n=column.n_distinct))
    return TargetSuggestion(column=column.name, task=kind, reasons=tuple(said), probability=round(probability, 2))


_REASONS = {"name": BY_NAME, "end": BY_END, "start": BY_START, "alone": BY_KIND, "feature": UNLIKELY}


def _is_possible(dataset: Dataset, column: ColumnSchema) -> bool:
    unfit = column.kind.is_words or column.kind in {Kind.ID, Kind.CONSTANT, Kind.DATE}
    if unfit or column.role not in {Role.FEATURE, Role.TARGET}:
        return False
    most = min(MOST_CLASSES, dataset.n_rows / 5)
    return column.n_distinct > 1 and (column.kind is not Kind.CATEGORY or column.n_distinct <= most)


def _points(
    dataset: Dataset, column: ColumnSchema, possible: Sequence[ColumnSchema], alone: ColumnSchema | None
) -> dict[str, float]:
    """Say how much speaks for a column as the target, and what does."""
    at_the_end, at_the_start = column is possible[-1], column is possible[0]
    points = {}
    by_name = _points_of_name(simple_name(column.name), at_an_end=at_the_end or at_the_start)
    if by_name:
        points["name" if by_name > 0 else "feature"] = by_name
    if at_the_end:
        points["end"] = 2.5
    elif at_the_start:
        points["start"] = 0.8
    if column is alone:
        points["alone"] = 2.0 if at_the_start else 0.5
    if column.kind is Kind.YES_NO:
        points["two"] = 0.4
    # A column with gaps is seldom the one that a table was collected for.
    return points | {"gaps": -3 * column.n_missing / max(dataset.n_rows, 1)}


def asks_for_prediction(name: str, *, at_an_end: bool) -> bool:
    """Whether a name is plainly that of what is asked about. `at_an_end`: the column is the first or last.

    >>> [asks_for_prediction(name, at_an_end=False) for name in ("Churn", "is_fraud", "Price", "status", "y", "zip")]
    [True, True, True, False, False, False]
    """
    simple = simple_name(name)
    return _points_of_name(simple, at_an_end=False) >= 3 or (at_an_end and _SURE.fullmatch(simple) is not None)


def _points_of_name(name: str, *, at_an_end: bool) -> float:
    # In the middle of a table "y" is a coordinate.
    if _SURE.fullmatch(name) and (name != "y" or at_an_end):
        return 5.5
    if _LIKELY_ALONE.fullmatch(name):
        return 3.0
    if _LIKELY_AT_AN_END.fullmatch(name) and at_an_end:
        return 3.0
    if _QUESTION.fullmatch(name):
        return 3.5
    if _STRONG_LAST.fullmatch(name):
        return 2.7
    if _LIKELY_LAST.fullmatch(name):
        return 2.0
    if _LIKELY_INSIDE.fullmatch(name):
        return 1.0 if at_an_end else 0.5
    return -1.5 if _RATHER_A_FEATURE.fullmatch(name) else 0.0


def _only_classes(possible: Sequence[ColumnSchema]) -> ColumnSchema | None:
    """Return the one column of few classes among at least four of quantities, if it is so."""
    few = [column for column in possible if _has_few_classes(column)]
    return few[0] if len(few) == 1 and len(possible) > 4 else None


def _has_few_classes(column: ColumnSchema) -> bool:
    return column.n_distinct <= _FEW_CLASSES and (not column.kind.is_number or column.cells is Cells.NUMBER)


def simple_name(name: str) -> str:
    """Write a name in small letters with underscores between its words.

    >>> simple_name("SalePrice (EUR)"), simple_name("isFraud"), simple_name("y")
    ('sale_price', 'is_fraud', 'y')
    """
    bare = re.sub(r"[(\[].*?[)\]]", " ", name)
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", bare)
    return "_".join(re.findall(r"[^\W_]+", words.lower()))
