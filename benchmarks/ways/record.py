"""Records random candidates on tables: what the ways of searching are compared on, once and for all.

python -m benchmarks.ways.record FOLDER INDEX [--out trials.jsonl] [--rounds 3]

FOLDER holds the tables; INDEX is a JSON list of `{"name", "target", "task"}`. Each line of the result is one candidate:
its table, family, parameters, losses fold by fold, seconds. Lines that are there already are not made again.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import optuna

from engine.chosen import chosen_dataset
from engine.config import ExperimentConfig
from engine.errors import TrialError
from engine.families.family import family_named
from engine.run.dividing import divide_rows
from engine.run.question import settle_question
from engine.search.data import TrainingData, shape_of
from engine.search.order import Order
from engine.search.space import SearchSpace
from engine.search.trial import run_trial
from engine.table.options import ReadingOptions
from engine.table.reading import read_table
from engine.tasks.metric import metric_named
from engine.tasks.task import TaskKind

TABLES = ("phoneme", "mammography", "puma32H", "wine_quality_white", "satimage")
# Candidates of a round: the more there is to choose in a family, the more.
PER_ROUND = {"linear": 3, "lightgbm": 20, "extra_trees": 8}
N_ROWS, N_FOLDS = 2_400, 3
MOST_SECONDS = 20.0
HERE = Path(__file__).parent


def main() -> None:
    """Record round by round, so that what is there is balanced whenever it is stopped."""
    options = _options()
    with tempfile.TemporaryDirectory() as place:
        worlds = {entry["name"]: DividedTable(entry, options.folder, Path(place)) for entry in _entries(options.index)}
        done = _done(options.out)
        for turn in range(options.rounds):
            for world in worlds.values():
                for family, point in world.points(turn):
                    key = (world.name, family, json.dumps(point, sort_keys=True))
                    if key not in done:
                        _append(options.out, world.tried(family, point))


class DividedTable:
    """A table, divided and left on disk as a run leaves it."""

    def __init__(self, entry: Mapping[str, Any], folder: Path, place: Path, n_rows: int = N_ROWS) -> None:
        self.name: str = entry["name"]
        self.folder = place / self.name
        reading = ReadingOptions() if entry.get("header", True) else ReadingOptions(n_header_rows=0)
        dataset = read_table(folder / entry.get("file", f"{self.name}.csv"), reading)
        target = entry["target"] if entry["target"] in dataset.schema else dataset.schema.names[-1]
        config = ExperimentConfig(target=target, task=TaskKind(entry["task"]), holdout=0.0, seed=0)
        question = settle_question(chosen_dataset(dataset, config), config)
        data, _plan = divide_rows(question, config)
        rows = np.sort(np.random.default_rng(0).permutation(len(data.train.y))[:n_rows])
        folds = np.random.default_rng(1).integers(0, N_FOLDS, len(rows)).astype(np.int16)
        self.data: TrainingData = replace(data, train=data.train.take(rows), folds=folds[None, :])
        self.metric = question.metric.key
        self.n_tried = 0
        self.keep(self.data, self.folder)

    def keep(self, data: TrainingData, folder: Path) -> None:
        """Leave rows on disk; candidates are fitted on those from now on."""
        self.data, self.folder = data, folder
        (folder / "data").mkdir(parents=True)
        data.save(folder / "data")

    def points(self, turn: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Draw points at random; the first round begins with the starting points."""
        families = tuple(family_named(key) for key in PER_ROUND)
        space = SearchSpace(families=families, shape=shape_of(self.data))
        for family in families:
            if turn == 0:
                yield from ((family.key, point) for point in family.starting_points)
            study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=turn))
            for _ in range(PER_ROUND[family.key]):
                yield family.key, space.propose(study.ask(), family.key)

    def tried(self, family: str, point: Mapping[str, Any]) -> dict[str, Any]:
        """Fit a candidate; return its line. A candidate that fails has no losses."""
        self.n_tried += 1
        order = Order(
            folder=self.folder,
            number=self.n_tried,
            family=family,
            parameters=point,
            metric=self.metric,
            seed=0,
            threads=1,
            seconds=MOST_SECONDS,
        )
        line = {"table": self.name, "metric": self.metric, "family": family, "parameters": dict(point)}
        started = time.process_time()
        try:
            scores = run_trial(order).fold_scores
        except TrialError:
            scores = ()
        loss = metric_named(self.metric).loss
        seconds = round(time.process_time() - started, 3)
        return {**line, "losses": [round(loss(score), 6) for score in scores], "seconds": seconds}


def _append(path: Path, line: Mapping[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def _done(path: Path) -> set[tuple[str, str, str]]:
    if not path.exists():
        return set()
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {(line["table"], line["family"], json.dumps(line["parameters"], sort_keys=True)) for line in lines}


def _entries(index: Path) -> list[dict[str, Any]]:
    return [entry for entry in json.loads(index.read_text(encoding="utf-8")) if entry["name"] in TABLES]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("index", type=Path)
    parser.add_argument("--out", type=Path, default=HERE / "trials.jsonl")
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    main()
