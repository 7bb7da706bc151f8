"""How good a model is on a file whose outcomes are known, beside what it was when it was trained."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.errors import InputError
from engine.figures import figure
from engine.insight.intervals import baseline_prediction
from engine.insight.quality.in_words import in_words
from engine.insight.quality.judged import Judged
from engine.insight.quality.numbers import off_by
from engine.messages import Message, phrase
from engine.outcomes import Estimate
from engine.progress import Progress
from engine.tasks.metric import Metric, metric_named, metrics_for
from engine.tasks.task import PREDICTION, TaskKind

if TYPE_CHECKING:  # the server reads what was kept, and must not load what reads files
    from engine.insight.in_use.arrived import Arrived, Outcomes
    from engine.insight.in_use.trained import Trained
    from engine.model import Model

FEWEST_JUDGED = 10  # rows: fewer say too little to call a model worse or better
NO_OUTCOMES = phrase(
    "score_no_outcomes",
    "The file has no column {target}, so there is nothing to hold the predictions against.",
    "Add the column with what really happened, or predict the file without scoring it.",
)
NO_KNOWN = phrase(
    "score_no_known",
    "No row of the file has an outcome that the model knows: {n_empty} of the cells of {target} are empty, {n_unknown} "
    "hold something else.",
    "Fill the column {target} with what really happened, written as in the table of the training.",
)
NO_WEIGHT = phrase(
    "score_no_weight",
    "No row with an outcome has a weight above 0 in the column {column}.",
    "Correct the weights, or leave that column out of the file.",
)
WITHOUT = phrase("score_without", "{n} of {all} rows have no outcome and are not scored.")
UNKNOWN = phrase(
    "score_unknown",
    "{n} of {all} rows have an outcome that the model does not know, such as {examples}, and are not scored: it could "
    "not have been right there.",
    "Look whether they are slips, or train again so that it learns them.",
)
UNREAD = phrase(
    "score_unread",
    "{n} of {all} rows have an outcome that could not be read as a number, such as {examples}, and are not scored.",
    "Write the numbers as in the table of the training.",
)
WORSE = phrase(
    "score_worse",
    "It does worse on this file than when it was trained: {metric} is {now} (between {low} and {high}), it was "
    "{then}; more than chance explains.",
    "Train again with these rows, if they are what is to come.",
)
BETTER = phrase(
    "score_better",
    "It does better on this file than when it was trained: {metric} is {now} (between {low} and {high}), it was "
    "{then}; more than chance explains.",
    "Look whether these rows are easier than those to come, or rows that it was trained on.",
)
SAME = phrase(
    "score_same",
    "It does about as well on this file as when it was trained: {metric} is {now} (between {low} and {high}), it was "
    "{then}; chance alone could make that difference.",
)
UNDEFINED = phrase(
    "score_undefined",
    "{metric}, by which the model was chosen, cannot be measured on these rows: they are too few, or all have the same "
    "outcome.",
    "Score it on more rows.",
)
ABOVE_BASELINE = phrase(
    "score_above_baseline",
    "It is still better than giving the same answer for every row, which would reach {baseline}.",
)
AT_BASELINE = phrase(
    "score_at_baseline",
    "These rows do not prove that it is still better than giving the same answer for every row, which would reach "
    "{baseline}.",
    "Score it on more rows; if that does not help, train again.",
)
BELOW_BASELINE = phrase(
    "score_below_baseline",
    "It is worse here than giving the same answer for every row, which would reach {baseline}.",
    "Do not use it for rows like these; train again with them.",
)
FEW = phrase("score_few_rows", "Only {n} rows were scored: the score is very uncertain.", "Ask again with more rows.")
SEEN = phrase(
    "score_seen",
    "{n} of the {all} scored rows are equal to rows of the training table in all columns that the model looks at and "
    "in the outcome. If they are the same rows, the score is too good.",
    "Leave out rows that it was trained on.",
)
UNWEIGHTED = phrase(
    "score_unweighted", "The file has no column {column}, so all rows count the same here, unlike in training."
)
ON_FOLDS = phrase(
    "score_on_folds",
    "No rows were set aside when it was trained; the score of then is that over the folds of its training rows.",
)

FEW_ROWS = 30
LEAST_SEEN = 5
_MORE_SEEN = 0.02  # than rows of the training table are copies of each other


class Standing(StrEnum):
    """How a score compares with the one of the training."""

    BETTER = "better"
    SAME = "within noise"
    WORSE = "worse"
    UNKNOWN = "not measured"


@dataclass(frozen=True, kw_only=True)
class Scored:
    """The score on a file.

    `metric`: the one that the model was chosen by. `scores`, `baseline`: on the file, by metric; `before`: when it was
    trained, on rows set aside (`held_out`) or over the folds. `said`: how it stands; `words`: what the scores mean.
    """

    metric: str
    standing: Standing
    scores: Mapping[str, Estimate]
    before: Mapping[str, Estimate]
    baseline: Mapping[str, float]
    held_out: bool
    n_rows: int
    n_scored: int
    n_empty: int
    n_unknown: int
    n_seen: int
    said: tuple[Message, ...]
    words: tuple[Message, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this."""
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Scored":
        """Rebuild what was stored."""
        estimates = {name: {key: Estimate(**each) for key, each in data[name].items()} for name in ("scores", "before")}
        told = {name: tuple(map(Message.from_json, data[name])) for name in ("said", "words")}
        return Scored(**{**data, **estimates, **told, "standing": Standing(data["standing"])})


def score_file(model: "Model", trained: "Trained", progress: Progress, file: "Arrived", *, seed: int = 0) -> Scored:
    """Score a file whose outcomes are known, by what the model's file says of it.

    Raises InputError when no row has an outcome.
    """
    assert progress.prepared is not None
    assert progress.ready is not None
    outcomes, rows = _rows(model, trained, file)
    judged = judged_rows(model, trained, file, rows, outcomes.y[rows])
    weight = None if outcomes.weight is None else outcomes.weight[rows]
    groups = None if outcomes.groups is None else outcomes.groups[rows]
    scores = judged.views.estimates(model.task, judged.y, weight, groups=groups, seed=seed)
    before = progress.ready.validation if progress.ready.holdout is None else progress.ready.holdout
    metric = metric_named(progress.prepared.metric)
    baseline = _baseline(trained, judged.y, weight)
    n_seen = n_equal(trained, file.cells.iloc[rows], judged.y)
    now = scores.get(metric.key) if len(rows) >= FEWEST_JUDGED else None
    standing = stands(metric, now, before.get(metric.key))
    found = Scored(
        metric=metric.key,
        standing=standing,
        scores=scores,
        before=before,
        baseline=baseline,
        held_out=progress.ready.holdout is not None,
        n_rows=file.n_rows,
        n_scored=len(rows),
        n_empty=outcomes.n_empty,
        n_unknown=outcomes.n_unknown,
        n_seen=n_seen,
        said=(),
        words=(*in_words(model.task, scores, baseline, judged), *_ranges(judged, progress, seed)),
    )
    said = (*_standing_told(found, metric), *_rows_told(found, outcomes, trained))
    return Scored(**{**vars(found), "said": said})


def _rows(model: "Model", trained: "Trained", file: "Arrived") -> "tuple[Outcomes, NDArray[np.int64]]":
    """Return the outcomes and the rows to score; raises InputError when there are none."""
    target = model.task.target
    if file.outcomes is None:
        raise InputError(NO_OUTCOMES(target=target))
    answered = file.answered(model.task)
    if not answered.any():
        raise InputError(NO_KNOWN(target=target, n_empty=file.outcomes.n_empty, n_unknown=file.outcomes.n_unknown))
    if file.outcomes.weight is not None:
        answered = answered & (file.outcomes.weight > 0)
        if not answered.any():
            raise InputError(NO_WEIGHT(column=trained.weight_column))
    return file.outcomes, np.flatnonzero(answered)


def judged_rows(
    model: "Model", trained: "Trained", file: "Arrived", rows: NDArray[np.int64], y: NDArray[np.generic]
) -> Judged:
    """Return rows of a file with their answers and what the model says of them, as other figures take them."""
    said, task = file.said.iloc[rows].reset_index(drop=True), model.task
    if task.classes:
        predicted = said[[f"probability_{label}" for label in task.classes]].to_numpy(np.float64)
        place = {str(label): position for position, label in enumerate(task.classes)}
        named = np.array([place[str(label)] for label in said[PREDICTION].tolist()], np.int64)
    else:
        predicted, named = said[PREDICTION].to_numpy(np.float64), np.zeros(0, np.int64)
    has_ends = {"low", "high"} <= set(said.columns) and not task.classes
    return Judged(
        task=task,
        y=y,
        predicted=predicted,
        named=named,
        rows=rows,
        cells=file.cells.iloc[rows].reset_index(drop=True),
        schema=trained.schema,
        n_rows=len(rows),
        low=said["low"].to_numpy(np.float64) if has_ends else None,
        high=said["high"].to_numpy(np.float64) if has_ends else None,
    )


def stands(metric: Metric, now: Estimate | None, before: Estimate | None) -> Standing:
    """Say whether a score is better or worse than another one of other rows, or whether chance explains it.

    The interval of the difference is made of both intervals as by Zou and Donner 2008, "Construction of confidence
    limits about effect measures" (doi:10.1002/sim.3095), so that uneven ones count as they are.
    """
    if now is None or before is None:
        return Standing.UNKNOWN
    apart = now.value - before.value
    low = apart - math.hypot(now.value - now.low, before.high - before.value)
    high = apart + math.hypot(now.high - now.value, before.value - before.low)
    if low <= 0 <= high:
        return Standing.SAME
    return Standing.BETTER if (apart > 0) is metric.greater_is_better else Standing.WORSE


def n_equal(trained: "Trained", cells: pd.DataFrame, y: NDArray[np.generic]) -> int:
    """Count rows that are equal to one of the training table; 0 where that is no more than its own rows are copies."""
    before, now = _keys(trained.cells, trained.y), _keys(cells, y)
    n = int(np.isin(now, before).sum())
    usual = 1 - len(np.unique(before)) / max(len(before), 1)
    return n if n >= LEAST_SEEN and n > (usual + _MORE_SEEN) * len(now) else 0


def _keys(cells: pd.DataFrame, y: NDArray[np.generic]) -> NDArray[np.uint64]:
    whole = cells.reset_index(drop=True).assign(**{"": y.astype(np.float64)})
    return np.asarray(pd.util.hash_pandas_object(whole, index=False), np.uint64)


def _baseline(trained: "Trained", y: NDArray[np.generic], weight: NDArray[np.float64] | None) -> dict[str, float]:
    constant = baseline_prediction(trained.y, trained.task, len(y), trained.weight)
    scores = {metric.key: float(metric.score(y, constant, weight)) for metric in metrics_for(trained.task.kind)}
    return {key: score for key, score in scores.items() if math.isfinite(score)}


def _ranges(judged: Judged, progress: Progress, seed: int) -> tuple[Message, ...]:
    if judged.task.kind is not TaskKind.REGRESSION:
        return ()
    ends = None if judged.low is None or judged.high is None else (judged.low, judged.high)
    wanted = progress.ready.decided.get("wanted") if progress.ready else None
    y = judged.y.astype(np.float64)
    return off_by(y, judged.predicted, judged.task.target, ends=ends, wanted=wanted, seed=seed).said


def _standing_told(found: Scored, metric: Metric) -> Iterator[Message]:
    now, before = found.scores.get(metric.key), found.before.get(metric.key)
    if now is None or before is None or found.standing is Standing.UNKNOWN:
        yield UNDEFINED(metric=metric.title)
        return
    say = {Standing.WORSE: WORSE, Standing.BETTER: BETTER, Standing.SAME: SAME}[found.standing]
    facts = {"now": figure(now.value), "low": figure(now.low), "high": figure(now.high), "then": figure(before.value)}
    yield say(metric=metric.title, **facts)
    if not found.held_out:
        yield ON_FOLDS()
    constant = found.baseline.get(metric.key)
    if constant is None:
        return
    ends = sorted((metric.loss(now.low), metric.loss(now.high)))
    level = metric.loss(constant)
    against = ABOVE_BASELINE if ends[1] < level else BELOW_BASELINE if ends[0] > level else AT_BASELINE
    yield against(baseline=figure(constant))


def _rows_told(found: Scored, outcomes: "Outcomes", trained: "Trained") -> Iterator[Message]:
    if outcomes.n_unknown:
        say = UNKNOWN if trained.task.classes else UNREAD
        yield say(n=outcomes.n_unknown, all=found.n_rows, examples=", ".join(outcomes.examples))
    if outcomes.n_empty:
        yield WITHOUT(n=outcomes.n_empty, all=found.n_rows)
    if found.n_scored < FEW_ROWS:
        yield FEW(n=found.n_scored)
    if found.n_seen:
        yield SEEN(n=found.n_seen, all=found.n_scored)
    column = trained.weight_column
    if column and outcomes.weight is None:
        yield UNWEIGHTED(column=column)
