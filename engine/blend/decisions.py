"""From probabilities and values to decisions: costs of mistakes, doubt, intervals."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.messages import Message, phrase
from engine.tasks.task import Task

USUAL_COVERAGE = 0.9

BAD_COVERAGE = phrase(
    "decision_coverage", "The coverage is {coverage}.", "Give a share between 0.5 and 1, such as 0.9."
)
BAD_COST = phrase("decision_cost", "The cost of a mistake is {cost}.", "Give a number that is not below 0, such as 5.")
COST_OF_UNKNOWN_CLASS = phrase(
    "decision_cost_of_unknown_class",
    "A cost is given for {answer}, which is no answer of the target.",
    "Name some of: {choices}.",
)
COST_OF_NUMBERS = phrase(
    "decision_cost_of_numbers",
    "Costs are given for answers, but the target {target} is predicted as a number.",
    "Take the costs back, or predict the target as classes.",
)


@dataclass(frozen=True, kw_only=True)
class DecisionSettings:
    """What the decisions of the file follow.

    `costs`: what it costs to answer b when a is true, as {a: {b: cost}}; what is not named costs 1, the right answer 0.
    None: the most probable class, or the threshold that suits the metric where rows suffice to choose it.
    `coverage`: how often the interval around a number, or the set of classes not ruled out, holds the truth.
    """

    costs: Mapping[str, Mapping[str, float]] | None = None
    coverage: float = USUAL_COVERAGE


USUAL_DECISIONS = DecisionSettings()


def costs_of(given: Iterable[tuple[str, str, float]]) -> dict[str, dict[str, float]] | None:
    """Return costs by true and answered class; None when none are given.

    >>> costs_of([("ill", "healthy", 20.0), ("ill", "unsure", 2.0)])
    {'ill': {'healthy': 20.0, 'unsure': 2.0}}
    """
    found: dict[str, dict[str, float]] = {}
    for true, answered, amount in given:
        found.setdefault(true, {})[answered] = amount
    return found or None


def wrong_decisions(settings: DecisionSettings) -> Iterator[Message]:
    """Yield what is wrong whatever the table is."""
    if not 0.5 <= settings.coverage < 1:
        yield BAD_COVERAGE(coverage=settings.coverage)
    amounts = [cost for answered in (settings.costs or {}).values() for cost in answered.values()]
    bad = [cost for cost in amounts if not 0 <= cost < math.inf]
    if bad:
        yield BAD_COST(cost=bad[0])


def unfit_costs(settings: DecisionSettings, task: Task) -> Iterator[Message]:
    """Yield what is wrong with the costs for a task."""
    if settings.costs is None:
        return
    if not task.classes:
        yield COST_OF_NUMBERS(target=task.target)
        return
    known = [str(label) for label in task.classes]
    named = [*settings.costs, *(answer for answered in settings.costs.values() for answer in answered)]
    unknown = [answer for answer in named if answer not in known]
    if unknown:
        yield COST_OF_UNKNOWN_CLASS(answer=unknown[0], choices=", ".join(known[:20]))
