"""Dates read back from a column's cells, in the formats that its schema names."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SECONDS_PER_DAY = 86_400


def dates_of(cells: pd.Series, formats: tuple[str, ...]) -> pd.Series:
    """Read cells as dates without a time zone; NaT where there is none in one of the formats.

    >>> dates_of(pd.Series(["2024-03-01", "soon"]), ("%Y-%m-%d",)).dt.year.tolist()
    [2024.0, nan]
    """
    codes, levels = pd.factorize(cells)
    texts = pd.Series(levels, dtype="str")
    dates = pd.Series(pd.NaT, index=texts.index, dtype="datetime64[us]")
    for form in formats:
        unread = dates.isna()
        if unread.any():
            read = pd.to_datetime(texts[unread], format=form, errors="coerce", utc=True).dt.tz_localize(None)
            dates[unread] = read.astype("datetime64[us]")
    every = np.append(dates.to_numpy(), np.datetime64("NaT", "us"))[codes]
    return pd.Series(every, index=cells.index, dtype="datetime64[us]")


def days_since_1970(cells: pd.Series, formats: tuple[str, ...]) -> NDArray[np.float64]:
    """Return days since 1970-01-01, with fractions for times; NaN where there is no date.

    >>> days_since_1970(pd.Series(["1970-01-03 12:00", None]), ("%Y-%m-%d %H:%M",)).tolist()
    [2.5, nan]
    """
    dates = dates_of(cells, formats)
    seconds = dates.astype("datetime64[s]").astype("int64").to_numpy(np.float64)
    return np.where(dates.isna(), np.nan, seconds / SECONDS_PER_DAY)
