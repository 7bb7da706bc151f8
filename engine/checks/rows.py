"""Checks of the rows: too few, or the same ones again."""

import pandas as pd

from engine.checks.check import Case, Check, Finding, Severity
from engine.checks.remedies import LEAVE_OUT_COPIES
from engine.config import Remedy
from engine.messages import Message, phrase
from engine.table.copies import rows_with_copies
from engine.table.schema import Role
from engine.tasks.detection import LEAST_ROWS

TOO_FEW_ROWS = phrase(
    "too_few_rows",
    "The table has {n} rows; at least {least} are needed to learn from.",
    "Add rows.",
    "Training cannot start.",
)
FEW_ROWS = phrase(
    "few_rows",
    "The table has only {n} rows, so the score will have a wide interval.",
    "Add rows if you can.",
    "Whether one model is better than another can hardly be said.",
)
FEW_ROWS_PER_COLUMN = phrase(
    "few_rows_per_column",
    "{n} rows for {columns} columns: fewer than {least} rows for each.",
    "Leave out columns that cannot matter, or add rows.",
    "By chance alone some columns will look useful that are not.",
)
SAME_ROWS = phrase(
    "same_rows",
    "Rows that are exact copies of others: {n} ({share} %).",
    "Remove copies that are mistakes: a copy on both sides of the hold-out makes the score too good.",
    "What was copied counts more often, and the score may look better than it is.",
)
ALIKE_ROWS = phrase(
    "alike_rows",
    "Rows that differ from others only in columns that are not used: {n} ({share} %).",
    "Remove them if they are the same thing noted twice.",
    "What was noted twice counts twice, and the score may look better than it is.",
)
SAME_BY_NATURE = phrase(
    "same_by_nature",
    "Rows that are the same as others: {n} ({share} %). The columns have so few different values that this must be.",
    "Nothing has to be done.",
    "They count as often as they come, which is right unless some were noted twice.",
)
LEFT_OUT = phrase(
    "copies_left_out",
    "Rows that are left out because they are copies of others, as you chose: {n}; {rows} are left.",
    "Nothing has to be done; take the choice back if they are no mistakes.",
    "What they would have said counts once instead of several times.",
)
COPIES_SHOWN = phrase("copies_shown", "Row {row} is the same as row {first}.")

_FEW = 300
_PER_COLUMN = 10
_MANY_COPIES = 0.05
_SHOWN = 3
_POSSIBLE_PER_ROW = 100
_FEW_LEVELS = 50


def _look_at_number(case: Case) -> tuple[Finding, ...]:
    n = case.dataset.n_rows
    if n < LEAST_ROWS:
        return (Finding(severity=Severity.MUST_FIX, message=TOO_FEW_ROWS(n=n, least=LEAST_ROWS)),)
    if n < _FEW:
        return (Finding(severity=Severity.PLEASE_LOOK, message=FEW_ROWS(n=n)),)
    return ()


def _look_at_ratio(case: Case) -> tuple[Finding, ...]:
    n, n_columns = case.dataset.n_rows, len(case.features)
    if n < LEAST_ROWS or n >= _PER_COLUMN * n_columns:
        return ()
    message = FEW_ROWS_PER_COLUMN(n=n, columns=n_columns, least=_PER_COLUMN)
    return (Finding(severity=Severity.PLEASE_LOOK, message=message),)


def _look_at_copies(case: Case) -> tuple[Finding, ...]:
    frame = case.dataset.frame
    used = [column.name for column in case.dataset.schema.columns if column.role is not Role.IGNORED]
    alike = rows_with_copies(frame[used])
    if not len(alike):
        return ()
    # Rows that are equal everywhere are equal in the columns used: only among those they can be.
    exact = alike[rows_with_copies(frame.iloc[alike])] if len(used) < len(frame.columns) else alike
    copies = _later(frame, exact)
    if _must_repeat(case, used):
        return _by_nature(case, len(_later(frame[used], alike)))
    again = _later(frame[used], alike).drop(copies.index)
    found = []
    if len(copies):
        remedy = Remedy(title=LEAVE_OUT_COPIES(n=len(copies)), drop_copies=True)
        found.append(_finding(case, SAME_ROWS(**_counted(case, copies)), copies, remedy))
    if len(again):
        n_all = len(copies) + len(again)
        remedy = Remedy(title=LEAVE_OUT_COPIES(n=n_all), drop_alike=tuple(used))
        found.append(_finding(case, ALIKE_ROWS(**_counted(case, again)), again, remedy))
    return tuple(found)


def _look_at_left_out(case: Case) -> tuple[Finding, ...]:
    n = case.dataset.n_copies_left_out
    return (Finding(severity=Severity.HANDLED, message=LEFT_OUT(n=n, rows=case.dataset.n_rows)),) if n else ()


def _must_repeat(case: Case, used: list[str]) -> bool:
    """Say whether the columns have so few values that equal rows come about by chance."""
    possible = 1.0
    for name in used:
        column = case.dataset.schema[name]
        possible *= max(column.n_distinct + (column.n_missing > 0), 1)
        if column.n_distinct > _FEW_LEVELS or possible > _POSSIBLE_PER_ROW * case.dataset.n_rows:
            return False
    return True


def _by_nature(case: Case, n: int) -> tuple[Finding, ...]:
    share = round(100 * n / case.dataset.n_rows, 1)
    return (Finding(severity=Severity.HANDLED, message=SAME_BY_NATURE(n=n, share=share)),)


def _later(frame: pd.DataFrame, rows: "pd.Index[int]") -> "pd.Series[int]":
    """Return by the position of each copy the position of the first row that is the same."""
    some = frame.iloc[rows].reset_index(drop=True)
    groups = some.groupby(list(some.columns), dropna=False, sort=False).ngroup().to_numpy()
    first = pd.Series(rows).groupby(groups).transform("first")
    later = pd.Series(first.to_numpy(), index=rows)
    return later[later.to_numpy() != later.index.to_numpy()]


def _counted(case: Case, copies: "pd.Series[int]") -> dict[str, float]:
    return {"n": len(copies), "share": max(round(100 * len(copies) / case.dataset.n_rows, 1), 0.1)}


def _finding(case: Case, message: Message, copies: "pd.Series[int]", remedy: Remedy) -> Finding:
    many = len(copies) >= _MANY_COPIES * case.dataset.n_rows
    return Finding(
        severity=Severity.PLEASE_LOOK if many else Severity.HANDLED,
        message=message,
        evidence=tuple(COPIES_SHOWN(row=int(row) + 1, first=int(first) + 1) for row, first in copies[:_SHOWN].items()),
        remedies=(remedy,),
    )


ROW_NUMBER = Check(key="row_number", title="Number of rows", look=_look_at_number)
ROWS_PER_COLUMN = Check(key="rows_per_column", title="Rows for each column", look=_look_at_ratio)
COPIES = Check(key="copies", title="Rows that stand there twice", look=_look_at_copies)
COPIES_LEFT_OUT = Check(key="copies_left_out", title="Copies of rows that are left out", look=_look_at_left_out)
