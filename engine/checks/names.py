"""A check of the columns' names: overly long ones, and what other programs would take for a command."""

import re

from engine.checks.check import Case, Check, Finding, Severity
from engine.messages import listed, phrase

LONG_NAMES = phrase(
    "long_names",
    "Names of columns with more than {most} letters: {columns}.",
    "Nothing has to be done; shorter names are easier to read in reports.",
    "Pictures and reports show only the beginning of such a name.",
)
ODD_NAMES = phrase(
    "odd_names",
    "Names of columns that other programs could take for a command: {columns}.",
    "Nothing has to be done; they are shown as plain text everywhere.",
    "Spreadsheet programs may try to calculate such a name.",
)

_MOST_LETTERS = 100
_COMMAND = re.compile(
    r"(?i)<\s*/?\s*(script|img|iframe|svg|a|div|style|link)\b|javascript:|^[=@]|^[+\-]\s*[a-z_]+\(|[\u202a-\u202e\u2066-\u2069]"
)


def _look(case: Case) -> tuple[Finding, ...]:
    columns = case.dataset.schema.columns
    long = tuple(column.name for column in columns if len(column.original_name) > _MOST_LETTERS)
    odd = tuple(column.name for column in columns if _COMMAND.search(column.original_name))
    found = []
    if long:
        message = LONG_NAMES(most=_MOST_LETTERS, columns=listed(long, 3))
        found.append(Finding(severity=Severity.HANDLED, message=message, columns=long))
    if odd:
        found.append(Finding(severity=Severity.HANDLED, message=ODD_NAMES(columns=listed(odd, 3)), columns=odd))
    return tuple(found)


COLUMN_NAMES = Check(key="column_names", title="Names of columns", look=_look)
