"""Class by class: how many of its rows are found, how many of those named are right, and what is taken for what."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.insight.quality.shares import of_100, share_of
from engine.messages import Message, phrase
from engine.outcomes import Estimate

Codes = NDArray[np.int64]

MOST_SHOWN = 20  # classes in the matrix; the rarest others stand together
MOST_PAIRS = 3
LEAST_MISTAKES = 2
OTHERS = "…"

TAKEN_FOR = phrase(
    "quality_taken_for",
    "Of 100 rows that are {answer}, {n} are called {named} (between {low} and {high}).",
)
NONE_TAKEN = phrase("quality_none_taken", "No answer is taken for another one more than once in these rows.")
WORST_FOUND = phrase(
    "quality_worst_found",
    "It finds {answer} least often: {n} of 100 (between {low} and {high}). It finds {other} most often: {most} of 100.",
)
ALL_FOUND_ALIKE = phrase(
    "quality_all_found_alike", "It finds all answers about equally often: they differ no more than by chance."
)


@dataclass(frozen=True, kw_only=True)
class OneClass:
    """One class: of its rows the share that is named so (`found`, the recall), of those named so the share that is.

    The latter is `right`, the precision. None where there is no such row.
    """

    answer: str
    n_rows: int
    n_named: int
    found: Estimate | None
    right: Estimate | None


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Rows of one class that are named another: how many, and as a share of the rows of their class."""

    answer: str
    named: str
    n_rows: int
    share: Estimate


@dataclass(frozen=True, kw_only=True)
class Classes:
    """What is taken for what. `matrix`: rows by true (down) and named class (across), both in the order of `shown`."""

    each: tuple[OneClass, ...]
    shown: tuple[str, ...]
    matrix: tuple[tuple[int, ...], ...]
    pairs: tuple[Pair, ...]
    said: tuple[Message, ...]


def by_class(y: Codes, named: Codes, labels: tuple[str, ...]) -> Classes:
    """Compare true and named classes.

    >>> found = by_class(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), ("cat", "dog"))
    >>> found.matrix, [(each.answer, each.found.value) for each in found.each]
    (((1, 1), (0, 2)), [('cat', 0.5), ('dog', 1.0)])
    """
    k = len(labels)
    matrix = np.bincount(y * k + named, minlength=k * k).reshape(k, k)
    there, called = matrix.sum(axis=1), matrix.sum(axis=0)
    each = tuple(
        OneClass(
            answer=label,
            n_rows=int(there[i]),
            n_named=int(called[i]),
            found=share_of(int(matrix[i, i]), int(there[i])) if there[i] else None,
            right=share_of(int(matrix[i, i]), int(called[i])) if called[i] else None,
        )
        for i, label in enumerate(labels)
    )
    shown, small = _shortened(matrix, labels)
    pairs = _worst_pairs(matrix, labels)
    return Classes(
        each=each,
        shown=shown,
        matrix=tuple(tuple(int(n) for n in row) for row in small),
        pairs=pairs,
        said=(_spread(each), *_pairs_said(pairs)),
    )


def _worst_pairs(matrix: Codes, labels: tuple[str, ...]) -> tuple[Pair, ...]:
    wrong = matrix * (1 - np.eye(len(matrix), dtype=np.int64))
    order = np.argsort(-wrong, axis=None, kind="stable")[:MOST_PAIRS]
    places = [(int(place) // len(matrix), int(place) % len(matrix)) for place in order]
    return tuple(
        Pair(
            answer=labels[a],
            named=labels[b],
            n_rows=int(wrong[a, b]),
            share=share_of(int(wrong[a, b]), int(matrix[a].sum())),
        )
        for a, b in places
        if wrong[a, b] >= LEAST_MISTAKES
    )


def _pairs_said(pairs: tuple[Pair, ...]) -> tuple[Message, ...]:
    if not pairs:
        return (NONE_TAKEN(),)
    return tuple(
        TAKEN_FOR(
            answer=pair.answer,
            named=pair.named,
            n=of_100(pair.share.value),
            low=of_100(pair.share.low),
            high=of_100(pair.share.high),
        )
        for pair in pairs
    )


def _spread(each: tuple[OneClass, ...]) -> Message:
    there = [(one.answer, one.found) for one in each if one.found is not None]
    worst = min(there, key=lambda pair: (pair[1].high, pair[1].value))
    best = max(there, key=lambda pair: (pair[1].low, pair[1].value))
    if worst[1].high >= best[1].low:
        return ALL_FOUND_ALIKE()
    low, high = of_100(worst[1].low), of_100(worst[1].high)
    return WORST_FOUND(
        answer=worst[0], n=of_100(worst[1].value), low=low, high=high, other=best[0], most=of_100(best[1].value)
    )


def _shortened(matrix: Codes, labels: tuple[str, ...]) -> tuple[tuple[str, ...], Codes]:
    """Put the rarest classes of many together."""
    if len(labels) <= MOST_SHOWN:
        return labels, matrix
    frequent = np.sort(np.argsort(-matrix.sum(axis=1), kind="stable")[: MOST_SHOWN - 1])
    place = np.full(len(labels), MOST_SHOWN - 1)
    place[frequent] = np.arange(MOST_SHOWN - 1)
    small = np.zeros((MOST_SHOWN, MOST_SHOWN), np.int64)
    np.add.at(small, (place[:, None], place[None, :]), matrix)
    return (*(labels[i] for i in frequent), OTHERS), small
