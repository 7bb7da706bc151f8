"""From probabilities and values to decisions: costs of mistakes, doubt, intervals."""

from collections.abc import Mapping
from dataclasses import dataclass

USUAL_COVERAGE = 0.9


@dataclass(frozen=True, kw_only=True)
class DecisionSettings:
    """What the decisions of the file follow.

    `costs`: what it costs to answer b when a is true, as {a: {b: cost}}; what is not named costs 1, the right answer 0.
    None: the most probable class, or the threshold that suits the metric where rows suffice to choose it.
    `coverage`: how often the interval around a number, or the set of classes not ruled out, holds the truth.
    """

    costs: Mapping[str, Mapping[str, float]] | None = None
    coverage: float = USUAL_COVERAGE
