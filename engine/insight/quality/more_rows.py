"""Would more rows help? What a learning curve says: the score of one candidate on more and more of the rows."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from engine.artifacts import Artifacts
from engine.figures import figure
from engine.messages import Message, phrase
from engine.outcomes import Estimate
from engine.tasks.metric import metric_named

TRIFLE = 0.01  # of the way from the baseline to the score: a gain that is sure but not worth rows
FLAT = 0.05  # of that way: where more cannot have been gained, the curve has flattened
MORE_ROWS = "more_rows.json"
"""The name of the artifact that holds what was worked out."""

HELPS = phrase(
    "more_rows_help",
    "Learning from {n} rows in place of {half} made the score better, {after} in place of {before}. More rows of this "
    "kind would likely help; usually the next ones bring less than the last.",
)
FLATTENED = phrase(
    "more_rows_flat",
    "Learning from {n} rows in place of {half} hardly changed the score, {after} in place of {before}: the curve has "
    "flattened. More rows of this kind would hardly help; other columns might.",
)
ALMOST_PERFECT = phrase(
    "more_rows_almost_perfect",
    "Learning from {n} rows in place of {half} led to a score of {after} in place of {before}, which is almost "
    "perfect: more rows can hardly make it better.",
)
OPEN = phrase(
    "more_rows_open",
    "Learning from {n} rows in place of {half} led to a score of {after} in place of {before}, which may be chance. "
    "Whether more rows of this kind would help is open.",
)
WORSE = phrase(
    "more_rows_worse",
    "Learning from {n} rows in place of {half} made the score worse, {after} in place of {before}, more than chance "
    "explains. More rows of this kind are unlikely to help.",
    "Look whether the rows are alike: some may be older, or come from elsewhere.",
)
TOO_FEW = phrase(
    "more_rows_too_few", "There are too few rows to learn from a part of them, so whether more would help is not known."
)
BEST_ALONE = phrase(
    "more_rows_best_alone",
    "Measured with the best single candidate, number {number} ({family}), on training rows that it had not learnt "
    "from. The rows set aside were not looked at again.",
)
STAND_IN = phrase(
    "more_rows_stand_in",
    "Measured with candidate number {number} ({family}), because the best one, number {best}, takes too long to be "
    "trained so often; on training rows that it had not learnt from. The rows set aside were not looked at again.",
)
MORE_GROUPS = phrase(
    "more_rows_groups",
    "Rows with the same {column} were taken or left together: more rows means more of these groups.",
)


@dataclass(frozen=True, kw_only=True)
class Point:
    """The score after learning from `n_rows`, of the same rows at every point."""

    n_rows: int
    score: Estimate


@dataclass(frozen=True, kw_only=True)
class MoreRows:
    """A learning curve.

    `number`, `family`: of the candidate; `best`: of the best one, another where this stands in for it. `points`: from
    few rows to all. `gain`: what the last step bought, above 0 for a better score; None without two points. `said`:
    in words, the answer first.
    """

    metric: str
    number: int
    family: str
    best: int
    points: tuple[Point, ...]
    gain: Estimate | None
    said: tuple[Message, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` turns back into this."""
        return {**asdict(self), "said": [message.to_json() for message in self.said]}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "MoreRows":
        """Rebuild what was kept."""
        points = tuple(Point(n_rows=each["n_rows"], score=Estimate(**each["score"])) for each in data["points"])
        gain = Estimate(**data["gain"]) if data["gain"] else None
        said = tuple(map(Message.from_json, data["said"]))
        return MoreRows(**{**data, "points": points, "gain": gain, "said": said})


def in_words(found: MoreRows, baseline: float, group_column: str = "") -> MoreRows:
    """Return a curve with what it says. `baseline`: the score of the same answer for every row."""
    named: dict[str, str | int] = {"number": found.number, "family": found.family}
    how = BEST_ALONE(**named) if found.number == found.best else STAND_IN(**named, best=found.best)
    groups = (MORE_GROUPS(column=group_column),) if group_column else ()
    return replace(found, said=(_answer(found, baseline), how, *groups))


def _answer(found: MoreRows, baseline: float) -> Message:
    if found.gain is None:
        return TOO_FEW()
    before, after = found.points[-2:]
    way, gain = abs(after.score.value - baseline), found.gain
    said = OPEN
    if metric_named(found.metric).loss(after.score.value) <= FLAT * way:
        said = ALMOST_PERFECT
    elif gain.high < FLAT * way or (gain.low > 0 and gain.value < TRIFLE * way):
        said = FLATTENED
    elif gain.low > 0:
        said = HELPS
    if said is not ALMOST_PERFECT and gain.high < 0 and -gain.value >= TRIFLE * way:
        said = WORSE
    return said(
        n=f"{after.n_rows:,}",
        half=f"{before.n_rows:,}",
        before=figure(before.score.value),
        after=figure(after.score.value),
    )


def read_more_rows(artifacts: Artifacts) -> MoreRows | None:
    """Return the curve that was kept with a run; None where there is none."""
    if MORE_ROWS not in artifacts.names():
        return None
    return MoreRows.from_json(json.loads(artifacts.fetch(MORE_ROWS).read_text(encoding="utf-8")))
