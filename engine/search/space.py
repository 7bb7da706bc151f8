"""The whole search space: families, their hyper-parameters, their features, and how the target is turned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.families.family import Family, Trial
from engine.search.own_space import OwnSpace
from engine.search.point import FEATURES, TARGET, feature_choices
from engine.shape import Shape

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

Point = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class SearchSpace:
    """What can be proposed.

    `targets`: ways of turning the target that may pay, by key of the point. `own`: a person's own space; in it a family
    searches only what is named, and takes everything else from its first starting point.
    """

    families: tuple[Family, ...]
    shape: Shape
    targets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    own: OwnSpace | None = None

    def family(self, key: str) -> Family:
        """Return the family with this key, which must be one of these."""
        return next(family for family in self.families if family.key == key)

    def propose(self, trial: Trial, key: str) -> dict[str, Any]:
        """Let a trial choose a point of a family."""
        family = self.family(key)
        if self.own is not None:
            base = dict(family.starting_points[0]) if family.starting_points else {}
            return {**base, **self.own.propose(trial, key, feature_choices(family, self.shape), self.targets)}
        point = dict(family.space(trial, self.shape))
        for name, choices in {**feature_choices(family, self.shape), **self.targets}.items():
            if len(choices) > 1:
                point[name] = trial.suggest_categorical(name, choices)
        return point

    def dimensions(self, key: str) -> dict[str, "BaseDistribution"]:
        """Return what can be chosen in a family, as far as it can be chosen at once."""
        known = KnownPoint({})
        self.propose(known, key)
        return known.dimensions

    def known(self, key: str, point: Point) -> tuple[dict[str, Any], dict[str, "BaseDistribution"]]:
        """Return the part of a point that lies in the space, by name, and the dimensions in which it lies."""
        known = KnownPoint(point)
        self.propose(known, key)
        return known.chosen, {name: known.dimensions[name] for name in known.chosen}

    def holds(self, key: str, point: Point) -> bool:
        """Say whether a person's own space allows a point; without one everything is allowed."""
        return self.own is None or self.own.allows(key, point)


def is_around(name: str) -> bool:
    """Say whether a name of the space chooses something around a family: its features or its target.

    >>> is_around("features.number_pairs"), is_around("num_leaves")
    (True, False)
    """
    return name.startswith((FEATURES, TARGET))


class KnownPoint:
    """A trial whose choices are known; what the point does not say, or says outside of the space, is the lowest value.

    `dimensions`: everything that was asked for; `chosen`: what the point answered.
    """

    def __init__(self, point: Point) -> None:
        self._point = point
        self.dimensions: dict[str, BaseDistribution] = {}
        self.chosen: dict[str, Any] = {}

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """Answer with the known number."""
        from optuna.distributions import FloatDistribution

        return float(self._answer(name, FloatDistribution(low, high, log=log), low))

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """Answer with the known whole number."""
        from optuna.distributions import IntDistribution

        return int(self._answer(name, IntDistribution(low, high, log=log), low))

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        """Answer with the known choice."""
        from optuna.distributions import CategoricalDistribution

        return self._answer(name, CategoricalDistribution(tuple(choices)), choices[0])

    def _answer(self, name: str, dimension: "BaseDistribution", otherwise: Any) -> Any:
        self.dimensions[name] = dimension
        if name in self._point and _lies_in(self._point[name], dimension):
            self.chosen[name] = self._point[name]
            return self._point[name]
        return otherwise


def _lies_in(value: Any, dimension: "BaseDistribution") -> bool:
    from optuna.distributions import CategoricalDistribution, IntDistribution

    if isinstance(dimension, CategoricalDistribution):
        return value in dimension.choices
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    whole = not isinstance(dimension, IntDistribution) or float(value).is_integer()
    low, high = dimension.low, dimension.high  # type: ignore[attr-defined]
    return bool(whole and low <= value <= high)


class Prefixed:
    """A trial in which the names of one family stand apart from those of others."""

    def __init__(self, trial: Trial, family: str) -> None:
        self._trial = trial
        self._family = family

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """Propose a real number."""
        return self._trial.suggest_float(f"{self._family}:{name}", low, high, log=log)

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """Propose a whole number."""
        return self._trial.suggest_int(f"{self._family}:{name}", low, high, log=log)

    def suggest_categorical(self, name: str, choices: tuple[Any, ...]) -> Any:
        """Propose one of some choices."""
        return self._trial.suggest_categorical(f"{self._family}:{name}", choices)
