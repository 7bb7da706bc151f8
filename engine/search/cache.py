"""Prepared features of each fold, made once and read by every candidate with the same recipe."""

import hashlib
import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np

from engine.features.pipeline import FittedPipeline, fit_pipeline, training_features, transform
from engine.features.step import Matrix
from engine.search.data import TrainingData
from engine.search.folds import Indices
from engine.search.point import Recipe

STORE = "kept"


def fold_features(
    folder: Path, data: TrainingData, recipe: Recipe, name: str, rows: Indices
) -> tuple[FittedPipeline, Matrix]:
    """Return a pipeline fitted on `rows` of the training set, and the features of the whole training set under it.

    The rows it was fitted on see values that were made without their own answers. `name` tells the folds apart. What
    another process has made already is mapped into memory, not made again.
    """
    place = folder / "features" / recipe_key(recipe)
    values, pipelines = place / f"{name}.npy", place / f"{name}.pkl"
    if not pipelines.exists():
        place.mkdir(parents=True, exist_ok=True)
        pipeline = _make(data, recipe, rows, values)
        _write(pipelines, lambda path: path.write_bytes(pickle.dumps(pipeline)))
    else:
        pipeline = pickle.loads(pipelines.read_bytes())  # noqa: S301 - written by this run itself
    return pipeline, Matrix(np.load(values, mmap_mode="r"), pipeline.outputs)


def _make(data: TrainingData, recipe: Recipe, rows: Indices, values: Path) -> FittedPipeline:
    """Fit a pipeline and write what it makes of all rows; neither the cells nor the numbers stay in this process."""
    frame, answers = data.train.frame, data.answers().take(rows)
    fitted_on = frame.iloc[rows]
    pipeline = fit_pipeline(fitted_on, data.columns, recipe, answers)
    matrix = transform(pipeline, frame)
    if any(fitted.step.training is not None for fitted in pipeline.steps):
        matrix.values[rows] = training_features(pipeline, fitted_on, answers, matrix.take(rows)).values
    _write(values, lambda path: np.save(path, matrix.values))
    return pipeline


def fold_store(folder: Path, recipe: Recipe, name: str) -> Path:
    """Return the folder where families keep what they made of the rows and features of this name."""
    store = folder / "features" / recipe_key(recipe) / STORE / name
    store.mkdir(parents=True, exist_ok=True)
    return store


def recipe_key(recipe: Recipe) -> str:
    """Return a short name for a recipe that is safe as a folder name.

    >>> from engine.features.step import StepSpec
    >>> recipe_key((StepSpec("numbers"),)) == recipe_key((StepSpec("numbers", {}),))
    True
    """
    text = json.dumps([[spec.key, dict(sorted(spec.parameters.items()))] for spec in recipe])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _write(path: Path, write: Callable[[Path], object]) -> None:
    """Write under another name and rename, so that a reader sees a whole file or none."""
    part = path.with_name(f"{path.stem}.{os.getpid()}{path.suffix}")
    write(part)
    part.replace(path)
