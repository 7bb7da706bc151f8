"""A few small trees on a slice of the rows: which features tell most, and what they leave unexplained."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.features.statistics import answer_columns
from engine.features.step import Answers
from engine.tasks.task import TaskKind

if TYPE_CHECKING:
    from lightgbm import Booster

Floats = NDArray[np.float64]

N_TREES, MANY_CLASSES_TREES = 60, 240

_OBJECTIVES: Mapping[TaskKind, str] = {
    TaskKind.BINARY: "binary",
    TaskKind.MULTICLASS: "multiclass",
    TaskKind.REGRESSION: "regression",
}


@dataclass(frozen=True, kw_only=True)
class QuickTrees:
    """Small trees that have learnt."""

    booster: "Booster"

    @property
    def gains(self) -> Floats:
        """How much each feature told, by the gain of its splits [F]."""
        return np.asarray(self.booster.feature_importance("gain"), np.float64)

    def unexplained(self, values: NDArray[np.floating], answers: Answers) -> Floats:
        """Return what is left of the answers of other rows after prediction [N, K]."""
        expected = np.asarray(self.booster.predict(values, num_threads=1), np.float64)
        return answer_columns(answers) - expected.reshape(len(values), -1)


def grow(values: NDArray[np.floating], answers: Answers, codes: tuple[int, ...] = ()) -> QuickTrees:
    """Learn from a slice of the rows. `codes`: the positions of the features that are whole codes."""
    import lightgbm

    kind, n_classes = answers.task.kind, len(answers.task.classes)
    settings = {
        "objective": _OBJECTIVES[kind],
        "learning_rate": 0.15,
        "num_leaves": 15,
        "min_data_in_leaf": 10,
        "feature_fraction": 0.8,
        "max_bin": 63,
        "num_threads": 1,
        "seed": answers.seed,
        "deterministic": True,
        "force_col_wise": True,
        "verbosity": -1,
    }
    if kind is TaskKind.MULTICLASS:
        settings["num_class"] = n_classes
    rows = lightgbm.Dataset(
        values, answers.y, weight=answers.weight, categorical_feature=list(codes), params=settings, free_raw_data=True
    )
    n_trees = max(5, min(N_TREES, MANY_CLASSES_TREES // max(1, n_classes)))
    return QuickTrees(booster=lightgbm.train(settings, rows, num_boost_round=n_trees))
