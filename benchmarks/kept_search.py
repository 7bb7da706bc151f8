"""One search with a quarter of the rows set aside, whose candidates can be blended again in other ways."""

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from engine.blend.choice import Choice, choose_members
from engine.config import ExperimentConfig
from engine.events import CandidateFinished
from engine.experiment import run_experiment
from engine.features.pipeline import transform
from engine.search.data import TrainingData
from engine.search.kept import load_folds, place_of
from engine.search.past import past_results
from engine.search.scoring import predicted
from engine.search.surroundings import Result
from engine.table.dataset import Dataset
from engine.table.reading import read_table
from engine.tasks.metric import Metric, metric_named

HOLDOUT = 0.25


@dataclass(frozen=True, kw_only=True)
class KeptSearch:
    """What a search has left. `whole`: its candidates that have scores of all folds, the baseline left out."""

    folder: Path
    data: TrainingData
    metric: Metric
    seed: int
    whole: tuple[CandidateFinished, ...]
    _unseen: dict[int, np.ndarray] = field(default_factory=dict)

    def ranked(self, n_candidates: int | None = None) -> list[int]:
        """Return the numbers of the first `n_candidates` (None: of all), the best first."""
        known = [each for each in self.whole if n_candidates is None or each.number <= n_candidates]
        return [each.number for each in sorted(known, key=lambda each: (self.metric.loss(each.score), each.number))]

    @property
    def families(self) -> dict[int, str]:
        """The family of each candidate."""
        return {each.number: each.family for each in self.whole}

    @cached_property
    def results(self) -> dict[int, Result]:
        """What each candidate has come to."""
        return past_results(self.whole, self.folder, self.metric)

    def choose(self, standing: list[int], earlier: Sequence[list[int]] = ()) -> Choice:
        """Return the blend of these candidates. `earlier`: of whom a blend stays until it is clearly surpassed."""
        return choose_members(self.folder, standing, self.metric.key, self.seed, earlier=earlier)

    def unseen_scores(self, choice: Choice) -> np.ndarray:
        """Return what a blend says of the rows set aside, on the link scale; the fold models stand for each member."""
        for number, _ in choice.members:
            if number not in self._unseen:
                models = load_folds(place_of(self.folder, number))
                raw = [model.raw(transform(model.pipeline, self.data.holdout.frame)) for model in models]
                self._unseen[number] = np.mean(raw, axis=0)
        return np.asarray(np.sum([share * self._unseen[number] for number, share in choice.members], axis=0))

    def unseen_loss(self, choice: Choice) -> float:
        """Return the loss of a blend on the rows set aside."""
        return self.loss_of(self.unseen_scores(choice))

    def loss_of(self, raw: np.ndarray) -> float:
        """Return the loss of what is said of the rows set aside, on the link scale."""
        rows = self.data.holdout
        return self.metric.loss(self.metric.score(rows.y, predicted(raw, self.data), rows.weight))


@contextmanager
def searched(dataset: Dataset, config: ExperimentConfig) -> Iterator[KeptSearch]:
    """Search; what is kept is gone when the block is left."""
    finished: list[CandidateFinished] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        outcome = run_experiment(
            dataset,
            config,
            folder=folder,
            emit=lambda event: finished.append(event) if isinstance(event, CandidateFinished) else None,
        )
        assert outcome.progress.prepared is not None
        yield KeptSearch(
            folder=folder,
            data=TrainingData.load(folder / "data"),
            metric=metric_named(outcome.progress.prepared.metric),
            seed=config.seed,
            whole=tuple(each for each in finished if each.number and not each.pruned),
        )


def arguments(description: str | None, tables: str) -> argparse.ArgumentParser:
    """Return a parser of what `searches` needs. `tables`: names that are taken where none are given."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("index", type=Path)
    parser.add_argument("--tables", default=tables)
    parser.add_argument("--seeds", default="1")
    return parser


def index_of(options: argparse.Namespace) -> dict[str, Mapping[str, Any]]:
    """Return the tables of the index by their names."""
    return {entry["name"]: entry for entry in json.loads(options.index.read_text(encoding="utf-8"))}


def searches(options: argparse.Namespace, **further: Any) -> Iterator[tuple[str, KeptSearch]]:
    """Search each table with each seed, and yield its name with what the search has left, for as long as it is used."""
    index = index_of(options)
    for name in options.tables.split(","):
        for seed in map(int, options.seeds.split(",")):
            config = ExperimentConfig(target=index[name]["target"], holdout=HOLDOUT, seed=seed, **further)
            with searched(read_table(options.folder / f"{name}.csv"), config) as kept:
                yield name, kept
