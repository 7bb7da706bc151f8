"""Describes a training task by cheap facts: from at most 2,000 rows, in a few hundredths of a second."""

import hashlib
import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.features.numbers import numbers_of
from engine.search.data import TrainingData
from engine.search.table_features import TableFeatures
from engine.table.schema import ColumnSchema, Kind

Floats = NDArray[np.float64]

MOST_ROWS, MOST_NUMBERS, MOST_CLASSES = 2_000, 60, 5
SHRINKAGE = 0.01  # of the rows: keeps the linear fits from bending where columns repeat each other
NORMAL = 2.906  # how much wider 95 % of a normal distribution lie than half of it


def describe(data: TrainingData) -> TableFeatures:
    """Return the features of a task, from its training rows alone."""
    rows = np.linspace(0, len(data.train.y) - 1, min(MOST_ROWS, len(data.train.y))).astype(np.int64)
    names = [column.name for column in data.columns]
    frame, y = data.train.frame[names].iloc[rows], data.train.y[rows]
    n_columns = max(1, len(names))
    answers = _answers(y, len(data.task.classes))
    linear, bent = _landmarks(_numbers(frame, data.columns), answers)
    shares = np.bincount(data.train.y.astype(np.int64)) / len(data.train.y) if data.task.classes else np.zeros(1)
    skewness, tails = (0.0, 0.0) if data.task.classes else _shape(np.asarray(y, dtype=np.float64))
    return TableFeatures(
        kind=data.task.kind,
        target=_hash(data.task.target),
        columns=tuple(sorted(map(_hash, names))),
        log_rows=math.log10(len(data.train.y)),
        log_columns=math.log10(n_columns),
        numbers=sum(column.kind.is_number for column in data.columns) / n_columns,
        categories=sum(column.kind in {Kind.CATEGORY, Kind.YES_NO} for column in data.columns) / n_columns,
        texts=sum(column.kind.is_words for column in data.columns) / n_columns,
        missing=float(np.mean([(frame[name].isna() | (frame[name] == "")).mean() for name in names] or [0.0])),
        log_levels=_log_levels(frame, data.columns),
        n_classes=len(data.task.classes),
        rarest=float(shares.min()),
        skewness=skewness,
        tails=tails,
        linear=linear,
        bent=bent,
    )


def _hash(name: str) -> str:
    return hashlib.sha256(name.strip().casefold().encode()).hexdigest()[:8]


def _log_levels(frame: pd.DataFrame, columns: tuple[ColumnSchema, ...]) -> float:
    levels = [frame[column.name].nunique() for column in columns if column.kind is Kind.CATEGORY]
    return math.log10(max([1, *levels]))


def _numbers(frame: pd.DataFrame, columns: tuple[ColumnSchema, ...]) -> Floats:
    """Return ranks of the numbers, between -1 and 1, a missing one in the middle: no outlier moves them."""
    numeric = tuple(column for column in columns if column.kind.is_number)[:MOST_NUMBERS]
    if not numeric:
        return np.zeros((len(frame), 0))
    values = pd.DataFrame(numbers_of(frame, numeric))
    return np.asarray(np.nan_to_num(2 * values.rank(pct=True).to_numpy() - 1))


def _answers(y: NDArray[np.generic], n_classes: int) -> Floats:
    """Return what the landmarks explain [N, K]: the classes, or the ranks of the target."""
    if n_classes:
        frequent = np.argsort(-np.bincount(y.astype(np.int64), minlength=n_classes), kind="stable")
        answers = (y[:, None] == frequent[None, :MOST_CLASSES]).astype(np.float64)
    else:
        answers = pd.Series(np.asarray(y, dtype=np.float64)).rank(pct=True).to_numpy()[:, None]
    return np.asarray(answers - answers.mean(axis=0))


def _landmarks(numbers: Floats, answers: Floats) -> tuple[float, float]:
    plane = _explained(numbers, answers)
    curves = _explained(np.hstack([numbers, numbers**2, np.abs(numbers) ** 3 * np.sign(numbers)]), answers)
    return plane, max(0.0, curves - plane)


def _explained(X: Floats, answers: Floats) -> float:
    """Return the share of variance that a linear fit explains, less what it would explain of noise."""
    n_rows, n_columns = X.shape
    total = float((answers**2).sum())
    if not n_columns or not total or n_rows <= n_columns + 1:
        return 0.0
    centred = X - X.mean(axis=0)
    gram = centred.T @ centred + SHRINKAGE * n_rows * np.eye(n_columns)
    left = answers - centred @ np.linalg.solve(gram, centred.T @ answers)
    share = float((left**2).sum()) / total * (n_rows - 1) / (n_rows - n_columns - 1)
    return float(np.clip(1 - share, 0.0, 1.0))


def _shape(y: Floats) -> tuple[float, float]:
    """Return how lopsided answers are, from -1 to 1, and how heavy their tails, 0 for a normal distribution.

    >>> lopsided, heavy = _shape(np.exp(np.linspace(0.0, 5.0, 200)))
    >>> lopsided > 0.5, _shape(np.linspace(0.0, 1.0, 200))[0]
    (True, 0.0)
    """
    low, first, middle, third, high = np.quantile(y, [0.025, 0.25, 0.5, 0.75, 0.975])
    spread, quarter = high - low, third - first
    if not spread or not quarter:
        return 0.0, 0.0
    tails = math.log(spread / quarter / NORMAL)
    return round(float((high + low - 2 * middle) / spread), 9), float(tails)
