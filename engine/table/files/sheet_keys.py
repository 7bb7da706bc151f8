"""Whether rows of a sheet begin with what names each of them, as the rows of a table of its own do."""

import re
from collections.abc import Sequence

from engine.table.files.dialect import Row

_FEWEST = 3
_NUMBER = re.compile(r"[-+]?[0-9][0-9.,' ]*")
_WHOLE = re.compile(r"[0-9]{1,18}")


def have_keys(rows: Sequence[Row]) -> bool:
    """Say whether the first cell names a row: different texts, or whole numbers that rise. The first row is the names.

    >>> have_keys([["id", "x"], ["1", "5"], ["2", "5"], ["3", "9"]]), have_keys([["x"], ["0.2"], ["3.5"], ["1.7"]])
    (True, False)
    """
    cells = [row[0] for row in rows[1:]]
    if len(cells) < _FEWEST or not all(cells) or len(set(cells)) < len(cells):
        return False
    if sum(bool(_NUMBER.fullmatch(cell)) for cell in cells) <= len(cells) / 2:
        return True
    numbers = [int(cell) for cell in cells if _WHOLE.fullmatch(cell)]
    return len(numbers) == len(cells) and numbers == sorted(numbers)
