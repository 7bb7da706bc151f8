"""Every metric keeps the contract of `engine.tasks.metric`, and agrees with scikit-learn where that has it too."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import sklearn.metrics as reference
from numpy.typing import NDArray

from engine.registry import parts
from engine.tasks.metric import LooksAt, Metric, metric_named, metrics_for
from engine.tasks.task import TaskKind

Floats = NDArray[np.float64]

RECIPES = Path(__file__).parents[2] / "CONTRIBUTING.md"


def recipe() -> Metric:
    """Return the metric that CONTRIBUTING.md shows how to write."""
    made: dict[str, object] = {}
    exec(RECIPES.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0], made)
    (metric,) = (value for value in made.values() if isinstance(value, Metric))
    return metric


METRICS = (*parts("engine.tasks.metrics", Metric), recipe())
PAIRS = [(metric, kind) for metric in METRICS for kind in sorted(metric.tasks)]


def test_what_a_metric_looks_at_is_what_it_says() -> None:
    """A metric of order or of named classes that kept it to itself would be judged on other figures than it should."""
    for metric in METRICS:
        if TaskKind.BINARY not in metric.tasks:
            assert metric.looks_at is LooksAt.SIZE, metric.key
            continue
        y, predicted, _ = answers(TaskKind.BINARY, 5)
        squeezed = predicted[:, 1] ** 3 / 2
        same_order = np.column_stack([1 - squeezed, squeezed])
        named_alone = np.eye(2)[predicted.argmax(axis=1)]
        score, ordered, named = (metric.score(y, each, None) for each in (predicted, same_order, named_alone))
        assert (metric.looks_at is LooksAt.ORDER) == (ordered == pytest.approx(score, abs=1e-12)), metric.key
        assert (metric.looks_at is LooksAt.NAMED) == (named == pytest.approx(score, abs=1e-12)), metric.key


def names(pairs: list[tuple[Metric, TaskKind]]) -> list[str]:
    return [f"{metric.key}-{kind}" for metric, kind in pairs]


def answers(kind: TaskKind, seed: int) -> tuple[NDArray[np.generic], Floats, Floats]:
    """Return true values, predictions with many ties, and weights of a bootstrap: whole numbers, zeros among them."""
    generator = np.random.default_rng(seed)
    n_rows = 300
    weight = generator.multinomial(n_rows, np.full(n_rows, 1 / n_rows)).astype(np.float64)
    if kind is TaskKind.REGRESSION:
        truth = generator.lognormal(size=n_rows)
        return truth, np.round(truth + generator.normal(size=n_rows), 1), weight
    n_classes = 2 if kind is TaskKind.BINARY else 4
    y = generator.integers(0, n_classes, n_rows)
    scores = generator.normal(size=(n_rows, n_classes)) + 1.5 * (y[:, None] == np.arange(n_classes))
    shares = np.round(np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True), 2) + 1e-3
    return y, shares / shares.sum(axis=1, keepdims=True), weight


def references(
    kind: TaskKind, y: NDArray[np.generic], p: Floats, weight: Floats | None
) -> dict[str, Callable[[], float]]:
    """Return what scikit-learn says, for the metrics that it has too."""
    binary = kind is TaskKind.BINARY
    named = p.argmax(axis=1) if p.ndim == 2 else p
    one_hot: NDArray[np.bool_] = y[:, None] == np.arange(p.shape[-1])
    average = "binary" if binary else "macro"
    positive = p[:, 1] if binary else p
    return {
        "auc": lambda: reference.roc_auc_score(
            y if binary else one_hot, positive, sample_weight=weight, average="macro"
        ),
        "average_precision": lambda: reference.average_precision_score(
            y if binary else one_hot, positive, sample_weight=weight, average="macro"
        ),
        "log_loss": lambda: reference.log_loss(y, p, sample_weight=weight),
        "brier": lambda: (
            reference.brier_score_loss(y, positive, sample_weight=weight)
            if binary
            else np.average(((p - one_hot) ** 2).sum(axis=1), weights=weight)
        ),
        "accuracy": lambda: reference.accuracy_score(y, named, sample_weight=weight),
        "balanced_accuracy": lambda: reference.balanced_accuracy_score(y, named, sample_weight=weight),
        "f1": lambda: reference.f1_score(y, named, sample_weight=weight, average=average),
        "mcc": lambda: reference.matthews_corrcoef(y, named, sample_weight=weight),
        "rmse": lambda: reference.root_mean_squared_error(y, p, sample_weight=weight),
        "mae": lambda: reference.mean_absolute_error(y, p, sample_weight=weight),
        "r2": lambda: reference.r2_score(y, p, sample_weight=weight),
        "median_absolute_error": lambda: reference.median_absolute_error(y, p, sample_weight=weight),
        "rmsle": lambda: reference.root_mean_squared_log_error(y, np.maximum(p, 0.0), sample_weight=weight),
    }


def perfect(kind: TaskKind, y: NDArray[np.generic], predicted: Floats) -> Floats:
    """Return predictions that say exactly what happened."""
    return y.astype(np.float64) if kind is TaskKind.REGRESSION else (y[:, None] == np.arange(predicted.shape[1])) * 1.0


REFERENCED = [(metric, kind) for metric, kind in PAIRS if metric.key in references(kind, *answers(kind, 0))]


def test_most_metrics_have_a_reference() -> None:
    assert {"auc", "log_loss", "rmse"} <= {metric.key for metric, _kind in REFERENCED}


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(("metric", "kind"), REFERENCED, ids=names(REFERENCED))
def test_agrees_with_scikit_learn(metric: Metric, kind: TaskKind, seed: int) -> None:
    y, predicted, weight = answers(kind, seed)
    for weights in (None, weight):
        assert metric.score(y, predicted, weights) == pytest.approx(
            float(references(kind, y, predicted, weights)[metric.key]()), rel=1e-9
        )


@pytest.mark.parametrize(("metric", "kind"), PAIRS, ids=names(PAIRS))
def test_a_weight_is_a_number_of_repetitions(metric: Metric, kind: TaskKind) -> None:
    y, predicted, weight = answers(kind, 7)
    repeated = np.repeat(np.arange(len(y)), weight.astype(np.int64))
    assert metric.score(y, predicted, weight) == pytest.approx(
        metric.score(y[repeated], predicted[repeated], None), rel=1e-9
    )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("metric", "kind"), PAIRS, ids=names(PAIRS))
def test_a_weight_of_zero_leaves_a_row_out(metric: Metric, kind: TaskKind, seed: int) -> None:
    y, predicted, _ = answers(kind, seed)
    best = perfect(kind, y, predicted)
    kept = np.arange(len(y)) % 3 > 0
    mixed = np.where(kept if predicted.ndim == 1 else kept[:, None], best, predicted)  # all that is wrong is left out
    weight = kept.astype(np.float64)
    for rows in (predicted, mixed):
        assert metric.score(y, rows, weight) == pytest.approx(
            metric.score(y[kept], rows[kept], None), rel=1e-9, abs=1e-12
        )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("metric", "kind"), PAIRS, ids=names(PAIRS))
def test_a_perfect_prediction_is_best(metric: Metric, kind: TaskKind, seed: int) -> None:
    y, predicted, weight = answers(kind, seed)
    for weights in (None, weight):
        best = metric.loss(metric.score(y, perfect(kind, y, predicted), weights))
        assert best < metric.loss(metric.score(y, predicted, weights))
        assert best < metric.loss(metric.score(y, predicted[::-1].copy(), weights))


@pytest.mark.parametrize(("metric", "kind"), PAIRS, ids=names(PAIRS))
def test_the_direction_is_right(metric: Metric, kind: TaskKind) -> None:
    y, predicted, _ = answers(kind, 3)
    best = perfect(kind, y, predicted)
    far = np.roll(best, 1, axis=-1) if best.ndim == 2 else best[::-1] * 3
    losses = [metric.loss(metric.score(y, best + share * (far - best), None)) for share in (0.0, 0.2, 1.0)]
    assert losses[0] <= losses[1] <= losses[2]
    assert losses[0] < losses[2]


@pytest.mark.parametrize("kind", list(TaskKind))
def test_each_task_has_one_default_and_it_comes_first(kind: TaskKind) -> None:
    fitting = metrics_for(kind)
    assert [kind in metric.default_for for metric in fitting] == [True] + [False] * (len(fitting) - 1)


def test_probability_zero_for_what_happened_is_bad_but_finite() -> None:
    score = metric_named("log_loss").score(np.array([1]), np.array([[1.0, 0.0]]), None)
    assert 30 < score < 40


def test_one_class_alone_has_no_ranking() -> None:
    y, predicted = np.ones(4, np.int64), np.tile([0.4, 0.6], (4, 1))
    assert np.isnan(metric_named("auc").score(y, predicted, None))


def test_logarithmic_error_of_negative_values_is_unknown() -> None:
    assert np.isnan(metric_named("rmsle").score(np.array([-1.0, 2.0]), np.array([1.0, 2.0]), None))
