"""How many of the columns a boosted tree should see: all of a few, some of many."""

import math


def column_share(n_columns: int) -> float:
    """Return the share of columns to draw for each tree: more columns say the same things, and trees should differ.

    >>> column_share(6), column_share(36), column_share(500)
    (1.0, 0.53, 0.4)
    """
    return round(min(1.0, max(0.4, 3.2 / math.sqrt(max(1, n_columns)))), 2)
