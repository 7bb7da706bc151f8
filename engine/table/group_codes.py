"""Which rows belong together, by the cells of a column with the role group."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def group_codes(cells: pd.Series) -> NDArray[np.int64]:
    """Return a code for the group of each row; a row with an empty cell is a group of its own.

    >>> group_codes(pd.Series(["ward 1", "ward 2", "ward 1", None, None])).tolist()
    [0, 1, 0, 8, 9]
    """
    codes = pd.factorize(cells)[0].astype(np.int64)
    return np.where(codes < 0, len(codes) + np.arange(len(codes)), codes)
