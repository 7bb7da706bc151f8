"""Checks whether the rows came about one after the other: then a random test knows the future."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.checks.cells import Floats, Rows, level_codes, ordered_values, spread_rows, words_of
from engine.checks.check import NO_TARGET, Case, Check, Finding, Severity
from engine.checks.power import bins_of
from engine.column_choice import ColumnChoice
from engine.config import Remedy
from engine.messages import Message, phrase
from engine.registry import Skip
from engine.table.schema import Cells, ColumnSchema, Kind, Role
from engine.tasks.detection import encode_target
from engine.tasks.task import TaskKind

IN_TIME_ORDER = phrase(
    "rows_in_time_order",
    "The rows stand in the order of {column}, but are tested at random.",
    "If the model is to predict later rows than those it learned from, give {column} the role time.",
    "Rows are tested beside neighbours that gave their answer away: the score is better than later rows will get.",
)
IN_ORDER_ONLY = phrase(
    "rows_in_order",
    "The rows stand in the order of {column}, but are tested at random; neighbours are not alike.",
    "If the model is to predict later rows than those it learned from, give {column} the role time.",
    "Should things change with time, later rows are predicted worse than the score says.",
)
CHANGING = phrase(
    "rows_change_along",
    "Along {column} the answers change, but rows are tested at random.",
    "If the model is to predict later rows than those it learned from, give {column} the role time.",
    "The model is tested on times that it knows; at later ones it is worse than the score says.",
)
ALONG_TIME = phrase(
    "rows_along_time",
    "Sorted by {column}, neighbouring rows have similar answers, but rows are tested at random.",
    "If the model is to predict later rows than those it learned from, give {column} the role time.",
    "Rows are tested beside neighbours that gave their answer away: the score is better than later rows will get.",
)
NEIGHBOURS_ALIKE = phrase(
    "rows_alike",
    "Neighbouring rows have similar answers, but no column says why: they may stand in the order of time, or several "
    "may belong to one person or thing.",
    "Add the column that says so (a date, a number of the person or thing), and give it the role time or group.",
    "Rows are tested beside their neighbours, which gave the answer away: the score may be too good.",
)
SORTED_BY_TARGET = phrase(
    "rows_sorted_by_target", "The rows are sorted by the target {target}; they are mixed before rows are set aside."
)
ALIKE = phrase(
    "evidence_alike",
    "Correlation of {target} between neighbouring rows: {correlation}; in mixed rows it would be about 0 "
    "(at most {chance}).",
)
UNEXPLAINED = phrase(
    "evidence_alike_unexplained",
    "Correlation of {target} between neighbouring rows: {raw}; what the strongest columns do not explain of it: "
    "{correlation}; in mixed rows it would be about 0 (at most {chance}).",
)
SORTED_SHARE = phrase("evidence_sorted", "{share} % of the rows stand in the order of {column}.")
SHARE_CHANGED = phrase("evidence_share_changed", "{share} % of the differences in {target} go with {column}.")
USE_AS_TIME = phrase("remedy_role_time", "Test on the latest rows, by {columns}")
HAS_TIME = phrase("check_has_time", "A column has the role time already.")

_MOST_ROWS = 20_000
_SORTED = 0.98
_ALIKE = 0.3
_STRONGEST, _MOST_LEVELS = 6, 30
_CHANGING = 0.05
_EQUAL_STEPS = 0.9
_BLOCKS = 0.05  # of the changes of class that mixed rows would show
_LEAST_TIMES = 20
_LEAST_ROWS = 100
_FILLED = 0.8
_TIME_WORDS = frozenset(
    "date day time timestamp datetime month week year period quarter created updated ts when epoch".split()
)
_BIRTH = frozenset("birth birthday dob born built".split())


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """A column that may say when rows came about. `values`: of the rows looked at. `in_order`: share of the steps."""

    name: str
    values: Floats
    in_order: float

    @property
    def is_calendar(self) -> bool:
        """Whether times follow each other in equal steps, such as day by day: the rows are a series."""
        steps = np.diff(np.unique(self.values[~np.isnan(self.values)]))
        return float(np.isclose(steps, np.median(steps)).mean()) >= _EQUAL_STEPS


def timelines(case: Case, rows: Rows) -> tuple[Timeline, ...]:
    """Return the columns that may say when rows came about, the one that sorts the rows first."""
    found = []
    for column in case.dataset.schema.columns:
        if not _may_be_time(case, column):
            continue
        values = ordered_values(case.dataset.frame[column.name].iloc[rows], column)
        if values is None or np.isnan(values).mean() > 1 - _FILLED or len(np.unique(values)) < _LEAST_TIMES:
            continue
        in_order = _share_in_order(values[~np.isnan(values)])
        if column.tells_days or in_order >= _SORTED:
            found.append(Timeline(name=column.name, values=values, in_order=in_order))
    return tuple(sorted(found, key=lambda line: (line.in_order < _SORTED, not _is_date(case, line.name))))


def _share_in_order(values: Floats) -> float:
    """Return the share of steps that go one way; 0 where they begin anew again and again, as days of a month do."""
    steps = np.diff(values)
    along = abs(float(np.corrcoef(_ranks(values), np.arange(len(values)))[0, 1]))
    return float(max((steps >= 0).mean(), (steps <= 0).mean())) if along >= _SORTED else 0.0


def _may_be_time(case: Case, column: ColumnSchema) -> bool:
    """Dates of events; and numbers called after time, which then have to be in order."""
    words = set(words_of(column.name))
    if (case.task and column.name == case.task.target) or words & _BIRTH:
        return False
    if column.role not in {Role.FEATURE, Role.IGNORED} or column.kind is Kind.CONSTANT:
        return False
    return column.kind is Kind.DATE or (column.cells is Cells.NUMBER and bool(words & _TIME_WORDS))


def _is_date(case: Case, name: str) -> bool:
    return case.dataset.schema[name].tells_days


def _look(case: Case) -> tuple[Finding, ...] | Skip:
    if case.task is None:
        return Skip(NO_TARGET())
    if case.dataset.schema.with_role(Role.TIME):
        return Skip(HAS_TIME())
    rows = near_rows(case.dataset.n_rows)
    encoded = encode_target(case.dataset, case.task)[rows]
    rows = rows[np.greater_equal(encoded, 0) if case.task.classes else np.isfinite(encoded)]
    if len(rows) < _LEAST_ROWS:
        return ()
    answers = _shown(case, rows)
    chance = 3 / np.sqrt(len(rows))
    alike = correlation_of_neighbours(answers)
    least = max(_ALIKE, chance)
    if _is_sorted(answers):
        return (_sorted_by_target(case),)
    for line in timelines(case, rows):
        finding = _along(case, line, answers, chance)
        if finding is not None:
            return (finding,)
    if alike < least or case.dataset.schema.with_role(Role.GROUP):
        return ()
    if _is_in_blocks(answers):
        return (_sorted_by_target(case),)
    unexplained = correlation_of_neighbours(_unexplained(case, rows, answers))
    if unexplained < least:
        return ()
    evidence = UNEXPLAINED(
        target=case.task.target, correlation=f"{unexplained:.2f}", raw=f"{alike:.2f}", chance=f"{chance:.2f}"
    )
    return (Finding(severity=Severity.PLEASE_LOOK, message=NEIGHBOURS_ALIKE(), evidence=(evidence,)),)


def _along(case: Case, line: Timeline, answers: Floats, chance: float) -> Finding | None:
    """Say what goes with a time by which the rows stand in order, or along which the answers change."""
    assert case.task is not None
    in_order = line.in_order >= _SORTED
    ordered = answers if in_order else answers[np.argsort(line.values, kind="stable")]
    alike, changed = correlation_of_neighbours(ordered), change_along(ordered)
    evidence = [_likeness(case, alike, chance)]
    if alike >= max(_ALIKE, chance):
        say = IN_TIME_ORDER if in_order else ALONG_TIME
    elif changed >= _CHANGING:
        say = CHANGING
        evidence.append(SHARE_CHANGED(target=case.task.target, column=line.name, share=round(100 * changed)))
    elif in_order:
        say = IN_ORDER_ONLY
    else:
        return None
    if in_order:
        evidence.append(SORTED_SHARE(share=round(100 * line.in_order, 1), column=line.name))
    # A series, such as one row a day, may go up and down without likeness of neighbours.
    serious = say is not IN_ORDER_ONLY or (line.is_calendar and abs(alike) > chance)
    grouped = case.dataset.schema.with_role(Role.GROUP)  # rows are divided by one of them only
    return Finding(
        severity=Severity.PLEASE_LOOK if serious and not grouped else Severity.HANDLED,
        message=say(column=line.name),
        columns=(line.name,),
        evidence=tuple(evidence),
        remedies=() if grouped else (use_as_time(line.name),),
    )


def _likeness(case: Case, alike: float, chance: float) -> Message:
    target = case.task.target if case.task else ""
    return ALIKE(target=target, correlation=f"{alike:.2f}", chance=f"{chance:.2f}")


def use_as_time(name: str) -> Remedy:
    """Return the remedy that makes a column say when rows came about."""
    return Remedy(title=USE_AS_TIME(columns=name), columns={name: ColumnChoice(role=Role.TIME)})


def _sorted_by_target(case: Case) -> Finding:
    assert case.task is not None
    target = case.task.target
    return Finding(severity=Severity.HANDLED, message=SORTED_BY_TARGET(target=target), columns=(target,))


def near_rows(n_rows: int) -> Rows:
    """Return at most 20,000 positions in order, each beside its true neighbours: blocks spread over the table.

    >>> near_rows(5).tolist(), len(near_rows(1_000_000)) <= 20_000
    ([0, 1, 2, 3, 4], True)
    """
    if n_rows <= _MOST_ROWS:
        return np.arange(n_rows)
    length = 100
    starts = spread_rows(n_rows - length, _MOST_ROWS // length)
    return np.unique(starts[:, None] + np.arange(length))


def _shown(case: Case, rows: Rows) -> Floats:
    """Return the answers [N, K] of rows that have one: ranks of numbers, or for each class whether it is the one."""
    assert case.task is not None
    dataset = case.dataset
    encoded = encode_target(dataset, case.task)[rows]
    if case.task.kind is TaskKind.REGRESSION:
        return _ranks(encoded.astype(np.float64))[:, None]
    return np.asarray(encoded[:, None] == np.arange(len(case.task.classes)), np.float64)


def _ranks(values: Floats) -> Floats:
    """Return ranks from 0 in which equal values are equal: told apart by their places they would seem in order."""
    return np.asarray(pd.Series(values).rank(na_option="bottom").to_numpy(np.float64) - 1)


def _unexplained(case: Case, rows: Rows, answers: Floats) -> Floats:
    """Return what a sum of the strongest columns leaves of the answers: neighbours may be alike because these are."""
    strongest = sorted(case.powers, key=lambda name: -case.powers[name].value)[:_STRONGEST]
    parts = [np.ones((len(rows), 1))]
    for name in strongest:
        cells = case.dataset.frame[name].iloc[rows]
        values = ordered_values(cells, case.dataset.schema[name])
        codes = level_codes(cells) if values is None else bins_of(values)
        common = np.argsort(-np.bincount(codes), kind="stable")[:_MOST_LEVELS]
        if values is not None and len(common) == _MOST_LEVELS:
            codes = (_ranks(values) * _MOST_LEVELS // len(values)).astype(np.int64)
            common = np.arange(_MOST_LEVELS)
        parts.append((codes[:, None] == common).astype(np.float64))
    known = np.concatenate(parts, axis=1)
    square = known.T @ known + np.eye(known.shape[1])
    return answers - known @ np.linalg.solve(square, known.T @ answers)


def correlation_of_neighbours(answers: Floats) -> float:
    """Return the correlation between a row's answers and the next row's, averaged over what is predicted.

    >>> float(correlation_of_neighbours(np.repeat([[0.0], [1.0]], 500, axis=0)).__round__(2))
    1.0
    """
    centred = answers - answers.mean(axis=0)
    total = float((centred**2).sum())
    return float((centred[1:] * centred[:-1]).sum() / total) if total > 0 else 0.0


def change_along(answers: Floats, n_parts: int = 20) -> float:
    """Return the share of the variance of ordered answers that lies between parts of the order, less what chance does.

    >>> mixed = np.random.default_rng(0).normal(size=(4000, 1))
    >>> abs(change_along(mixed)) < 0.01, change_along(np.sort(mixed, axis=0)) > 0.9
    (True, True)
    """
    total = float(((answers - answers.mean(axis=0)) ** 2).sum())
    parts = np.array_split(answers, n_parts)
    between = sum(len(part) * float(((part.mean(axis=0) - answers.mean(axis=0)) ** 2).sum()) for part in parts)
    return between / total - (n_parts - 1) / max(len(answers) - 1, 1) if total > 0 else 0.0


def _is_sorted(answers: Floats) -> bool:
    """Whether each answer has one place in the file; of rows that are alike nothing can be said."""
    if answers.shape[1] == 1:
        steps = np.diff(answers[:, 0])
        up, down = int((steps > 0).sum()), int((steps < 0).sum())
        return max(up, down) >= _SORTED * max(1, up + down)
    return _changes(answers) < 2 * int(answers.shape[1])


def _is_in_blocks(answers: Floats) -> bool:
    """Whether the rows were written class by class, in a few pieces."""
    expected = float((1 - (answers.mean(axis=0) ** 2).sum()) * len(answers))
    return int(answers.shape[1]) > 1 and _changes(answers) < _BLOCKS * expected


def _changes(answers: Floats) -> int:
    return int(np.count_nonzero(np.diff(answers.argmax(axis=1))))


TIME_ORDER = Check(key="time_order", title="Rows in the order of time", look=_look)
