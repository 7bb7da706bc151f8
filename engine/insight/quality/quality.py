"""Everything that is to be said about how good a finished model is; screens and terminal are readers of this."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.events import ModelReady
from engine.families import BASELINE
from engine.insight.quality.calibration import Calibration, calibrated
from engine.insight.quality.classes import Classes, by_class
from engine.insight.quality.comparison import Comparison, compared
from engine.insight.quality.curves import Curves, draw_curves
from engine.insight.quality.groups import groups_of
from engine.insight.quality.in_words import in_words
from engine.insight.quality.judged import Judged
from engine.insight.quality.judgement import Judgement, judge
from engine.insight.quality.leaning import Leaning, find_bends
from engine.insight.quality.money import Money, Prices, money
from engine.insight.quality.more_rows import MoreRows
from engine.insight.quality.numbers import Numbers, off_by
from engine.insight.quality.over_time import OverTime, over_time, time_column
from engine.insight.quality.slices import Slices, find_slices
from engine.insight.quality.ties import Ties, find_ties
from engine.insight.quality.worst_rows import WorstRow, find_worst
from engine.messages import Message, phrase, render
from engine.outcomes import Estimate
from engine.progress import Progress
from engine.table.group_codes import group_codes
from engine.tasks.task import TaskKind

ON_HOLDOUT = phrase(
    "quality_on_holdout", "Measured once, by the file itself, on {n} rows that the model has never seen."
)
ON_FOLDS = phrase(
    "quality_on_folds",
    "Measured by folds of the training rows, because no rows were set aside for a final test; candidates were chosen "
    "by the same rows, so it may be a little too good.",
)
SOME_ROWS = phrase(
    "quality_some_rows", "The figures about single rows and groups come from {n} of {all} such rows, drawn at random."
)
UNWEIGHTED = phrase(
    "quality_unweighted",
    "The scores count rows by {column}; the figures about groups, thresholds, single rows, and rows that it finds or "
    "names, count every row once.",
)
GROUPED = phrase(
    "quality_grouped",
    "Rows with the same {column} belong together: the intervals of the scores come from drawing whole groups anew, {n} "
    "of them, not single rows. The figures about thresholds and groups of rows take each row by itself, so their "
    "intervals are narrower than they should be.",
)
ONE_GROUP = phrase(
    "quality_one_group",
    "Rows with the same {column} belong together, and all of these rows are of one such group: how far the score would "
    "differ for another cannot be said, and its interval is narrower than it should be.",
    "Set more rows aside.",
)


@dataclass(frozen=True, kw_only=True)
class Weak:
    """Where a model is weak: groups of rows, single rows, and periods."""

    slices: Slices
    worst_rows: tuple[WorstRow, ...]
    over_time: OverTime | None


@dataclass(frozen=True, kw_only=True)
class Quality:
    """How good a model is. What needs the rows themselves is None where a run kept none, or where it does not apply.

    `more_rows`: whether more of them would help, where somebody has asked.
    `how`: how it was measured. `scores`: all of them by metric. `classes`: of two answers and more; `curves`,
    `calibration`, `money`: of two; `numbers`, `leaning`: of a predicted number.
    """

    judgement: Judgement
    words: tuple[Message, ...]
    how: tuple[Message, ...]
    comparison: Comparison | None
    scores: Mapping[str, Estimate]
    baseline: Mapping[str, float]
    ties: Ties | None
    n_judged: int
    more_rows: MoreRows | None = None
    classes: Classes | None = None
    curves: Curves | None = None
    calibration: Calibration | None = None
    money: Money | None = None
    numbers: Numbers | None = None
    leaning: Leaning | None = None
    weak: Weak | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain data, sentences in English."""
        return {field.name: told(getattr(self, field.name)) for field in fields(self)}


def how_good(
    progress: Progress, judged: Judged | None, prices: Prices, *, more_rows: MoreRows | None = None, seed: int = 0
) -> Quality | None:
    """Work out how good a finished model is; None before it is ready.

    `judged`: the rows it never saw, if kept; `more_rows`: what was kept of a learning curve.
    """
    prepared, ready = progress.prepared, progress.ready
    if prepared is None or ready is None:
        return None
    scores = ready.validation if ready.holdout is None else ready.holdout
    to_find = None if progress.says_the_same else judged  # what says the same for every row finds nothing
    common: dict[str, Any] = {
        "judgement": judgement_of(progress, prices),
        "words": in_words(prepared.task, scores, ready.baseline, to_find),
        "how": _how(prepared.n_holdout, ready, judged),
        "comparison": compared(progress),
        "scores": scores,
        "baseline": ready.baseline,
        "ties": find_ties(progress),
        "n_judged": 0 if judged is None else len(judged.y),
        "more_rows": more_rows,
    }
    if judged is None:
        return Quality(**common)
    skipped = left_out(progress)
    return Quality(**common, **_by_task(judged, ready, prices, skipped, seed), weak=_weak(judged, skipped))


def judgement_of(progress: Progress, prices: Prices) -> Judgement:
    """Return the verdict on a finished run, which needs no rows.

    Where one mistake is worse than the other, answers are not meant to be right as often as can be.
    """
    ready = progress.ready
    assert ready is not None
    scores = ready.validation if ready.holdout is None else ready.holdout
    right, always = scores.get("accuracy"), ready.baseline.get("accuracy")
    return judge(
        compared(progress),
        progress.checked.findings if progress.checked else (),
        answers_help=right is None or always is None or right.value > always or prices.miss != prices.alarm,
        has_holdout=ready.holdout is not None,
        was_alone={each.family for each in progress.leaderboard} == {BASELINE},
        refused=progress.refused.cause if progress.refused is not None and progress.says_the_same else None,
    )


def left_out(progress: Progress) -> frozenset[str]:
    """Return the columns that no figure is asked for by: the target, and those left out because they give it away."""
    found = progress.checked.findings if progress.checked else ()
    names = {name for each in found if each.automatic for remedy in each.remedies[:1] for name in remedy.columns}
    return frozenset(names | (set(progress.prepared.task.targets) if progress.prepared else set()))


def _how(n_holdout: int, ready: ModelReady, judged: Judged | None) -> tuple[Message, ...]:
    said = [ON_FOLDS() if ready.holdout is None else ON_HOLDOUT(n=n_holdout)]
    if judged is not None and len(judged.y) < judged.n_rows:
        said.append(SOME_ROWS(n=len(judged.y), all=judged.n_rows))
    if judged is not None and judged.weight_column:
        said.append(UNWEIGHTED(column=judged.weight_column))
    if judged is not None and judged.group_column:
        said.append(_grouped(judged))
    return tuple(said)


def _grouped(judged: Judged) -> Message:
    groups = judged.cells[judged.group_column]
    n = int(groups.nunique() + groups.isna().sum())  # a row without one is a group of its own
    return GROUPED(column=judged.group_column, n=n) if n > 1 else ONE_GROUP(column=judged.group_column)


def _codes(judged: Judged) -> NDArray[np.int64] | None:
    return group_codes(judged.cells[judged.group_column]) if judged.group_column else None


def _by_task(judged: Judged, ready: ModelReady, prices: Prices, skipped: frozenset[str], seed: int) -> dict[str, Any]:
    task = judged.task
    if task.kind is TaskKind.REGRESSION:
        ends = None if judged.low is None or judged.high is None else (judged.low, judged.high)
        wanted = ready.decided.get("wanted")
        y = judged.y.astype(np.float64)
        return {
            "numbers": off_by(
                y, judged.predicted, task.target, ends=ends, wanted=wanted, groups=_codes(judged), seed=seed
            ),
            "leaning": find_bends(groups_of(judged.cells, judged.schema, skipped), judged.predicted - y),
        }
    labels = tuple(str(label) for label in task.classes)
    found: dict[str, Any] = {"classes": by_class(judged.y.astype(np.int64), judged.named, labels)}
    if task.kind is TaskKind.BINARY:
        found["curves"] = draw_curves(judged.hit, judged.chance, labels[1])
        found["calibration"] = calibrated(judged.hit, judged.chance, labels[1])
        found["money"] = money(judged.hit, judged.chance, prices, seed=seed)
    return found


def _weak(judged: Judged, skipped: frozenset[str]) -> Weak:
    are_shares = bool(judged.task.classes)
    losses = judged.losses
    column = time_column(judged.cells, judged.schema, skipped)
    return Weak(
        slices=find_slices(groups_of(judged.cells, judged.schema, skipped), losses, are_shares=are_shares),
        worst_rows=find_worst(judged),
        over_time=over_time(judged.cells[column.name], column, losses, are_shares=are_shares) if column else None,
    )


def told(value: Any) -> Any:
    """Return what was found as plain data, sentences in English."""
    if isinstance(value, Message):
        return render(value)
    if is_dataclass(value):
        return {field.name: told(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): told(item) for key, item in value.items()}
    return [told(item) for item in value] if isinstance(value, tuple | list) else value
