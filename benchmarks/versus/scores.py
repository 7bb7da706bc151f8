"""How good predictions are, and how two scores compare."""

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

import numpy as np

METRICS: Mapping[str, str] = {"binary": "auc", "multiclass": "log_loss", "regression": "rmse"}
# Both systems are as good as perfect below this: the ratio of two errors of 0.000001 says nothing.
LEAST_ERROR: Mapping[str, float] = {"auc": 1e-4, "log_loss": 1e-4, "rmse": 0.0}
_LEAST_PROBABILITY = 1e-7


def score(task: str, truth: Sequence[str], predicted: np.ndarray, classes: Sequence[object] = ()) -> float:
    """Return the score of a regression's values or of probabilities, a column per class.

    Raises ValueError when an answer is none of the classes.
    """
    from sklearn import metrics

    if task == "regression":
        return float(metrics.root_mean_squared_error([float(value) for value in truth], predicted))
    place = {plain(name): position for position, name in enumerate(classes)}
    unknown = sorted({plain(value) for value in truth} - place.keys())
    if unknown:
        raise ValueError(f"answers that the model does not know: {', '.join(unknown)}")
    true = np.array([place[plain(value)] for value in truth])
    probabilities = np.clip(predicted, _LEAST_PROBABILITY, 1)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    if task == "binary":
        return float(metrics.roc_auc_score(true == 1, probabilities[:, 1]))
    return float(metrics.log_loss(true, probabilities, labels=range(len(classes))))


def plain(value: object) -> str:
    """Write a class so that 1, 1.0 and " 1" are the same.

    >>> [plain(each) for each in ("1", 1, "1.0", " <=50K", True)]
    ['1', '1', '1', '<=50k', 'true']
    """
    text = str(value).strip().casefold()
    try:
        number = float(text)
    except ValueError:
        return text
    return f"{number:g}" if math.isfinite(number) else text


def error(metric: str, value: float) -> float:
    """Return what is smaller when better.

    >>> round(error("auc", 0.95), 6), error("rmse", 3.5)
    (0.05, 3.5)
    """
    return max(1 - value if metric == "auc" else value, LEAST_ERROR[metric])


def error_ratio(metric: str, ours: float, theirs: float) -> float:
    """Return our error over theirs; below 1 we are better.

    >>> error_ratio("auc", 1.0, 1.0)
    1.0
    """
    return error(metric, ours) / error(metric, theirs)


def geometric_mean(ratios: Iterable[float]) -> float:
    """Return the middle of ratios: twice and half give 1.

    >>> round(geometric_mean([2.0, 0.5]), 6)
    1.0
    """
    return math.exp(fmean(math.log(ratio) for ratio in ratios))


def ranks(errors: Mapping[str, float]) -> dict[str, float]:
    """Return each system's place, 1 for the smallest error; equals share a place.

    >>> ranks({"a": 0.1, "b": 0.2, "c": 0.1})
    {'a': 1.5, 'b': 3.0, 'c': 1.5}
    """
    return {
        name: 1
        + sum(other < own for other in errors.values())
        + (sum(other == own for other in errors.values()) - 1) / 2
        for name, own in errors.items()
    }


def chance(ratios: Sequence[float]) -> float | None:
    """Return how likely such ratios come by luck between equal systems (Wilcoxon on their logarithms).

    None where there are too few ratios for an answer below 5 %.
    """
    from scipy.stats import wilcoxon

    logs = [math.log(ratio) for ratio in ratios if ratio != 1.0]
    return float(wilcoxon(logs).pvalue) if len(logs) >= 6 else None
