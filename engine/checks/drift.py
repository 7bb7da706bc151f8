"""Checks whether the first and the last rows are of the same kind: if not, the rows to come will differ as well."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.checks.cells import Codes, Floats, Rows, cell_text, level_codes, ordered_values, spread_rows
from engine.checks.check import Case, Check, Finding, Severity, leave_out
from engine.checks.time_order import near_rows, timelines, use_as_time
from engine.messages import Message, listed, phrase
from engine.registry import Skip
from engine.table.schema import ColumnSchema, Kind, Role
from engine.tasks.task import TaskKind

COLUMNS_DRIFT = phrase(
    "drift_columns",
    "Between the first and the last fifth of the rows these columns change much: {columns}.",
    "Check that they are measured in the same way today; leave out those that are not.",
    "A model that relies on them gets worse as they go on changing.",
)
TARGET_DRIFTS = phrase(
    "drift_target",
    "Between the first and the last fifth of the rows, in the order of {order}, the target {target} changes much.",
    "Test on the latest rows: give {order} the role time.",
    "The model is judged by a mixture of old and new rows, but used on new ones.",
)
STOPS = phrase(
    "drift_filled",
    "In the order of the rows, these columns stop or begin to be filled: {columns}.",
    "Check whether they will be filled when the model is used; if not, leave them out.",
    "A model that relies on cells that stay empty is worse in use than in its test.",
)
MOVED = phrase(
    "evidence_moved",
    "{column}: its average goes from {before} to {after}; the two parts overlap by {overlap} % only.",
)
CHANGED = phrase(
    "evidence_changed",
    "{column}: {level} goes from {before} % to {after} % of the rows; the two parts overlap by {overlap} % only.",
)
CHANGED_EMPTY = phrase(
    "evidence_changed_empty",
    "{column}: empty cells go from {before} % to {after} % of the rows; the two parts overlap by {overlap} % only.",
)
FILLED = phrase("evidence_filled", "{column}: filled in {before} % of the first fifth, in {after} % of the last.")
FEW_ROWS = phrase("check_few_rows", "There are too few rows to compare the first with the last.")

_PART = 0.2
_MOST_ROWS = 20_000
_MOST_CELLS = 8_000_000  # of a table of thousands of columns fewer rows are compared
_LEAST_COMPARED = 2_000
_LEAST_ROWS = 250
_MUCH = 0.4
_TARGET_MUCH = 0.3
_NAMED = 5
_ROWS_PER_LEVEL = 10  # with fewer, chance alone keeps the parts apart
_MOST_COLUMNS = 2_000
_SAME_AS_ORDER = 0.9


@dataclass(frozen=True, kw_only=True)
class Shift:
    """How far the first and the last rows of a column are apart, 0 to 1. `filled`: the same for being filled at all."""

    column: ColumnSchema
    size: float
    filled: float
    evidence: Message
    filled_evidence: Message


def distance_of_numbers(first: Floats, last: Floats) -> float:
    """Return the largest distance between two distributions of numbers (Kolmogorov and Smirnov).

    >>> distance_of_numbers(np.array([1.0, 2.0]), np.array([3.0])), distance_of_numbers(np.ones(3), np.ones(2))
    (1.0, 0.0)
    """
    if not len(first) or not len(last):
        return 0.0
    values = np.concatenate([first, last])
    first, last = np.sort(first), np.sort(last)
    below_first = np.searchsorted(first, values, side="right") / len(first)
    below_last = np.searchsorted(last, values, side="right") / len(last)
    return float(np.abs(below_first - below_last).max())


def distance_of_levels(first: Codes, last: Codes, n_levels: int) -> float:
    """Return the share of rows that would have to change their level.

    >>> distance_of_levels(np.array([0, 1]), np.array([0, 0]), 2)
    0.5
    """
    shares = [np.bincount(part, minlength=n_levels) / max(len(part), 1) for part in (first, last)]
    return float(np.abs(shares[0] - shares[1]).sum() / 2)


def _look(case: Case) -> tuple[Finding, ...] | Skip:
    if case.dataset.n_rows < _LEAST_ROWS:
        return Skip(FEW_ROWS())
    order, first, last = _ends(case)
    found: list[Finding] = []
    target = _target_shift(case, first, last)
    if target is not None and target.size >= _TARGET_MUCH and not order:
        return ()  # the rows are sorted by the answers, or in no order that means anything
    if target is not None and target.size >= _TARGET_MUCH:
        found.append(_target_finding(target, order, chosen=bool(case.dataset.schema.with_role(Role.TIME))))
    shifts = [_shift(case, column, first, last) for column in case.features[:_MOST_COLUMNS] if column.name != order]
    shifts = [shift for shift in shifts if shift.column.kind is not Kind.DATE and not shift.column.kind.is_words]
    moved = sorted((shift for shift in shifts if _SAME_AS_ORDER > shift.size >= _MUCH), key=lambda shift: -shift.size)
    stopped = sorted((shift for shift in shifts if shift.filled >= _MUCH), key=lambda shift: -shift.filled)
    if stopped:
        names = [shift.column.name for shift in stopped]
        found.append(
            Finding(
                severity=Severity.PLEASE_LOOK,
                message=STOPS(columns=listed(names, _NAMED)),
                columns=tuple(names),
                evidence=tuple(shift.filled_evidence for shift in stopped[:_NAMED]),
                remedies=(leave_out(names),),
            )
        )
    if moved:
        names = [shift.column.name for shift in moved]
        found.append(
            Finding(
                severity=Severity.HANDLED,
                message=COLUMNS_DRIFT(columns=listed(names, _NAMED)),
                columns=tuple(names),
                evidence=tuple(shift.evidence for shift in moved[:_NAMED]),
                remedies=(leave_out(names),),
            )
        )
    return tuple(found)


def _target_finding(shift: Shift, order: str, *, chosen: bool) -> Finding:
    return Finding(
        severity=Severity.HANDLED,
        message=TARGET_DRIFTS(target=shift.column.name, order=order),
        columns=(shift.column.name, order),
        evidence=(shift.evidence,),
        remedies=() if chosen else (use_as_time(order),),
    )


def _ends(case: Case) -> tuple[str, Rows, Rows]:
    """Return what orders the rows (empty: only the file), and some rows of the first and the last fifth."""
    n_rows = case.dataset.n_rows
    by_columns = _MOST_CELLS // max(len(case.dataset.schema.columns), 1)
    rows = spread_rows(n_rows, int(np.clip(by_columns, _LEAST_COMPARED, _MOST_ROWS)))
    chosen = case.dataset.schema.with_role(Role.TIME)
    order = ""
    if chosen:
        order = chosen[0].name
        values = ordered_values(case.dataset.frame[order].iloc[rows], chosen[0])
        if values is not None:
            rows = rows[np.argsort(values, kind="stable")][: len(rows) - int(np.isnan(values).sum())]
    else:
        lines = [line for line in timelines(case, near_rows(n_rows)) if line.in_order >= _SAME_AS_ORDER]
        order = lines[0].name if lines else ""
    n_part = int(_PART * len(rows))
    return order, rows[:n_part], rows[len(rows) - n_part :]


def _target_shift(case: Case, first: Rows, last: Rows) -> Shift | None:
    if case.task is None:
        return None
    column = case.dataset.schema[case.task.target]
    return _shift(case, column, first, last, levels=case.task.kind is not TaskKind.REGRESSION)


def _shift(case: Case, column: ColumnSchema, first: Rows, last: Rows, *, levels: bool = False) -> Shift:
    cells = case.dataset.frame[column.name].iloc[np.concatenate([first, last])]
    known = cells.notna().to_numpy()
    before, after = known[: len(first)].mean(), known[len(first) :].mean()
    filled = FILLED(column=column.name, before=round(100 * before), after=round(100 * after))
    values = None if levels else ordered_values(cells, column)
    if values is None:
        codes = level_codes(cells)
        n_levels = int(codes.max()) + 1 if len(codes) else 1
        size = (
            distance_of_levels(codes[: len(first)], codes[len(first) :], n_levels)
            if n_levels <= len(first) / _ROWS_PER_LEVEL
            else 0.0
        )
        evidence = _changed(column.name, cells, codes, len(first), size)
    else:
        parts = [part[~np.isnan(part)] for part in (values[: len(first)], values[len(first) :])]
        size = distance_of_numbers(*parts)
        low, high = (f"{part.mean():.4g}" if len(part) else "-" for part in parts)
        evidence = MOVED(column=column.name, before=low, after=high, overlap=round(100 - 100 * size))
    return Shift(column=column, size=size, filled=abs(before - after), evidence=evidence, filled_evidence=filled)


def _changed(name: str, cells: pd.Series, codes: Codes, n_first: int, size: float) -> Message:
    n_levels = int(codes.max()) + 1
    before = np.bincount(codes[:n_first], minlength=n_levels) / max(n_first, 1)
    after = np.bincount(codes[n_first:], minlength=n_levels) / max(len(codes) - n_first, 1)
    most = int(np.argmax(np.abs(after - before)))
    level = cells.iloc[int(np.flatnonzero(codes == most)[0])]
    shares = {"before": round(100 * float(before[most])), "after": round(100 * float(after[most]))}
    overlap = round(100 - 100 * size)
    if pd.isna(level):
        return CHANGED_EMPTY(column=name, **shares, overlap=overlap)
    return CHANGED(column=name, level=cell_text(level), **shares, overlap=overlap)


DRIFT = Check(key="drift", title="First and last rows that differ", look=_look)
