"""Measures what was not built: stacking in place of the plain blend, and rows made up inside the folds.

    python -m benchmarks.rejected FOLDER INDEX.json [--tables NAME,NAME] [--split 0]

Prints for each table the error on held-out rows relative to the plain way: 1 is the same, below 1 is better. All of it
is fitted on the training rows alone; held-out rows are scored by the mean of the folds' models.
"""

import argparse
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

from engine.blend.ensemble import choose_blend
from engine.blend.losses import score_loss
from engine.config import ExperimentConfig
from engine.families.family import Family, Parameters, Rows, Setting, family_named
from engine.features.pipeline import fit_pipeline, training_features, transform
from engine.features.step import Answers, Matrix
from engine.run.dividing import divide_rows
from engine.run.question import settle_question
from engine.search.data import TrainingData
from engine.table.reading import read_table
from engine.tasks.metric import Metric, metrics_for
from engine.tasks.task import Task, TaskKind

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]
Grow = Callable[[Matrix, NDArray[np.generic], Task, np.random.Generator], tuple[Matrix, NDArray[np.generic]]]

MEMBERS = (("linear", 0), ("lightgbm", 0), ("lightgbm", 2), ("extra_trees", 0))
GROWN = (("lightgbm", 0), ("extra_trees", 0))
N_FOLDS, TEST_SHARE, MOST_ROWS = 5, 0.25, 6_000
RARE, NEIGHBOURS = 0.2, 5


def main() -> None:
    """Measure table by table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("index", type=Path)
    parser.add_argument("--tables", default="credit_g,vehicle,concrete,insurance,phoneme,mammography")
    parser.add_argument("--split", type=int, default=0)
    options = parser.parse_args()
    index = {entry["name"]: entry for entry in json.loads(options.index.read_text(encoding="utf-8"))}
    for name in options.tables.split(","):
        world = World.read(options.folder / f"{name}.csv", index[name], options.split)
        for label, ratio in (*stacking(world), *growing(world)):
            print(f"{name:20} {label:32} {ratio:.4f}", flush=True)


@dataclass(frozen=True, kw_only=True)
class World:
    """A table with the rows for learning, those for scoring and the folds of the first."""

    data: TrainingData
    y: NDArray[np.generic]
    train: Positions
    test: Positions
    folds: tuple[tuple[Positions, Positions], ...]
    metric: Metric

    @staticmethod
    def read(path: Path, entry: Mapping[str, Any], split: int) -> "World":
        """Read a table and divide its rows."""
        question = settle_question(
            read_table(path), ExperimentConfig(target=entry["target"], task=TaskKind(entry["task"]), holdout=0.0)
        )
        data, _ = divide_rows(question, ExperimentConfig(target=entry["target"], holdout=0.0))
        y, classes = data.standardised(), bool(data.task.classes)
        rows = np.random.default_rng(split).permutation(len(y))[:MOST_ROWS]
        train, test = train_test_split(
            rows, test_size=TEST_SHARE, random_state=split, stratify=y[rows] if classes else None
        )
        folds = (StratifiedKFold if classes else KFold)(N_FOLDS, shuffle=True, random_state=split)
        return World(
            data=data,
            y=y,
            train=train,
            test=test,
            folds=tuple((train[a], train[b]) for a, b in folds.split(train, y[train])),
            metric=metrics_for(data.task.kind)[0],
        )

    def error(self, raw: Floats) -> float:
        """Return the metric's loss on the rows for scoring: what lacks to 1 for metrics that grow."""
        return score_loss(self.y[self.test], self.data.task, self.metric, None)(raw)

    def scores(self, family: Family, parameters: Parameters, grow: Grow | None = None) -> tuple[Floats, Floats]:
        """Return out-of-fold scores of the rows for learning, and the folds' mean of those for scoring."""
        frame, task = self.data.train.frame, self.data.task
        out_of_fold = np.full((len(self.y), task.n_outputs), np.nan)
        tested = np.zeros((len(self.test), task.n_outputs))
        for number, (rows, rest) in enumerate(self.folds):
            answers = Answers(task=task, y=self.y[rows])
            pipeline = fit_pipeline(frame.iloc[rows], self.data.columns, family.recipe, answers)
            X = training_features(pipeline, frame.iloc[rows], answers, transform(pipeline, frame.iloc[rows]))
            y = self.y[rows]
            if grow is not None:
                X, y = grow(X, y, task, np.random.default_rng(number))
            valid = transform(pipeline, frame.iloc[rest])
            setting = Setting(
                task=task,
                parameters=parameters,
                seed=0,
                threads=1,
                stopping=Rows(X=valid, y=self.y[rest]),
            )
            state = family.fit(X, y, None, None, None, setting)
            n_rounds = family.rounds(state)
            out_of_fold[rest] = family.raw(state, valid, n_rounds)
            tested += family.raw(state, transform(pipeline, frame.iloc[self.test]), n_rounds) / len(self.folds)
        return out_of_fold[self.train], tested


def stacking(world: World) -> list[tuple[str, float]]:
    """Compare second levels, fitted on out-of-fold scores, with the plain blend of the same members."""
    members = [(family_named(key), point) for key, point in MEMBERS]
    found = [world.scores(family, family.starting_points[point]) for family, point in members]
    own, tested = [scores[0] for scores in found], [scores[1] for scores in found]
    y, task = world.y[world.train], world.data.task
    weights = choose_blend(own, y, task, world.metric, seed=0).weights
    blended = world.error(np.tensordot(np.array(weights), np.stack(tested), axes=1))
    seen, asked = np.concatenate(own, axis=1), np.concatenate(tested, axis=1)
    levels = {"linear": _linear_level, "LightGBM": _tree_level}
    return [
        (f"stacked by {name}", world.error(level(seen, y, asked, task)) / blended) for name, level in levels.items()
    ]


def _linear_level(seen: Floats, y: NDArray[np.generic], asked: Floats, task: Task) -> Floats:
    from sklearn.linear_model import LogisticRegressionCV, RidgeCV

    seen, asked = np.clip(seen, -10, 10), np.clip(asked, -10, 10)
    if not task.classes:
        return np.asarray(RidgeCV(np.logspace(-3, 3, 13)).fit(seen, y).predict(asked)).reshape(-1, 1)
    model = LogisticRegressionCV(
        Cs=np.logspace(-4, 1, 8),
        cv=5,
        scoring="neg_log_loss",
        max_iter=500,
        l1_ratios=(0.0,),
        use_legacy_attributes=False,
    )
    return np.asarray(model.fit(seen, y).decision_function(asked)).reshape(len(asked), -1)


def _tree_level(seen: Floats, y: NDArray[np.generic], asked: Floats, task: Task) -> Floats:
    import lightgbm

    names = {TaskKind.BINARY: "binary", TaskKind.MULTICLASS: "multiclass", TaskKind.REGRESSION: "regression"}
    settings: dict[str, Any] = {
        "objective": names[task.kind],
        "learning_rate": 0.03,
        "num_leaves": 6,
        "min_data_in_leaf": 20,
        "feature_fraction": 0.7,
        "num_threads": 1,
        "verbosity": -1,
    }
    if task.kind is TaskKind.MULTICLASS:
        settings["num_class"] = len(task.classes)
    rows = lightgbm.Dataset(seen, y, free_raw_data=False)
    history = lightgbm.cv(settings, rows, 500, nfold=5, stratified=bool(task.classes), seed=0)
    best = int(np.argmin(next(losses for name, losses in history.items() if name.endswith("-mean")))) + 1
    raw = lightgbm.train(settings, rows, best).predict(asked, raw_score=True)
    return np.asarray(raw, np.float64).reshape(len(asked), -1)


def growing(world: World) -> list[tuple[str, float]]:
    """Compare fits on more rows, some of them made up, with fits on the rows as they are."""
    ways: dict[str, Grow] = {"noise": _with_noise}
    if world.data.task.classes:
        shares = np.bincount(world.y.astype(np.int64)) / len(world.y)
        ways |= {"rare classes between neighbours": _with_neighbours} if shares.min() < RARE else {}
    else:
        ways["mixed rows of like answers"] = _with_mixed
    found = []
    for key, number in GROWN:
        family = family_named(key)
        point = family.starting_points[number]
        plain = world.error(world.scores(family, point)[1])
        found += [
            (f"{key}, {name}", world.error(world.scores(family, point, way)[1]) / plain) for name, way in ways.items()
        ]
    return found


def _numbers(X: Matrix) -> Positions:
    return np.array([i for i, column in enumerate(X.columns) if column.n_levels is None], dtype=np.int64)


def _together(X: Matrix, more: NDArray[np.float32]) -> Matrix:
    return Matrix(np.concatenate([X.values, more]), X.columns)


def _with_noise(
    X: Matrix, y: NDArray[np.generic], _task: Task, draw: np.random.Generator
) -> tuple[Matrix, NDArray[np.generic]]:
    """Add each row once more, its numbers shaken by a twentieth of their spread."""
    more, numbers = X.values.copy(), _numbers(X)
    spread = np.nanstd(X.values[:, numbers], axis=0)
    more[:, numbers] += (0.05 * spread * draw.normal(size=(len(more), len(numbers)))).astype(np.float32)
    return _together(X, more), np.concatenate([y, y])


def _with_mixed(
    X: Matrix, y: NDArray[np.generic], _task: Task, draw: np.random.Generator
) -> tuple[Matrix, NDArray[np.generic]]:
    """Add as many rows that lie between two with like answers; codes are those of the first."""
    order = np.argsort(y, kind="stable")
    near = np.clip(np.arange(len(y)) + draw.integers(-10, 11, len(y)), 0, len(y) - 1)
    one, other, share = order, order[near], draw.beta(2.0, 2.0, len(y))
    more, numbers = X.values[one].copy(), _numbers(X)
    more[:, numbers] += ((X.values[other] - X.values[one])[:, numbers] * share[:, None]).astype(np.float32)
    return _together(X, more), np.concatenate([y, y[one] + share * (y[other] - y[one])])


def _with_neighbours(
    X: Matrix, y: NDArray[np.generic], task: Task, draw: np.random.Generator
) -> tuple[Matrix, NDArray[np.generic]]:
    """Add rows between neighbours of each rare class until it has its share (Chawla et al. 2002, "SMOTE")."""
    from sklearn.neighbors import NearestNeighbors

    numbers = _numbers(X)
    scale = np.nanstd(X.values[:, numbers], axis=0) + 1e-9
    blocks, answers = [], [y]
    for label in range(len(task.classes)):
        rows = np.flatnonzero(y == label)
        n_more = int(RARE * len(y)) - len(rows)
        if n_more <= 0 or len(rows) <= NEIGHBOURS:
            continue
        cells = np.nan_to_num(X.values[np.ix_(rows, numbers)] / scale)
        near = NearestNeighbors(n_neighbors=NEIGHBOURS + 1).fit(cells).kneighbors(cells, return_distance=False)[:, 1:]
        first = draw.integers(0, len(rows), n_more)
        one, other = rows[first], rows[near[first, draw.integers(0, NEIGHBOURS, n_more)]]
        more = X.values[one].copy()
        more[:, numbers] += ((X.values[other] - X.values[one])[:, numbers] * draw.random((n_more, 1))).astype(
            np.float32
        )
        blocks.append(more)
        answers.append(np.full(n_more, label, y.dtype))
    return _together(X, np.concatenate(blocks)), np.concatenate(answers)


if __name__ == "__main__":
    main()
