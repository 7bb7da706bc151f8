"""How much the seed of the random numbers moves a model's score: the same recipe, trained with several seeds."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, stdev
from typing import Any

from engine.figures import figure
from engine.messages import Message, phrase
from engine.outcomes import Estimate

LITTLE, MUCH = 0.25, 1.0  # of half the interval that the choice of test rows leaves open

STEADY = phrase(
    "seeds_steady",
    "Chance hardly moves the model: with {n} seeds {metric} lies between {low} and {high} on the same rows, while the "
    "choice of these rows alone leaves {width} open on either side.",
)
SOME = phrase(
    "seeds_some",
    "Chance moves the model a little: with {n} seeds {metric} lies between {low} and {high} on the same rows; the "
    "choice of these rows leaves {width} open on either side.",
    "Do not read much into differences smaller than that.",
)
MUCH_MOVED = phrase(
    "seeds_much",
    "Chance moves the model much: with {n} seeds {metric} lies between {low} and {high} on the same rows, more than "
    "the choice of these rows leaves open ({width} on either side).",
    "Add rows, or allow more time, so that more models are blended.",
)


@dataclass(frozen=True, kw_only=True)
class SeedSpread:
    """Scores of one recipe on the same rows, in the order of the seeds. `spread`: their standard deviation."""

    metric: str
    scores: tuple[float, ...]
    mean: float
    spread: float
    said: Message

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {**asdict(self), "scores": list(self.scores)}


def spread_of(metric: str, title: str, scores: Sequence[Estimate]) -> SeedSpread | None:
    """Say how far scores are apart, beside the width of their intervals; None for fewer than two."""
    if len(scores) < 2:
        return None
    values = [score.value for score in scores]
    half = fmean((score.high - score.low) / 2 for score in scores)
    reach = (max(values) - min(values)) / 2
    words = STEADY if reach <= LITTLE * half else SOME if reach <= MUCH * half else MUCH_MOVED
    said = words(n=len(values), metric=title, low=figure(min(values)), high=figure(max(values)), width=figure(half))
    return SeedSpread(metric=metric, scores=tuple(values), mean=fmean(values), spread=stdev(values), said=said)
