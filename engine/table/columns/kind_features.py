"""Turns the facts of a column into the numbers that the learned model looks at."""

import numpy as np
from numpy.typing import NDArray

from engine.table.columns import kind_names, kind_samples, kind_statistics
from engine.table.columns.kind_facts import ColumnFacts

NAMES: tuple[str, ...] = (*kind_statistics.NAMES, *kind_samples.NAMES, *kind_names.NAMES)


def describe(facts: ColumnFacts) -> NDArray[np.float32]:
    """Return one number per entry of `NAMES`.

    >>> describe(ColumnFacts(name="a", n_rows=9, n_missing=0, n_distinct=2, samples=("x", "y"))).shape == (len(NAMES),)
    True
    """
    statistics = {**kind_statistics.count_measures(facts), **kind_statistics.number_measures(facts)}
    values = np.concatenate(
        [
            np.array(list(statistics.values()), np.float64),
            kind_samples.describe_samples(facts.samples),
            kind_names.describe_name(facts.name),
        ]
    )
    bounded = np.clip(np.nan_to_num(values, nan=-99.0, posinf=1e9, neginf=-1e9), -1e9, 1e9)
    return np.asarray(bounded, np.float32)
