"""What a person changes about one column."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from engine.messages import Message, phrase
from engine.table.moments import EPOCHS, EXCEL
from engine.table.rules import plain_numbers
from engine.table.schema import Cells, ColumnSchema, Kind, Known, ReadingRules, Role

NOT_NUMBERS = phrase(
    "config_not_numbers",
    "The column {column} holds {kind} values, which cannot be read as numbers.",
    "Choose another kind, or leave the column out with the role ignored.",
)
COUNTED = phrase(
    "config_counted_moments",
    "The numbers of the column {column} have been read as moments, which cannot be turned back.",
    'Read the file again so that numbers stay numbers: --numbers-stay in the terminal, "Read it differently" on the '
    "page Data.",
)
SPELLINGS_OF_NUMBERS = phrase(
    "config_spellings_of_numbers",
    "The column {column} holds numbers; only words can be spellings of one value.",
    "Count numbers that are wrong as missing, or correct them in the file.",
)
NOTHING_BETWEEN = phrase(
    "config_nothing_between",
    "In the column {column} everything below {lowest} and above {highest} counts as missing, so nothing is left.",
    "Set a lowest value that is below the highest.",
)


@dataclass(frozen=True, kw_only=True)
class ColumnChoice:
    """What the person changed about one column; None leaves what was found.

    `known`: when its value is known; a column known only afterwards is left out. `missing`: texts that mean "no value"
    besides those found; among numbers they are compared as numbers. `lowest`, `highest`: what its numbers can be.
    `same`: pairs (level as it stands in the table, level that it means).
    """

    kind: Kind | None = None
    role: Role | None = None
    known: Known | None = None
    missing: tuple[str, ...] = ()
    lowest: float | None = None
    highest: float | None = None
    same: tuple[tuple[str, str], ...] = ()

    def over(self, before: "ColumnChoice") -> "ColumnChoice":
        """Return an earlier choice with this one laid over it."""
        return ColumnChoice(
            kind=self.kind or before.kind,
            role=self.role or before.role,
            known=self.known or before.known,
            missing=tuple(dict.fromkeys((*before.missing, *self.missing))),
            lowest=before.lowest if self.lowest is None else self.lowest,
            highest=before.highest if self.highest is None else self.highest,
            same=_in_turn(before.same, self.same),
        )

    def beside(self, before: "ColumnChoice") -> "ColumnChoice":
        """Return an earlier choice with this one laid over it; of two limits on one side the narrower one stays."""
        lowest = [limit for limit in (before.lowest, self.lowest) if limit is not None]
        highest = [limit for limit in (before.highest, self.highest) if limit is not None]
        return replace(self.over(before), lowest=max(lowest, default=None), highest=min(highest, default=None))

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "ColumnChoice":
        """Rebuild a stored choice."""
        return ColumnChoice(
            kind=Kind(data["kind"]) if data["kind"] else None,
            role=Role(data["role"]) if data["role"] else None,
            known=Known(data["known"]) if data["known"] else None,
            missing=tuple(data["missing"]),
            lowest=data["lowest"],
            highest=data["highest"],
            same=tuple((written, level) for written, level in data.get("same", ())),
        )


def changed(column: ColumnSchema, choice: ColumnChoice) -> ColumnSchema:
    """Return a column with a person's changes; one declared an id or constant, or known only afterwards, is left out.

    An id that shall be a feature becomes a category.
    """
    kind, role = choice.kind or column.kind, choice.role or column.role
    if kind is Kind.ID and choice.role is Role.FEATURE:
        kind = Kind.CATEGORY
    elif choice.kind in {Kind.ID, Kind.CONSTANT} and choice.role is None and role is Role.FEATURE:
        role = Role.IGNORED
    if choice.known is Known.AFTER and role is Role.FEATURE:
        role = Role.IGNORED
    same = dict(choice.same)
    return replace(
        column,
        kind=kind,
        subkind=column.subkind if kind is column.kind else None,
        role=role,
        known=choice.known or column.known,
        rules=_rules(column, choice),
        order=tuple(dict.fromkeys(same.get(level, level) for level in column.order)),
    )


def _rules(column: ColumnSchema, choice: ColumnChoice) -> ReadingRules:
    rules = column.rules
    if choice.kind is not None and choice.kind.is_number and column.cells is Cells.TEXT and not rules.number:
        rules = _as_numbers(column)
    numbers = plain_numbers(pd.Series(choice.missing, dtype="str"))
    missing = {text.strip().lower(): None for text in choice.missing}
    same = _in_turn(rules.same, choice.same)
    missing.update({written.lower(): None for written, level in same if level.lower() in missing})
    return replace(
        rules,
        same=same,
        missing=tuple(dict.fromkeys((*rules.missing, *missing))),
        missing_numbers=(*rules.missing_numbers, *(float(number) for number in numbers if np.isfinite(number))),
        lowest=rules.lowest if choice.lowest is None else choice.lowest,
        highest=rules.highest if choice.highest is None else choice.highest,
    )


def _as_numbers(column: ColumnSchema) -> ReadingRules:
    """Return the rules that read the cells of a column of texts as numbers, beside what its cells are already."""
    rules, found = column.rules, column.as_numbers
    if found is None:
        return replace(rules, number=True)
    return replace(found, same=rules.same, missing=tuple(dict.fromkeys((*rules.missing, *found.missing))))


def _in_turn(first: tuple[tuple[str, str], ...], then: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Join pairs (written, level) of two times: cells are rewritten once, so each pair must name the last level."""
    later = dict(then)
    return tuple({**{written: later.get(level, level) for written, level in first}, **later}.items())


def wrong_rewriting(before: ColumnSchema, after: ColumnSchema, choice: ColumnChoice) -> Iterator[Message]:
    """Tell changes to cells that training could not follow as prediction does."""
    rewritten = before.rules.moments or before.rules.words or before.rules.separators
    if after.rules.number and not before.rules.number and rewritten and after.role is not Role.IGNORED:
        counted = not {*EPOCHS, EXCEL}.isdisjoint(before.rules.moments)
        yield COUNTED(column=before.name) if counted else NOT_NUMBERS(column=before.name, kind=str(before.kind))
    if choice.same and (before.cells is Cells.NUMBER or before.rules.number):
        yield SPELLINGS_OF_NUMBERS(column=before.name)
    if choice.lowest is not None and choice.highest is not None and choice.lowest > choice.highest:
        yield NOTHING_BETWEEN(column=before.name, lowest=choice.lowest, highest=choice.highest)
