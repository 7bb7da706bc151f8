"""Divides rows: a hold-out that nobody looks at before the end, and folds for everything else."""

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.search.validation import SINGLE_SHARE, Scheme, ValidationPlan, single_rows
from engine.tasks.task import Task, TaskKind

Indices = NDArray[np.int64]
Times = NDArray[np.float64]
NEVER = -1  # the mark of rows that are only ever trained on
LEFT_OUT = -2  # of rows without a part in a repetition

LARGEST_HOLDOUT_ROWS = 20_000
_LEAST_PER_PAIR = 10


def default_holdout(n_rows: int) -> float:
    """Return the share of rows to set aside for the final score when nobody said: a fifth, fewer when that is plenty.

    >>> default_holdout(1_000), default_holdout(200_000)
    (0.2, 0.1)
    """
    return min(0.2, LARGEST_HOLDOUT_ROWS / n_rows)


def split_holdout(
    y: NDArray[np.generic],
    task: Task,
    *,
    share: float,
    seed: int,
    groups: NDArray[np.generic] | None = None,
    times: Times | None = None,
    strata: NDArray[np.generic] | None = None,
    gap_rows: int = 0,
) -> tuple[Indices, Indices]:
    """Return the positions of the training rows and of the hold-out rows, each sorted.

    Classes, and `strata` in each of them, keep their shares where there are rows enough; rows of one group stay
    together. With `times` the hold-out is the last share of the rows in time order, rows of one time stay on one side,
    and the last `gap_rows` before it are left out; rows without a time count as the earliest.
    A class that would lose its training rows keeps them, but not where time divides. A share of 0 sets nothing aside.
    """
    everything = np.arange(len(y))
    if share == 0:
        return everything, everything[:0]
    if times is not None:
        order = time_order(times)
        first = _between_times(times[order], len(y) - max(1, round(share * len(y))))
        return np.sort(order[: max(0, first - gap_rows)]), np.sort(order[first:])
    if groups is not None:
        folds = _assign(_labels(y, task, strata), max(2, round(1 / share)), seed, groups)
        held = folds == _fold_of_size(folds, share * len(y))
    else:
        held = _drawn(_labels(y, task, strata), len(y), share, seed)
    if task.kind is not TaskKind.REGRESSION:
        kept = _needed(y, held)
        held &= ~(np.isin(groups, groups[kept]) if groups is not None else kept)
    return everything[~held], everything[held]


def assign_folds(
    y: NDArray[np.generic],
    task: Task,
    *,
    plan: ValidationPlan,
    seed: int,
    groups: NDArray[np.generic] | None = None,
    times: Times | None = None,
    strata: NDArray[np.generic] | None = None,
) -> NDArray[np.int16]:
    """Return the fold of each row, once per repetition: [repetitions, rows].

    NEVER marks rows that only train; LEFT_OUT those that have no part in a repetition. Going forward in time each
    repetition validates on one block of the rows in time order, and trains on all earlier ones but the gap; there is
    none where the gap leaves nothing to train on, or all rows are of one time. A repetition that divides the rows as
    an earlier one does is left out: it would tell nothing new.
    """
    if plan.scheme is Scheme.FORWARD:
        assert times is not None
        return _forward(times, plan)
    labels = _labels(y, task, strata)
    if plan.scheme is Scheme.SINGLE:
        folds = _assign(labels, max(2, round(len(y) / max(1, single_rows(len(y))))), seed, groups)
        validated = _fold_of_size(folds, single_rows(len(y)))
        return np.where(folds == validated, 0, NEVER).astype(np.int16)[None, :]
    drawn = [_assign(labels, plan.n_folds, _seed_of(seed, repeat), groups) for repeat in range(plan.n_repeats)]
    return np.stack(_different(drawn))


def time_order(times: Times) -> Indices:
    """Return the positions of the rows from the earliest to the latest; rows without a time come first.

    >>> time_order(np.array([3.0, np.nan, 1.0]))
    array([1, 2, 0])
    """
    return np.argsort(np.where(np.isnan(times), -np.inf, times), kind="stable")


def fold_rows(assigned: NDArray[np.int16]) -> list[tuple[Indices, Indices]]:
    """Return (training rows, validation rows) of every fold of every repetition.

    >>> fold_rows(np.array([[0, 1, 1]]))
    [(array([1, 2]), array([0])), (array([0]), array([1, 2]))]
    """
    return [
        (np.flatnonzero((folds != fold) & (folds != LEFT_OUT)), np.flatnonzero(folds == fold))
        for folds in assigned
        for fold in range(int(folds.max()) + 1)
    ]


def drawings(assigned: NDArray[np.int16]) -> list[int]:
    """Return for each of the `fold_rows` which drawing it belongs to; those of one predict every row that is predicted.

    The turns forward in time are one drawing together.

    >>> drawings(np.array([[0, 1, 1], [1, 0, 2]]))
    [0, 0, 1, 1, 1]
    """
    if (assigned == LEFT_OUT).any():
        return [0] * len(fold_rows(assigned))
    return [number for number, folds in enumerate(assigned) for _ in range(int(folds.max()) + 1)]


def others_of_drawing(drawing: Sequence[int]) -> list[Indices]:
    """Return for each fold the positions of the others of its drawing; those of another one share its rows.

    >>> [others.tolist() for others in others_of_drawing([0, 0, 1, 1, 1])]
    [[1], [0], [3, 4], [2, 4], [2, 3]]
    """
    numbers = np.asarray(drawing)
    return [np.setdiff1d(np.flatnonzero(numbers == own), [position]) for position, own in enumerate(drawing)]


def _seed_of(seed: int, repeat: int) -> int:
    """Return what a further drawing is drawn with: none that another seed, such as the next, begins with.

    >>> _seed_of(1, 0), _seed_of(1, 1) == _seed_of(2, 0)
    (1, False)
    """
    return seed if repeat == 0 else int(np.random.SeedSequence([seed, repeat]).generate_state(1)[0])


def _first_of_its_time(ordered: Times) -> Indices:
    """Return for each row in time order the position of the first row of the same time."""
    known = np.where(np.isnan(ordered), -np.inf, ordered)
    return np.asarray(np.searchsorted(known, known, side="left"), np.int64)


def _between_times(ordered: Times, position: int) -> int:
    """Return a position near the given one with different times before and behind it."""
    first = _first_of_its_time(ordered)
    if first[position] == position:
        return position
    later = np.flatnonzero(first[position:] > position)
    return position + int(later[0]) if len(later) else int(first[position])


def _forward(times: Times, plan: ValidationPlan) -> NDArray[np.int16]:
    """Return one turn for each block that is validated; fewer than planned where times are few or uneven."""
    order = time_order(times)
    first_of_time = _first_of_its_time(times[order])
    n_blocks = plan.n_folds + 1 if plan.n_folds > 1 else round(1 / SINGLE_SHARE)
    block = (np.arange(len(order)) * n_blocks // len(order))[first_of_time]
    if block[-1] == 0:  # the last time has nearly all rows
        block = (first_of_time == first_of_time[-1]).astype(np.int64)
    block = np.unique(block, return_inverse=True)[1]  # a block inside of one time has become empty
    n_made = int(block[-1]) + 1
    turns = []
    for validated in range(max(1, n_made - plan.n_folds), n_made):
        n_earlier = int(np.searchsorted(block, validated)) - plan.gap_rows
        if n_earlier > 0:
            turn = np.full(len(order), LEFT_OUT, np.int16)
            turn[order[:n_earlier]] = NEVER
            turn[order[block == validated]] = 0
            turns.append(turn)
    return np.array(turns, np.int16).reshape(len(turns), len(order))


def _labels(y: NDArray[np.generic], task: Task, strata: NDArray[np.generic] | None) -> Indices:
    """Return what is to keep its shares: the class, the stratum, or both; a pair too rare counts as its class alone."""
    classes = np.zeros(len(y), np.int64)
    if task.kind is not TaskKind.REGRESSION:
        classes = np.unique(y, return_inverse=True)[1].astype(np.int64)
    if strata is None:
        return classes
    pairs = np.unique(np.column_stack([classes, strata.astype(np.int64)]), axis=0, return_inverse=True)[1].ravel()
    rare = np.bincount(pairs)[pairs] < _LEAST_PER_PAIR
    labels = np.where(rare, classes, classes.max() + 1 + pairs).astype(np.int64)
    for row in np.flatnonzero(rare & (np.bincount(labels)[labels] == 1)):  # one row alone cannot be divided
        others = labels[~rare & (classes == classes[row])]
        labels[row] = np.bincount(others).argmax() if len(others) else labels[row]
    return labels


def _drawn(labels: Indices, n_rows: int, share: float, seed: int) -> NDArray[np.bool_]:
    from sklearn.model_selection import train_test_split

    n_held = int(np.ceil(share * n_rows))
    counts = np.unique(labels, return_counts=True)[1]
    evenly = len(counts) > 1 and counts.min() >= 2 and len(counts) <= min(n_held, n_rows - n_held)
    strata = labels if evenly else None
    held = np.zeros(n_rows, bool)
    with warnings.catch_warnings():
        _allow_rare_classes()
        held[train_test_split(np.arange(n_rows), test_size=n_held, random_state=seed, stratify=strata)[1]] = True
    return held


def _needed(y: NDArray[np.generic], held: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark all rows of classes that would have less than two training rows: one fold validates on one of them."""
    classes, members = np.unique(y, return_inverse=True)
    n_training = np.bincount(members[~held], minlength=len(classes))
    return np.asarray((n_training < 2)[members])


def _assign(labels: Indices, n_folds: int, seed: int, groups: NDArray[np.generic] | None) -> NDArray[np.int16]:
    from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

    alike = labels.min() == labels.max() or np.bincount(labels).max() < 2  # nothing can have the same share in all
    if groups is not None:
        kinds = GroupKFold if alike else StratifiedGroupKFold
    else:
        kinds = KFold if alike else StratifiedKFold
    splitter = kinds(n_splits=min(n_folds, _most_folds(labels, groups)), shuffle=True, random_state=seed)
    assigned = np.zeros(len(labels), np.int16)
    with warnings.catch_warnings():
        _allow_rare_classes()
        for fold, (_, valid) in enumerate(splitter.split(np.zeros(len(labels)), labels, groups)):
            assigned[valid] = fold
    # Uneven groups can leave a fold without rows.
    return np.unique(assigned, return_inverse=True)[1].astype(np.int16)


def _different(drawn: Sequence[NDArray[np.int16]]) -> list[NDArray[np.int16]]:
    """Return the drawings without those that differ from an earlier one in the numbers of their folds alone.

    Few groups can be divided in few ways, and in a single one where each is a fold of its own.

    >>> len(_different([np.array([0, 1, 1], np.int16), np.array([1, 0, 0], np.int16), np.array([0, 1, 0], np.int16)]))
    2
    """
    different: dict[bytes, NDArray[np.int16]] = {}
    for folds in drawn:
        first, fold = np.unique(folds, return_index=True, return_inverse=True)[1:]
        different.setdefault(first[fold].astype(np.int64).tobytes(), folds)
    return list(different.values())


def _fold_of_size(folds: NDArray[np.int16], n_rows: float) -> int:
    """Return the fold whose number of rows is nearest: a large group can make one of them much larger than the rest."""
    return int(np.abs(np.bincount(folds) - n_rows).argmin())


def _allow_rare_classes() -> None:
    # A class with fewer rows than folds is legal: some folds do without it, and every family copes.
    warnings.filterwarnings("ignore", "The least populated class in y has only", UserWarning)
    warnings.filterwarnings("ignore", "The number of unique classes is greater than 50%", UserWarning)


def _most_folds(labels: Indices, groups: NDArray[np.generic] | None) -> int:
    """Return how many folds the largest class reaches (a rare one need not), and the groups suffice for."""
    limit = int(np.unique(labels, return_counts=True)[1].max())
    if groups is not None:
        limit = min(limit, len(np.unique(groups)))
    return max(2, limit)
