"""Looks at judged columns once more, with the learned model: how sure is each kind, and which one is another.

What is certain by construction is left alone: constants, yes and no, dates, units, lists, links, orders, fractions.
A kind is changed only in ways that leave the column's cells and reading rules as they are.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.messages import phrase
from engine.table.columns.judgement import ID_SHARE, short
from engine.table.columns.kind_classes import (
    CATEGORICAL,
    CLASS_OF_KIND,
    CLASSES,
    CONTEXT_SPECIFIC,
    EMBEDDED,
    KIND_OF_CLASS,
    NEEDS_PERSON,
    NOT_GENERALIZABLE,
    NUMERIC,
    SENTENCE,
)
from engine.table.columns.kind_facts import ColumnFacts
from engine.table.columns.kind_model import class_probabilities
from engine.table.schema import Cells, ColumnSchema, Kind, Role, Subkind

LOOKS_LIKE_CODES = phrase("kind_looks_like_codes", "The name and the values, such as {example}, look like codes.")
LOOKS_LIKE_NUMBERS = phrase("kind_looks_like_numbers", "The name and the values, such as {example}, look like amounts.")
LOOKS_LIKE_TEXT = phrase("kind_looks_like_text", "The name and the values, such as {example}, look like free text.")
LOOKS_LIKE_CLASSES = phrase("kind_looks_like_classes", "The name and the values, such as {example}, look like classes.")
LOOKS_LIKE_ID = phrase("kind_looks_like_id", "The name and the values, such as {example}, look like names of rows.")

_FEWEST_ROWS = 50  # the values of a shorter table say too little
_MOST_CODES = 1000
_FEW = 12  # up to so many distinct numbers, the rules have looked at how they are spread
_SURE = 0.8  # below, a person is asked to confirm
_LIKELY = 0.6
_LIKELY_UNKNOWN = 0.5
_SURE_BY_RULES = 0.9
_ALMOST_CERTAIN = 0.9  # asked for where a mistake costs most: a wrong id loses a feature
_PLACE = {name: i for i, name in enumerate(CLASSES)}


def look_again(columns: Sequence[ColumnSchema], facts: Sequence[ColumnFacts]) -> tuple[ColumnSchema, ...]:
    """Return the columns with honest probabilities, some with another kind; `facts`: those of the same columns."""
    return judge_again(columns, facts, class_probabilities(facts))


def judge_again(
    columns: Sequence[ColumnSchema], facts: Sequence[ColumnFacts], probabilities: NDArray[np.float64]
) -> tuple[ColumnSchema, ...]:
    """Return the columns as they are to be seen, given the probability of each class."""
    return tuple(
        _again(column, known, likely) if _is_open(column, known) else column
        for column, known, likely in zip(columns, facts, probabilities, strict=True)
    )


def _is_open(column: ColumnSchema, facts: ColumnFacts) -> bool:
    """Whether the rules left anything open."""
    if facts.n_rows < _FEWEST_ROWS or column.subkind is Subkind.ORDERED:
        return False
    if column.kind is Kind.NUMBER:
        return column.cells is Cells.NUMBER and column.subkind is Subkind.WHOLE
    return column.kind in {Kind.CATEGORY, Kind.TEXT, Kind.ID}


def _again(column: ColumnSchema, facts: ColumnFacts, likely: NDArray[np.float64]) -> ColumnSchema:
    found = CLASSES[int(likely.argmax())]
    # Where the rules are sure, a person is asked only when the model is all but certain of something else.
    if column.probability >= _SURE_BY_RULES and (found == CLASS_OF_KIND[column.kind] or likely.max() < _ALMOST_CERTAIN):
        return column
    example = short(facts.samples[0]) if facts.samples else ""
    if found == CONTEXT_SPECIFIC and column.kind is not Kind.ID and likely.max() >= _LIKELY_UNKNOWN:
        reason = NEEDS_PERSON(example=example, kind=str(column.kind))
        return replace(column, reason=reason, probability=min(_mass(column.kind, likely), _SURE - 0.01))
    kind = KIND_OF_CLASS[found]
    if kind is None or kind is column.kind or not _may_become(column, facts, found, float(likely.max())):
        return replace(
            column, probability=_mass(column.kind, likely) if kind is column.kind else _doubted(column, likely)
        )
    says = {
        NUMERIC: LOOKS_LIKE_NUMBERS,
        SENTENCE: LOOKS_LIKE_TEXT,
        NOT_GENERALIZABLE: LOOKS_LIKE_ID,
        CATEGORICAL: LOOKS_LIKE_CODES if column.cells is Cells.NUMBER else LOOKS_LIKE_CLASSES,
    }[found]
    return replace(
        column,
        kind=kind,
        subkind=Subkind.WHOLE if kind is Kind.NUMBER else None,
        role=Role.IGNORED if kind is Kind.ID else Role.FEATURE,
        reason=says(example=example),
        probability=_mass(kind, likely),
    )


def _may_become(column: ColumnSchema, facts: ColumnFacts, found: str, probability: float) -> bool:
    """Whether the model may overturn the rules: it must be likely, and safe for training."""
    unique = facts.n_distinct > ID_SHARE * max(facts.n_filled, 1)
    if column.cells is Cells.NUMBER:
        allowed = {
            NUMERIC: column.kind is Kind.CATEGORY and probability >= _SURE,
            CATEGORICAL: _may_be_codes(column, facts, probability) and not unique,
            NOT_GENERALIZABLE: probability >= _ALMOST_CERTAIN and unique,
        }
    else:
        allowed = {
            SENTENCE: probability >= _LIKELY,
            CATEGORICAL: probability >= _LIKELY and not unique,
            NOT_GENERALIZABLE: probability >= _ALMOST_CERTAIN and unique,
        }
    return allowed.get(found, False)


def _may_be_codes(column: ColumnSchema, facts: ColumnFacts, probability: float) -> bool:
    """Whether whole numbers may be taken for codes: never years, nor what the rules know to count or to measure.

    Codes taken for numbers cost little, numbers taken for codes lose their order.
    """
    is_years = facts.minimum >= 1800 and facts.maximum <= 2100
    if is_years or facts.n_distinct > _MOST_CODES:
        return False
    if column.probability < _SURE:
        return probability >= _LIKELY
    return facts.n_distinct > _FEW and probability >= _ALMOST_CERTAIN


def _mass(kind: Kind, likely: NDArray[np.float64]) -> float:
    """Return the probability that a kind is right."""
    classes = {CLASS_OF_KIND[kind], EMBEDDED} if kind is Kind.NUMBER else {CLASS_OF_KIND[kind]}
    return round(float(sum(likely[_PLACE[name]] for name in classes)), 3)


def _doubted(column: ColumnSchema, likely: NDArray[np.float64]) -> float:
    """Return how sure the rules are where the model says something else."""
    return min(column.probability, max(_mass(column.kind, likely), 0.3), _SURE - 0.01)
