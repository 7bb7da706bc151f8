"""One typed cell becomes the text that a CSV file would hold."""

import datetime as dt
import json
import math
from decimal import Decimal

import numpy as np

_MOST_WHOLE = 1e15  # beyond, a float is no longer exact to the last digit


def cell_text(value: object) -> str | None:
    """Write a cell: whole numbers without a point, dates in ISO order, lengths of time in seconds.

    None is an empty cell. A moment with a time zone is written as the moment it is in UTC.

    >>> [cell_text(value) for value in (3.0, True, dt.date(2024, 1, 2), dt.timedelta(minutes=1), [1, "b"], "")]
    ['3', 'true', '2024-01-02', '60', '1; b', None]
    >>> [cell_text(value) for value in (Decimal("12.500"), Decimal("1E+3"), np.array(["a", "b"]), np.True_)]
    ['12.5', '1000', 'a; b', 'true']
    """
    match value:
        case str() | None:
            return value or None
        case bool():
            return "true" if value else "false"
        case float():
            return _number(value)
        case Decimal():
            return f"{value.normalize():f}" if value.is_finite() else None
        case np.generic() | np.ndarray():
            return cell_text(value.tolist())
        case dt.date() | dt.time():
            return _moment(value)
        case dt.timedelta():
            return _number(value.total_seconds())
        case list() | tuple():
            return "; ".join(filter(None, map(cell_text, value))) or None
        case dict():
            return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _number(value: float) -> str | None:
    if math.isnan(value):
        return None
    return str(int(value)) if value.is_integer() and abs(value) < _MOST_WHOLE else repr(value)


def _moment(value: dt.date | dt.time) -> str:
    if not isinstance(value, dt.datetime | dt.time):
        return value.isoformat()
    timespec = "microseconds" if value.microsecond else "seconds"
    if isinstance(value, dt.time):
        return value.replace(tzinfo=None).isoformat(timespec)
    if value.tzinfo is not None:
        value = value.astimezone(dt.UTC).replace(tzinfo=None)
    return value.isoformat(" ", timespec)
