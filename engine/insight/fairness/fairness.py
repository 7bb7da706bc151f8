"""Everything that is to be said about how a model treats the groups of a column; screens and report are readers."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.errors import InputError
from engine.insight.fairness.differing import differing
from engine.insight.fairness.equalising import FINDING, LAW, SELECTION, Equalised, equalised
from engine.insight.fairness.measures import Measure, mean_measure, share_measures
from engine.insight.fairness.treated import Treated, counts_of, treated
from engine.insight.quality.groups import LEAST_ROWS, Group, groups_by
from engine.insight.quality.judged import Judged
from engine.insight.quality.quality import told
from engine.messages import Message, listed, phrase
from engine.tasks.task import TaskKind

MOST_GROUPS = 30  # the largest ones
NO_SUCH_COLUMN = phrase(
    "fairness_no_such_column",
    "The rows that the model never saw have no column called {column}.",
    "Choose one of: {choices}.",
)
TOO_FEW = phrase(
    "fairness_too_few",
    "{column} does not divide these rows into two groups of at least {least} rows: nothing can be said about how they "
    "are treated.",
)
SOME_LEFT = phrase(
    "fairness_some_left",
    "{n} rows are in groups that are too small to compare, or have no value in {column}.",
)
ONLY_TESTED = phrase(
    "fairness_not_a_verdict",
    "What is fair depends on what the predictions are for: groups may differ in truth, and different ideas of fairness "
    "exclude each other.",
)


@dataclass(frozen=True, kw_only=True)
class Fairness:
    """How the groups of a column are treated, on rows that the model never saw.

    `answer`: the one that is looked for, of two; else empty. `n_left`: rows that are in no compared group. `equalised`:
    what thresholds of their own would cost. `said`: in words, also where nothing was found; empty groups where there
    were not two to compare.
    """

    column: str
    answer: str
    groups: tuple[Treated, ...]
    n_left: int
    measures: tuple[Measure, ...]
    equalised: tuple[Equalised, ...]
    said: tuple[Message, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data, sentences in English."""
        plain: dict[str, Any] = told(self)
        return plain


def how_fair(judged: Judged, column: str, *, seed: int = 0) -> Fairness:
    """Work out how the groups of a column are treated; raises InputError where the kept rows have no such column."""
    if column not in judged.cells or column not in judged.schema:
        raise InputError(NO_SUCH_COLUMN(column=column, choices=listed([str(name) for name in judged.cells], 20)))
    groups = compared_groups(judged, column)
    answer = str(judged.task.classes[1]) if judged.task.kind is TaskKind.BINARY else ""
    n_left = len(judged.y) - sum(len(group.rows) for group in groups)
    if len(groups) < 2:
        said: tuple[Message, ...] = (TOO_FEW(column=column, least=LEAST_ROWS),)
        return Fairness(column=column, answer=answer, groups=(), n_left=n_left, measures=(), equalised=(), said=said)
    each, counts = tuple(treated(judged, group) for group in groups), counts_of(judged, groups)
    rates = (SELECTION, FINDING) if judged.task.kind is TaskKind.BINARY else ()
    prices = tuple(one for rate in rates if (one := equalised(judged, groups, rate, seed=seed)) is not None)
    measures = share_measures(counts, seed=seed) if counts else _error_measures(judged, groups, seed)
    differences = differing(judged, column, groups, counts, each, measures)
    left = (SOME_LEFT(n=n_left, column=column),) if n_left else ()
    return Fairness(
        column=column,
        answer=answer,
        groups=each,
        n_left=n_left,
        measures=measures,
        equalised=prices,
        said=(*differences, *left, ONLY_TESTED(), *((LAW(),) if prices else ())),
    )


def compared_groups(judged: Judged, column: str) -> list[Group]:
    """Return the groups of a column that have a value and rows enough, in the order of their values."""
    groups = [
        group
        for group in groups_by(judged.cells[column], judged.schema[column])
        if group.value and len(group.rows) >= LEAST_ROWS
    ]
    largest = sorted(groups, key=lambda group: -len(group.rows))[:MOST_GROUPS]
    return [group for group in groups if any(group is each for each in largest)]


def _error_measures(judged: Judged, groups: list[Group], seed: int) -> tuple[Measure, ...]:
    apart = judged.predicted - judged.y.astype(np.float64)
    found, taken = [], {"mean_error_difference": np.abs(apart), "mean_bias_difference": apart}
    for name, values in taken.items():
        parts = [values[group.rows] for group in groups]
        means = np.array([part.mean() for part in parts])
        errors = np.array([part.std(ddof=1) / np.sqrt(len(part)) for part in parts])
        found.append(mean_measure(name, means, errors, n_measures=len(taken), seed=seed))
    return tuple(found)
