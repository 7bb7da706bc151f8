"""Checks for columns that say the same as others: equal, other names for the same things, or in step with them."""

import itertools
from collections.abc import Mapping

import numpy as np
import pandas as pd

from engine.checks.cells import cell_text
from engine.checks.check import Case, Check, Finding, Severity, about_columns
from engine.checks.remedies import leave_out_each
from engine.checks.sample import Floats
from engine.messages import Message, Phrase, listed, phrase
from engine.table.schema import ColumnSchema, Kind

SAME_COLUMNS = phrase(
    "same_columns",
    "Columns that hold the same values as others: {columns}.",
    "Leave them out.",
    "What matters is divided between the two, so that both look less important than they are.",
)
SAME_COLUMN_SHOWN = phrase("same_column_shown", "{column} holds the same values as {other}.")
OTHER_NAMES = phrase(
    "one_to_one_columns",
    "Columns that are other names for the values of another: {columns}.",
    "Leave them out.",
    "What matters is divided between the two, so that both look less important than they are.",
)
OTHER_NAME_SHOWN = phrase(
    "one_to_one_shown", "{column} and {other}: each value of one goes with one value of the other, such as {example}."
)
IN_STEP = phrase(
    "correlated_columns",
    "Columns of numbers that rise and fall in step with others: {columns}.",
    "Leave them out if the others are easier to come by.",
    "What matters is divided between the two, so that both look less important than they are.",
)
IN_STEP_SHOWN = phrase("correlated_shown", "{column} and {other}: correlation {r}.")

_MOST_CELLS = 4_000_000
_MOST_ROWS = 20_000
_LEAST_ROWS = 500
_MOST_COLUMNS = 3000
_MOST_LEVELS = 1000
_IN_STEP = 0.995
_ROUGH = 0.01
_LEAST_KNOWN = 30


def _look_at_equal(case: Case) -> tuple[Finding, ...]:
    return _finding(SAME_COLUMNS, Severity.PLEASE_LOOK, case.equal_columns, SAME_COLUMN_SHOWN)


def _look_at_names(case: Case) -> tuple[Finding, ...]:
    same = case.equal_columns
    found: dict[str, Message] = {}
    for column, other in _one_to_one(case, [c for c in case.features if c.name not in same]):
        cells = case.sample.frame[[column, other]].dropna().iloc[:1]
        example = " = ".join(cell_text(value) for value in cells.iloc[0]) if len(cells) else ""
        found[column] = OTHER_NAME_SHOWN(column=column, other=other, example=example)
    return about_columns(OTHER_NAMES, found, Severity.HANDLED, leave_out_each(tuple(found)))


def _one_to_one(case: Case, columns: list[ColumnSchema]) -> list[tuple[str, str]]:
    """Pair a column with an earlier one when values go with each other one to one.

    Values numbered in the order in which they come give the same numbers in both.
    """
    by_counts: dict[tuple[int, int], list[ColumnSchema]] = {}
    for column in columns:
        few = 2 <= column.n_distinct <= min(_MOST_LEVELS, case.dataset.n_rows // 2)
        if few and not column.kind.is_words and column.kind is not Kind.DATE:
            by_counts.setdefault((column.n_distinct, column.n_missing), []).append(column)
    pairs = []
    for alike in by_counts.values():
        first_with: dict[bytes, ColumnSchema] = {}
        for column in alike if len(alike) > 1 else ():
            codes = pd.factorize(case.sample.frame[column.name])[0]
            other = first_with.setdefault(codes.tobytes(), column)
            if other is not column and not _are_in_step(case, column, other) and _go_together(case, column, other):
                pairs.append((column.name, other.name))
    return pairs


def _go_together(case: Case, one: ColumnSchema, other: ColumnSchema) -> bool:
    """Say whether what holds in the drawn rows holds in all."""
    frame = case.dataset.frame
    return case.sample.is_all or np.array_equal(*(pd.factorize(frame[each.name])[0] for each in (one, other)))


def _are_in_step(case: Case, one: ColumnSchema, other: ColumnSchema) -> bool:
    """Say whether columns are numbers in step, which is told in other words."""
    if not (one.kind.is_number and other.kind.is_number):
        return False
    return abs(_correlation(case.sample.numbers(one), case.sample.numbers(other))) > _IN_STEP


def _look_at_steps(case: Case) -> tuple[Finding, ...]:
    numbers = [column for column in case.features if column.kind.is_number and column.n_distinct > 2]
    known = {*case.equal_columns, *(name for name, _ in _one_to_one(case, numbers))}
    columns = [column for column in numbers if column.name not in known][:_MOST_COLUMNS]
    if len(columns) < 2:
        return ()
    values = drawn_numbers(case, columns)
    found = {columns[at].name: (columns[other].name, r) for at, (other, r) in in_step(values).items()}
    if not found:
        return ()
    names = tuple(found)
    return (
        Finding(
            severity=Severity.HANDLED,
            message=IN_STEP(columns=listed(names)),
            columns=names,
            evidence=tuple(IN_STEP_SHOWN(column=name, other=other, r=f"{r:.4f}") for name, (other, r) in found.items()),
            remedies=leave_out_each(names),
        ),
    )


def drawn_numbers(case: Case, columns: list[ColumnSchema]) -> Floats:
    """Return columns of numbers side by side, in as many of the drawn rows as are quick to compare."""
    n_drawn = len(case.sample.rows)
    most = min(_MOST_ROWS, max(_LEAST_ROWS, _MOST_CELLS // len(columns)))
    rows = np.linspace(0, n_drawn - 1, min(n_drawn, most)).astype(np.int64)
    return np.column_stack([case.sample.numbers(column)[rows] for column in columns])


def in_step(values: Floats) -> dict[int, tuple[int, float]]:
    """Return columns whose correlation with an earlier one is beyond .995, with that one and the correlation.

    >>> x = np.linspace(0, 1, 50)
    >>> in_step(np.column_stack([x, x**9, 3 - 2 * x]))
    {2: (0, -1.0)}
    """
    known = np.isfinite(values)
    largest = np.where(known, np.abs(values), 0).max(axis=0)
    values = values / np.where(largest > 0, largest, 1)  # squares of very large numbers are beyond what can be written
    counts = np.maximum(known.sum(axis=0), 1)
    means = np.where(known, values, 0).sum(axis=0) / counts
    centred = np.where(known, values - means, 0)
    spreads = np.sqrt((centred**2).sum(axis=0))
    unit = (centred / np.where(spreads > 0, spreads, 1)).astype(np.float32)
    close = np.abs(unit.T @ unit)
    if not known.all():  # only rows that are known in both columns count
        both = (unit**2).T @ known.astype(np.float32)
        close /= np.sqrt(np.maximum(both * both.T, 1e-12))
    close = close > _IN_STEP - _ROUGH
    found: dict[int, tuple[int, float]] = {}
    for at, other in np.argwhere(np.tril(close, -1)):
        if at in found or other in found:
            continue
        r = _correlation(values[:, at], values[:, other])
        if abs(r) > _IN_STEP:
            found[int(at)] = (int(other), round(r, 4))
    return found


def _correlation(one: Floats, other: Floats) -> float:
    known = np.isfinite(one) & np.isfinite(other)
    if known.sum() < max(_LEAST_KNOWN, 0.5 * max(np.isfinite(one).sum(), np.isfinite(other).sum())):
        return 0.0
    a, b = one[known] - one[known].mean(), other[known] - other[known].mean()
    scale = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return float((a * b).sum()) / scale if scale > 0 else 0.0


def _finding(say: Phrase, severity: Severity, pairs: Mapping[str, str], show: Phrase) -> tuple[Finding, ...]:
    if not pairs:
        return ()
    names = tuple(pairs)
    return (
        Finding(
            severity=severity,
            message=say(columns=listed(names)),
            columns=tuple(dict.fromkeys(itertools.chain(names, pairs.values()))),
            evidence=tuple(show(column=column, other=other) for column, other in pairs.items()),
            remedies=leave_out_each(names),
        ),
    )


TWINS = Check(key="twins", title="Columns that stand there twice", look=_look_at_equal)
CODES = Check(key="one_to_one", title="Columns that are other names for another", look=_look_at_names)
STEPS = Check(key="correlated", title="Columns in step with each other", look=_look_at_steps)
