"""Finds out what the columns of a table are, and says why."""

import numpy as np
import pandas as pd

from engine.messages import phrase
from engine.table.dates import find_date_formats
from engine.table.judgement import ENOUGH, MISSING, MISSING_AMONG_NUMBERS, Levels, Verdict
from engine.table.number_kinds import judge_plain_numbers, judge_written_numbers
from engine.table.options import AUTOMATIC, ReadingOptions
from engine.table.rules import present
from engine.table.schema import ColumnSchema, Kind, ReadingRules, Role
from engine.table.text_kinds import judge_texts

ALL_MISSING = phrase("kind_all_missing", "No row has a value.")
DATES = phrase("kind_dates", "{share} % of the values are dates, such as {example}.")
DATES_UNSURE = phrase(
    "kind_dates_unsure",
    "Dates such as {example}; whether the day or the month comes first cannot be seen.",
    "The first number was taken for the day. Write dates as 2024-12-31 to be sure.",
)


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
    text = present(raw, MISSING)
    positions, distinct = pd.factorize(text)
    counts = np.bincount(positions[positions >= 0], minlength=len(distinct)).astype(np.int64)
    texts = pd.Series(distinct, dtype="str")
    levels = Levels(name=original_name or str(raw.name), texts=texts, counts=counts, n_rows=len(raw))
    verdict = _judge(levels)
    kept = verdict.levels or levels
    return ColumnSchema(
        name=str(raw.name),
        original_name=original_name if original_name is not None else str(raw.name),
        position=position,
        kind=verdict.kind,
        role=Role.IGNORED if verdict.kind in {Kind.ID, Kind.CONSTANT} else Role.FEATURE,
        cells=verdict.cells,
        reason=verdict.reason,
        probability=verdict.probability,
        rules=verdict.rules,
        date_formats=verdict.date_formats,
        n_missing=len(raw) - kept.n_filled,
        n_distinct=kept.n,
    )


def _judge(levels: Levels) -> Verdict:
    if not levels.n:
        return Verdict(kind=Kind.CONSTANT, reason=ALL_MISSING(), probability=1.0)
    among_numbers = levels.without(MISSING_AMONG_NUMBERS)
    if among_numbers.n:
        for judge in (judge_plain_numbers, judge_written_numbers, _judge_dates):
            verdict = judge(among_numbers)
            if verdict is not None:
                return verdict
    return judge_texts(levels)


def _judge_dates(levels: Levels) -> Verdict | None:
    found = find_date_formats(levels.texts, levels.counts)
    if found.share < ENOUGH:
        return None
    if levels.n == 1 and levels.n_filled == levels.n_rows:
        return None
    reason = (
        DATES_UNSURE(example=levels.example)
        if found.ambiguous
        else DATES(share=round(100 * found.share), example=levels.example)
    )
    return Verdict(
        kind=Kind.DATE,
        reason=reason,
        probability=0.5 if found.ambiguous else 0.97,
        rules=ReadingRules(missing=MISSING_AMONG_NUMBERS),
        date_formats=found.formats,
        levels=levels,
    )
