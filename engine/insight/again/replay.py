"""A run that was written down, beside the same run trained again: what came out the same, what did not, and why."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from engine.figures import figure
from engine.insight.again.record import Record, Tried
from engine.messages import Message, listed, phrase
from engine.outcomes import Estimate
from engine.search.identity import identity
from engine.tasks.metric import metric_named

EQUAL = 1e-9  # of a score, below which two count as the same: the order of sums is all that is left

ALL_THE_SAME = phrase(
    "replay_same",
    "It came out the same: all {n} candidates have the scores that were reported, and so has the model: {metric} "
    "{score}.",
)
WITHIN = phrase(
    "replay_within",
    "The model came out nearly the same: {metric} {now}; {then} was reported, with a 95 % interval from {low} to "
    "{high}.",
)
BEYOND = phrase(
    "replay_beyond",
    "The model came out differently: {metric} {now}; {then} was reported, with a 95 % interval from {low} to {high}, "
    "in which it does not lie.",
    "Do not rely on the report before it is known why.",
)
NO_SCORE = phrase("replay_no_score", "The report holds no score to compare with.")
NO_SCORE_NOW = phrase(
    "replay_no_score_now", "The model that was trained again has no score to hold against the reported {metric} {then}."
)
BOARD_SAME = phrase("replay_board_same", "All {n} candidates have the scores that were reported.")
BOARD = phrase(
    "replay_board",
    "{n_same} of {n} candidates have the score that was reported. The furthest off is number {number} ({family}): "
    "{now} instead of {then}.",
)
LOST = phrase("replay_lost", "{n} of the candidates that were reported could not be trained again.")
VERSIONS = phrase(
    "replay_versions",
    "Other versions are at work here than then, which can change any figure: {versions}.",
    "Install those of the report to rule that out.",
)
CLOCK = phrase(
    "replay_clock",
    "In that run the clock decided how long candidates learnt. Those that it reports were trained again without a "
    "clock, so what was cut short then may come out otherwise, and what had time to be fitted more often is fitted as "
    "often as usual.",
)
NO_REASON = phrase(
    "replay_no_reason",
    "The table, the settings and the versions are the same and no clock decided, so the difference must come from this "
    "computer, whose processor may add in another order.",
)


class Nearness(StrEnum):
    """How near a replay came."""

    SAME = "same"
    NEAR = "near"
    DIFFERENT = "different"


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What a replay found. `n_same`: of `n_candidates`, those with the score reported; `versions`: then and now."""

    outcome: Nearness
    reported: float | None
    score: float | None
    n_candidates: int
    n_same: int
    versions: Mapping[str, tuple[str, str]]
    said: tuple[Message, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        versions = {name: list(both) for name, both in self.versions.items()}
        return {**asdict(self), "outcome": str(self.outcome), "versions": versions}


def replayed(reported: Record, now: Record) -> Replay:
    """Hold a run trained again against what was written down of it."""
    scores = {identity(each.family, each.parameters): each.score for each in now.candidates}
    pairs = [(each, scores.get(identity(each.family, each.parameters))) for each in reported.candidates]
    found = [(each, score) for each, score in pairs if score is not None]
    n_same = sum(_equal(each.score, score) for each, score in found)
    versions = {
        name: (number, now.versions.get(name, "–"))
        for name, number in reported.versions.items()
        if now.versions.get(name) != number
    }
    board_same = n_same == len(reported.candidates)
    outcome = _outcome(reported.score, now.score, board_same=board_same)
    said = [_score_said(reported, now, outcome)]
    if outcome is not Nearness.SAME or reported.score is None:
        said += _board_said(found, n_same, len(pairs))
    if outcome is not Nearness.SAME:
        changed = [f"{name} {then} → {here}" for name, (then, here) in versions.items()]
        said += [VERSIONS(versions=listed(changed))] if changed else []
        said += [CLOCK()] if reported.clock_decided else []
        said += [NO_REASON()] if not versions and not reported.clock_decided else []
    return Replay(
        outcome=outcome,
        reported=None if reported.score is None else reported.score.value,
        score=None if now.score is None else now.score.value,
        n_candidates=len(pairs),
        n_same=n_same,
        versions=versions,
        said=tuple(said),
    )


def _outcome(then: Estimate | None, now: Estimate | None, *, board_same: bool) -> Nearness:
    if then is None:  # then the candidates alone can tell
        return Nearness.SAME if board_same else Nearness.DIFFERENT
    if now is None:
        return Nearness.DIFFERENT
    if board_same and _equal(then.value, now.value):
        return Nearness.SAME
    return Nearness.NEAR if then.low <= now.value <= then.high else Nearness.DIFFERENT


def _score_said(reported: Record, now: Record, outcome: Nearness) -> Message:
    then, found = reported.score, now.score
    title = metric_named(reported.metric).title
    if then is None:
        return NO_SCORE()
    if found is None:
        return NO_SCORE_NOW(metric=title, then=figure(then.value, 4))
    if outcome is Nearness.SAME:
        return ALL_THE_SAME(n=len(reported.candidates), metric=title, score=figure(found.value, 4))
    words = WITHIN if outcome is Nearness.NEAR else BEYOND
    return words(
        metric=title,
        now=figure(found.value, 4),
        then=figure(then.value, 4),
        low=figure(then.low, 4),
        high=figure(then.high, 4),
    )


def _board_said(found: list[tuple[Tried, float]], n_same: int, n_reported: int) -> list[Message]:
    lost = [LOST(n=n_reported - len(found))] if len(found) < n_reported else []
    if n_same == n_reported:
        return [BOARD_SAME(n=n_reported)]
    apart = [(abs(score - each.score), each, score) for each, score in found if not _equal(each.score, score)]
    if not apart:
        return lost
    _distance, furthest, score = max(apart, key=lambda each: each[0])
    said = BOARD(
        n_same=n_same,
        n=n_reported,
        number=furthest.number,
        family=furthest.family,
        now=figure(score, 4),
        then=figure(furthest.score, 4),
    )
    return [said, *lost]


def _equal(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=EQUAL, abs_tol=EQUAL)
