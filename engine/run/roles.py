"""What the columns with a role of their own say of each row: how much it counts, and how rows are to be divided."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.errors import ConfigError
from engine.features.dates import days_of
from engine.features.numbers import numbers_of
from engine.messages import phrase
from engine.search.folds import Indices
from engine.table.dataset import Dataset
from engine.table.group_codes import group_codes
from engine.table.schema import Role

FEW_GROUPS = phrase(
    "config_few_groups",
    "The column {column} has too few groups to keep some of them apart for testing.",
    "Give the column another role, or add rows of other groups.",
)
NO_TIMES = phrase(
    "config_no_times",
    "The column {column} has the role time but fewer than two different times.",
    "Give the column another role.",
)

_N_STRATA = 10


def weights_of(dataset: Dataset) -> NDArray[np.float64] | None:
    """Return the weights; 0 for those that are missing, infinite or negative.

    Of a sample in which some answers were drawn more often than others, each row stands for as many as it should.
    """
    columns, drawn = dataset.schema.with_role(Role.WEIGHT), dataset.drawn
    stands_for = None if drawn is None else drawn.weight
    if not columns:
        return stands_for
    values = numbers_of(dataset.frame, columns)[:, 0]
    own = np.where(values > 0, values, 0.0)
    return own if stands_for is None else own * stands_for


def groups_of(dataset: Dataset, rows: Indices) -> NDArray[np.int64] | None:
    """Return the group of each row of the table; a row without one is a group of its own.

    Raises ConfigError when these rows have no group, or all the same one.
    """
    columns = dataset.schema.with_role(Role.GROUP)
    if not columns:
        return None
    cells = dataset.frame[columns[0].name]
    present = cells.iloc[rows].dropna()
    if not len(present) or (len(present) == len(rows) and present.nunique() < 2):
        raise ConfigError(FEW_GROUPS(column=columns[0].name))
    return group_codes(cells)


def times_of(dataset: Dataset, rows: Indices) -> NDArray[np.float64] | None:
    """Return the time of each of these rows, NaN where it is not known."""
    columns = dataset.schema.with_role(Role.TIME)
    if not columns:
        return None
    read = days_of if columns[0].date_formats else numbers_of
    times: NDArray[np.float64] = read(dataset.frame, columns)[rows, 0]
    if len(np.unique(times[~np.isnan(times)])) < 2:
        raise ConfigError(NO_TIMES(column=columns[0].name))
    return times


def strata_of(dataset: Dataset, rows: Indices) -> NDArray[np.int64] | None:
    """Return the stratum of each of these rows: its level, or the tenth of the numbers or days that it falls into."""
    columns = dataset.schema.with_role(Role.STRATIFY)
    if not columns:
        return None
    cells = dataset.frame[columns[0].name].iloc[rows]
    if columns[0].kind.is_number or columns[0].date_formats:
        read = days_of if columns[0].date_formats else numbers_of
        values = pd.Series(read(dataset.frame, columns)[rows, 0])
        if values.nunique() > _N_STRATA:
            return np.asarray(pd.qcut(values, _N_STRATA, labels=False, duplicates="drop").fillna(-1), np.int64) + 1
    return np.asarray(pd.factorize(cells)[0], np.int64) + 1
