"""Fits the pipeline and the model of a candidate on given rows: those of a fold, or all."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from engine.blend.final import FittedModel
from engine.families.family import Rows, Setting, family_named
from engine.features.step import Matrix
from engine.search.cache import fold_features, fold_store
from engine.search.data import TrainingData
from engine.search.folds import Indices
from engine.search.kept import load_folds
from engine.search.order import Order
from engine.search.taught import Taught, taught_rows
from engine.search.turning import Turned, turn, with_factor_of

ALL_ROWS = "all"
MOST_MORE_ROUNDS = 1.25


def run_refit(order: Order, rounds: int, seed: int) -> FittedModel:
    """Fit a candidate on all training rows, for the `rounds` of its folds (0: it has none), more as these rows bear."""
    deadline = None if order.seconds is None else time.monotonic() + order.seconds
    data = TrainingData.load(order.folder / "data")
    family = family_named(order.family)
    # A fit may have settled on other values than it was given, such as a learning rate that fits the time.
    folds = load_folds(order.place)
    settled = family.refit_parameters([model.state for model in folds], order.spec.parameters)
    everything = np.arange(len(data.train.y))
    taught = taught_rows(family, ALL_ROWS, everything, everything[:0], order.seed)
    usual_rows = float(np.median([len(train) for train, _ in data.fold_rows()]))
    more = more_rounds(len(everything), usual_rows)
    with threadpool_limits(order.threads):
        model, _ = fitted_model(
            replace(order, seed=seed), data, taught, deadline, parameters=settled, rounds=round(more * rounds) or None
        )
    return with_factor_of(model.cut(), folds)


def more_rounds(n_rows: int, rows_of_fold: float) -> float:
    """Return how many times the rounds of a fold all rows bear: as many more, up to a quarter, as they are more rows.

    >>> more_rounds(1_000, 1_000), more_rounds(1_000, 500)
    (1.0, 1.25)
    """
    return min(MOST_MORE_ROUNDS, n_rows / rows_of_fold)


def fitted_model(
    order: Order,
    data: TrainingData,
    taught: Taught,
    deadline: float | None,
    *,
    parameters: Mapping[str, Any],
    stopping_rows: Indices | None = None,
    rounds: int | None = None,
) -> tuple[FittedModel, Matrix]:
    """Fit the candidate's family on the rows taught; returns the model, and the features of all rows that are needed.

    `stopping_rows`: None fits for the given number of `rounds`.
    """
    family, recipe, train = family_named(order.family), order.spec.recipe, taught.rows
    pipeline, features = fold_features(order.folder, data, recipe, taught.name, train, taught.needed)
    turned = turn(order.spec.target, data, train)
    y, weight = turned.y, turned.weight
    state = family.fit(
        features if len(train) == len(turned.y) else features.take(train),
        y[train],
        None if weight is None else weight[train],
        None if data.train.groups is None else data.train.groups[train],
        deadline,
        Setting(
            task=data.task,
            parameters=parameters,
            seed=order.seed,
            threads=order.threads,
            stopping=None if stopping_rows is None else _rows(features, turned, stopping_rows),
            rounds=rounds,
            store=fold_store(order.folder, recipe, taught.name),
            monotone=monotone_of(features, data.monotone),
        ),
    )
    model = FittedModel(
        pipeline=pipeline,
        family=family.key,
        state=state,
        rounds=family.rounds(state),
        target=turned.target,
        offset=turned.offset,
    )
    return model, features


def features_of(order: Order, data: TrainingData, taught: Taught) -> Matrix:
    """Return the features of all rows that a fold needs, as the pipeline fitted on the rows taught makes them."""
    return fold_features(order.folder, data, order.spec.recipe, taught.name, taught.rows, taught.needed)[1]


def monotone_of(features: Matrix, wanted: Mapping[str, int]) -> tuple[int, ...] | None:
    """Return the direction of each feature that is made of one such column alone; None when nothing is wanted."""
    if not wanted:
        return None
    return tuple(wanted.get(c.sources[0], 0) if len(c.sources) == 1 else 0 for c in features.columns)


def _rows(features: Matrix, turned: Turned, rows: Indices) -> Rows:
    weight = None if turned.weight is None else turned.weight[rows]
    return Rows(X=features.take(rows), y=turned.y[rows], weight=weight)
