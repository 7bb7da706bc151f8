"""Checks of single columns: what cannot help, what is mostly missing, what stands there twice."""

import numpy as np
import pandas as pd

from engine.checks.check import Case, Check, Finding, Severity, leave_out
from engine.config import Remedy
from engine.messages import Phrase, phrase
from engine.registry import Skip
from engine.table.dataset import Dataset
from engine.table.schema import ColumnSchema, Kind, Role

IDS_LEFT_OUT = phrase("ids_left_out", "Columns that only identify rows are left out: {columns}.")
IDS_USED = phrase(
    "ids_used",
    "Columns that identify rows are used as features: {columns}. A model can learn them by heart and fail on new rows.",
    "Leave them out.",
)
CONSTANTS_LEFT_OUT = phrase("constants_left_out", "Columns with a single value are left out: {columns}.")
CONSTANTS_USED = phrase(
    "constants_used", "Columns with a single value are used as features: {columns}.", "Leave them out."
)
MANY_MISSING = phrase(
    "many_missing",
    "More than half of the values are missing in: {columns}.",
    "Check that they are filled the same way when the model is used.",
)
NEARLY_ALL_MISSING = phrase(
    "nearly_all_missing",
    "More than 95 % of the values are missing in: {columns}.",
    "Leave them out unless a value means a lot.",
)
SAME_COLUMNS = phrase("same_columns", "{column} holds the same values as {other}.", "Leave one of them out.")
DATE_ORDER_UNSURE = phrase(
    "date_order_unsure",
    "In {columns} nothing shows whether the day or the month comes first; the first number was taken for the day.",
    "Write dates as 2024-12-31 if that is wrong.",
)

_HALF, _NEARLY_ALL = 0.5, 0.95


def _look_at_ids(case: Case) -> tuple[Finding, ...]:
    return _useless(case.dataset, Kind.ID, IDS_LEFT_OUT, IDS_USED)


def _look_at_constants(case: Case) -> tuple[Finding, ...]:
    return _useless(case.dataset, Kind.CONSTANT, CONSTANTS_LEFT_OUT, CONSTANTS_USED)


def _useless(dataset: Dataset, kind: Kind, left_out: Phrase, used: Phrase) -> tuple[Finding, ...]:
    of_kind = [column for column in dataset.schema.columns if column.kind is kind]
    found = []
    features = _names(of_kind, Role.FEATURE)
    if features:
        found.append(_finding(used, features, Severity.PLEASE_LOOK, leave_out(features)))
    ignored = _names(of_kind, Role.IGNORED)
    if ignored:
        found.append(_finding(left_out, ignored, Severity.HANDLED))
    return tuple(found)


def _look_at_missing(case: Case) -> tuple[Finding, ...]:
    shares = {column.name: column.n_missing / max(case.dataset.n_rows, 1) for column in _features(case.dataset)}
    half = tuple(name for name, share in shares.items() if _HALF < share <= _NEARLY_ALL)
    nearly_all = tuple(name for name, share in shares.items() if share > _NEARLY_ALL)
    found = []
    if nearly_all:
        found.append(_finding(NEARLY_ALL_MISSING, nearly_all, Severity.PLEASE_LOOK, leave_out(nearly_all)))
    if half:
        found.append(_finding(MANY_MISSING, half, Severity.PLEASE_LOOK))
    return tuple(found)


def _look_at_twins(case: Case) -> tuple[Finding, ...]:
    dataset, task = case.dataset, case.task
    first_with: dict[tuple[str, int], str] = {}
    found = []
    for column in _features(dataset):
        if task is not None and column.name == task.target:
            continue
        cells = dataset.frame[column.name]
        sum_of_hashes = int(np.sum(_hashes(cells) * np.arange(1, len(cells) + 1, dtype=np.uint64), dtype=np.uint64))
        other = first_with.setdefault((str(column.cells), sum_of_hashes), column.name)
        if other != column.name and cells.equals(dataset.frame[other].rename(column.name)):
            message = SAME_COLUMNS(column=column.name, other=other)
            found.append(
                Finding(
                    severity=Severity.PLEASE_LOOK,
                    message=message,
                    columns=(column.name, other),
                    remedies=(leave_out([column.name]),),
                )
            )
    return tuple(found)


def _look_at_dates(case: Case) -> tuple[Finding, ...] | Skip:
    unsure = tuple(
        column.name
        for column in _features(case.dataset)
        if column.kind is Kind.DATE and column.reason.code == "kind_dates_unsure"
    )
    return (_finding(DATE_ORDER_UNSURE, unsure, Severity.PLEASE_LOOK),) if unsure else ()


def _hashes(cells: pd.Series) -> "np.ndarray[tuple[int], np.dtype[np.uint64]]":
    return np.asarray(pd.util.hash_pandas_object(cells, index=False), np.uint64)


def _features(dataset: Dataset) -> tuple[ColumnSchema, ...]:
    return dataset.schema.features


def _names(columns: list[ColumnSchema], role: Role) -> tuple[str, ...]:
    return tuple(column.name for column in columns if column.role is role)


def _finding(say: Phrase, names: tuple[str, ...], severity: Severity, *remedies: Remedy) -> Finding:
    return Finding(severity=severity, message=say(columns=", ".join(names)), columns=names, remedies=remedies)


IDS = Check(key="ids", title="Columns that identify rows", look=_look_at_ids)
CONSTANTS = Check(key="constants", title="Columns with a single value", look=_look_at_constants)
MISSING = Check(key="missing", title="Columns that are mostly missing", look=_look_at_missing)
TWINS = Check(key="twins", title="Columns that stand there twice", look=_look_at_twins)
DATE_ORDER = Check(key="date_order", title="Dates with an unclear order", look=_look_at_dates)
