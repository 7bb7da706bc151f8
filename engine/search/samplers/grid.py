"""A grid: low, middle and high of each parameter, in all combinations, in random order."""

import itertools
import random
from typing import TYPE_CHECKING, Any

from engine.search.samplers.sampler import Dimensions, Sampler

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler
    from optuna.study import Study
    from optuna.trial import FrozenTrial

MOST_POINTS = 1_000  # parameters beyond those that fill this many points stay in the middle


def _make(seed: int, dimensions: Dimensions) -> "BaseSampler":
    from optuna.samplers import BaseSampler

    grid = grid_of(dimensions)
    points = [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]
    random.Random(seed).shuffle(points)

    class Grid(BaseSampler):
        """Optuna's own grid ends a study by an exception that only its `optimize` expects; this one begins again."""

        n_begun = -1

        def before_trial(self, study: "Study", trial: "FrozenTrial") -> None:  # noqa: ARG002
            self.n_begun += 1

        def infer_relative_search_space(self, study: "Study", trial: "FrozenTrial") -> dict[str, Any]:  # noqa: ARG002
            return {}

        def sample_relative(
            self,
            study: "Study",  # noqa: ARG002
            trial: "FrozenTrial",  # noqa: ARG002
            search_space: dict[str, Any],  # noqa: ARG002
        ) -> dict[str, Any]:
            return {}

        def sample_independent(
            self,
            study: "Study",  # noqa: ARG002
            trial: "FrozenTrial",  # noqa: ARG002
            param_name: str,
            param_distribution: "BaseDistribution",  # noqa: ARG002
        ) -> Any:
            return points[self.n_begun % len(points)][param_name]

    return Grid()


def grid_of(dimensions: Dimensions) -> dict[str, list[Any]]:
    """Return the values of each dimension; the first ones vary, as long as the grid stays small.

    >>> from optuna.distributions import FloatDistribution
    >>> grid_of({"strength": FloatDistribution(0.01, 1.0, log=True)})
    {'strength': [0.01, 0.1, 1.0]}
    """
    grid: dict[str, list[Any]] = {}
    n_points = 1
    for name, dimension in dimensions.items():
        values = _levels(dimension)
        if n_points * len(values) > MOST_POINTS:
            values = [values[len(values) // 2]]
        grid[name] = values
        n_points *= len(values)
    return grid


def _levels(dimension: "BaseDistribution") -> list[Any]:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(dimension, CategoricalDistribution):
        return list(dimension.choices)
    assert isinstance(dimension, FloatDistribution | IntDistribution)
    low, high = dimension.low, dimension.high
    middle = (low * high) ** 0.5 if dimension.log else (low + high) / 2
    if isinstance(dimension, IntDistribution):
        return sorted({low, round(middle), high})
    return [low, round(middle, 12), high]


GRID = Sampler(key="grid", title="Grid: low, middle and high of each parameter", make=_make)
