"""The verdict on a model: ready, usable with care or not useful, with its reasons."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.checks.check import Finding, Severity
from engine.figures import figure
from engine.insight.delong import Z_95
from engine.insight.quality.comparison import Comparison
from engine.messages import Message, Phrase, phrase
from engine.outcomes import Estimate

CERTAIN = 2.5758  # standard errors: a difference that chance makes once in a hundred times
NEGLIGIBLE = 0.05  # of the way from the baseline to the score


class Level(StrEnum):
    """What a model is good for."""

    READY = "ready"
    CARE = "usable with care"
    NOT_USEFUL = "not useful"


TITLES = {
    Level.READY: phrase("quality_ready_title", "Ready"),
    Level.CARE: phrase("quality_care_title", "Usable with care"),
    Level.NOT_USEFUL: phrase("quality_not_useful_title", "Not useful"),
}
BETTER = phrase(
    "quality_better",
    "By its score it is clearly better than the same answer for every row: all of the 95 % interval is on the better "
    "side.",
)
TOUCHES = phrase(
    "quality_touches",
    "The rows it is scored on do not prove that it is better than giving the same answer for every row: the 95 % "
    "interval of its score reaches that. The folds of the training rows say that it is.",
    "More rows would tell.",
)
BETTER_ROW_BY_ROW = phrase(
    "quality_better_row_by_row",
    "On the same rows it is better than giving the same answer for every row, by {low} to {high} (95 % interval); how "
    "good it will be on other rows is less sure: the interval of its score alone reaches that.",
    "More rows would tell.",
)
UNPROVEN = phrase(
    "quality_unproven",
    "Nothing proves that it is better than giving the same answer for every row: the 95 % interval of its score "
    "reaches that.",
    "Add rows, or columns that have to do with the answer.",
)
NO_BETTER = phrase(
    "quality_no_better",
    "It is no better than giving the same answer for every row.",
    "Add columns that have to do with the answer, or ask another question.",
)
NOTHING_ELSE = phrase(
    "quality_nothing_else",
    "It gives the same answer for every row: no other candidate came to its end.",
    "Train again with more time.",
)
NOTHING_KEPT = phrase(
    "quality_nothing_kept",
    "It gives the same answer for every row, because no other candidate could be made into a file.",
)
UNMEASURED = phrase(
    "quality_unmeasured",
    "Its score could not be measured on the rows it is judged by.",
    "Set more rows aside, or choose another metric.",
)
AGREES = phrase(
    "quality_agrees",
    "The rows set aside and the folds of the training rows agree about as well as chance allows: {score} and {folds}.",
)
WORSE_THAN_FOLDS = phrase(
    "quality_worse_than_folds",
    "On the rows set aside it does worse than the folds of the training rows promised, {score} against {folds}: more "
    "than chance explains.",
    "Trust the rows set aside; look whether they differ from the others, in time for example.",
)
BETTER_THAN_FOLDS = phrase(
    "quality_better_than_folds",
    "On the rows set aside it does better than on the folds of the training rows, {score} against {folds}: more than "
    "chance explains.",
    "Look whether the rows set aside are easier than those to come, or copies of others.",
)
NO_HOLDOUT = phrase(
    "quality_no_holdout",
    "No rows were set aside for a final test: it is judged by the rows that its candidates were chosen by.",
    "Train again with rows set aside to be sure.",
)
LEAK_OPEN = phrase(
    "quality_leak_open", "It is open whether columns give the answer away; if they do, the score is far too good."
)
NO_LEAK_OPEN = phrase("quality_no_leak_open", "No column is suspected of giving the answer away.")
TESTED_EASILY = phrase(
    "quality_tested_easily", "It may have been tested on rows that are easier than those to come; the score says less."
)
ANSWERS_NO_BETTER = phrase(
    "quality_answers_no_better",
    "The answers it names are right no more often than the most frequent answer.",
    "Use its probabilities, or choose a threshold by what mistakes cost.",
)

LEAKS = frozenset(
    {
        *("may_leak", "leak_formula", "leak_only", "checks_broke", "question_several_targets"),
        *("known_later_names", "known_later_filled", "known_later_empty", "known_later_settles", "known_later_class"),
    }
)
"""Findings that ask whether a column gives the answer away; those that left their columns out ask no more."""
EASY_TESTS = frozenset(
    {
        *("groups_repeat", "copies_across_groups", "rows_in_time_order", "rows_change_along", "rows_along_time"),
        *("rows_alike", "same_rows", "alike_rows", "question_forecasting", "question_ranking"),
    }
)
"""Findings that say that the test is easier than the use will be."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What a model is good for. `reasons`: why it is no better than that; of a ready one why it is ready."""

    level: Level
    reasons: tuple[Message, ...]

    @property
    def title(self) -> Message:
        """The level in words."""
        return TITLES[self.level]()


def judge(
    comparison: Comparison | None,
    findings: Sequence[Finding],
    *,
    answers_help: bool,
    has_holdout: bool,
    was_alone: bool,
    refused: Message | None = None,
) -> Judgement:
    """Judge a model by its scores and by what was open about its table.

    `answers_help`: whether its answers are right more often than the most frequent one. `was_alone`: whether nothing
    but the same answer for every row came to an end, so that there was nothing better to choose. `refused`: why no
    other candidate became the model; None where one did.
    """
    if was_alone:
        return Judgement(level=Level.NOT_USEFUL, reasons=(NOTHING_ELSE(),))
    if refused is not None:
        return Judgement(level=Level.NOT_USEFUL, reasons=(NOTHING_KEPT(), refused))
    if comparison is None:
        return Judgement(level=Level.NOT_USEFUL, reasons=(UNMEASURED(),))
    useless = _why_useless(comparison)
    if useless is not None:
        return Judgement(level=Level.NOT_USEFUL, reasons=(useless(), *_doubts(comparison, findings, has_holdout)))
    doubts = [*_touching(comparison), *_doubts(comparison, findings, has_holdout)]
    doubts += [] if answers_help else [ANSWERS_NO_BETTER()]
    if doubts:
        return Judgement(level=Level.CARE, reasons=tuple(doubts))
    agrees = [AGREES(**_both(comparison.score, comparison.folds))] if comparison.folds else []
    return Judgement(level=Level.READY, reasons=(BETTER(), *agrees, NO_LEAK_OPEN()))


def touches(comparison: Comparison) -> bool:
    """Whether the interval of the score reaches the baseline."""
    return comparison.worst_end <= comparison.better(comparison.baseline)


def _proven_gain(comparison: Comparison) -> Estimate | None:
    return comparison.gain if comparison.gain is not None and comparison.gain.low > 0 else None


def _touching(comparison: Comparison) -> Iterator[Message]:
    if touches(comparison):
        gain = _proven_gain(comparison)
        yield TOUCHES() if gain is None else BETTER_ROW_BY_ROW(low=figure(gain.low), high=figure(gain.high))


def _why_useless(comparison: Comparison) -> Phrase | None:
    """Return why a model is of no use; where its score leaves that open, the same rows or the folds may prove it."""
    same = comparison.better(comparison.baseline)
    if comparison.best_end <= same or comparison.better(comparison.score.value) <= same:
        return NO_BETTER
    if not touches(comparison):
        return None
    folds = comparison.folds
    proven = folds is not None and min(comparison.better(folds.low), comparison.better(folds.high)) > same
    return None if (proven and comparison.held_out) or _proven_gain(comparison) else UNPROVEN


def _doubts(comparison: Comparison, findings: Sequence[Finding], has_holdout: bool) -> Iterator[Message]:
    if not has_holdout:
        yield NO_HOLDOUT()
    disagreement = disagrees(comparison)
    if disagreement is not None:
        yield disagreement
    open_ones = [each for each in findings if each.severity is Severity.PLEASE_LOOK and not each.automatic]
    for heading, codes in ((LEAK_OPEN, LEAKS), (TESTED_EASILY, EASY_TESTS)):
        found = [each.message for each in open_ones if each.code in codes]
        if found:
            yield heading()
            yield from found


def disagrees(comparison: Comparison) -> Message | None:
    """Say that rows set aside and folds differ by more than chance explains, and by more than a trifle."""
    folds, score = comparison.folds, comparison.score
    if not comparison.held_out or folds is None:
        return None
    apart = comparison.better(score.value) - comparison.better(folds.value)
    noise = math.hypot(_error(score), _error(folds))
    gain = abs(score.value - comparison.baseline)
    if abs(apart) <= max(CERTAIN * noise, NEGLIGIBLE * gain):
        return None
    return (WORSE_THAN_FOLDS if apart < 0 else BETTER_THAN_FOLDS)(**_both(score, folds))


def _error(estimate: Estimate) -> float:
    return (estimate.high - estimate.low) / (2 * Z_95)


def _both(score: Estimate, folds: Estimate) -> dict[str, str]:
    return {"score": figure(score.value), "folds": figure(folds.value)}
