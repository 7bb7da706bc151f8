"""What a trial is asked to do, and what it reports."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.families.family import family_named
from engine.search.kept import place_of
from engine.search.point import PipelineSpec, pipeline_spec
from engine.search.pruners.pruner import USUAL_PRUNER, Race


@dataclass(frozen=True, kw_only=True)
class Order:
    """What one trial is asked to do, or one fit on all rows.

    `folder`: the run's scratch folder. `parameters`: the point of the search space. `seconds`: time for all folds; None
    lets the clock decide nothing.
    `race`: what the candidate runs against, by the rule of `pruner`; None never gives up.
    """

    folder: Path
    number: int
    family: str
    parameters: Mapping[str, Any]
    metric: str
    seed: int
    threads: int
    seconds: float | None = None
    race: Race | None = None
    pruner: str = USUAL_PRUNER

    @property
    def spec(self) -> PipelineSpec:
        """The pipeline that is to be fitted."""
        return pipeline_spec(family_named(self.family), self.parameters)

    @property
    def place(self) -> Path:
        """Where the trial leaves what it has made."""
        return place_of(self.folder, self.number)


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a trial found out; its models and out-of-fold scores are on disk.

    `score`: the mean of those of the folds. `pooled_score`: of all validated rows together, as blends are scored; not
    a number where it was given up before. `n_nodes`, `n_steps`: of the trees of all folds, see `TreeSizes`.
    `n_unscored`: folds that were fitted beyond those with a score: where none has one, that of all rows stands for all.
    """

    fold_scores: tuple[float, ...]
    score: float
    pooled_score: float
    spread: float
    rounds: int
    n_nodes: int
    n_steps: int
    pruned: bool
    n_unscored: int = 0
