"""Cells of a file to be predicted that are written in another way than those of training come to its way."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.table.moments import are_dates
from engine.table.options import DateOrder
from engine.table.rules import Floats, read_numbers
from engine.table.schema import ColumnSchema, ReadingRules

_SPACED = (" ", "'")
_DATES = tuple(
    f"%d{sign}%m{sign}{year}{time}" for sign in "/.-" for year in ("%Y", "%y") for time in ("", " %H:%M", " %H:%M:%S")
)


@dataclass(frozen=True, kw_only=True)
class Rewritten:
    """The cells of a column after rewriting. `n_changed`: how many of them mean something else than before."""

    cells: pd.Series
    n_changed: int = 0


def other_sign(decimal: str) -> str:
    """Return the decimal sign that is not this one.

    >>> other_sign(".")
    ','
    """
    return "." if decimal == "," else ","


def numbers_with(text: pd.Series, rules: ReadingRules, decimal: str) -> Floats:
    """Read numbers by a column's rules, but with this decimal sign and any sign for thousands; NaN for what is none.

    >>> numbers_with(pd.Series(["1.234,5", "80,5", "1 000"], dtype="str"), ReadingRules(), ",").tolist()
    [1234.5, 80.5, 1000.0]
    """
    found = np.full(len(text), np.nan)
    for thousands in (other_sign(decimal), *_SPACED):
        unread = np.isnan(found)
        if unread.any():
            asked = replace(rules, number=True, decimal=decimal, thousands=thousands)
            found[unread] = read_numbers(text[unread], asked)
    return found


def with_decimal(text: pd.Series, column: ColumnSchema, decimal: str) -> Rewritten:
    """Write the numbers of a column of texts, read with this decimal sign, as the column's rules read them.

    What is no number with this sign stays as it is, and so does a column that has it nowhere and where the other sign
    cannot mark thousands: files have such columns beside each other.

    >>> from engine.messages import Message
    >>> from engine.table.schema import Cells, Kind
    >>> size = ColumnSchema(
    ...     name="size", original_name="size", position=0, kind=Kind.NUMBER, cells=Cells.NUMBER, reason=Message("")
    ... )
    >>> with_decimal(pd.Series(["80,5", "7", "?"], dtype="str"), size, ",").cells.tolist()
    ['80.5', '7', '?']
    """

    def change(levels: pd.Series) -> pd.Series:
        if _is_elsewhere(levels, decimal):
            return levels
        numbers = numbers_with(levels, column.rules, decimal)
        usual = read_numbers(levels, column.rules)
        other = ~np.isnan(numbers) & (numbers != usual)
        made = levels.astype(object)
        made[other] = [repr(number).replace(".", column.rules.decimal) for number in numbers[other].tolist()]
        return made.astype("str")

    return _rewritten(text, change)


def with_date_order(text: pd.Series, column: ColumnSchema, order: DateOrder) -> Rewritten:
    """Write the dates of a column of texts, read with the day or the month first, as the column's rules read them."""
    day_first = order is DateOrder.DAY_FIRST
    asked = tuple(form if day_first else _swapped(form) for form in _DATES)
    forms = (*(_swapped(form) for form in column.date_formats if _is_other(form, day_first=day_first)), *asked)
    if not column.date_formats:
        return Rewritten(cells=text)

    def change(levels: pd.Series) -> pd.Series:
        own = tuple(form for form in column.date_formats if not _is_other(form, day_first=day_first))
        left = ~are_dates(levels, own)
        made = levels.copy()
        for form in forms:
            fits: NDArray[np.bool_] = left & are_dates(levels, (form,))
            if fits.any():
                read = pd.to_datetime(levels[fits], format=form)
                made[fits] = read.dt.strftime(column.date_formats[0]).astype("str")
                left = left & ~fits
        return made

    return _rewritten(text, change)


def proven_order(levels: pd.Series, column: ColumnSchema) -> DateOrder | None:
    """Return the order of day and month that cells prove, where it is not that of the column's rules; else None.

    Some cells, two at least, must be dates in that order alone, and none in the order of the rules alone.

    >>> from engine.messages import Message
    >>> from engine.table.schema import Cells, Kind
    >>> day = ColumnSchema(
    ...     name="day", original_name="day", position=0, kind=Kind.DATE, cells=Cells.TEXT, reason=Message(""),
    ...     date_formats=("%d/%m/%Y",),
    ... )
    >>> str(proven_order(pd.Series(["03/25/2024", "04/05/2024", "12/31/2024"], dtype="str"), day))
    'month first'
    """
    day_first = [form for form in column.date_formats if _is_other(form, day_first=False)]
    forms = [*day_first, *(form for form in column.date_formats if _is_other(form, day_first=True))]
    orders = {form in day_first for form in forms}
    if len(orders) != 1:
        return None
    own, other = are_dates(levels, column.date_formats), are_dates(levels, tuple(_swapped(form) for form in forms))
    if (own & ~other).any() or (other & ~own).sum() < min(2, len(levels)):
        return None
    return DateOrder.MONTH_FIRST if orders.pop() else DateOrder.DAY_FIRST


def prove_decimal(text: pd.Series, decimal: str) -> NDArray[np.bool_]:
    """Mark the cells that have only this sign, and where it cannot divide thousands.

    >>> prove_decimal(pd.Series(["714.12", "714.125", "1.234.567", "7"], dtype="str"), ".").tolist()
    [True, False, False, False]
    """
    sign = re.escape(decimal)
    has_sign = text.str.contains(sign, regex=True).fillna(value=False)
    has_other = text.str.contains(other_sign(decimal), regex=False).fillna(value=False)
    is_grouped = text.str.contains(rf"(?:^|[^0-9])[0-9]{{1,3}}(?:{sign}[0-9]{{3}})+(?:$|[^0-9])", regex=True)
    return np.asarray(has_sign & ~has_other & ~is_grouped.fillna(value=False), dtype=bool)


def _is_elsewhere(levels: pd.Series, decimal: str) -> bool:
    has_own = levels.str.contains(decimal, regex=False).fillna(value=False)
    return bool(prove_decimal(levels, other_sign(decimal)).any() and not has_own.any())


def _is_other(form: str, *, day_first: bool) -> bool:
    """Whether a strptime format begins with day and month in the order that is not asked for."""
    places = [form.find(part) for part in ("%d", "%m")]
    year = max(form.find("%Y"), form.find("%y"))
    return min(places) >= 0 and (year < 0 or year > max(places)) and (places[0] < places[1]) is not day_first


def _swapped(form: str) -> str:
    return form.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")


def _rewritten(text: pd.Series, change: Callable[[pd.Series], pd.Series]) -> Rewritten:
    """Apply a change to the distinct cells only."""
    positions, distinct = pd.factorize(text)
    levels = pd.Series(distinct, dtype="str")
    made = change(levels)
    differs = (made != levels).to_numpy(bool)
    known = positions >= 0
    n_changed = int(differs[positions[known]].sum())
    if not n_changed:
        return Rewritten(cells=text)
    cells = text.copy()
    cells[known] = made.take(positions[known]).to_numpy()
    return Rewritten(cells=cells, n_changed=n_changed)
