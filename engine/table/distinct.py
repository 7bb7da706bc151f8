"""Counts distinct texts of long columns in little memory: by what they hash to, piece by piece."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

_PIECE_ROWS = 1 << 16
_PIECE_BYTES = 1 << 20
_MOST_TEXTS = 250_000
_N_PROBES = 8
# Any odd number whose powers do not soon come back will do; its inverse takes a power off again.
_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)
_LENGTH = np.uint64(0xC2B2AE3D27D4EB4F)


def count_distinct(cells: pd.Series) -> int:
    """Return how many different values a column has, missing ones apart.

    Long columns of texts are counted by 64-bit hashes, which call two texts the same once in a million tables.

    >>> count_distinct(pd.Series(["a", "b", None, "a"], dtype="str"))
    2
    """
    if not isinstance(cells.dtype, pd.StringDtype):
        numbers = np.sort(cells.to_numpy(np.float64))
        return n_steps(numbers[: len(numbers) - int(np.isnan(numbers).sum())])
    if len(cells) <= _MOST_TEXTS:
        return int(cells.nunique())
    counts = count_texts(cells)
    if counts is not None:
        return int(counts.num_rows)
    return n_different([text_hashes(strings(piece)) for piece in pieces(cells)])


def most_common(filled: pd.Series, n: int) -> tuple[list[tuple[Any, int]], int]:
    """Return the values that come most often, with their counts, and how many different ones there are.

    >>> most_common(pd.Series(["b", "a", "b"], dtype="str"), 1)
    ([('b', 2)], 2)
    """
    if len(filled) <= _MOST_TEXTS:
        counts = filled.value_counts()
        return [(level, int(count)) for level, count in counts.head(n).items()], len(counts)
    if not isinstance(filled.dtype, pd.StringDtype):
        ordered = np.sort(filled.to_numpy(np.float64))
        places, sizes = _largest(ordered, n)
        return list(zip(ordered[places].tolist(), sizes.tolist(), strict=True)), n_steps(ordered)
    counted = count_texts(filled)
    if counted is not None:
        sizes = counted.column("n").to_numpy()
        first = np.argsort(-sizes, kind="stable")[:n]
        texts = counted.column("text").take(pa.array(first)).to_pylist()
        return list(zip(texts, sizes[first].tolist(), strict=True)), len(sizes)
    hashes = np.concatenate([text_hashes(strings(piece)) for piece in pieces(filled)])
    ordered_hashes = np.sort(hashes)
    places, sizes = _largest(ordered_hashes, n)
    texts = [str(filled.iloc[int(np.argmax(hashes == ordered_hashes[place]))]) for place in places]
    return list(zip(texts, sizes.tolist(), strict=True)), n_steps(ordered_hashes)


def _largest(ordered: NDArray[Any], n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the longest stretches of one value begin, and their lengths."""
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    sizes = np.diff(starts, append=len(ordered))
    longest = np.argsort(-sizes, kind="stable")[:n]
    return starts[longest], sizes[longest]


def pieces(cells: pd.Series) -> Iterator[pd.Series]:
    """Cut a column into pieces that are small enough to be worked on in passing."""
    bytes_per_row = cells.memory_usage(index=False, deep=False) / max(len(cells), 1)
    n = int(np.clip(_PIECE_BYTES / max(bytes_per_row, 1), 1, _PIECE_ROWS))
    return (cells.iloc[start : start + n] for start in range(0, len(cells), n))


def strings(cells: pd.Series) -> pa.Array:
    """Return the texts of a column as one Arrow array, without the missing ones."""
    found = pa.array(cells.array, pa.large_string())
    found = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    return found.drop_null() if found.null_count else found


def count_texts(cells: pd.Series) -> pa.Table | None:
    """Return the columns `text` and `n`, in the order in which texts first come; None when there are too many."""
    parts = list(pieces(cells))
    if len(parts) > 2 * _N_PROBES:  # a few from all over say whether it is worth while to go through the rest
        probe = pa.chunked_array([strings(part) for part in parts[:: len(parts) // _N_PROBES]])
        if pc.count_distinct(probe).as_py() > _MOST_TEXTS:
            return None
    found = pc.value_counts(pa.chunked_array([strings(part) for part in parts], pa.large_string()))
    if len(found) > _MOST_TEXTS:
        return None
    return pa.table({"text": found.field("values"), "n": found.field("counts")})


def text_hashes(texts: pa.Array, letters: NDArray[np.uint8] | None = None) -> Hashes:
    """Return a number for each text, the same for the same texts. `letters`: what to take for each byte, if not itself.

    >>> hashes = text_hashes(pa.array(["ab", "ba", "ab"], pa.large_string()))
    >>> bool(hashes[0] == hashes[2]), bool(hashes[0] == hashes[1])
    (True, False)
    """
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    first, last = (int(ends[0]), int(ends[-1])) if len(ends) else (0, 0)
    values = np.frombuffer(data, np.uint8)[first:last] if last > first else np.zeros(0, np.uint8)
    values = letters[values] if letters is not None else values
    ends = ends - first
    powers, inverses = _powers(_BASE, last - first + 1), _powers(_INVERSE, last - first + 1)
    sums = np.zeros(len(values) + 1, np.uint64)
    # The hash of a text is a difference of running sums, with the power of the place where it begins taken off.
    np.cumsum((values.astype(np.uint64) + np.uint64(1)) * powers[:-1], out=sums[1:])
    starts = ends[:-1]
    lengths = np.diff(ends).astype(np.uint64)
    hashes: Hashes = (sums[ends[1:]] - sums[starts]) * inverses[starts] + lengths * _LENGTH
    return hashes


def n_different(hashes: list[Hashes]) -> int:
    """Return how many different hashes there are."""
    ordered = np.concatenate(hashes) if hashes else np.zeros(0, np.uint64)
    hashes.clear()
    ordered.sort()
    return n_steps(ordered)


def n_steps(ordered: NDArray[np.generic]) -> int:
    """Return how many different values there are in an array that is in order.

    >>> n_steps(np.array([1, 1, 2]))
    2
    """
    return int((ordered[1:] != ordered[:-1]).sum()) + int(len(ordered) > 0)


_KNOWN_POWERS: dict[int, Hashes] = {}


def _powers(base: int, n: int) -> Hashes:
    """Return the first powers of a number, modulo 2^64."""
    known = _KNOWN_POWERS.get(base)
    if known is None or len(known) < n:
        factors = np.full(n, base, np.uint64)
        factors[0] = 1
        known = np.cumprod(factors)
        if n <= _PIECE_BYTES:
            _KNOWN_POWERS[base] = known
    return known[:n]
