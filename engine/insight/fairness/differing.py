"""Which groups differ from all other rows by more than chance explains, said in words of 100.

Every group is compared by several figures, so some differ by chance: corrected for all of them as in Holm 1979, "A
simple sequentially rejective multiple test procedure" (jstor.org/stable/4615733). The measures, which stand beside
these sentences and compare the groups that are furthest apart, are held to the same chance.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.figures import chance, figure
from engine.insight.fairness.measures import CHANCE, Measure
from engine.insight.fairness.treated import Counted, Treated
from engine.insight.quality.groups import Group
from engine.insight.quality.judged import Judged
from engine.insight.quality.shares import mean_of, of_100, share_of
from engine.insight.quality.slices import at_least, holm
from engine.messages import Message, phrase
from engine.tasks.task import TaskKind

LEAST_APART = 0.02  # of shares; less is not worth a sentence ...
LEAST_RATIO = 0.8  # ... unless one is less than four fifths of the other
WORSE = 1.2  # times the error elsewhere
MOST_NAMED = 6

CALLED = phrase(
    "fairness_called",
    "Where {column} is {value}, {n} of 100 rows are called {answer} (between {low} and {high}), elsewhere {rest}. Rows "
    "that really are {answer}: {base} of 100 there, elsewhere {usual}.",
)
FOUND = phrase(
    "fairness_found",
    "Where {column} is {value}, it finds {n} of 100 rows that are {answer} (between {low} and {high}), elsewhere "
    "{rest}.",
)
ALARMS = phrase(
    "fairness_alarms",
    "Where {column} is {value}, {n} of 100 rows that are not {answer} are called so by mistake (between {low} and "
    "{high}), elsewhere {rest}.",
)
RIGHT = phrase(
    "fairness_right",
    "Where {column} is {value}, the answer is right in {n} of 100 rows (between {low} and {high}), elsewhere in "
    "{rest}.",
)
OFF = phrase(
    "fairness_off",
    "Where {column} is {value}, the prediction is off by {n} on average (between {low} and {high}), elsewhere by "
    "{rest}.",
)
TOO_HIGH = phrase(
    "fairness_too_high",
    "Where {column} is {value}, predictions are too high by {n} on average (between {low} and {high}); elsewhere the "
    "average of all errors, too high less too low, is {rest}.",
)
TOO_LOW = phrase(
    "fairness_too_low",
    "Where {column} is {value}, predictions are too low by {n} on average (between {low} and {high}); elsewhere the "
    "average of all errors, too high less too low, is {rest}.",
)
SAYS_TOO_HIGH = phrase(
    "fairness_says_too_high",
    "Where {column} is {value}, probabilities of {answer} are too high: {n} of 100 on average, while {base} of 100 "
    "rows have it (between {low} and {high}).",
)
SAYS_TOO_LOW = phrase(
    "fairness_says_too_low",
    "Where {column} is {value}, probabilities of {answer} are too low: {n} of 100 on average, while {base} of 100 rows "
    "have it (between {low} and {high}).",
)
NONE_DIFFERS = phrase(
    "fairness_none_differs",
    "Between the {n} groups of {column} no difference was found that chance does not explain.",
    "That is no proof that there is none: small groups can hide one.",
)
NONE_NAMED = phrase(
    "fairness_none_named",
    "The {n} groups of {column} are further apart than chance explains, as the measures tell, though none differs from "
    "all others by enough, or surely enough, to be named.",
)
NONE_CALLED = phrase(
    "fairness_none_called",
    "No row is called {answer}, so groups of {column} cannot differ in how often that happens. Its probability is "
    "{least} on average where {column} is {lowest}, and {most} where it is {highest}.",
    "Compare again with a threshold at which rows are called {answer}.",
)
_SAYS = {"selection_rate": CALLED, "true_positive_rate": FOUND, "false_positive_rate": ALARMS, "accuracy": RIGHT}


@dataclass(frozen=True, kw_only=True)
class _Difference:
    """A group that may be treated otherwise than all other rows. `apart`: worth a sentence if it is no chance."""

    p: float
    apart: bool
    said: Message


def differing(
    judged: Judged,
    column: str,
    groups: Sequence[Group],
    counts: Mapping[str, Counted],
    each: Sequence[Treated],
    measures: Sequence[Measure],
) -> tuple[Message, ...]:
    """Say which groups differ from all other compared rows, the surest first; where none does, what measures tell."""
    if judged.task.kind is TaskKind.REGRESSION:
        every = _of_means(judged, column, groups)
    else:
        every = [*_of_shares(judged, column, counts, each), *_of_chances(judged, column, groups, each)]
    corrected = holm([one.p for one in every])
    named = [(p, one.said) for p, one in zip(corrected, every, strict=True) if p <= CHANCE and one.apart]
    said = tuple(message for _p, message in sorted(named, key=lambda pair: pair[0])[:MOST_NAMED])
    if not said and any(measure.stands_out for measure in measures):
        said = (NONE_NAMED(n=len(groups), column=column),)
    if _calls_nobody(counts):
        return (*said, _told_by_chances(judged, column, each))
    return said or (NONE_DIFFERS(n=len(groups), column=column),)


def _calls_nobody(counts: Mapping[str, Counted]) -> bool:
    return "selection_rate" in counts and not counts["selection_rate"].hits.any()


def _told_by_chances(judged: Judged, column: str, each: Sequence[Treated]) -> Message:
    known = sorted((one.mean_probability or 0.0, one.value) for one in each)
    (least, lowest), (most, highest) = known[0], known[-1]
    ends = {"least": chance(least), "lowest": lowest, "most": chance(most), "highest": highest}
    return NONE_CALLED(column=column, answer=str(judged.task.classes[1]), **ends)


def _of_shares(
    judged: Judged, column: str, counts: Mapping[str, Counted], each: Sequence[Treated]
) -> list[_Difference]:
    found = []
    answer = str(judged.task.classes[1])
    for name, counted in counts.items():
        n_all, n_marked = int(counted.of.sum()), int(counted.hits.sum())
        for place in _asked(counted.rates, counted.of, worst_is_high=name == "false_positive_rate"):
            n, hits = int(counted.of[place]), int(counted.hits[place])
            if not 0 < n < n_all:
                continue
            here, rest = share_of(hits, n), (n_marked - hits) / (n_all - n)
            facts: dict[str, str] = {"column": column, "value": each[place].value, "n": of_100(here.value)}
            facts |= {"low": of_100(here.low), "high": of_100(here.high), "rest": of_100(rest)}
            if name != "accuracy":
                facts["answer"] = answer
            if name == "selection_rate":
                facts |= _really(each, place)
            found.append(
                _Difference(
                    p=two_sided(hits, n, n_marked, n_all),
                    apart=_far_apart(here.value, rest),
                    said=_SAYS[name](**facts),
                )
            )
    return found


def _of_chances(judged: Judged, column: str, groups: Sequence[Group], each: Sequence[Treated]) -> list[_Difference]:
    """Return where probabilities do not mean what they say, and mean it less than elsewhere; of two answers only."""
    if any(one.mean_probability is None for one in each):
        return []
    gap, doubt = judged.chance - judged.hit, judged.chance * (1 - judged.chance)
    compared = np.concatenate([group.rows for group in groups])
    gaps = np.array([float(gap[group.rows].mean()) for group in groups])
    found = []
    for place in _asked(np.abs(gaps), np.ones(len(groups)), worst_is_high=True):
        rows, one = groups[place].rows, each[place]
        others = np.setdiff1d(compared, rows, assume_unique=True)
        own, error = gaps[place], math.sqrt(float(doubt[rows].sum())) / len(rows)
        apart = own - float(gap[others].mean())
        both = math.hypot(error, math.sqrt(float(doubt[others].sum())) / len(others))
        rate = one.base_rate or share_of(0, 0)
        facts = {"column": column, "value": one.value, "answer": str(judged.task.classes[1])}
        facts |= {"n": of_100(one.mean_probability or 0.0), "base": of_100(rate.value)}
        facts |= {"low": of_100(rate.low), "high": of_100(rate.high)}
        found.append(
            _Difference(
                p=max(_by_chance(own, error), _by_chance(apart, both)),
                apart=min(abs(own), abs(apart)) >= LEAST_APART,
                said=(SAYS_TOO_HIGH if own > 0 else SAYS_TOO_LOW)(**facts),
            )
        )
    return found


def _by_chance(value: float, error: float) -> float:
    """Return how probable it is that chance alone puts a value so far from 0."""
    return math.erfc(abs(value) / error / math.sqrt(2)) if error else 1.0


def _really(each: Sequence[Treated], place: int) -> dict[str, str]:
    """Return how many rows have the answer in a group and elsewhere."""
    rates = [0.0 if one.base_rate is None else one.base_rate.value for one in each]
    others = [(rate, one.n_rows) for i, (rate, one) in enumerate(zip(rates, each, strict=True)) if i != place]
    usual = sum(rate * n for rate, n in others) / sum(n for _rate, n in others)
    return {"base": of_100(rates[place]), "usual": of_100(usual)}


def two_sided(n_hits: int, n_drawn: int, n_marked: int, n_all: int) -> float:
    """Return the chance to draw a share of marked ones at least so far from the usual, to either side.

    >>> round(two_sided(2, 2, 2, 4), 6), two_sided(1, 2, 2, 4)
    (0.333333, 1.0)
    """
    more = at_least(n_hits, n_drawn, n_marked, n_all)
    fewer = at_least(n_drawn - n_hits, n_drawn, n_all - n_marked, n_all)
    return min(1.0, 2 * min(more, fewer))


def _asked(rates: np.ndarray, of: np.ndarray, *, worst_is_high: bool) -> list[int]:
    """Return which groups to ask about: of two only the one that is worse off, else the same would be said twice."""
    if len(rates) > 2:
        return list(range(len(rates)))
    return [int(rates.argmax() if worst_is_high else rates.argmin())] if of.all() else []


def _far_apart(share: float, rest: float) -> bool:
    low, high = sorted((share, rest))
    return high - low >= LEAST_APART or low < LEAST_RATIO * high


def _of_means(judged: Judged, column: str, groups: Sequence[Group]) -> list[_Difference]:
    apart = judged.predicted - judged.y.astype(np.float64)
    compared = np.concatenate([group.rows for group in groups])
    found = []
    sizes = np.array([len(group.rows) for group in groups])
    losses = np.array([float(np.abs(apart[group.rows]).mean()) for group in groups])
    usual = float(np.abs(apart[compared]).mean())
    for place, group in enumerate(groups):
        others = np.setdiff1d(compared, group.rows, assume_unique=True)
        if place in _asked(losses, sizes, worst_is_high=True):
            found.append(_off(column, group, np.abs(apart[group.rows]), np.abs(apart[others])))
        here, rest = mean_of(apart[group.rows]), float(apart[others].mean())
        too_low = here.value < 0
        ends = sorted((abs(here.low), abs(here.high))) if here.low * here.high > 0 else [0.0, abs(here.value)]
        facts = {"column": column, "value": group.value, "n": figure(abs(here.value)), "rest": figure(rest)}
        found.append(
            _Difference(
                p=_welch(apart[group.rows], apart[others]),
                apart=here.low * here.high > 0 and abs(here.value) >= max(abs(rest), LEAST_APART * 5 * usual),
                said=(TOO_LOW if too_low else TOO_HIGH)(**facts, low=figure(ends[0]), high=figure(ends[1])),
            )
        )
    return found


def _off(column: str, group: Group, here: np.ndarray, others: np.ndarray) -> _Difference:
    error, rest = mean_of(here, lowest=0.0), float(others.mean())
    facts = {"column": column, "value": group.value, "n": figure(error.value), "rest": figure(rest)}
    return _Difference(
        p=_welch(here, others),
        apart=max(error.value, rest) >= WORSE * min(error.value, rest),
        said=OFF(**facts, low=figure(error.low), high=figure(error.high)),
    )


def _welch(here: np.ndarray, others: np.ndarray) -> float:
    """Return how probable means so far apart are by chance."""
    error = math.hypot(here.std(ddof=1) / math.sqrt(len(here)), others.std(ddof=1) / math.sqrt(len(others)))
    return _by_chance(float(here.mean() - others.mean()), error)
