"""Checks of the rows: too few, or the same ones again."""

import pandas as pd

from engine.checks.check import Case, Check, Finding, Severity
from engine.messages import phrase
from engine.registry import Skip
from engine.table.schema import Role
from engine.tasks.detection import LEAST_ROWS

TOO_FEW_ROWS = phrase("too_few_rows", "The table has {n} rows; at least {least} are needed to learn from.", "Add rows.")
FEW_ROWS = phrase(
    "few_rows",
    "The table has only {n} rows, so the score will have a wide interval.",
    "Add rows if you can.",
)
SAME_ROWS = phrase(
    "same_rows",
    "Rows that are exact copies of others: {n} ({share} %).",
    "Remove copies that are mistakes: a copy on both sides of the hold-out makes the score too good.",
)

_FEW = 300
_MANY_COPIES = 0.05


def _look_at_number(case: Case) -> tuple[Finding, ...]:
    n = case.dataset.n_rows
    if n < LEAST_ROWS:
        return (Finding(severity=Severity.MUST_FIX, message=TOO_FEW_ROWS(n=n, least=LEAST_ROWS)),)
    if n < _FEW:
        return (Finding(severity=Severity.PLEASE_LOOK, message=FEW_ROWS(n=n)),)
    return ()


def _look_at_copies(case: Case) -> tuple[Finding, ...] | Skip:
    used = [column.name for column in case.dataset.schema.columns if column.role is not Role.IGNORED]
    hashes = pd.util.hash_pandas_object(case.dataset.frame[used], index=False)
    n_copies = int(hashes.duplicated().sum())
    if not n_copies:
        return ()
    share = n_copies / case.dataset.n_rows
    severity = Severity.PLEASE_LOOK if share >= _MANY_COPIES else Severity.HANDLED
    return (Finding(severity=severity, message=SAME_ROWS(n=n_copies, share=max(round(100 * share, 1), 0.1))),)


ROW_NUMBER = Check(key="row_number", title="Number of rows", look=_look_at_number)
COPIES = Check(key="copies", title="Rows that stand there twice", look=_look_at_copies)
