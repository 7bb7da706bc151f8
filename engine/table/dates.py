"""Finds out in which formats the dates of a column are written."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.table.moments import are_dates

_DAYS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y",
    "%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%y", "%m-%d-%y", "%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%b %d %Y",
    "%d-%b-%y", "%d %B %Y", "%B %d, %Y", "%Y-%b-%d", "%Y年%m月%d日", "%Y-%m", "%m/%Y", "%b %Y", "%B %Y", "%b-%Y",
)  # fmt: skip
_TIMES = (
    "", " %H:%M:%S", " %H:%M", "T%H:%M:%S", "T%H:%MZ", "T%H:%M", "T%H:%M:%SZ", "T%H:%M:%S.%fZ", "T%H:%M:%S.%f",
    " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", ", %H:%M:%S",
)  # fmt: skip
FORMATS = tuple(day + time for time, day in product(_TIMES, _DAYS))
MOST_FORMATS = 3
_SAMPLE = 200
_LIKELY = r".{6,32}"


@dataclass(frozen=True, kw_only=True)
class DateFormats:
    """What was found. `share`: of rows that can be read. `ambiguous`: day and month might be the other way round."""

    formats: tuple[str, ...] = ()
    share: float = 0.0
    ambiguous: bool = False


def find_date_formats(levels: pd.Series, counts: NDArray[np.int64]) -> DateFormats:
    """Judge from distinct cells and how often each comes; no formats when these are no dates.

    >>> find_date_formats(pd.Series(["31/01/2024", "01/02/2024"], dtype="str"), np.array([1, 1])).formats
    ('%d/%m/%Y',)
    """
    likely = levels.str.fullmatch(_LIKELY) & levels.str.contains(r"[0-9]{2}") & levels.str.contains(r"[-/. :年,]")
    if counts[likely.to_numpy(bool)].sum() < 0.8 * counts.sum():
        return DateFormats()
    step = max(len(levels) // _SAMPLE, 1)
    rest = levels.iloc[::step].reset_index(drop=True)
    sample_size = len(rest)
    chosen: list[str] = []
    while len(rest) and len(chosen) < MOST_FORMATS:
        best = _best_format(rest, levels)
        if best is None:
            break
        readable = are_dates(rest, [best])
        if chosen and readable.sum() < 0.005 * sample_size:
            break
        chosen.append(best)
        rest = rest[~readable].reset_index(drop=True)
    if not chosen:
        return DateFormats()
    share = float(counts[are_dates(levels, chosen)].sum() / counts.sum())
    twin = _twin(chosen[0])
    ambiguous = twin is not None and are_dates(levels, [twin]).sum() >= are_dates(levels, [chosen[0]]).sum()
    return DateFormats(formats=tuple(chosen), share=share, ambiguous=bool(ambiguous))


def _best_format(sample: pd.Series, levels: pd.Series) -> str | None:
    """Return the format that reads most of a sample; between day-first and month-first all levels decide."""
    first = sample.iloc[:1]
    shares = {form: are_dates(sample, [form]).mean() for form in FORMATS if are_dates(first, [form])[0]}
    if not shares:
        shares = {form: are_dates(sample, [form]).mean() for form in FORMATS}
    best = max(shares, key=lambda form: shares[form])
    if not shares[best]:
        return None
    twin = _twin(best)
    if twin is not None and are_dates(levels, [twin]).sum() > are_dates(levels, [best]).sum():
        return twin
    return best


def _twin(form: str) -> str | None:
    """Return the format with day and month exchanged, if that is another known one."""
    other = form.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")
    return other if other != form and other in FORMATS else None
