"""Plain data as JSON has it, and numbers as people read them."""

import math
from collections.abc import Mapping
from typing import Any


def finite(value: Any) -> Any:
    """Return plain data with NaN and infinities, which JSON does not have, replaced by None.

    >>> finite({"a": [1.5, float("nan")]})
    {'a': [1.5, None]}
    """
    if isinstance(value, Mapping):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def figure(value: float, digits: int = 3) -> str:
    """Return a number with a readable number of digits.

    >>> figure(0.91234), figure(26801.4), figure(0.000123), figure(111.37)
    ('0.912', '26,801', '0.000123', '111')
    """
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    whole = math.floor(math.log10(abs(value))) + 1
    places = max(0, digits - whole) if whole > 0 else digits - whole if whole < -2 else digits
    return f"{value:,.{places}f}"
