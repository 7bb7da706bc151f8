"""Finds the distinct cells of a column; of very many, a selection in which every way of writing is represented."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from engine.table.columns.judgement import MISSING, Levels
from engine.table.distinct import count_texts, n_different, pieces, strings, text_hashes
from engine.table.rules import plain_numbers, present

_SHORT_TABLE = 250_000
_MOST_SELECTED = 20_000
_WHOLE, _BROKEN = np.uint64(1), np.uint64(2)
# One sign for all digits and one for all letters: texts written in the same way have the same shape.
_SHAPES = np.arange(256, dtype=np.uint8)
_SHAPES[ord("0") : ord("9") + 1] = ord("0")
_SHAPES[ord("a") : ord("z") + 1] = ord("a")
_SHAPES[ord("A") : ord("Z") + 1] = ord("a")
_SHAPES[128:] = ord("a")


def levels_of(raw: pd.Series, name: str, missing: tuple[str, ...] = MISSING) -> Levels:
    """Return the distinct cells of a column of texts without those that mean "no value", which are `missing`.

    Where there are more than 250,000, some are selected: cells of every shape (the places of digits, letters and
    signs), the smallest and the largest number. `Levels.n` is exact all the same.
    """
    if len(raw) <= _SHORT_TABLE:
        positions, distinct = pd.factorize(present(raw, missing))
        counts = np.bincount(positions[positions >= 0], minlength=len(distinct)).astype(np.int64)
        return Levels(name=name, texts=pd.Series(distinct, dtype="str"), counts=counts, n_rows=len(raw))
    text = pd.concat([present(piece, missing) for piece in pieces(raw)])
    counted = count_texts(text)
    if counted is not None:
        texts = pd.Series(pd.array(counted.column("text"), dtype="str"))
        return Levels(name=name, texts=texts, counts=counted.column("n").to_numpy(), n_rows=len(raw))
    return _selected(text, name)


@dataclass(frozen=True)
class _Piece:
    texts: pa.Array
    hashes: NDArray[np.uint64]
    shapes: NDArray[np.uint64]
    numbers: NDArray[np.float64]


def _selected(text: pd.Series, name: str) -> Levels:
    """Select cells; each counts for the rows of its shape around it that were not selected."""
    hashes: list[NDArray[np.uint64]] = []
    chosen: list[pd.Series] = []
    n_pieces = sum(1 for _ in pieces(text))
    for part in pieces(text):
        piece = _piece(part)
        hashes.append(piece.hashes)
        chosen.append(_representatives(piece, max(_MOST_SELECTED // n_pieces, 100)))
    counts = pd.concat(chosen).groupby(level=0, sort=False).sum()
    return Levels(
        name=name,
        texts=pd.Series(counts.index, dtype="str"),
        counts=counts.to_numpy(np.int64),
        n_rows=len(text),
        n_unseen=n_different(hashes) - len(counts),
    )


def _piece(part: pd.Series) -> _Piece:
    texts = strings(part)
    numbers = plain_numbers(pd.Series(pd.array(texts, dtype="str")))
    return _Piece(
        texts=texts,
        hashes=text_hashes(texts),
        # Whole numbers and others are told apart, because 2.00 and 2.50 have one shape.
        shapes=text_hashes(texts, _SHAPES) + np.where(numbers == np.round(numbers), _WHOLE, _BROKEN),
        numbers=numbers,
    )


def _representatives(piece: _Piece, most: int) -> pd.Series:
    """Return some texts, with the number of rows for which each stands."""
    if not len(piece.texts):
        return pd.Series([], index=pd.Index([], dtype="str"), dtype="int64")
    order = np.argsort(piece.shapes, kind="stable")
    shapes = piece.shapes[order]
    starts = np.flatnonzero(np.concatenate([[True], shapes[1:] != shapes[:-1]]))
    # As many of each shape, or where there are too many shapes, the same distance between all.
    n_each = most // len(starts)
    sizes = np.diff([*starts, len(order)])
    if n_each:
        taken = [
            start + np.linspace(0, size, min(size, n_each), endpoint=False).astype(np.int64)
            for start, size in zip(starts, sizes, strict=True)
        ]
        places = np.concatenate(taken)
    else:
        places = np.linspace(0, len(order), most, endpoint=False).astype(np.int64)
    places = np.union1d(places, np.flatnonzero(np.isin(order, _extremes(piece.numbers))))
    weights, rows = np.diff([*places, len(order)]), order[places]
    in_order = np.argsort(rows, kind="stable")
    texts = piece.texts.take(pa.array(rows[in_order])).to_pylist()
    return pd.Series(weights[in_order], index=pd.Index(texts, dtype="str"))


def _extremes(numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    known = np.flatnonzero(~np.isnan(numbers))
    if not len(known):
        return known
    return known[[int(np.argmin(numbers[known])), int(np.argmax(numbers[known]))]]
