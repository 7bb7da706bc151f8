"""Prepared features of each fold, made once and read by every candidate with the same recipe."""

import hashlib
import json
import pickle
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engine.features.pipeline import FittedPipeline, fit_pipeline, forget_session, training_features, transform
from engine.features.step import Matrix
from engine.search.data import TrainingData
from engine.search.folds import Indices
from engine.search.one_maker import one_maker
from engine.search.point import Recipe
from engine.whole_files import is_whole_pickle, make_once

STORE = "kept"
CELLS_AT_ONCE = 4_000_000  # of features that are made: those of texts are many, and may not fit twice


def fold_features(
    folder: Path, data: TrainingData, recipe: Recipe, name: str, rows: Indices, needed: Indices | None = None
) -> tuple[FittedPipeline, Matrix]:
    """Return a pipeline fitted on `rows` of the training set, and the features of the whole training set under it.

    The rows it was fitted on see values that were made without their own answers. `name` tells the folds apart. What
    another process has made already, or is making, is mapped into memory, not made again. `needed`: the only rows whose
    features will be looked at, `rows` among them; None is all.
    """
    place = folder / "features" / recipe_key(recipe)
    values, pipelines = place / f"{name}.npy", place / f"{name}.pkl"
    is_made = partial(is_whole_pickle, pipelines)
    if not is_made():
        place.mkdir(parents=True, exist_ok=True)
        with one_maker(place / f"{name}.lock", is_made):
            if not is_made():
                looked_at = np.arange(len(data.train.y)) if needed is None else needed
                made = _make(data, recipe, rows, looked_at, values)
                make_once(pipelines, lambda part: part.write_bytes(pickle.dumps(made)))
    pipeline = pickle.loads(pipelines.read_bytes())  # noqa: S301 - written by this run itself
    return pipeline, Matrix(np.load(values, mmap_mode="r"), pipeline.outputs)


def _make(data: TrainingData, recipe: Recipe, rows: Indices, needed: Indices, values: Path) -> FittedPipeline:
    """Fit a pipeline and write what it makes of the rows; neither the cells nor the numbers stay in this process."""
    # Where no step looks at a cell, none is read.
    frame = data.train.frame if recipe else pd.DataFrame(index=np.arange(len(data.train.y)))
    answers = data.answers().take(rows)
    fitted_on = frame if len(rows) == len(frame) else frame.iloc[rows]
    pipeline = fit_pipeline(fitted_on, data.columns, recipe, answers)
    own = any(fitted.step.training is not None for fitted in pipeline.steps)

    def fill(path: Path) -> None:
        matrix = _transformed(pipeline, frame, needed, path)
        forget_session()
        if own:
            seen = Matrix(matrix[rows], pipeline.outputs)
            matrix[rows] = training_features(pipeline, fitted_on, answers, seen).values
        matrix.flush()

    make_once(values, fill)
    return pipeline


def _transformed(
    pipeline: FittedPipeline, frame: pd.DataFrame, needed: Indices, path: Path
) -> "np.memmap[Any, np.dtype[np.float32]]":
    """Write the features of the needed rows, some at a time; the file's places for the others take no room."""
    shape = (len(frame), len(pipeline.outputs))
    matrix = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
    rows_at_once = max(1, CELLS_AT_ONCE // shape[1])
    for first in range(0, len(needed), rows_at_once):
        block = needed[first : first + rows_at_once]
        matrix[block] = transform(pipeline, frame.iloc[block]).values
    return matrix


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
