"""Shows what each further candidate brings to a blend: on rows that did not choose it, and on a hold-out.

    python -m benchmarks.enough FOLDER INDEX.json [--tables NAME,NAME] [--seeds 1,2] [--candidates 36]

One line for each number of candidates: the nested loss that a search can see, and the loss on a quarter of the rows
that nobody has seen, both over those with as many candidates as the table can tell apart. Time plays no part in it, so
other programs may run beside. The fold models stand for each member, as they do in files of few rows.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.blend.choice import choose_members
from engine.blend.election import standing_candidates
from engine.config import ExperimentConfig
from engine.events import CandidateFinished
from engine.experiment import run_experiment
from engine.features.pipeline import transform
from engine.search.data import TrainingData
from engine.search.proposals import most_candidates
from engine.search.trial import load_folds, predicted
from engine.table.reading import read_table
from engine.tasks.metric import Metric, metric_named

TABLES = "vehicle,titanic,credit_g,pima_diabetes,concrete,heart,insurance,phoneme"
FEWEST = 4


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The loss of the blend of the first `n_candidates`, as the search sees it and on the hold-out."""

    n_candidates: int
    nested: float
    unseen: float


def main() -> None:
    """Measure table by table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("index", type=Path)
    parser.add_argument("--tables", default=TABLES)
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--candidates", type=int, default=36)
    options = parser.parse_args()
    index = {entry["name"]: entry for entry in json.loads(options.index.read_text(encoding="utf-8"))}
    for name in options.tables.split(","):
        for seed in map(int, options.seeds.split(",")):
            show(name, seed, *stages(options.folder / f"{name}.csv", index[name], seed, options.candidates))


def show(name: str, seed: int, n_rows: int, found: list[Stage]) -> None:
    """Print the losses over those at the usual number of candidates."""
    usual = max((each for each in found if each.n_candidates <= most_candidates(n_rows)), key=lambda e: e.n_candidates)
    print(f"{name}, seed {seed}, {n_rows} rows; {usual.n_candidates} candidates are usual")
    for each in found:
        nested, unseen = each.nested / usual.nested, each.unseen / usual.unseen
        print(f"{each.n_candidates:6}  nested {nested:.3f}  unseen {unseen:.3f}", flush=True)


def stages(path: Path, entry: Mapping[str, Any], seed: int, n_candidates: int) -> tuple[int, list[Stage]]:
    """Return the number of training rows and the stages of one search."""
    finished: list[CandidateFinished] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        outcome = run_experiment(
            read_table(path),
            ExperimentConfig(target=entry["target"], candidates=n_candidates, holdout=0.25, seed=seed),
            folder=folder,
            emit=lambda event: finished.append(event) if isinstance(event, CandidateFinished) else None,
        )
        assert outcome.progress.prepared is not None
        data = TrainingData.load(folder / "data")
        found = list(_stages(folder, data, metric_named(outcome.progress.prepared.metric), finished, seed))
        return len(data.train.y), found


def _stages(
    folder: Path, data: TrainingData, metric: Metric, finished: list[CandidateFinished], seed: int
) -> Iterator[Stage]:
    whole = [each for each in finished if each.number and not each.pruned]
    unseen: dict[int, np.ndarray] = {}
    for n_candidates in range(FEWEST, max(each.number for each in whole) + 1):
        known = [each for each in whole if each.number <= n_candidates]
        ranked = [each.number for each in sorted(known, key=lambda each: (metric.loss(each.score), each.number))]
        if len(ranked) < 2:
            continue
        standing = standing_candidates(ranked, {each.number: each.family for each in known})
        choice = choose_members(folder, standing, metric.key, seed)
        for number, _ in choice.members:
            if number not in unseen:
                models = load_folds(folder / "trials" / str(number))
                raw = [model.raw(transform(model.pipeline, data.holdout.frame)) for model in models]
                unseen[number] = np.mean(raw, axis=0)
        blended = np.sum([share * unseen[number] for number, share in choice.members], axis=0)
        score = metric.score(data.holdout.y, predicted(blended, data), data.holdout.weight)
        yield Stage(n_candidates=n_candidates, nested=metric.loss(choice.score), unseen=metric.loss(score))


if __name__ == "__main__":
    main()
