"""Checks for numbers that cannot be what the column's name says, where all others can."""

import numpy as np

from engine.checks.check import Case, Check, Finding, Severity
from engine.checks.disguised import LEAST_ZEROS, stand_ins
from engine.checks.quantities import Possible, possible_range
from engine.checks.remedies import keep_within
from engine.checks.sample import Floats, number_text, shown_number
from engine.column_choice import ColumnChoice
from engine.messages import Message, listed, phrase
from engine.table.schema import ColumnSchema

IMPOSSIBLE = phrase(
    "impossible_values",
    "Values that seem impossible: {columns}.",
    "Correct them in the file, or count them as missing.",
    "The model learns from rows that are wrong, and takes such values for good ones when it predicts.",
)
IMPOSSIBLE_SHOWN = phrase(
    "impossible_values_shown", "{column}: {values} (row {rows}), although it should lie from {low} to {high}."
)
IMPOSSIBLE_BELOW_SHOWN = phrase(
    "impossible_below_shown", "{column}: {values} (row {rows}), although it should not be below {low}."
)

_FEW_SHARE = 0.01


def _look(case: Case) -> tuple[Finding, ...]:
    limits: dict[str, ColumnChoice] = {}
    evidence: list[Message] = []
    for column in case.features:
        possible = possible_range(column.original_name) if column.kind.is_number else None
        if possible is None:
            continue
        shown = _beyond(case, column, possible)
        if shown is not None:
            limits[column.name] = ColumnChoice(lowest=possible.low, highest=possible.high)
            evidence.append(shown)
    if not limits:
        return ()
    return (
        Finding(
            severity=Severity.PLEASE_LOOK,
            message=IMPOSSIBLE(columns=listed(list(limits))),
            columns=tuple(limits),
            evidence=tuple(evidence),
            remedies=keep_within(limits),
        ),
    )


def _beyond(case: Case, column: ColumnSchema, possible: Possible) -> Message | None:
    """Show the values that cannot be; None where there are none, or so many that the name must mean another thing."""
    numbers: Floats = case.sample.all_numbers(column)
    highest = np.inf if possible.high is None else possible.high
    beyond = (numbers < possible.low) | (numbers > highest)
    if not beyond.any():
        return None
    made_up = [value for value, _n, far in stand_ins(case.sample.numbers(column)) if far]
    beyond &= ~np.isin(numbers, made_up)
    if possible.low > 0:  # then zeros stand for "no value", of which another check speaks
        beyond &= (numbers != 0) | ((numbers == 0).sum() < LEAST_ZEROS)
    n_known = int(np.isfinite(numbers).sum())
    if not 0 < beyond.sum() <= max(1, _FEW_SHARE * n_known) or n_known < 2:
        return None
    rows = np.flatnonzero(beyond)
    values = listed(list(dict.fromkeys(shown_number(float(numbers[row])) for row in rows)))
    places = listed([str(row) for row in case.sample.row_numbers(column, rows)])
    if possible.high is None:
        return IMPOSSIBLE_BELOW_SHOWN(column=column.name, values=values, rows=places, low=number_text(possible.low))
    low, high = number_text(possible.low), number_text(possible.high)
    return IMPOSSIBLE_SHOWN(column=column.name, values=values, rows=places, low=low, high=high)


IMPOSSIBLE_VALUES = Check(key="impossible", title="Values that cannot be", look=_look)
