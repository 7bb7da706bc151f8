"""Divides rows: a hold-out that nobody looks at before the end, and folds for everything else."""

import numpy as np
from numpy.typing import NDArray

from engine.tasks.task import Task, TaskKind

Indices = NDArray[np.int64]
NEVER = -1  # the mark of rows that are only ever trained on

REPEATED_BELOW_ROWS = 1_000
FIVE_FOLDS_BELOW_ROWS = 12_000
THREE_FOLDS_BELOW_ROWS = 60_000
LARGEST_HOLDOUT_ROWS = 20_000


def default_holdout(n_rows: int) -> float:
    """Return the share of rows to set aside for the final score when nobody said: a fifth, fewer when that is plenty.

    >>> default_holdout(1_000), default_holdout(200_000)
    (0.2, 0.1)
    """
    return min(0.2, LARGEST_HOLDOUT_ROWS / n_rows)


def split_holdout(
    y: NDArray[np.generic], task: Task, *, share: float, seed: int, groups: NDArray[np.generic] | None = None
) -> tuple[Indices, Indices]:
    """Return the positions of the training rows and of the hold-out rows, each sorted.

    Classes keep their shares; rows of one group stay together. A share of 0 sets nothing aside.
    """
    everything = np.arange(len(y))
    if share == 0:
        return everything, everything[:0]
    if groups is not None:
        n_folds = max(2, round(1 / share))
        held = _assign(y, task, n_folds, seed, groups) == 0
        return everything[~held], everything[held]
    from sklearn.model_selection import train_test_split

    strata = y if task.kind is not TaskKind.REGRESSION else None
    train, held_rows = train_test_split(everything, test_size=share, random_state=seed, stratify=strata)
    return np.sort(train), np.sort(held_rows)


def assign_folds(
    y: NDArray[np.generic], task: Task, *, seed: int, groups: NDArray[np.generic] | None = None
) -> NDArray[np.int16]:
    """Return the fold of each row, once per repetition: [repetitions, rows]; NEVER marks rows that only train.

    Five folds twice below 1,000 rows, five below 12,000, three below 60,000, else one fold of a tenth of the rows,
    20,000 at most.
    """
    n_rows = len(y)
    if n_rows < REPEATED_BELOW_ROWS:
        return np.stack([_assign(y, task, 5, seed + repeat, groups) for repeat in range(2)])
    if n_rows < FIVE_FOLDS_BELOW_ROWS:
        return _assign(y, task, 5, seed, groups)[None, :]
    if n_rows < THREE_FOLDS_BELOW_ROWS:
        return _assign(y, task, 3, seed, groups)[None, :]
    n_parts = max(10, -(-n_rows // LARGEST_HOLDOUT_ROWS))
    folds = _assign(y, task, n_parts, seed, groups)
    return np.where(folds == 0, 0, NEVER).astype(np.int16)[None, :]


def fold_rows(assigned: NDArray[np.int16]) -> list[tuple[Indices, Indices]]:
    """Return (training rows, validation rows) of every fold of every repetition.

    >>> fold_rows(np.array([[0, 1, 1]]))
    [(array([1, 2]), array([0])), (array([0]), array([1, 2]))]
    """
    return [
        (np.flatnonzero(folds != fold), np.flatnonzero(folds == fold))
        for folds in assigned
        for fold in range(int(folds.max()) + 1)
    ]


def _assign(
    y: NDArray[np.generic], task: Task, n_folds: int, seed: int, groups: NDArray[np.generic] | None
) -> NDArray[np.int16]:
    from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

    regression = task.kind is TaskKind.REGRESSION
    if groups is not None:
        kinds = GroupKFold if regression else StratifiedGroupKFold
    else:
        kinds = KFold if regression else StratifiedKFold
    n_folds = min(n_folds, _most_folds(y, task, groups))
    splitter = kinds(n_splits=n_folds, shuffle=True, random_state=seed)
    assigned = np.zeros(len(y), np.int16)
    for fold, (_, valid) in enumerate(splitter.split(np.zeros(len(y)), y, groups)):
        assigned[valid] = fold
    return assigned


def _most_folds(y: NDArray[np.generic], task: Task, groups: NDArray[np.generic] | None) -> int:
    """Every fold should hold every class once, and every group is in one fold only."""
    limit = len(y) if task.kind is TaskKind.REGRESSION else int(np.unique(y, return_counts=True)[1].min())
    if groups is not None:
        limit = min(limit, len(np.unique(groups)))
    return max(2, limit)
