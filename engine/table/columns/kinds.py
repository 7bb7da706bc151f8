"""Finds out what the columns of a table are, and says why."""

from dataclasses import replace

import pandas as pd

from engine.messages import phrase
from engine.table.columns.date_kinds import judge_dates
from engine.table.columns.judgement import (
    INFINITE,
    MISSING,
    MISSING_AMONG_NUMBERS,
    Levels,
    Verdict,
    missing_in,
)
from engine.table.columns.kind_facts import ColumnFacts, facts_of
from engine.table.columns.levels import levels_of
from engine.table.columns.number_kinds import (
    judge_plain_numbers,
    judge_written_numbers,
    judge_zero_codes,
    rules_as_numbers,
)
from engine.table.columns.text_kinds import judge_answers, judge_order, judge_texts
from engine.table.options import AUTOMATIC, ReadingOptions
from engine.table.schema import Cells, ColumnSchema, Kind, Role

_PERHAPS_NUMBERS = frozenset({Kind.CATEGORY, Kind.TEXT, Kind.ID})
ALL_MISSING = phrase("kind_all_missing", "No row has a value.")


def find_column(
    raw: pd.Series,
    options: ReadingOptions = AUTOMATIC,
    *,
    original_name: str | None = None,
    position: int = 0,
) -> ColumnSchema:
    """Judge one column of texts.

    >>> find_column(pd.Series(["1.5", "2", "?"] * 20, name="size", dtype="str")).kind
    <Kind.NUMBER: 'number'>
    """
    return find_column_and_facts(raw, options, original_name=original_name, position=position)[0]


def find_column_and_facts(
    raw: pd.Series, options: ReadingOptions, *, original_name: str | None, position: int
) -> tuple[ColumnSchema, ColumnFacts]:
    """Judge one column of texts; its facts are for the learned model, which looks at whole tables."""
    missing = missing_in(raw)
    levels = levels_of(raw, original_name or str(raw.name), missing)
    numbers = levels.without(MISSING_AMONG_NUMBERS)
    verdict = _judge(levels, numbers, options)
    rules = replace(verdict.rules, missing=missing) if verdict.rules.missing == MISSING else verdict.rules
    kept = verdict.levels or levels
    perhaps = verdict.cells is Cells.TEXT and verdict.kind in _PERHAPS_NUMBERS
    column = ColumnSchema(
        name=str(raw.name),
        original_name=original_name if original_name is not None else str(raw.name),
        position=position,
        kind=verdict.kind,
        subkind=verdict.subkind,
        role=Role.IGNORED if verdict.kind in {Kind.ID, Kind.CONSTANT} else Role.FEATURE,
        cells=verdict.cells,
        reason=verdict.reason,
        probability=verdict.probability,
        rules=rules,
        date_formats=verdict.date_formats,
        as_numbers=rules_as_numbers(numbers, options.decimal) if perhaps and numbers.n else None,
        order=verdict.order,
        n_missing=len(raw) - kept.n_filled,
        n_distinct=kept.n,
    )
    return column, facts_of(levels)


def _judge(levels: Levels, numbers: Levels, options: ReadingOptions) -> Verdict:
    """Judge from all levels and from those that mean a value even among numbers."""
    if not levels.n:
        return Verdict(kind=Kind.CONSTANT, reason=ALL_MISSING(), probability=1.0)
    if not numbers.n:
        return judge_texts(levels)
    n_infinite = levels.rows_of(INFINITE)
    # Where the comma is known to be the decimal sign, a point may mark thousands.
    pointed = options.decimal == "," and bool(numbers.texts.str.contains(".", regex=False).any())
    return (
        (None if pointed else judge_plain_numbers(numbers, n_infinite, may_be_dates=not options.numbers_stay))
        or judge_answers(levels)
        or judge_order(levels)
        or judge_order(numbers)  # "unknown" beside an order is no step of it
        or judge_zero_codes(numbers)
        or judge_written_numbers(numbers, options.decimal, n_infinite)
        or judge_dates(numbers, options.date_order)
        or judge_texts(levels)
    )
