"""Remedies that several checks offer: each is a change to the settings that settles a finding."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from engine.checks.check import leave_out
from engine.checks.sample import number_text
from engine.column_choice import ColumnChoice
from engine.config import Remedy
from engine.messages import Message, listed, phrase

COUNT_AS_MISSING = phrase("remedy_count_as_missing", "Count {values} as missing in {columns}")
KEEP_ABOVE = phrase("remedy_keep_above", "Count values below {low} as missing in {columns}")
KEEP_BELOW = phrase("remedy_keep_below", "Count values above {high} as missing in {columns}")
KEEP_BETWEEN = phrase("remedy_keep_between", "Count values below {low} or above {high} as missing in {columns}")
WRITE_THE_SAME = phrase("remedy_write_the_same", "Count spellings as one value in {columns}")
LEAVE_OUT_COPIES = phrase("remedy_leave_out_copies", "Leave out the rows that are copies: {n}")

_MOST_SINGLE = 4

T = TypeVar("T")


def count_as_missing(values: Mapping[str, Sequence[str]]) -> tuple[Remedy, ...]:
    """Return remedies that make texts or numbers mean "no value", by column: for all columns, then for each."""
    return tuple(
        Remedy(
            title=COUNT_AS_MISSING(
                values=listed(list(dict.fromkeys(text for texts in some.values() for text in texts)), 3),
                columns=listed(list(some)),
            ),
            columns={name: ColumnChoice(missing=tuple(texts)) for name, texts in some.items()},
        )
        for some in _all_then_each(values)
    )


def keep_within(limits: Mapping[str, ColumnChoice]) -> tuple[Remedy, ...]:
    """Return remedies that make what lies beyond limits "no value", by column: for all columns, then for each."""
    return tuple(Remedy(title=_limits_in_words(some), columns=some) for some in _all_then_each(limits))


def _limits_in_words(limits: Mapping[str, ColumnChoice]) -> Message:
    """Say below what and above what values are to count as missing."""
    names = listed(list(limits))
    low = listed([number_text(each.lowest) for each in limits.values() if each.lowest is not None], 2)
    high = listed([number_text(each.highest) for each in limits.values() if each.highest is not None], 2)
    if not high:
        return KEEP_ABOVE(low=low, columns=names)
    return KEEP_BETWEEN(low=low, high=high, columns=names) if low else KEEP_BELOW(high=high, columns=names)


def write_the_same(pairs: Mapping[str, Sequence[tuple[str, str]]]) -> tuple[Remedy, ...]:
    """Return remedies that make spellings one level, by column."""
    return tuple(
        Remedy(
            title=WRITE_THE_SAME(columns=listed(list(some))),
            columns={name: ColumnChoice(same=tuple(same)) for name, same in some.items()},
        )
        for some in _all_then_each(pairs)
    )


def leave_out_each(names: Sequence[str]) -> tuple[Remedy, ...]:
    """Return remedies that leave columns out: all, then each."""
    return tuple(leave_out(list(some)) for some in _all_then_each(dict.fromkeys(names)))


def _all_then_each(by_column: Mapping[str, T]) -> list[dict[str, T]]:
    single = [{name: what} for name, what in by_column.items()] if 1 < len(by_column) <= _MOST_SINGLE else []
    return [dict(by_column), *single]
