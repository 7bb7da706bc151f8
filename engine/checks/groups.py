"""Checks for rows that belong together, such as the visits of one patient: tested at random, they know each other."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.checks.cells import Codes, level_codes, spread_rows, words_of
from engine.checks.check import Case, Check, Finding, Severity
from engine.checks.things import ALONE, CHINESE_THINGS, GLUED, KINDS, MARKS, MARKS_BEFORE, THINGS
from engine.column_choice import ColumnChoice
from engine.config import Remedy
from engine.messages import phrase
from engine.registry import Skip
from engine.table.schema import Cells, ColumnSchema, Kind, Role
from engine.tasks.task import Task

REPEATING = phrase(
    "groups_repeat",
    "Several rows belong to one {column}, but rows are tested at random: most of those tested have a {column} that the "
    "model knows already.",
    "If the model is to predict for others than those it learned from, give {column} the role group.",
    "The model learns each {column} by heart, and the score is better than it will get for others.",
)
GROUP_ROWS = phrase(
    "evidence_group_rows",
    "{n} different values of {column}; {share} % of the rows have one that comes again, on average {each} times.",
)
GROUP_POWER = phrase("evidence_group_power", "Alone it predicts the target with a power of {power} of 1.")
SAME_WITHIN = phrase("evidence_same_within", "Within one {column} these never change: {columns}.")
COPIES_ACROSS = phrase(
    "copies_across_groups",
    "{n} rows ({share} %) stand there again, but for another {column}.",
    "Remove copies that are mistakes: they may stand on both sides of the test.",
    "A copy on both sides of the test makes the score too good, in spite of the role of {column}.",
)
USE_AS_GROUP = phrase("remedy_role_group_label", "Keep rows of one {columns} together")
IS_DIVIDED = phrase("check_is_divided", "A column says already how rows are divided.")
NOT_DIVIDED = phrase("check_not_divided", "No column has the role group or time.")

_MOST_ROWS = 50_000
_LEAST_GROUPS = 20
_REPEATED = 0.5
_MOST_PER_GROUP = 0.1  # a value that a tenth of the rows share names a kind of thing, not one thing
_MANY_COPIES = 0.05
_COMPARED_ROWS, _COMPARED_COLUMNS = 5_000, 60
_NAMED = 4
_MOST_CODES = 500

# Numbered codes with one beginning, such as P0001, name single things, unless the name says kinds or places.
_CODE = re.compile(r"([^\W\d_]{0,5}[-_ ]?)([0-9]{3,})")


@dataclass(frozen=True, kw_only=True)
class Groups:
    """How the rows divide by a column. `repeated`: share of the rows whose group comes again."""

    n_groups: int
    repeated: float
    each: float
    largest: float


def groups_of(codes: Codes, n_missing: int) -> Groups:
    """Count the groups of some rows. `codes`: without the missing ones.

    >>> groups_of(np.array([0, 0, 1]), 1)
    Groups(n_groups=2, repeated=0.5, each=1.5, largest=0.5)
    """
    counts = np.bincount(codes)
    counts = counts[counts > 0]
    n_rows = len(codes) + n_missing
    if not len(counts):
        return Groups(n_groups=0, repeated=0.0, each=0.0, largest=0.0)
    again = counts[counts > 1].sum()
    return Groups(
        n_groups=len(counts),
        repeated=float(again / n_rows),
        each=float(len(codes) / len(counts)),
        largest=float(counts.max() / n_rows),
    )


def _look(case: Case) -> tuple[Finding, ...] | Skip:
    if case.dataset.schema.with_role(Role.GROUP):
        return Skip(IS_DIVIDED())
    found = [
        (groups.n_groups, _finding(case, column, groups))
        for column in case.dataset.schema.columns
        if is_group_like(column, case.task) or _is_numbered(case, column)
        for groups in _repeating(case, column)
    ]
    # Of several ids the finest comes first: rows of one visit are also rows of one patient.
    return tuple(finding for _n, finding in sorted(found, key=lambda pair: -pair[0])[:_NAMED])


def is_group_like(column: ColumnSchema, task: Task | None) -> bool:
    """Whether a column is called and filled like one that names persons or things.

    >>> from engine.table.schema import Cells
    >>> from engine.messages import Message
    >>> plain = {"original_name": "", "position": 0, "cells": Cells.TEXT, "reason": Message("x")}
    >>> columns = [ColumnSchema(name=name, kind=Kind.CATEGORY, **plain) for name in ("Patient No", "userId", "colour")]
    >>> [is_group_like(column, None) for column in columns]
    [True, True, False]
    """
    if column.role not in {Role.FEATURE, Role.IGNORED} or (task is not None and column.name == task.target):
        return False
    if column.kind not in {Kind.ID, Kind.CATEGORY, Kind.NUMBER, Kind.TEXT, Kind.LINK}:
        return False
    words = words_of(column.name)
    if any(thing in column.name for thing in CHINESE_THINGS):
        return True
    if len(words) == 1:
        return words[0] in ALONE or words[0] in GLUED or (words[0] in THINGS and column.kind is not Kind.NUMBER)
    if not words:
        return False
    named = bool(set(words) & THINGS) and (words[-1] in MARKS or (words[0] in MARKS_BEFORE and len(words) <= 3))
    return named or (words[-1] in {"id", "uid", "uuid", "guid"} and len(words) <= 3)


def _is_numbered(case: Case, column: ColumnSchema) -> bool:
    """Whether a column holds numbered codes of one beginning and one length, such as P0001."""
    if column.role not in {Role.FEATURE, Role.IGNORED} or column.kind not in {Kind.ID, Kind.CATEGORY, Kind.TEXT}:
        return False
    if (case.task is not None and column.name == case.task.target) or set(words_of(column.name)) & KINDS:
        return False
    levels = [str(level) for level in case.sample.levels(column.name).index[:_MOST_CODES]]
    codes = [_CODE.fullmatch(level) for level in levels]
    if not codes or column.cells is not Cells.TEXT:
        return False
    return len({(code[1], len(code[2])) if code else None for code in codes}) == 1 and bool(codes[0] and codes[0][1])


def _repeating(case: Case, column: ColumnSchema) -> Iterator[Groups]:
    """Yield the groups of a column if there are many that come again."""
    cells = case.dataset.frame[column.name]
    if case.dataset.n_rows > _MOST_ROWS:  # a stretch of rows: a draw would tear the groups apart
        cells = cells.iloc[:_MOST_ROWS]
    known = cells.dropna()
    if column.kind is Kind.NUMBER and not (pd.to_numeric(known, errors="coerce") % 1 == 0).all():
        return
    groups = groups_of(pd.factorize(known)[0].astype(np.int64), len(cells) - len(known))
    if groups.n_groups >= _LEAST_GROUPS and groups.repeated >= _REPEATED and groups.largest <= _MOST_PER_GROUP:
        yield groups


def _finding(case: Case, column: ColumnSchema, groups: Groups) -> Finding:
    evidence = [
        GROUP_ROWS(
            n=groups.n_groups, column=column.name, share=round(100 * groups.repeated), each=round(groups.each, 1)
        )
    ]
    power = case.powers.get(column.name)
    if power is not None:
        evidence.append(GROUP_POWER(power=f"{power.value:.2f}"))
    same = _same_within(case, column)
    if same:
        evidence.append(SAME_WITHIN(column=column.name, columns=", ".join(same[:_NAMED])))
    timed = case.dataset.schema.with_role(Role.TIME)  # rows are divided by one of them only
    return Finding(
        severity=Severity.HANDLED if timed else Severity.PLEASE_LOOK,
        message=REPEATING(column=column.name),
        columns=(column.name,),
        evidence=tuple(evidence),
        remedies=() if timed else (use_as_group(column.name),),
    )


def use_as_group(name: str) -> Remedy:
    """Return the remedy that keeps rows of one group on the same side of every test."""
    return Remedy(title=USE_AS_GROUP(columns=name), columns={name: ColumnChoice(role=Role.GROUP)})


def _same_within(case: Case, column: ColumnSchema) -> list[str]:
    """Return the features that have one value in each group: they describe the person or thing, not the row."""
    rows = slice(0, _COMPARED_ROWS)
    groups = case.dataset.frame[column.name].iloc[rows]
    same = []
    for other in case.features[:_COMPARED_COLUMNS]:
        if other.name == column.name or other.kind is Kind.CONSTANT:
            continue
        values = level_codes(case.dataset.frame[other.name].iloc[rows])
        n_pairs = len(pd.DataFrame({"group": groups, "value": values}).drop_duplicates())
        if values.any() and n_pairs <= groups.nunique(dropna=False):
            same.append(other.name)
    return same


def _look_at_copies(case: Case) -> tuple[Finding, ...] | Skip:
    """Find rows that are the same but for the column that divides them."""
    schema = case.dataset.schema
    dividing = [column.name for role in (Role.GROUP, Role.TIME) for column in schema.with_role(role)]
    if not dividing:
        return Skip(NOT_DIVIDED())
    used = [column.name for column in schema.columns if column.role in {Role.FEATURE, Role.TARGET}]
    frame = case.dataset.frame.iloc[spread_rows(case.dataset.n_rows, _MOST_ROWS)]
    hashes = pd.Series(pd.util.hash_pandas_object(frame[used], index=False).to_numpy())
    first = pd.Series(frame[dividing[0]].to_numpy()).groupby(hashes).transform("nunique")
    n_copies = int((first > 1).sum())
    share = n_copies / max(len(frame), 1)
    if share < _MANY_COPIES:
        return ()
    message = COPIES_ACROSS(n=n_copies, share=round(100 * share, 1), column=dividing[0])
    return (Finding(severity=Severity.PLEASE_LOOK, message=message, columns=(dividing[0],)),)


GROUPS = Check(key="groups", title="Rows that belong together", look=_look)
COPIES_ACROSS_GROUPS = Check(
    key="copies_across", title="Copies on both sides of a group or a time", look=_look_at_copies
)
