"""Champion beside challenger: an old and a new model, scored on the same rows, from which neither has learnt."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.blend.views import views_of
from engine.figures import figure
from engine.insight.intervals import gain as gain_of
from engine.insight.quality.judged import Judged
from engine.messages import Message, phrase
from engine.model import Model
from engine.outcomes import Estimate
from engine.table.group_codes import group_codes
from engine.table.schema import Role
from engine.tasks.metric import Metric, metric_named

Floats = NDArray[np.float64]

N_DRAWS = 500
LEAST_ROWS = 2

BETTER = phrase(
    "challenge_better",
    "The new model is better than the old one: {metric} {new} against {old} on {n} rows that neither has learnt from. "
    "It gains between {low} and {high} (95 % interval).",
    "Hand over the new one, if its own verdict allows that.",
)
WORSE = phrase(
    "challenge_worse",
    "The new model is worse than the old one: {metric} {new} against {old} on {n} rows that neither has learnt from. "
    "It loses between {low} and {high} (95 % interval).",
    "Keep the old one, and look whether the answers in the new rows are right.",
)
CONSTANT = phrase(
    "challenge_constant",
    "The new model gives the same answer for every row: {metric} {new} against {old} on {n} rows that neither has "
    "learnt from.",
    "Keep the old one, and train again with more time.",
)
OPEN = phrase(
    "challenge_open",
    "Which of the two models is better cannot be told: the new one has {metric} {new}, the old one {old} on {n} rows "
    "that neither has learnt from. It may lose up to {low} or gain up to {high} (95 % interval).",
    "Keep the old one, or wait for more rows, unless the new one was asked for because of a rule that it keeps.",
)
SAME = phrase(
    "challenge_same",
    "The two models do exactly as well: {metric} {new} on {n} rows that neither has learnt from.",
)
ALL_NEW = phrase("challenge_rows_new", "All of these rows are new; they were set aside before the new training.")
ALL_OLD = phrase(
    "challenge_rows_old", "All of these rows were set aside before the earlier training, and again before this one."
)
BOTH = phrase(
    "challenge_rows_both",
    "Of these rows {n_old} were set aside before the earlier training, and {n_new} are new. On the earlier ones the "
    "new model has {new_on_old}, the old one {old_on_old}; on the new ones {new_on_new} and {old_on_new}.",
)
NO_ROWS = phrase(
    "challenge_no_rows",
    "There are no rows that neither model has learnt from, so nothing fair can be said about which is better.",
    "Train again with more new rows, or train a new run with rows set aside.",
)
OTHER_ANSWERS = phrase(
    "challenge_other_answers",
    "The two models do not know the same answers, so they cannot be held against each other.",
)
UNDEFINED = phrase(
    "challenge_undefined", "The measure of success is not defined on the rows that neither model has learnt from."
)


class Verdict(StrEnum):
    """What can be said of a challenger."""

    BETTER = "better"
    WORSE = "worse"
    OPEN = "open"


@dataclass(frozen=True, kw_only=True)
class Challenge:
    """Two models on the same rows.

    `champion`, `challenger`: their scores in the run's metric, `gain`: what the challenger is better by (positive
    whichever way the metric goes), None where nothing could be compared. `n_new`: of `n_rows`, new ones. `parts`: both
    scores by "new" and "earlier" rows, the champion's first. `said`: all of it in words.
    """

    verdict: Verdict
    metric: str
    n_rows: int
    n_new: int
    champion: float | None
    challenger: float | None
    gain: Estimate | None
    parts: Mapping[str, tuple[float, float]]
    said: tuple[Message, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        data = asdict(self)
        return {**data, "verdict": str(self.verdict), "parts": {name: list(both) for name, both in self.parts.items()}}


def challenge(champion: Model, judged: Judged | None, metric_key: str, *, n_new: int = 0, seed: int = 0) -> Challenge:
    """Let the champion's file predict the rows that the challenger was judged on, and compare.

    `judged`: rows that the challenger has not learnt from, and the champion neither; the last `n_new` are new.
    """
    metric = metric_named(metric_key)
    if judged is None or not judged.held_out or len(judged.y) < LEAST_ROWS:
        return _nothing(metric, NO_ROWS())
    if list(map(str, champion.task.classes)) != list(map(str, judged.task.classes)):
        return _nothing(metric, OTHER_ANSWERS())
    before = views_of(champion.predict_cells(judged.cells), champion.task).of(metric)
    return compared(metric, judged, before, judged.views.of(metric), n_new=n_new, seed=seed)


def _groups(judged: Judged) -> NDArray[np.int64] | None:
    """Return the group of each row; None where the table has no column for it."""
    columns = judged.schema.with_role(Role.GROUP)
    if not columns:
        return None
    return group_codes(judged.cells[columns[0].name])


def compared(metric: Metric, judged: Judged, before: Floats, now: Floats, *, n_new: int, seed: int) -> Challenge:
    """Compare two predictions of the same rows, row by row: what both find hard says nothing about either."""
    weight = judged.weight
    old, new = (float(metric.score(judged.y, said, weight)) for said in (before, now))
    if not (np.isfinite(old) and np.isfinite(new)):
        return _nothing(metric, UNDEFINED())
    gain = gain_of(metric, judged.y, before, now, weight, groups=_groups(judged), seed=seed, n_resamples=N_DRAWS)
    if not np.isfinite(gain.value):  # all rows have the same answer
        return _nothing(metric, UNDEFINED())
    verdict = Verdict.BETTER if gain.low > 0 else Verdict.WORSE if gain.high < 0 else Verdict.OPEN
    n_new = min(n_new, len(judged.y))
    return Challenge(
        verdict=verdict,
        metric=metric.key,
        n_rows=len(judged.y),
        n_new=n_new,
        champion=old,
        challenger=new,
        gain=gain,
        parts=_parts(metric, judged, before, now, weight, n_new),
        said=(_sentence(metric, verdict, gain, old, new, now), *_rows(metric, judged, before, now, n_new)),
    )


def _sentence(metric: Metric, verdict: Verdict, gain: Estimate, old: float, new: float, now: Floats) -> Message:
    scores: dict[str, str | int] = {"metric": metric.title, "new": figure(new), "old": figure(old), "n": len(now)}
    if verdict is Verdict.BETTER:
        return BETTER(**scores, low=figure(gain.low), high=figure(gain.high))
    if verdict is Verdict.WORSE and not np.ptp(now, axis=0).any():
        return CONSTANT(**scores)
    if verdict is Verdict.WORSE:
        return WORSE(**scores, low=figure(-gain.high), high=figure(-gain.low))
    if gain.low == gain.high == 0:
        return SAME(metric=metric.title, new=figure(new), n=len(now))
    return OPEN(**scores, low=figure(max(0.0, -gain.low)), high=figure(max(0.0, gain.high)))


def _parts(
    metric: Metric, judged: Judged, before: Floats, now: Floats, weight: Floats | None, n_new: int
) -> dict[str, tuple[float, float]]:
    first = len(judged.y) - n_new
    found = {}
    for name, rows in (("earlier", slice(0, first)), ("new", slice(first, None))):
        y, weights = judged.y[rows], None if weight is None else weight[rows]
        if len(y) and (not judged.task.classes or len(np.unique(y)) > 1):
            scores = [float(metric.score(y, said[rows], weights)) for said in (before, now)]
            if np.isfinite(scores).all():
                found[name] = (scores[0], scores[1])
    return found


def _rows(metric: Metric, judged: Judged, before: Floats, now: Floats, n_new: int) -> tuple[Message, ...]:
    """Say which rows these are."""
    if not n_new:
        return (ALL_OLD(),)
    if n_new == len(judged.y):
        return (ALL_NEW(),)
    found = _parts(metric, judged, before, now, judged.weight, n_new)
    earlier, new = (found.get(name, (float("nan"), float("nan"))) for name in ("earlier", "new"))
    said = BOTH(
        n_old=len(judged.y) - n_new,
        n_new=n_new,
        new_on_old=figure(earlier[1]),
        old_on_old=figure(earlier[0]),
        new_on_new=figure(new[1]),
        old_on_new=figure(new[0]),
    )
    return (said,)


def _nothing(metric: Metric, why: Message) -> Challenge:
    return Challenge(
        verdict=Verdict.OPEN,
        metric=metric.key,
        n_rows=0,
        n_new=0,
        champion=None,
        challenger=None,
        gain=None,
        parts={},
        said=(why,),
    )
