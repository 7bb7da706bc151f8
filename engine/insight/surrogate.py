"""A few rules that say roughly what the model does: a tree of three questions, fitted to the model's own answers.

How far it can be believed is measured on rows that it was not fitted to (Craven and Shavlik 1996 call it fidelity).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.figures import about, chance
from engine.insight.asking import Asked, Floats, answers_of, sample
from engine.insight.positions import CHOSEN_FROM, has_positions, levels, positions, shown, text_of
from engine.messages import Message, phrase
from engine.table.schema import ColumnSchema, Kind

DEPTH = 3
MOST_ROWS = 2_000
FEWEST_ROWS = 40
LEAST_OF_LEAF = 0.04  # of the rows
MOST_LEVELS = 10
_MOST_DIGITS = 16

AT_MOST = phrase("rule_at_most", "{column} is at most {value}.")
AT_MOST_OR_EMPTY = phrase("rule_at_most_or_empty", "{column} is at most {value}, or empty.")
ABOVE = phrase("rule_above", "{column} is above {value}.")
BETWEEN = phrase("rule_between", "{column} is above {low} and at most {high}.")
NOT_AFTER = phrase("rule_not_after", "{column} is not after {value}.")
NOT_AFTER_OR_EMPTY = phrase("rule_not_after_or_empty", "{column} is not after {value}, or empty.")
AFTER = phrase("rule_after", "{column} is after {value}.")
DAYS = phrase("rule_days", "{column} is after {low} and not after {high}.")
EQUAL = phrase("rule_equal", "{column} is {value}.")
EQUAL_OR_EMPTY = phrase("rule_equal_or_empty", "{column} is {value}, or empty.")
OTHER = phrase("rule_other", "{column} is not {value}.")
EMPTY = phrase("rule_empty", "{column} is empty.")
FILLED = phrase("rule_filled", "{column} is not empty.")
FAITHFUL = phrase(
    "rules_faithful",
    "These rules explain {share} of the differences between the model's predictions, measured on {n} rows that did not "
    "make them.",
)
ROUGH = phrase(
    "rules_rough",
    "These rules explain only {share} of the differences between the model's predictions, measured on {n} rows that "
    "did not make them: what the model does cannot be said in so few rules.",
)
ENOUGH = 0.6
WORTH_SHOWING = 0.3  # of the differences: rules that explain less would mislead


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Rows that meet all conditions: their share of the rows, and the mean outcome of the model for them."""

    conditions: tuple[Message, ...]
    share: float
    outcome: float

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Rule":
        """Rebuild a stored rule."""
        return Rule(**{**data, "conditions": tuple(Message.from_json(each) for each in data["conditions"])})

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this rule."""
        return {**vars(self), "conditions": [each.to_json() for each in self.conditions]}


@dataclass(frozen=True, kw_only=True)
class Surrogate:
    """Rules in place of the model.

    `answer`: the class whose chance the outcomes are, empty where a number is predicted. `fidelity`: the share of the
    differences between the model's outcomes (variance) that the rules explain, on `n_rows` rows that did not fit them.
    """

    rules: tuple[Rule, ...]
    answer: str
    fidelity: float
    n_rows: int

    def told(self) -> Message:
        """Say how far the rules can be believed."""
        said = FAITHFUL if self.fidelity >= ENOUGH else ROUGH
        return said(share=chance(max(0.0, self.fidelity)), n=self.n_rows)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Surrogate":
        """Rebuild a stored surrogate."""
        return Surrogate(**{**data, "rules": tuple(Rule.from_json(each) for each in data["rules"])})

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this."""
        return {**vars(self), "rules": [each.to_json() for each in self.rules]}


@dataclass(frozen=True, kw_only=True)
class _Question:
    """What a tree may ask: whether a position is above a threshold; with a `level`, whether the cell is that one.

    `other`: the only other level, where there are two and every cell has one of them. `gaps`: the rows without a
    position, which stand with the lowest.
    """

    column: ColumnSchema
    values: Floats
    level: str | None = None
    other: str | None = None
    is_gap: bool = False
    cells: Sequence[str] = ()
    gaps: bool = False


def surrogate(asked: Asked, rows: pd.DataFrame, *, seed: int = 0) -> Surrogate | None:
    """Return rules fitted to half of up to 2,000 rows and measured on the other half; None where there is no telling.

    Of several classes they speak of the one whose chance differs most.
    """
    from sklearn.tree import DecisionTreeRegressor

    seen = rows.iloc[sample(rows, MOST_ROWS, seed)].reset_index(drop=True)
    questions = [question for column in asked.columns for question in _questions(seen, column)]
    if len(seen) < FEWEST_ROWS or not questions:
        return None
    (said,) = asked.outcomes([seen])
    k = int(said.var(axis=0).argmax())
    order = np.random.default_rng(seed).permutation(len(seen))
    fitted, measured = order[: len(order) // 2], order[len(order) // 2 :]
    if not said[fitted, k].var() or not said[measured, k].var():
        return None
    X = np.column_stack([question.values for question in questions])
    tree = DecisionTreeRegressor(max_depth=DEPTH, min_samples_leaf=LEAST_OF_LEAF, random_state=seed)
    tree.fit(X[fitted], said[fitted, k])
    wrong = said[measured, k] - tree.predict(X[measured])
    leaves = tree.apply(X)
    rules = []
    for leaf, path in _paths(tree.tree_):
        inside = leaves == leaf
        conditions = _conditions(path, questions)
        rules.append(Rule(conditions=conditions, share=float(inside.mean()), outcome=float(said[inside, k].mean())))
    answers = answers_of(asked.task)
    return Surrogate(
        rules=tuple(sorted(rules, key=lambda rule: -rule.outcome)),
        answer=answers[k] if answers else "",
        fidelity=float(1 - (wrong**2).mean() / said[measured, k].var()),
        n_rows=len(measured),
    )


def _questions(rows: pd.DataFrame, column: ColumnSchema) -> Iterator[_Question]:
    cells = rows[column.name]
    gaps = cells.isna().to_numpy(dtype=bool)
    if gaps.any() and not gaps.all():
        yield _Question(column=column, values=gaps.astype(np.float64), is_gap=True)
    if has_positions(column):
        at = positions(cells, column)
        if np.isfinite(at).any():
            known = np.isfinite(at)
            filled = np.where(known, at, at[known].min())
            texts = [shown(cell, column) if there else "" for cell, there in zip(cells, known, strict=True)]
            yield _Question(column=column, values=filled, cells=texts, gaps=not known.all())
    elif column.kind in CHOSEN_FROM:
        found, _n = levels(cells, MOST_LEVELS)
        texts = [text_of(cell) for cell in cells]
        names = [text_of(cell) for cell in found]
        for level in names:
            other = (
                next(name for name in names if name != level) if set(texts) == set(names) and len(names) == 2 else None
            )
            values = np.array([float(text == level) for text in texts])
            yield _Question(column=column, values=values, level=level, other=other)


Path = tuple[tuple[int, float, bool], ...]


def _paths(tree: Any, node: int = 0, before: Path = ()) -> Iterator[tuple[int, Path]]:
    """Yield each leaf with the questions on the way: (position of the question, threshold, whether above)."""
    if tree.children_left[node] < 0:
        yield node, before
        return
    asked = (int(tree.feature[node]), float(tree.threshold[node]))
    yield from _paths(tree, tree.children_left[node], (*before, (*asked, False)))
    yield from _paths(tree, tree.children_right[node], (*before, (*asked, True)))


def _conditions(path: Path, questions: Sequence[_Question]) -> tuple[Message, ...]:
    """Say the way to a leaf, each question once, with its narrowest limits."""
    found = []
    empty = {questions[position].column.name: above for position, _t, above in path if questions[position].is_gap}
    certain = {questions[position].column.name for position, _t, above in path if above and questions[position].level}
    for number in dict.fromkeys(position for position, _threshold, _above in path):
        question = questions[number]
        lows = [threshold for position, threshold, above in path if position == number and above]
        highs = [threshold for position, threshold, above in path if position == number and not above]
        name = question.column.name
        if question.is_gap:
            found.append((EMPTY if lows else FILLED)(column=name))
        elif question.level is not None and lows:
            found.append(EQUAL(column=name, value=question.level))
        elif question.level is not None:
            if name not in certain:
                said = OTHER(column=name, value=question.level)
                found.append(EQUAL(column=name, value=question.other) if question.other is not None else said)
        else:
            low, high = max(lows, default=None), min(highs, default=None)
            if not empty.get(name):  # what is empty has no limits
                found.append(_limits(question, low, high, or_empty=question.gaps and low is None and name not in empty))
    return tuple(found)


def _limits(question: _Question, low: float | None, high: float | None, *, or_empty: bool) -> Message:
    name = question.column.name
    inside, outside = _levels(question, low, high) if question.column.order else ((), ())
    if len(inside) == 1:
        return (EQUAL_OR_EMPTY if or_empty else EQUAL)(column=name, value=inside[0])
    if len(outside) == 1 and not (question.gaps and low is not None):  # what is not low may be empty
        return OTHER(column=name, value=outside[0])
    is_date = question.column.kind is Kind.DATE
    between, above = (DAYS, AFTER) if is_date else (BETWEEN, ABOVE)
    at_most = NOT_AFTER if is_date else AT_MOST
    if or_empty:
        at_most = NOT_AFTER_OR_EMPTY if is_date else AT_MOST_OR_EMPTY
    if low is not None and high is not None:
        return between(column=name, low=_shown(question, low), high=_shown(question, high))
    if low is not None:
        return above(column=name, value=_shown(question, low))
    assert high is not None
    return at_most(column=name, value=_shown(question, high))


def _levels(question: _Question, low: float | None, high: float | None) -> tuple[list[str], list[str]]:
    """Return the levels of an order that lie within limits, and the others."""
    there = {place: cell for place, cell in zip(question.values.tolist(), question.cells, strict=True) if cell}
    inside = {cell for place, cell in there.items() if (low is None or place > low) and (high is None or place <= high)}
    names = [there[place] for place in sorted(there)]
    return [name for name in names if name in inside], [name for name in names if name not in inside]


def _shown(question: _Question, threshold: float) -> str:
    """Write a threshold: of dates and ordered levels the last cell below it."""
    values: NDArray[np.float64] = question.values
    if question.column.kind is Kind.DATE or question.column.order:
        below = np.where((values <= threshold) & (np.array(question.cells, dtype=object) != ""), values, -np.inf)
        return question.cells[int(below.argmax())]
    return _dividing(threshold, values)


def _dividing(threshold: float, values: NDArray[np.float64]) -> str:
    """Write a threshold with as few digits as still tell the values on its sides apart.

    >>> _dividing(35.25, np.array([20.0, 35.0, 35.5, 1e9])), _dividing(52_134.2, np.array([50_000.0, 54_000.0]))
    ('35', '52,130')
    """
    below = np.max(values[values <= threshold], initial=-np.inf)
    above = np.min(values[values > threshold], initial=np.inf)
    for digits in range(_MOST_DIGITS):
        told = about(threshold, float(np.ptp(values)) / 10**digits)
        if below <= float(told.replace(",", "")) < above:
            return told
    return repr(threshold)
