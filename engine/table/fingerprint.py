"""What a table is known by: a few digits that depend on every cell."""

import hashlib

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

_CELLS_AT_ONCE = 4_000_000
_MISSING = np.uint64(2**64 - 1)


def fingerprint(frame: pd.DataFrame) -> str:
    """Return 16 hex digits that depend on every name and cell of a table.

    >>> fingerprint(pd.DataFrame({"a": [1.0, 2.0]})) == fingerprint(pd.DataFrame({"a": [1.0, 3.0]}))
    False
    """
    digest = hashlib.sha256("\x1f".join(frame.columns).encode())
    n_rows = max(_CELLS_AT_ONCE // max(len(frame.columns), 1), 1)
    for start in range(0, len(frame), n_rows):
        digest.update(row_hashes(frame.iloc[start : start + n_rows]).tobytes())
    return digest.hexdigest()[:16]


def row_hashes(frame: pd.DataFrame) -> NDArray[np.uint64]:
    """Return a number for each row that depends on its cells.

    It is what `pandas.util.hash_pandas_object` returns, which would make an object of each text, again and again.
    """
    hashes = np.full(len(frame), 0x345678, np.uint64)
    factor = 1_000_003
    for position in range(len(frame.columns)):
        hashes ^= _cell_hashes(frame.iloc[:, position])
        hashes *= np.uint64(factor)
        factor += 82_520 + 2 * (len(frame.columns) - position)
    return hashes + np.uint64(97_531)


def _cell_hashes(cells: pd.Series) -> NDArray[np.uint64]:
    if not isinstance(cells.dtype, pd.StringDtype):
        return np.asarray(pd.util.hash_array(cells.to_numpy()), np.uint64)
    texts = pa.array(cells.array, pa.large_string())
    texts = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    codes = texts.dictionary_encode()
    levels = pd.util.hash_array(codes.dictionary.to_numpy(zero_copy_only=False), categorize=False)
    hashes: NDArray[np.uint64] = np.append(levels, _MISSING)[codes.indices.fill_null(len(levels)).to_numpy()]
    return hashes
