"""Of very many features, those that a few trees split on most: wide tables become as quick as narrow ones."""

import numpy as np
from numpy.typing import NDArray

from engine.features.quick_trees import grow
from engine.features.step import Answers, FeatureSelection, Matrix, Parameters

WIDE = 200


def _choose(X: Matrix, answers: Answers, parameters: Parameters) -> NDArray[np.int64] | None:
    if len(np.unique(answers.y)) < 2:
        return None
    gains = grow(X.values, answers, codes=X.codes).gains
    most_telling = np.argsort(-gains, kind="stable")[: _n_most(parameters)]
    return np.sort(most_telling[gains[most_telling] > 0]) if gains.any() else None


def _n_most(parameters: Parameters) -> int:
    return int(parameters.get("n_most", WIDE))


SELECTION = FeatureSelection(
    key="selection",
    title="The most telling features of many",
    least=_n_most,
    choose=_choose,
    offers={"200": {"n_most": 200}},
    offered=lambda shape: shape.n_columns > WIDE,
)
