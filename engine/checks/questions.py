"""Checks whether a table asks a question that is not answered: groups, an order, a series, several targets."""

import re

import numpy as np
from numpy.typing import NDArray

from engine.checks.cells import ordered_values
from engine.checks.check import Case, Check, Finding, Severity, leave_out
from engine.checks.groups import use_as_group
from engine.checks.time_order import use_as_time
from engine.errors import TargetError
from engine.messages import listed, phrase
from engine.table.schema import Cells, ColumnSchema, Kind, Role
from engine.tasks.suggestions import simple_name, suggest_targets
from engine.tasks.task import TaskKind

CLUSTERING = phrase(
    "question_clustering",
    "No column could be a target, so the question may be which rows are alike (clustering), which this version does "
    "not answer.",
    "Add a column with what you want to know.",
    "Nothing can be trained.",
)
RANKING = phrase(
    "question_ranking",
    "{column} groups the rows and {target} grades them, so the question may be how to sort each group (ranking), which "
    "this version does not answer. It predicts {target} row by row; sort by that.",
    "Give {column} the role group, so that the rows of one group are either learned from or tested on.",
    "Rows of one group on both sides of the test make the score too good.",
)
FORECASTING = phrase(
    "question_forecasting",
    "{target} has one value for each {step} in {column}, so the question may be how the series goes on (forecasting), "
    "which this version does not answer. It predicts a row from its other columns.",
    "Give {column} the role time: the model is then tested on the latest rows.",
    "Rows between those learned from are easier than the future, so the score is too good.",
)
FORECASTING_ALONE = phrase(
    "question_series",
    "{target} has one value for each {step} in {column} and nothing else to predict it from, so the question may be "
    "how the series goes on (forecasting), which this version does not answer.",
    "Add columns that are known beforehand, such as earlier values, and give {column} the role time.",
    "A model learns the dates by heart and fails on later ones.",
)
SEVERAL = phrase(
    "question_several_targets",
    "{columns} look like several things to predict, and one model of this version predicts one: {target}.",
    "Leave the others out unless they are known beforehand; train once for each of them.",
    "If they are known only together with {target}, the score is too good and the model of no use.",
)
ROWS_PER_GROUP = phrase("evidence_rows_per_group", "{n} groups, {rows} rows in each on average.")

_QUERY = re.compile(r"(?:.*_)?(?:q|query|search|srch|session|request|impression|list|listwise)(?:_?id|_key)|qid|query")
_GRADE = re.compile(
    r"(?:.*_)?(?:relevance|relevant|rel|grade|label|rank|ranking|position|clicks?|clicked|booked|score|rating|target|y)"
)
_MOST_GRADES = 11
_TARGETS_BY_NUMBER = re.compile(r"(y|target|label|output|out|response|resp|outcome|class)_?[0-9]{1,3}")
_TARGETS_BY_WORD = re.compile(r"(target|label|output)_[^\W0-9].*")
_YEAR = re.compile(r"(?:.*_)?(?:year|yr|jahr|année|año|年|年份)")
_MOST_OTHERS = 3
_LEAST_STEPS = 30
_REGULAR = 0.9
_DAYS_PER_YEAR = 365.25
_STEPS = (
    ("minute", 0.9 / 1440, 1.1 / 1440),
    ("hour", 0.9 / 24, 1.1 / 24),
    ("day", 0.95, 1.05),
    ("week", 6.9, 7.1),
    ("month", 27.9, 31.1),
    ("quarter", 89.0, 93.0),
    ("year", 364.0, 367.0),
)

Floats = NDArray[np.float64]


def _look(case: Case) -> tuple[Finding, ...]:
    if case.task is None:
        return _clustering(case)
    return (*_several(case), *_ranking(case), *_forecasting(case))


def _clustering(case: Case) -> tuple[Finding, ...]:
    if case.config.chosen_target is not None:
        return ()
    try:
        suggest_targets(case.dataset)
    except TargetError:
        return (Finding(severity=Severity.PLEASE_LOOK, message=CLUSTERING()),)
    return ()


def _several(case: Case) -> tuple[Finding, ...]:
    target = _target(case)
    columns = case.dataset.schema.columns
    for pattern in (_TARGETS_BY_NUMBER, _TARGETS_BY_WORD):
        stem = pattern.fullmatch(simple_name(target))
        if stem is None:
            continue
        matches = [pattern.fullmatch(simple_name(column.name)) for column in columns]
        places = [i for i, match in enumerate(matches) if match is not None and match[1] == stem[1]]
        together = places[-1] - places[0] + 1 == len(places)
        at_an_end = places[0] == 0 or places[-1] == len(columns) - 1
        others = [columns[i].name for i in places if columns[i].name != target and columns[i].role is Role.FEATURE]
        if others and together and at_an_end:
            names = tuple(columns[i].name for i in places)
            message = SEVERAL(columns=listed(names), target=target)
            remedies = (leave_out(others),)
            return (Finding(severity=Severity.PLEASE_LOOK, message=message, columns=names, remedies=remedies),)
    return ()


def _ranking(case: Case) -> tuple[Finding, ...]:
    dataset, target = case.dataset, _target(case)
    graded = dataset.schema[target]
    if not _GRADE.fullmatch(simple_name(target)) or graded.n_distinct > _MOST_GRADES or graded.cells is Cells.TEXT:
        return ()
    for column in dataset.schema.columns:
        if column.name == target or not _QUERY.fullmatch(simple_name(column.name)):
            continue
        n_rows = dataset.n_rows - column.n_missing
        if not 2 <= column.n_distinct <= n_rows / 2:
            continue
        settled = column.role is Role.GROUP
        return (
            Finding(
                severity=Severity.HANDLED if settled else Severity.PLEASE_LOOK,
                message=RANKING(column=column.name, target=target),
                columns=(column.name, target),
                evidence=(ROWS_PER_GROUP(n=column.n_distinct, rows=round(n_rows / column.n_distinct, 1)),),
                remedies=() if settled else (use_as_group(column.name),),
            ),
        )
    return ()


def _forecasting(case: Case) -> tuple[Finding, ...]:
    if case.task is None or case.task.kind is not TaskKind.REGRESSION:
        return ()
    target = _target(case)
    features = [column for column in case.dataset.schema.features if column.name != target]
    for column in case.dataset.schema.columns:
        if column.name == target or not _is_time(column):
            continue
        others = [each for each in features if each.name != column.name]
        step = _step_of_series(case, column, others) if len(others) <= _MOST_OTHERS + 1 else None
        if step is None:
            continue
        settled = column.role is Role.TIME
        return (
            Finding(
                severity=Severity.HANDLED if settled else Severity.PLEASE_LOOK,
                message=(FORECASTING if others else FORECASTING_ALONE)(target=target, column=column.name, step=step),
                columns=(column.name, target),
                remedies=(use_as_time(column.name),) if others and not settled else (),
            ),
        )
    return ()


def _step_of_series(case: Case, column: ColumnSchema, others: list[ColumnSchema]) -> str | None:
    """Return the step of one series, or of one for each level of another column, if it is regular."""
    frame = case.dataset.frame
    values = ordered_values(frame[column.name], column)
    if values is None or np.isnan(values).mean() > 0.05:
        return None
    days = values if column.kind is Kind.DATE else values * _DAYS_PER_YEAR
    times = np.unique(days[~np.isnan(days)])
    step = _step(times)
    if step is None:
        return None
    if len(times) >= 0.98 * len(frame):
        return step if len(others) <= _MOST_OTHERS else None
    for other in others:
        series = frame[[column.name, other.name]]
        full = len(frame) >= 0.8 * len(times) * other.n_distinct
        if 2 <= other.n_distinct <= len(frame) / _LEAST_STEPS and full and not series.duplicated().any():
            return step
    return None


def _step(times: Floats) -> str | None:
    if len(times) < _LEAST_STEPS:
        return None
    steps = np.diff(times)
    for name, least, most in _STEPS:
        if ((steps >= least) & (steps <= most)).mean() >= _REGULAR:
            return name
    # Series of working days leave out weekends and holidays.
    usual = np.isclose(steps, 1).mean() >= 0.7 and (steps <= 5).mean() >= 0.98
    return "working day" if usual else None


def _is_time(column: ColumnSchema) -> bool:
    if column.kind is Kind.DATE:
        return bool(column.date_formats) and column.role in {Role.FEATURE, Role.TIME}
    # Years that count the rows look like an id, which is left out.
    used = column.kind is Kind.ID or column.role in {Role.FEATURE, Role.TIME}
    return used and column.cells is Cells.NUMBER and _YEAR.fullmatch(simple_name(column.name)) is not None


def _target(case: Case) -> str:
    assert case.task is not None
    return case.task.target


OTHER_QUESTIONS = Check(key="questions", title="Questions that are not answered", look=_look)
