"""A pruner says, after each fold, whether a candidate still has a chance."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.registry import part, parts

Losses = Sequence[float]
USUAL_PRUNER = "race"


@dataclass(frozen=True, kw_only=True)
class Race:
    """What a candidate runs against.

    `number`: of the candidate. `rivals`: losses of earlier candidates fold by fold, on the same folds; first those with
    all folds, the best first, then those that gave up. `margin`: a loss this much worse than the best is still worth
    having in a blend.
    """

    number: int
    rivals: tuple[tuple[float, ...], ...]
    margin: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Pruner:
    """One pruner. `gives_up(losses, race)`: whether to end after these folds; a fold without a loss is NaN."""

    key: str
    title: str
    gives_up: Callable[[Losses, Race], bool]


def pruners() -> tuple[Pruner, ...]:
    """Return every pruner."""
    return parts("engine.search.pruners", Pruner)


def pruner_named(key: str) -> Pruner:
    """Return the pruner with this key; raises ConfigError when there is none."""
    return part("engine.search.pruners", Pruner, key)


def gaps(losses: Losses, rival: Losses) -> list[float]:
    """Return how much worse each fold is than the rival's, where both have a loss.

    >>> gaps([0.5, 0.25], [0.25, 0.25, 0.75])
    [0.25, 0.0]
    """
    differences = [loss - other for loss, other in zip(losses, rival, strict=False)]
    return [gap for gap in differences if np.isfinite(gap)]


def mean_loss(losses: Losses) -> float:
    """Return the mean of the folds that have a loss; infinite when none has."""
    known = [loss for loss in losses if np.isfinite(loss)]
    return float(np.mean(known)) if known else float("inf")
