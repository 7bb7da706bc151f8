"""Compares the ways in which a candidate can enter the file: its fold models, or models of all rows with several seeds.

    python -m benchmarks.refits FOLDER INDEX.json [--tables NAME,NAME] [--families KEY,KEY] [--seeds 1,2]

Each family's first starting point is fitted fold by fold and then again on all training rows; the loss on the hold-out
is printed relative to that of the fold models together: 1 is the same, below 1 is better.
"""

import argparse
import json
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.blend.final import FittedModel
from engine.config import ExperimentConfig
from engine.families.family import family_named
from engine.features.pipeline import transform
from engine.run.dividing import divide_rows
from engine.run.finish import SEEDS_APART
from engine.run.question import settle_question
from engine.search.data import TrainingData
from engine.search.fitting import run_refit
from engine.search.kept import load_folds
from engine.search.order import Order
from engine.search.scoring import predicted
from engine.search.trial import run_trial
from engine.table.reading import read_table
from engine.tasks.metric import metric_named

TABLES = "vehicle,concrete,insurance,titanic,segment,phoneme,wine_quality_white,bengaluru_house"
FAMILIES = "lightgbm,catboost,xgboost,network,extra_trees"
N_REFITS = (1, 3, 5)


def main() -> None:
    """Measure table by table, then print the means of all by family."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("index", type=Path)
    parser.add_argument("--tables", default=TABLES)
    parser.add_argument("--families", default=FAMILIES)
    parser.add_argument("--seeds", default="1,2")
    options = parser.parse_args()
    index = {entry["name"]: entry for entry in json.loads(options.index.read_text(encoding="utf-8"))}
    logs: dict[str, list[list[float]]] = defaultdict(list)
    for name in options.tables.split(","):
        for seed in map(int, options.seeds.split(",")):
            for family in options.families.split(","):
                ratios = compared(options.folder / f"{name}.csv", index[name], family, seed)
                logs[family].append([float(np.log(ratio)) for ratio in ratios])
                print(f"{name:20} {family:12} seed {seed}  {_told(ratios)}", flush=True)
    for family, found in logs.items():
        print(f"{'all':20} {family:12} {'':6}  {_told(np.exp(np.mean(found, axis=0)))}")


def compared(path: Path, entry: Mapping[str, Any], family_key: str, seed: int) -> list[float]:
    """Return the loss of one, three and five models of all rows over that of the fold models."""
    config = ExperimentConfig(target=entry["target"], holdout=0.25, seed=seed)
    question = settle_question(read_table(path), config)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir()
        divide_rows(question, config)[0].save(folder / "data")
        data = TrainingData.load(folder / "data")
        order = Order(
            folder=folder,
            number=1,
            family=family_key,
            parameters=family_named(family_key).starting_points[0],
            metric=question.metric.key,
            seed=seed,
            threads=1,
        )
        report = run_trial(order)
        refits = [run_refit(order, report.rounds, seed + SEEDS_APART * copy) for copy in range(max(N_REFITS))]
        bag = held_out_loss(load_folds(order.place), data, order.metric)
        return [held_out_loss(refits[:n], data, order.metric) / bag for n in N_REFITS]


def held_out_loss(models: Sequence[FittedModel], data: TrainingData, metric_key: str) -> float:
    """Return the loss of the mean of some models on the hold-out."""
    raw = [model.raw(transform(model.pipeline, data.holdout.frame)) for model in models]
    metric = metric_named(metric_key)
    mean = np.asarray(np.mean(raw, axis=0))
    return max(1e-6, metric.loss(metric.score(data.holdout.y, predicted(mean, data), data.holdout.weight)))


def _told(ratios: Sequence[float]) -> str:
    return "  ".join(f"{n} refits {ratio:.4f}" for n, ratio in zip(N_REFITS, ratios, strict=True))


if __name__ == "__main__":
    main()
