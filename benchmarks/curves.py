"""Measures what giving up by the course of a fit would bring: its loss carried on to the end after some rounds.

    python -m benchmarks.curves FOLDER INDEX.json [--tables NAME,NAME] [--candidates 16]

LightGBM candidates are fitted one after the other on one fold. Twice during a fit its last losses are carried on as a
power law (Domhan et al. 2015, "Speeding up automatic hyperparameter optimization by extrapolation of learning curves");
where the end would be behind the best known by more than a margin, the fit would be given up. Prints for each table and
margin the share of rounds saved, how many of the best three would have been lost, and what the best would be.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from numpy.typing import NDArray

from benchmarks.rejected import World
from engine.families.family import family_named
from engine.features.pipeline import fit_pipeline, training_features, transform
from engine.features.step import Answers
from engine.search.data import shape_of
from engine.tasks.task import TaskKind

MOST_ROUNDS, PATIENCE, CHECKED_AT = 1_000, 60, (0.15, 0.4)  # of the rounds that a learning rate usually needs
LEARNED = 10.0  # learning rate times rounds of a usual fit
MARGINS = (0.0, 0.02, 0.05)
OBJECTIVES = {TaskKind.BINARY: "binary", TaskKind.MULTICLASS: "multiclass", TaskKind.REGRESSION: "regression"}


def main() -> None:
    """Measure table by table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("index", type=Path)
    parser.add_argument("--tables", default="vehicle,concrete,phoneme,wine_quality_white,satimage,bengaluru_house")
    parser.add_argument("--candidates", type=int, default=16)
    options = parser.parse_args()
    index = {entry["name"]: entry for entry in json.loads(options.index.read_text(encoding="utf-8"))}
    for name in options.tables.split(","):
        found = curves(World.read(options.folder / f"{name}.csv", index[name], 0), options.candidates)
        for margin in MARGINS:
            saved, lost, ratio = replayed(found, margin)
            print(f"{name:20} margin {margin:.2f}  saved {saved:.2f}  lost of 3: {lost}  best {ratio:.4f}", flush=True)


def curves(world: World, n: int) -> list[tuple[float, NDArray[np.float64]]]:
    """Return for each candidate its learning rate and its loss on the rows held out, round by round."""
    import lightgbm

    family, task, (rows, rest) = family_named("lightgbm"), world.data.task, world.folds[0]
    frame, answers = world.data.train.frame, Answers(task=task, y=world.y[rows])
    pipeline = fit_pipeline(frame.iloc[rows], world.data.columns, family.recipe, answers)
    X = training_features(pipeline, frame.iloc[rows], answers, transform(pipeline, frame.iloc[rows]))
    valid = transform(pipeline, frame.iloc[rest])
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    found = []
    for number in range(n):
        start = family.starting_points[number] if number < len(family.starting_points) else None
        point = dict(start if start is not None else family.space(study.ask(), shape_of(world.data)))
        settings: dict[str, Any] = {**point, "objective": OBJECTIVES[task.kind], "verbosity": -1, "num_threads": 1}
        if task.kind is TaskKind.MULTICLASS:
            settings["num_class"] = len(task.classes)
        known = lightgbm.Dataset(X.values, world.y[rows], free_raw_data=False)
        held = lightgbm.Dataset(valid.values, world.y[rest], reference=known)
        history: dict[str, Any] = {}
        stop = lightgbm.early_stopping(PATIENCE, verbose=False)
        lightgbm.train(
            settings, known, MOST_ROUNDS, valid_sets=[held], callbacks=[stop, lightgbm.record_evaluation(history)]
        )
        losses = np.array(next(iter(history["valid_0"].values())))
        found.append((float(point.get("learning_rate", 0.1)), losses))
    return found


def replayed(found: list[tuple[float, NDArray[np.float64]]], margin: float) -> tuple[float, int, float]:
    """Return the share of rounds saved, how many of the best three were lost, and the best loss over the true best."""
    best, kept, n_done, n_all = np.inf, [], 0, sum(len(losses) for _, losses in found)
    for number, (rate, losses) in enumerate(found):
        usual = int(min(MOST_ROUNDS, LEARNED / rate))
        checks = [at for at in (int(share * usual) for share in CHECKED_AT) if 8 <= at < len(losses)]
        given_up = next((at for at in checks if carried_on(losses[:at], usual) > best * (1 + margin)), None)
        n_done += given_up or len(losses)
        if given_up is None:
            kept.append(number)
            best = min(best, losses.min())
    ranked = np.argsort([losses.min() for _, losses in found])[:3]
    return 1 - n_done / n_all, sum(number not in kept for number in ranked), best / found[ranked[0]][1].min()


def carried_on(losses: NDArray[np.float64], n_rounds: int) -> float:
    """Return what a loss comes to after so many rounds: a + b * round^-c through its latter half, with the best c."""
    half = len(losses) // 2
    rounds, seen = np.arange(half + 1, len(losses) + 1, dtype=np.float64), losses[half:]
    ends = []
    for power in (0.25, 0.5, 1.0, 2.0):
        features = np.column_stack([np.ones(len(rounds)), rounds**-power])
        (level, slope), *_ = np.linalg.lstsq(features, seen, rcond=None)
        ends.append((float(((features @ (level, slope) - seen) ** 2).sum()), level + slope * n_rounds**-power))
    return min(float(min(ends)[1]), float(losses.min()))


if __name__ == "__main__":
    main()
