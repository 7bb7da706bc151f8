"""Checks whether the settings fit the table: a metric that says nothing here, a test on too few rows or groups."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.checks.check import NO_TARGET, Case, Check, Finding, Severity
from engine.checks.target import judge_by
from engine.column_choice import ColumnChoice
from engine.config import Remedy
from engine.errors import ConfigError
from engine.messages import Message, phrase
from engine.registry import Skip
from engine.search.folds import default_holdout
from engine.table.schema import Role
from engine.tasks.detection import encode_target
from engine.tasks.metric import Metric, metric_named, metrics_for
from engine.tasks.task import Task, TaskKind

BLIND_METRIC = phrase(
    "metric_blind",
    "The metric {metric} says little here: always answering {value} is right in {share} % of the rows.",
    "Judge by a metric that counts each answer the same, or that looks at the rare one.",
    "The best model by {metric} may be one that never finds the rare answers.",
)
OTHER_TASK = phrase(
    "metric_of_other_task",
    "The metric {metric} does not measure a {task} task.",
    "Choose another metric.",
    "The run cannot start.",
)
UNDEFINED = phrase(
    "metric_undefined",
    "The metric {metric} is not defined for the values of {target}, some of which are below 0.",
    "Choose another metric.",
    "The run cannot start.",
)
SMALL_TEST = phrase(
    "holdout_too_small",
    "Of the rarest answer, {value}, only about {n} rows will be among the {share} % that are set aside for the test.",
    "Score by folds of all rows instead, or add rows.",
    "The score will hang on these few rows, and its interval will be wide.",
)
TINY_TEST = phrase(
    "holdout_tiny",
    "Only about {n} rows will be set aside for the test.",
    "Score by folds of all rows instead, or set a larger share aside.",
    "The score will hang on these few rows, and its interval will be wide.",
)
RAREST_ROWS = phrase("evidence_rarest", "{value} has {n} of {all} rows.")
FEW_GROUPS = phrase(
    "few_groups",
    "The column {column}, whose groups are kept together, has only {n} of them.",
    "Add rows of other groups, or use {column} as a feature if no new groups will come.",
    "The score hangs on the one or two groups that happen to be in the test.",
)
SINGLE_GROUPS = phrase(
    "single_groups",
    "The column {column} has the role group, but hardly any of its values comes twice, so it changes nothing.",
    "Give it the role ignored.",
)
FEW_TIMES = phrase(
    "few_times",
    "The column {column}, by which the latest rows are tested, has only {n} different times.",
    "Take a column with finer times, or test at random.",
    "Rows of one time stand on both sides of the test, or the test is about a single time.",
)
USE_AS_FEATURE = phrase("remedy_role_feature_label", "Use {columns} as a feature")
SCORE_BY_FOLDS = phrase("remedy_no_holdout_label", "Set no rows aside, score by folds")

_BLIND = 0.8
_LEAST_TESTED = 5
_LEAST_TEST_ROWS = 30
_FEW_GROUPS = 10
_FEW_TIMES = 10
_HARDLY_ANY = 0.01
_BLIND_METRICS = frozenset({"accuracy"})


def _look_at_metric(case: Case) -> tuple[Finding, ...] | Skip:
    if case.task is None:
        return Skip(NO_TARGET())
    if case.config.metric is None:
        return ()
    try:
        metric = metric_named(case.config.metric)
    except ConfigError:
        return ()  # the settings themselves refuse it
    usual = metrics_for(case.task.kind)[0].key
    if case.task.kind not in metric.tasks:
        message = OTHER_TASK(metric=metric.key, task=str(case.task.kind))
        return (Finding(severity=Severity.MUST_FIX, message=message, remedies=(judge_by(usual),)),)
    y = encode_target(case.dataset, case.task)
    answered = np.isfinite(y) if case.task.kind is TaskKind.REGRESSION else np.greater_equal(y, 0)
    return tuple(_poor_metric(case.task, metric, y[answered], usual))


def _poor_metric(task: Task, metric: Metric, y: NDArray[np.generic], usual: str) -> Iterator[Finding]:
    if not len(y):
        return
    if task.kind is TaskKind.REGRESSION:
        constant = np.full(len(y), float(np.mean(y.astype(np.float64))))
        if not np.isfinite(metric.score(y, constant, None)):
            message = UNDEFINED(metric=metric.key, target=task.target)
            yield Finding(
                severity=Severity.MUST_FIX, message=message, columns=(task.target,), remedies=(judge_by(usual),)
            )
        return
    counts = np.bincount(y.astype(np.int64), minlength=len(task.classes))
    share = counts.max() / counts.sum()
    if metric.key not in _BLIND_METRICS or share < _BLIND:
        return
    value = task.classes[int(counts.argmax())]
    better = ("average_precision", "balanced_accuracy") if task.kind is TaskKind.BINARY else ("balanced_accuracy",)
    yield Finding(
        severity=Severity.PLEASE_LOOK,
        message=BLIND_METRIC(metric=metric.key, value=value, share=round(100 * share, 1)),
        columns=(task.target,),
        remedies=tuple(judge_by(key) for key in better),
    )


def _look_at_holdout(case: Case) -> tuple[Finding, ...] | Skip:
    """Look whether enough rows, and enough of the rarest class, will be in the final test."""
    if case.task is None:
        return Skip(NO_TARGET())
    y = encode_target(case.dataset, case.task)
    y = y[np.isfinite(y) if case.task.kind is TaskKind.REGRESSION else np.greater_equal(y, 0)]
    if not len(y) or case.config.holdout == 0:
        return ()
    share = default_holdout(len(y)) if case.config.holdout is None else case.config.holdout
    by_folds = Remedy(title=SCORE_BY_FOLDS(), holdout=0.0)
    n_tested = round(share * len(y))
    if n_tested < _LEAST_TEST_ROWS:
        severity = Severity.HANDLED if case.config.holdout is None else Severity.PLEASE_LOOK
        return (Finding(severity=severity, message=TINY_TEST(n=n_tested), remedies=(by_folds,)),)
    if case.task.kind is TaskKind.REGRESSION:
        return ()
    counts = np.bincount(y.astype(np.int64), minlength=len(case.task.classes))
    rarest = int(counts.argmin())
    n = round(share * float(counts[rarest]), 1)
    if n >= _LEAST_TESTED:
        return ()
    value = case.task.classes[rarest]
    return (
        Finding(
            severity=Severity.PLEASE_LOOK if case.task.kind is TaskKind.BINARY else Severity.HANDLED,
            message=SMALL_TEST(value=value, n=n, share=round(100 * share)),
            columns=(case.task.target,),
            evidence=(RAREST_ROWS(value=value, n=int(counts[rarest]), all=len(y)),),
            remedies=(by_folds,),
        ),
    )


def _look_at_division(case: Case) -> tuple[Finding, ...]:
    """Look whether the columns that divide the rows can do so."""
    schema, frame = case.dataset.schema, case.dataset.frame
    found = []
    for column in schema.with_role(Role.GROUP):
        counts = frame[column.name].value_counts()
        if len(counts) < _FEW_GROUPS:
            found.append(_about(column.name, FEW_GROUPS(column=column.name, n=len(counts)), Severity.PLEASE_LOOK))
        elif (counts > 1).mean() < _HARDLY_ANY:
            found.append(_about(column.name, SINGLE_GROUPS(column=column.name), Severity.HANDLED))
    for column in schema.with_role(Role.TIME):
        n_times = int(frame[column.name].nunique())
        if n_times < _FEW_TIMES:
            found.append(_about(column.name, FEW_TIMES(column=column.name, n=n_times), Severity.PLEASE_LOOK))
    return tuple(found)


def _about(name: str, message: Message, severity: Severity) -> Finding:
    remedy = Remedy(title=USE_AS_FEATURE(columns=name), columns={name: ColumnChoice(role=Role.FEATURE)})
    return Finding(severity=severity, message=message, columns=(name,), remedies=(remedy,))


METRIC = Check(key="metric", title="A metric that fits the answers", look=_look_at_metric)
HOLDOUT = Check(key="holdout", title="Rows enough for the final test", look=_look_at_holdout)
DIVISION = Check(key="division", title="Groups and times that divide the rows", look=_look_at_division)
