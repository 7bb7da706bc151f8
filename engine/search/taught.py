"""Which rows a family is fitted on: of very many rows, some teach it as much as all, in a fraction of time and room."""

from dataclasses import dataclass

import numpy as np

from engine.families.family import Family
from engine.search.folds import Indices


@dataclass(frozen=True, kw_only=True)
class Taught:
    """Rows to fit on.

    `name`: of the rows in the cache. `rows`: to fit on. `needed`: whose features are needed at all; None: of all rows.
    """

    name: str
    rows: Indices
    needed: Indices | None = None


def taught_rows(family: Family, name: str, rows: Indices, judged: Indices, seed: int) -> Taught:
    """Return these rows, or a sample of as many as the family wants at most; `judged`: the rows that score the fit.

    >>> from engine.families.family import family_named
    >>> taught_rows(family_named("baseline"), "0", np.arange(5), np.arange(5, 7), 0).rows
    array([0, 1, 2, 3, 4])
    """
    if family.most_rows is None or len(rows) <= family.most_rows:
        return Taught(name=name, rows=rows)
    some = np.sort(np.random.default_rng(seed).permutation(rows)[: family.most_rows])
    return Taught(name=f"{name}-{family.most_rows}", rows=some, needed=np.union1d(some, judged))
