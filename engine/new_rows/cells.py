"""Brings the cells of a file to a model, and finds out how far they fit it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.messages import Message, Parameter
from engine.new_rows.fit import (
    BEYOND,
    N_EXAMPLES,
    NO_NUMBERS,
    OTHER_SIGN_UNREAD,
    READ_COMMA,
    READ_ONE_COMMA,
    READ_ONE_POINT,
    READ_ORDER,
    READ_POINT,
    TWO_WAYS_READ,
    TWO_WAYS_UNREAD,
    UNKNOWN,
    UNREAD_DATES,
    UNREAD_NUMBERS,
    ColumnFit,
    Fit,
    unusual_rows,
)
from engine.new_rows.matching import matched
from engine.table.options import AUTOMATIC, DateOrder, ReadingOptions
from engine.table.rewriting import (
    numbers_with,
    other_sign,
    prove_decimal,
    proven_order,
    with_date_order,
    with_decimal,
)
from engine.table.rules import as_text, canonical_cells, present, read_numbers
from engine.table.schema import Cells, ColumnSchema, Kind

FEWEST_PROOFS, SHARE_OF_PROOFS = 2, 0.05  # of cells with a sign: fewer are slips of the pen
_LONGEST_EXAMPLE = 40


@dataclass(frozen=True, kw_only=True)
class _Signs:
    """Whether the cells of a column are proven to have the other decimal sign, or may have it, or a few of them do."""

    are_other: bool = False
    may_be_other: bool = False
    few_are_other: bool = False


@dataclass(frozen=True)
class _Levels:
    """Distinct cells and how often they come."""

    texts: pd.Series
    counts: NDArray[np.int64]

    def where(self, chosen: NDArray[np.bool_]) -> "_Levels":
        return _Levels(self.texts[chosen].reset_index(drop=True), self.counts[chosen])

    @property
    def n_cells(self) -> int:
        return int(self.counts.sum())

    @property
    def examples(self) -> tuple[str, ...]:
        return tuple(text[:_LONGEST_EXAMPLE] for text in self.texts.head(N_EXAMPLES))


def fitted(
    frame: pd.DataFrame,
    columns: Iterable[ColumnSchema],
    known: Callable[[], Mapping[str, tuple[str, ...]]],
    options: ReadingOptions = AUTOMATIC,
) -> tuple[pd.DataFrame, Fit]:
    """Return the canonical cells of these columns, all of which `frame` has, and how far they fit.

    `known`: gives the levels that the model looks up, by column. `options`: the decimal sign and the order of dates
    of the file, where a person has said them.
    """
    columns = tuple(columns)
    names = matched(frame.columns, columns)
    raw = {column.name: _cells_of(frame, names[column.name]) for column in columns}
    signs = {column.name: _signs(raw[column.name], column) for column in columns if options.decimal is None}
    proven = {other_sign(c.rules.decimal) for c in columns if c.name in signs and signs[c.name].are_other}
    sign = proven.pop() if len(proven) == 1 else None
    levels = known() if any(column.kind in {Kind.CATEGORY, Kind.YES_NO} for column in columns) else {}
    made, fits = {}, []
    for column in columns:
        own = signs.get(column.name, _Signs())
        other = other_sign(column.rules.decimal)
        is_other = own.are_other or (own.may_be_other and sign == other)
        decimal = options.decimal or (other if is_other else None)
        order = options.date_order or _proven_order(raw[column.name], column)
        asked = replace(options, decimal=decimal, date_order=order)
        cells, told = _as_in_training(raw[column.name], column, asked)
        made[column.name] = canonical_cells(cells, column)
        found = _column_fit(
            cells, made[column.name], column, levels.get(column.name), own if decimal is None else _Signs()
        )
        doubtful = _taken_for_thousands(cells, column, found.n_filled, sign) if decimal is None else ()
        is_asked_for = order == options.date_order if column.date_formats else decimal == options.decimal
        guessed = bool(doubtful) or (bool(told) and not is_asked_for)
        fits.append(replace(found, told=(*told, *found.told, *doubtful), is_guessed=guessed))
    extra = tuple(str(name) for name in frame.columns if name not in names.values())
    return pd.DataFrame(made, index=frame.index), Fit(columns=tuple(fits), extra=extra, told=unusual_rows(frame))


def _cells_of(frame: pd.DataFrame, name: str) -> pd.Series:
    raw = frame[name]
    return raw if isinstance(raw, pd.Series) else raw.iloc[:, 0]


def _is_number(column: ColumnSchema) -> bool:
    return column.cells is Cells.NUMBER or column.rules.number


def _is_text(raw: pd.Series) -> bool:
    return isinstance(raw.dtype, pd.StringDtype) or raw.dtype == object


def _levels(text: pd.Series) -> _Levels:
    positions, distinct = pd.factorize(text)
    texts = [repr(level) for level in distinct.tolist()] if text.dtype == np.float64 else distinct
    return _Levels(pd.Series(texts, dtype="str"), np.bincount(positions[positions >= 0], minlength=len(distinct)))


def _signs(raw: pd.Series, column: ColumnSchema) -> _Signs:
    """Find out whether most cells with a decimal sign can be read only with the other one, or some of them."""
    if not _is_number(column) or not _is_text(raw):
        return _Signs()
    text = present(as_text(raw, column), column.rules.missing)
    signed = text[text.str.contains(r"[.,]", regex=True).fillna(value=False).to_numpy(bool)]
    if not len(signed):
        return _Signs()
    levels = _levels(signed)
    if column.rules.decimal == "," and _are_pointed(levels):
        return _Signs(are_other=True)
    same = dict(column.rules.same)
    unread = np.isnan(read_numbers(levels.texts, column.rules)) & ~levels.texts.isin(list(same)).to_numpy(bool)
    if not unread.any():
        return _Signs()
    failed = levels.where(unread)
    other = ~np.isnan(numbers_with(failed.texts, column.rules, other_sign(column.rules.decimal)))
    is_proof = bool((other & np.isnan(numbers_with(failed.texts, column.rules, column.rules.decimal))).any())
    if 2 * failed.where(other).n_cells <= levels.n_cells:
        return _Signs(few_are_other=is_proof)  # a slip of the pen, or the others are written so as well
    return _Signs(are_other=is_proof, may_be_other=True)


def _proven_order(raw: pd.Series, column: ColumnSchema) -> DateOrder | None:
    if not (column.date_formats and _is_text(raw)):
        return None
    return proven_order(_levels(present(as_text(raw, column), column.rules.missing).dropna()).texts, column)


def _are_pointed(levels: _Levels) -> bool:
    """Say whether cells are written with decimal points, where the rules have decimal commas.

    3332.57 is read by any rules, because its point cannot mark thousands; so that of 714.125 beside it does not either.
    """
    proven = levels.where(prove_decimal(levels.texts, ".")).n_cells
    enough = proven >= min(levels.n_cells, FEWEST_PROOFS) and proven >= SHARE_OF_PROOFS * levels.n_cells
    return enough and not prove_decimal(levels.texts, ",").any()


def _as_in_training(
    raw: pd.Series, column: ColumnSchema, options: ReadingOptions
) -> tuple[pd.Series, tuple[Message, ...]]:
    """Return the cells written as in training, and what was changed, in words."""
    if not _is_text(raw):
        return raw, ()
    if options.decimal and _is_number(column):
        made = with_decimal(as_text(raw, column).str.strip(), column, options.decimal)
        if not made.n_changed:
            return raw, ()
        one, several = (READ_ONE_COMMA, READ_COMMA) if options.decimal == "," else (READ_ONE_POINT, READ_POINT)
        said = one(column=column.name) if made.n_changed == 1 else several(column=column.name, n=made.n_changed)
        return made.cells, (said,)
    if options.date_order and column.date_formats:
        made = with_date_order(as_text(raw, column).str.strip(), column, options.date_order)
        first = "day" if options.date_order is DateOrder.DAY_FIRST else "month"
        told = (READ_ORDER(column=column.name, n=made.n_changed, first=first),) if made.n_changed else ()
        return made.cells, told
    return raw, ()


def _column_fit(
    cells: pd.Series, made: pd.Series, column: ColumnSchema, known: tuple[str, ...] | None, signs: _Signs
) -> ColumnFit:
    text = present(as_text(cells, column), column.rules.missing)
    filled = text.notna().to_numpy(bool)
    n_filled = int(filled.sum())
    found = ColumnFit(name=column.name, n_filled=n_filled)
    lost = _levels(text[filled & made.isna().to_numpy(bool)])
    if lost.n_cells:
        found = _with_lost(found, lost, column, signs)
    if known and column.kind in {Kind.CATEGORY, Kind.YES_NO}:
        seen = _levels(made.dropna())
        strange = seen.where(~seen.texts.isin(known).to_numpy(bool))
        if strange.n_cells:
            told = UNKNOWN(
                column=column.name, n=strange.n_cells, n_filled=n_filled, examples=", ".join(strange.examples)
            )
            found = replace(
                found, n_unknown=strange.n_cells, unknown_examples=strange.examples, told=(*found.told, told)
            )
    return found


def _with_lost(found: ColumnFit, lost: _Levels, column: ColumnSchema, signs: _Signs) -> ColumnFit:
    """Tell the cells that were filled and count as missing, but not those that mean "no value"."""
    free = replace(column, rules=replace(column.rules, missing_numbers=(), lowest=None, highest=None))
    again = canonical_cells(lost.texts, free)
    unread = lost.where(again.isna().to_numpy(bool))
    read = pd.to_numeric(again, errors="coerce") if _is_number(column) else again
    beyond = lost.where((again.notna() & ~read.isin(column.rules.missing_numbers)).to_numpy(bool))
    told = []
    if unread.n_cells:
        said: dict[str, Parameter] = {
            "column": column.name,
            "n": unread.n_cells,
            "n_filled": found.n_filled,
            "examples": ", ".join(unread.examples),
        }
        if not _is_number(column):
            told.append(UNREAD_DATES(**said, as_in_training=_date_like(column)))
        elif signs.may_be_other:
            told.append(TWO_WAYS_UNREAD(**said))
        elif signs.few_are_other:
            told.append(OTHER_SIGN_UNREAD(**said))
        else:
            told.append((NO_NUMBERS if unread.n_cells == found.n_filled else UNREAD_NUMBERS)(**said))
    if beyond.n_cells:
        examples = ", ".join(beyond.examples)
        told.append(BEYOND(column=column.name, n=beyond.n_cells, n_filled=found.n_filled, examples=examples))
    return replace(
        found,
        n_unread=unread.n_cells + beyond.n_cells,
        unread_examples=(*unread.examples, *beyond.examples)[:N_EXAMPLES],
        told=tuple(told),
    )


def _date_like(column: ColumnSchema) -> str:
    form = column.written_format or next(iter(column.date_formats), "")
    return datetime(2024, 12, 31, 13, 45, tzinfo=UTC).strftime(form)


def _taken_for_thousands(
    cells: pd.Series, column: ColumnSchema, n_filled: int, sign: str | None
) -> tuple[Message, ...]:
    """Tell cells whose sign marks thousands here and is the decimal sign elsewhere in the file."""
    if sign is None or column.rules.thousands != sign or not _is_number(column) or not _is_text(cells):
        return ()
    text = as_text(cells, column)
    levels = _levels(text[text.str.contains(sign, regex=False).fillna(value=False).to_numpy(bool)])
    usual, other = read_numbers(levels.texts, column.rules), numbers_with(levels.texts, column.rules, sign)
    doubtful = levels.where(~np.isnan(usual) & ~np.isnan(other) & (usual != other))
    if not doubtful.n_cells:
        return ()
    examples = ", ".join(doubtful.examples)
    return (TWO_WAYS_READ(column=column.name, n=doubtful.n_cells, n_filled=n_filled, examples=examples, sign=sign),)
