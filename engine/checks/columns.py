"""Checks of single columns: what identifies rows, what never or hardly changes, what has very many values."""

import numpy as np

from engine.checks.cells import cell_text
from engine.checks.check import Case, Check, Finding, Severity, about_columns, leave_out
from engine.checks.remedies import leave_out_each
from engine.column_choice import ColumnChoice
from engine.config import Remedy
from engine.messages import Message, Phrase, listed, phrase
from engine.registry import Skip
from engine.table.dataset import Dataset
from engine.table.schema import ColumnSchema, Kind, Role
from engine.tasks.suggestions import asks_for_prediction

IDS_LEFT_OUT = phrase(
    "ids_left_out",
    "Columns that only identify rows are left out: {columns}.",
    "Nothing has to be done.",
    "No harm: they could only be learned by heart.",
)
IDS_USED = phrase(
    "ids_used",
    "Columns that identify rows are used as features: {columns}. A model can learn them by heart and fail on new rows.",
    "Leave them out.",
    "The model knows the rows of this file by their names; new rows have names that it has never seen.",
)
NEAR_IDS = phrase(
    "near_ids",
    "Columns in which most values come only once: {columns}.",
    "Leave them out unless parts of them mean something.",
    "The model may learn single rows by heart; for new rows such values say nothing.",
)
NEAR_ID_SHOWN = phrase("near_id_shown", "{column}: {n} different values in {rows} rows, such as {examples}.")
MANY_LEVELS = phrase(
    "many_levels",
    "Columns with very many different values: {columns}.",
    "Nothing has to be done; a coarser column, such as the region instead of the place, often predicts better.",
    "Rare values are learned from few rows, and those that were never seen are treated alike.",
)
MANY_LEVELS_SHOWN = phrase("many_levels_shown", "{column}: {n} different values, {rare} of them in one row only.")
CONSTANTS_LEFT_OUT = phrase(
    "constants_left_out",
    "Columns with a single value are left out: {columns}.",
    "Nothing has to be done.",
    "No harm: there is nothing to learn from them.",
)
CONSTANTS_USED = phrase(
    "constants_used",
    "Columns with a single value are used as features: {columns}.",
    "Leave them out.",
    "Nothing can be learned from them; training only takes longer.",
)
CONSTANT_TARGET = phrase(
    "constant_target",
    "{column} looks like what you want to predict, but every row says {value}: there is nothing to learn.",
    "Add rows with other answers, or leave it out if another column is asked about.",
    "Another column is predicted instead, if there is one that can be.",
)
EMPTY_TARGET = phrase(
    "empty_target",
    "{column} looks like what you want to predict, but it is empty in every row: there is nothing to learn.",
    "Add rows in which it is known, or leave it out if another column is asked about.",
    "Another column is predicted instead, if there is one that can be.",
)
NEAR_CONSTANTS = phrase(
    "near_constants",
    "Columns that say the same in nearly every row: {columns}.",
    "Leave them out unless the few other rows matter.",
    "What they say is learned from a handful of rows, if at all.",
)
NEAR_CONSTANT_SHOWN = phrase("near_constant_shown", "{column}: {value} in all but {n} of {rows} rows.")
NEAR_CONSTANT_EMPTY = phrase("near_constant_empty", "{column}: empty in all but {n} of {rows} rows.")
DATE_ORDER_UNSURE = phrase(
    "date_order_unsure",
    "In {columns} nothing shows whether the day or the month comes first; the first number was taken for the day.",
    "Write dates as 2024-12-31 if that is wrong.",
    "If it is wrong, the model sees the months as days and the days as months.",
)

_NEAR_ID = 0.5
_LEAST_NEAR_ID = 20
_MANY_LEVELS, _MANY_SHARE = 1000, 0.2
_LEAST_MANY = 50
_NEAR_CONSTANT = 0.995


def _look_at_ids(case: Case) -> tuple[Finding, ...]:
    return _useless(case.dataset, Kind.ID, IDS_LEFT_OUT, IDS_USED)


def _look_at_constants(case: Case) -> tuple[Finding, ...]:
    asked = [column for column in case.dataset.schema.columns if _is_asked(case, column)]
    named = frozenset(column.name for column in asked)
    others = _useless(case.dataset, Kind.CONSTANT, CONSTANTS_LEFT_OUT, CONSTANTS_USED, besides=named)
    return (*(_asked(case, column) for column in asked), *others)


def _is_asked(case: Case, column: ColumnSchema) -> bool:
    """Whether a constant has the name of a target, and what is predicted has none; unless the person has settled it."""
    settled = (case.config.columns or {}).get(column.name, ColumnChoice()).role is not None
    if column.kind is not Kind.CONSTANT or column.role is not Role.IGNORED or settled:
        return False
    places = {each.name: place for place, each in enumerate(case.dataset.schema.columns)}
    ends = {0, len(places) - 1}
    names = [column.name] if case.task is None else [column.name, case.task.target]
    plain = [asks_for_prediction(name, at_an_end=places[name] in ends) for name in names]
    return plain[0] and not any(plain[1:])


def _asked(case: Case, column: ColumnSchema) -> Finding:
    cells = case.dataset.frame[column.name].dropna()
    if len(cells):
        message = CONSTANT_TARGET(column=column.name, value=cell_text(cells.iloc[0]))
    else:
        message = EMPTY_TARGET(column=column.name)
    return Finding(
        severity=Severity.PLEASE_LOOK, message=message, columns=(column.name,), remedies=(leave_out([column.name]),)
    )


def _useless(
    dataset: Dataset, kind: Kind, left_out: Phrase, used: Phrase, *, besides: frozenset[str] = frozenset()
) -> tuple[Finding, ...]:
    of_kind = [column for column in dataset.schema.columns if column.kind is kind and column.name not in besides]
    found = []
    features = _names(of_kind, Role.FEATURE)
    if features:
        found.append(_finding(used, features, Severity.PLEASE_LOOK, leave_out(features)))
    ignored = _names(of_kind, Role.IGNORED)
    if ignored:
        found.append(_finding(left_out, ignored, Severity.HANDLED))
    return tuple(found)


def _look_at_near_ids(case: Case) -> tuple[Finding, ...]:
    return _of_levels(
        case, NEAR_IDS, Severity.PLEASE_LOOK, [column for column in case.features if _is_near_id(column, case)]
    )


def _look_at_many_levels(case: Case) -> tuple[Finding, ...]:
    many = [
        column
        for column in case.features
        if column.kind is Kind.CATEGORY
        and not _is_near_id(column, case)
        and (
            column.n_distinct > _MANY_LEVELS
            or column.n_distinct > max(_LEAST_MANY, _MANY_SHARE * _n_filled(column, case))
        )
    ]
    return _of_levels(case, MANY_LEVELS, Severity.HANDLED, many)


def _is_near_id(column: ColumnSchema, case: Case) -> bool:
    n = column.n_distinct
    return column.kind is Kind.CATEGORY and n >= _LEAST_NEAR_ID and n > _NEAR_ID * _n_filled(column, case)


def _n_filled(column: ColumnSchema, case: Case) -> int:
    return case.dataset.n_rows - column.n_missing


def _of_levels(case: Case, say: Phrase, severity: Severity, columns: list[ColumnSchema]) -> tuple[Finding, ...]:
    if not columns:
        return ()
    names = tuple(column.name for column in columns)
    evidence = []
    for column in columns:
        levels = case.sample.levels(column.name)
        if say is NEAR_IDS:
            examples = listed([cell_text(level) for level in levels.index[:3]], 3)
            rows = _n_filled(column, case)
            evidence.append(NEAR_ID_SHOWN(column=column.name, n=column.n_distinct, rows=rows, examples=examples))
        else:
            rare = int((levels == 1).sum()) if case.sample.is_all else _count_single(case, column.name)
            evidence.append(MANY_LEVELS_SHOWN(column=column.name, n=column.n_distinct, rare=rare))
    return (
        Finding(
            severity=severity,
            message=say(columns=listed(names)),
            columns=names,
            evidence=tuple(evidence),
            remedies=leave_out_each(names) if say is NEAR_IDS else (),
        ),
    )


def _count_single(case: Case, name: str) -> int:
    return int((case.dataset.frame[name].value_counts(sort=False) == 1).sum())


def _look_at_near_constants(case: Case) -> tuple[Finding, ...]:
    evidence: dict[str, Message] = {}
    n_drawn = len(case.sample.rows)
    for column in case.features:
        if column.kind is Kind.CONSTANT or not n_drawn:
            continue
        # A column of many different values cannot be nearly constant: no need to count them.
        if column.n_distinct > (1 - _NEAR_CONSTANT) * case.dataset.n_rows + 1:
            continue
        levels = case.sample.levels(column.name)
        n_empty = n_drawn - int(levels.sum())
        n_most = int(levels.iloc[0]) if len(levels) else 0
        if max(n_empty, n_most) < _NEAR_CONSTANT * n_drawn:
            continue
        shown = _shown_constant(case, column, None if n_empty > n_most else levels.index[0])
        if shown is not None:
            evidence[column.name] = shown
    return about_columns(NEAR_CONSTANTS, evidence, Severity.HANDLED, leave_out_each(tuple(evidence)))


def _shown_constant(case: Case, column: ColumnSchema, value: object) -> Message | None:
    """Count in all rows what was judged by some; None where it does not hold there."""
    cells, rows = case.dataset.frame[column.name], case.dataset.n_rows
    n_same = int(cells.isna().sum() if value is None else np.sum(cells == value))
    if n_same < _NEAR_CONSTANT * rows:
        return None
    if value is None:
        return NEAR_CONSTANT_EMPTY(column=column.name, n=rows - n_same, rows=rows)
    return NEAR_CONSTANT_SHOWN(column=column.name, value=cell_text(value), n=rows - n_same, rows=rows)


def _look_at_dates(case: Case) -> tuple[Finding, ...] | Skip:
    unsure = tuple(
        column.name
        for column in case.dataset.schema.features
        if column.kind is Kind.DATE and column.reason.code == "kind_dates_unsure"
    )
    return (_finding(DATE_ORDER_UNSURE, unsure, Severity.PLEASE_LOOK),) if unsure else ()


def _names(columns: list[ColumnSchema], role: Role) -> tuple[str, ...]:
    return tuple(column.name for column in columns if column.role is role)


def _finding(say: Phrase, names: tuple[str, ...], severity: Severity, *remedies: Remedy) -> Finding:
    return Finding(severity=severity, message=say(columns=listed(names)), columns=names, remedies=remedies)


IDS = Check(key="ids", title="Columns that identify rows", look=_look_at_ids)
ALMOST_IDS = Check(key="near_ids", title="Columns that nearly identify rows", look=_look_at_near_ids)
LEVELS = Check(key="many_levels", title="Columns of very many values", look=_look_at_many_levels)
CONSTANTS = Check(key="constants", title="Columns with a single value", look=_look_at_constants)
ALMOST_CONSTANTS = Check(key="near_constants", title="Columns that hardly change", look=_look_at_near_constants)
DATE_ORDER = Check(key="date_order", title="Dates with an unclear order", look=_look_at_dates)
