"""From the link-scale scores of a model to what metrics judge, and to their score."""

import numpy as np
from numpy.typing import NDArray

from engine.blend.link import link_to_prediction
from engine.errors import TrialError
from engine.messages import phrase
from engine.search.data import TrainingData
from engine.search.folds import Indices
from engine.tasks.metric import Metric

Floats = NDArray[np.float64]

NOT_A_NUMBER = phrase("trial_not_a_number", "The candidate predicted values that are not numbers.")


def predicted(raw: Floats, data: TrainingData) -> Floats:
    """Turn link-scale scores into what metrics judge: probabilities, or values in the target's own unit."""
    if data.task.classes:
        return link_to_prediction(raw, data.task)
    return raw.reshape(len(raw)) * data.target_scale.scale + data.target_scale.centre


def score_of(raw: Floats, data: TrainingData, rows: Indices, metric: Metric) -> float:
    """Return the score of these rows' link-scale scores `raw`; raises TrialError where they are not numbers."""
    if not np.isfinite(raw).all():
        raise TrialError(NOT_A_NUMBER())
    weight = None if data.train.weight is None else data.train.weight[rows]
    return metric.score(data.train.y[rows], predicted(raw, data), weight)
