"""The configurations whose order is learnt: every family's starting points, and others that earn a place elsewhere."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.families.family import Family, families
from engine.search.point import feature_choices
from engine.shape import Shape

Point = Mapping[str, Any]

_FEW_LEAVES = {
    "learning_rate": 0.05,
    "num_leaves": 6,
    "min_data_in_leaf": 20,
    "feature_fraction": 0.6,
    "lambda_l2": 10.0,
    "bagging_fraction": 0.75,
    "bagging_freq": 1,
}
_SHALLOW = {"learning_rate": 0.08, "max_depth": 3, "min_child_weight": 1.0, "subsample": 0.7, "colsample_bynode": 0.6}

FIRST_TURNS = 3  # starting points of a family that come before the changes
# What is laid over the first starting point of a family.
CHANGES: tuple[tuple[str, Point], ...] = (
    ("lightgbm", {"target.transform": "log"}),
    ("lightgbm", {"features.number_pairs": "5"}),
    ("catboost", {"target.transform": "log"}),
    ("network", {"target.transform": "log"}),
    ("lightgbm", _FEW_LEAVES),
    ("linear", {"features.numbers_quantile": "normal"}),
    ("linear", {"target.transform": "log"}),
    ("network", {"features.numbers_quantile": "normal"}),
    ("network", {"width": 64, "dropout": 0.3, "weight_decay": 0.3}),
    ("network", {"n_waves": 0}),
    ("xgboost", _SHALLOW),
    ("extra_trees", {"max_features": 0.3, "min_samples_leaf": 2}),
    ("extra_trees", {"target.transform": "log"}),
    ("lightgbm", {"features.target_statistics": "all levels"}),
    ("linear", {"features.target_statistics": "all levels"}),
    ("linear", {"features.number_bins": "fine"}),
    ("network", {"frequency": 0.3}),
    ("network", {"depth": 3, "skip": True, "activation": "relu", "learning_rate": 0.02}),
    ("xgboost", {"target.transform": "log"}),
    ("extra_trees", {"features.target_statistics": "all levels"}),
    ("linear", {"features.number_pairs": "5"}),
    ("catboost", {"features.number_pairs": "5"}),
    ("lightgbm", {"features.number_pairs": "20", "extra_trees": True, "learning_rate": 0.1}),
    ("lightgbm", {"features.category_counts": "all levels"}),
    ("lightgbm", {"features.category_crosses": "3"}),
    ("lightgbm", {"features.group_relative": "5"}),
)


def configurations() -> Iterator[tuple[Family, Point]]:
    """Give the first starting points of every family in turn, cheap families first, then the changes, then the rest."""
    known = {family.key: family for family in families()}
    longest = max(len(family.starting_points) for family in known.values())
    for turn in range(longest):
        for family in known.values():
            if turn < len(family.starting_points):
                yield family, family.starting_points[turn]
        if turn + 1 == FIRST_TURNS:
            for key, change in CHANGES:
                if key in known:
                    yield known[key], {**known[key].starting_points[0], **change}


def fits(family: Family, point: Point, shape: Shape, targets: Mapping[str, tuple[str, ...]]) -> bool:
    """Say whether a configuration means something on a table: its features and its transform are on offer there."""
    if shape.kind not in family.tasks or family.applies(shape) is not None:
        return False
    offered = {**feature_choices(family, shape), **targets}
    return all(choice in offered.get(key, ()) for key, choice in point.items() if "." in key)
