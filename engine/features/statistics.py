"""Smoothed statistics of the answers per code: the mean answer of the rows with a level, drawn towards that of all."""

import numpy as np
from numpy.typing import NDArray

from engine.features.step import Answers
from engine.tasks.task import TaskKind

INNER_FOLDS = 5
SMOOTHING = 10.0

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]


def answer_columns(answers: Answers) -> Floats:
    """Return what is averaged: the standardised target, the second class or, with more classes, each one [N, K].

    >>> from engine.tasks.task import Task
    >>> task = Task(kind=TaskKind.MULTICLASS, targets=("y",), classes=("a", "b", "c"))
    >>> answer_columns(Answers(task=task, y=np.array([2, 0]))).tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    if answers.task.kind is TaskKind.MULTICLASS:
        return np.asarray(answers.y[:, None] == np.arange(len(answers.task.classes)), np.float64)
    return np.asarray(answers.y, np.float64)[:, None]


def answer_titles(answers: Answers) -> tuple[str, ...]:
    """Return what people call the columns of `answer_columns`: the class where there are several, else nothing."""
    multiclass = answers.task.kind is TaskKind.MULTICLASS
    return tuple(str(label) for label in answers.task.classes) if multiclass else ("",)


def smoothed_means(codes: Codes, n_codes: int, answers: Answers, *, smoothing: float = SMOOTHING) -> Floats:
    """Return the mean answer of each code [n_codes, K], as if `smoothing` rows more had the mean answer of all.

    A code without rows has the mean of all.

    >>> from engine.tasks.task import Task
    >>> known = Answers(task=Task(kind=TaskKind.REGRESSION, targets=("y",)), y=np.array([2.0, 2.0, -1.0]))
    >>> smoothed_means(np.array([0, 0, 1]), 3, known, smoothing=1.0)[:, 0].tolist()
    [1.6666666666666667, 0.0, 1.0]
    """
    y, weight = answer_columns(answers), _weights(answers)
    sums, counts = _per_code(codes, n_codes, y, weight)
    return _means(sums, counts, _prior(y, weight), smoothing)


def out_of_fold_means(codes: Codes, n_codes: int, answers: Answers, *, smoothing: float = SMOOTHING) -> Floats:
    """Return the smoothed mean answer of each row's code [N, K], made without the rows of the row's own inner fold."""
    y, weight, folds = answer_columns(answers), _weights(answers), inner_folds(answers)
    sums, counts = _per_code(codes, n_codes, y, weight)
    # One mean of all for every fold: that of the other folds would tell a row's own, and with few groups its answer.
    prior = _prior(y, weight)
    result = np.empty_like(y)
    for fold in range(INNER_FOLDS):
        own = folds == fold
        own_sums, own_counts = _per_code(codes[own], n_codes, y[own], weight[own])
        # A difference of sums may leave a trace of rounding where nothing is left.
        left = np.where(counts - own_counts > 1e-9, counts - own_counts, 0.0)
        means = _means(np.where(left[:, None] > 0, sums - own_sums, 0.0), left, prior, smoothing)
        result[own] = means[codes[own]]
    return result


def inner_folds(answers: Answers, n_folds: int = INNER_FOLDS) -> NDArray[np.int64]:
    """Assign rows to folds by chance, with like answers in each; groups stay together, and few leave folds empty."""
    draw = np.random.default_rng(answers.seed)
    n_rows = len(answers.y)
    folds = np.empty(n_rows, np.int64)
    if answers.groups is not None:
        _, group = np.unique(answers.groups, return_inverse=True)
        n_groups = int(group.max()) + 1 if n_rows else 0
        return np.asarray((draw.permutation(n_groups) % n_folds)[group], np.int64)
    folds[np.lexsort((draw.random(n_rows), answers.y))] = np.arange(n_rows) % n_folds
    return folds


def some_rows(answers: Answers, n_most: int) -> NDArray[np.int64]:
    """Return a slice of at most so many rows, drawn by chance, in order: enough to judge by."""
    n_rows = len(answers.y)
    if n_rows <= n_most:
        return np.arange(n_rows)
    return np.sort(np.random.default_rng(answers.seed).choice(n_rows, n_most, replace=False))


def _weights(answers: Answers) -> Floats:
    """Return weights of mean 1, so that smoothing counts in rows."""
    if answers.weight is None:
        return np.ones(len(answers.y))
    return np.asarray(answers.weight / max(float(answers.weight.mean()), 1e-300))


def _per_code(codes: Codes, n_codes: int, y: Floats, weight: Floats) -> tuple[Floats, Floats]:
    sums = [np.bincount(codes, weights=column * weight, minlength=n_codes) for column in y.T]
    counts = np.bincount(codes, weights=weight, minlength=n_codes)
    return np.column_stack(sums), np.asarray(counts, np.float64)


def _prior(y: Floats, weight: Floats) -> Floats:
    total = float(weight.sum())
    return np.asarray(weight @ y / total if total > 0 else np.zeros(y.shape[1]))


def _means(sums: Floats, counts: Floats, prior: Floats, smoothing: float) -> Floats:
    return np.asarray((sums + smoothing * prior) / np.maximum(counts + smoothing, 1e-12)[:, None])
