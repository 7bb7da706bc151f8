"""Divides rows into parts that are alike, such as those that choose something and those that judge it."""

import numpy as np
from numpy.typing import NDArray

from engine.tasks.task import Task


def even_parts(
    y: NDArray[np.generic],
    task: Task,
    n_parts: int,
    random: np.random.Generator,
    groups: NDArray[np.generic] | None = None,
) -> NDArray[np.int64]:
    """Return the part that each row belongs to.

    Groups stay together, in parts of nearly the same size; without groups, or with a single one, classes are spread
    evenly over the parts.
    """
    if groups is not None and len(np.unique(groups)) > 1:
        return _parts_of_groups(groups, n_parts, random)
    part = np.empty(len(y), dtype=np.int64)
    part[shuffled_by_class(y, task, random)] = np.arange(len(y)) % n_parts
    return part


def shuffled_by_class(y: NDArray[np.generic], task: Task, random: np.random.Generator) -> NDArray[np.int64]:
    """Return the positions of the rows in random order, those of one class behind each other."""
    order = random.permutation(len(y))
    return order[np.argsort(y[order], kind="stable")] if task.classes else order


def _parts_of_groups(groups: NDArray[np.generic], n_parts: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Put each group, the largest first, into the part that has the fewest rows so far."""
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = random.permutation(len(sizes))
    place, n_rows = np.empty(len(sizes), dtype=np.int64), np.zeros(n_parts)
    for each in order[np.argsort(-sizes[order], kind="stable")]:
        place[each] = n_rows.argmin()
        n_rows[place[each]] += sizes[each]
    return np.asarray(place[group])
