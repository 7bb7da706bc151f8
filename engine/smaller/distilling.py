"""One small network that has learnt what a whole model answers (Hinton et al. 2015, arXiv:1503.02531).

It learns from the answers of the model and not from those of the table, on the rows of the table and on rows between
them: each has some of its cells from another row.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.blend.calibration import UNCALIBRATED
from engine.blend.final import FinalMember, FinalModel, FittedModel
from engine.blend.link import link_to_prediction
from engine.families.family import Floats
from engine.families.network import imitate, imitator_bytes
from engine.families.recipes import SCALED
from engine.features.pipeline import fit_pipeline, transform
from engine.search.data import TrainingData
from engine.tasks.task import TaskKind

MOST_ROWS, MADE_ROWS, FEWEST_MADE_ROWS = 8_000, 8_000, 2_000
EXCHANGED = 0.25  # of the cells of a row that is made
STOPPING = 0.15  # of the rows
FITTED_TO_ANSWERS = "target_statistics"
NUMBER = -1  # of the member: it was no candidate


def distilled(
    model: FinalModel, data: TrainingData, *, seed: int, deadline: float | None, most_bytes: int
) -> FinalModel | None:
    """Return a model of a single small network that answers as `model` does, as far as it can.

    None where its numbers alone would take more than `most_bytes`.
    """
    draw = np.random.default_rng(seed)
    frame = data.train.frame
    rows = np.sort(draw.permutation(len(frame))[:MOST_ROWS])
    own = frame.iloc[rows].reset_index(drop=True)
    seen = pd.concat([own, _between(own, min(MADE_ROWS, max(FEWEST_MADE_ROWS, len(own))), draw)], ignore_index=True)
    recipe = tuple(spec for spec in SCALED if spec.key != FITTED_TO_ANSWERS)
    pipeline = fit_pipeline(own, data.columns, recipe, data.answers().take(rows))
    features = transform(pipeline, seen)
    if imitator_bytes(features, data.task.n_outputs) > most_bytes:
        return None
    state = imitate(
        features,
        _answers(model, seen),
        data.task,
        stopping=draw.random(len(seen)) < STOPPING,
        seed=seed,
        deadline=deadline,
    )
    small = FittedModel(pipeline=pipeline, family="network", state=state, rounds=state.best)
    member = FinalMember(number=NUMBER, family="network", weight=1.0, bag=(small,))
    return replace(model, members=(member,), calibration=UNCALIBRATED)


def _answers(model: FinalModel, frame: pd.DataFrame) -> Floats:
    """Return what a network should say [N, n_outputs]: shares of the classes, or the standardised value."""
    raw = model.raw(frame)
    if model.task.kind is TaskKind.REGRESSION:
        return raw
    shares = link_to_prediction(raw, model.task)
    return shares if model.task.kind is TaskKind.MULTICLASS else shares[:, 1:]


def _between(frame: pd.DataFrame, n_rows: int, draw: np.random.Generator) -> pd.DataFrame:
    """Return rows that have most of their cells from one row of the table and some from another."""
    one, other = draw.integers(0, len(frame), (2, n_rows))
    mixed = frame.iloc[one].reset_index(drop=True)
    exchanged: NDArray[np.bool_] = draw.random((frame.shape[1], n_rows)) < EXCHANGED
    return pd.DataFrame(
        {
            name: mixed[name].where(~taken, frame[name].iloc[other].reset_index(drop=True))
            for name, taken in zip(frame.columns, exchanged, strict=True)
        }
    )
