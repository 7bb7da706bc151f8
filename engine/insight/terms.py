"""Which words of a text move the outcome: asked of the file, with the word and without it, in rows that have it."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from engine.insight.asking import Asked, answers_of
from engine.insight.positions import with_cells

WORD = re.compile(r"\w[\w'-]*")
MOST_TERMS = 60
LEAST_ROWS = 3
ASKED_ROWS = 20  # of those that have a term
SHOWN = 12
LOOKED_THROUGH = 2_000


@dataclass(frozen=True, kw_only=True)
class Term:
    """A word of a text column. `moved`: the mean outcome with it less that without; `answer`: the class, or empty."""

    column: str
    term: str
    answer: str
    moved: float
    n_rows: int

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Term":
        """Rebuild a stored term."""
        return Term(**data)


def terms(asked: Asked, rows: pd.DataFrame) -> tuple[Term, ...]:
    """Return the words of text columns that move the outcome most, both ways; at most 1,200 rows a column are asked."""
    seen = rows.head(LOOKED_THROUGH)
    found = [term for column in asked.columns if column.kind.is_words for term in _of(asked, seen, column.name)]
    return tuple(sorted(found, key=lambda term: -abs(term.moved)))


def without(text: str, term: str) -> str:
    """Return a text without a word, whatever its case.

    >>> without("New kitchen, new bath, renewed", "new")
    'kitchen, bath, renewed'
    """
    left = re.sub(rf"(?<![\w'-]){re.escape(term)}(?![\w'-])", " ", text, flags=re.IGNORECASE)
    return re.sub(r"\s+([,.;:!?])", r"\1", " ".join(left.split()))


def _of(asked: Asked, rows: pd.DataFrame, name: str) -> list[Term]:
    column = asked.column(name)
    texts = rows[name].astype(object).where(rows[name].notna(), "").astype(str)
    words = [set(WORD.findall(text.lower())) for text in texts]
    counts = Counter(word for each in words for word in sorted(each))
    most = len(rows) - LEAST_ROWS  # a word in every row tells nothing apart
    frequent = [word for word, n in counts.most_common(MOST_TERMS) if LEAST_ROWS <= n <= most]
    if not frequent:
        return []
    having = [np.flatnonzero([word in each for each in words])[:ASKED_ROWS] for word in frequent]
    as_is = [rows.iloc[places].reset_index(drop=True) for places in having]
    changed = [
        with_cells(part, column, [without(texts.iloc[place], word) for place in places])
        for part, places, word in zip(as_is, having, frequent, strict=True)
    ]
    said = asked.outcomes([*as_is, *changed])
    answers = answers_of(asked.task)
    found = []
    for word, before, after in zip(frequent, said[: len(frequent)], said[len(frequent) :], strict=True):
        moved = (before - after).mean(axis=0)
        k = int(np.abs(moved).argmax())
        answer = answers[k] if answers else ""
        found.append(Term(column=name, term=word, answer=answer, moved=float(moved[k]), n_rows=counts[word]))
    strongest = sorted(found, key=lambda term: -abs(term.moved))[:SHOWN]
    return [term for term in strongest if term.moved]
