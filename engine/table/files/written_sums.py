"""Numbers as people write them, with currencies and thousands, read in order to add them up."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_UNIT = r"\s[A-Za-z]{1,4}$"
_AROUND = r"[\s$€£¥₽₹%'’]+"


def told_numbers(cells: Sequence[str], decimal: str) -> NDArray[np.float64]:
    """Read numbers; NaN for what is none.

    >>> told_numbers(["1.234,50 €", "(7)", "3-", "x"], ",").tolist()
    [1234.5, -7.0, -3.0, nan]
    """
    texts = pd.Series(cells, dtype="str").str.strip().str.replace(_UNIT, "", regex=True)
    texts = texts.str.replace(_AROUND, "", regex=True).str.replace("," if decimal == "." else ".", "", regex=False)
    texts = texts.str.replace(decimal, ".", regex=False)
    texts = texts.str.replace(r"^\((.+)\)$|^(\d.*)-$", r"-\1\2", regex=True)
    plain = texts.str.fullmatch(r"[-+−]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", case=False)
    read = texts.where(plain.astype(bool), "nan").str.replace("−", "-", regex=False)
    return np.asarray(read.astype("float64"), dtype=np.float64)


def decimals(cell: str, decimal: str) -> int:
    """Count the digits behind the decimal sign.

    >>> decimals("1.234,50", ",")
    2
    """
    behind = re.search(rf"{re.escape(decimal)}(\d+)\D*$", cell)
    return len(behind.group(1)) if behind else 0
