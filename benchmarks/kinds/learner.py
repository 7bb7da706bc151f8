"""The model of column kinds: boosted trees on measures, a linear model on measures and terms, and their mean."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.table.columns.kind_classes import CLASSES

SEED = 7
Floats = NDArray[np.float64]
_TREES = {
    "objective": "multiclass",
    "num_class": len(CLASSES),
    "learning_rate": 0.05,
    "num_leaves": 15,
    "feature_fraction": 0.15,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "min_data_in_leaf": 5,
    "lambda_l2": 1.0,
    "verbose": -1,
    "num_threads": 1,
    "deterministic": True,
    "force_col_wise": True,
    "seed": SEED,
}
N_ROUNDS = 200
WIDEST = 6.0  # standard deviations that a measure may be away from its mean
TERM_WEIGHT = 2.0
SOFTEST = 1e-6


@dataclass(frozen=True, kw_only=True)
class Learnt:
    """A fitted model. `trees`: texts of boosters, softly added; `weights` and `bias`: of measures, then of terms."""

    trees: tuple[str, ...]
    center: Floats
    scale: Floats
    weights: Floats
    bias: Floats
    temperature: float = 1.0

    def probabilities(self, measures: NDArray[np.float32], terms: NDArray[np.float32]) -> Floats:
        """Return the probability of each class, by the libraries' own predict."""
        import lightgbm
        from scipy.special import softmax

        boosted = [np.asarray(lightgbm.Booster(model_str=text).predict(measures)) for text in self.trees]
        inputs = np.hstack([linear_measures(measures, self.center, self.scale), TERM_WEIGHT * terms])
        linear = softmax(inputs @ self.weights + self.bias, axis=1)
        return soften((np.mean(boosted, axis=0) + linear) / 2, self.temperature)


def linear_measures(measures: NDArray[np.float32], center: Floats, scale: Floats) -> Floats:
    """Bring measures to between -1 and 1."""
    return np.asarray(np.clip((_logs(measures) - center) / scale / WIDEST, -1, 1), np.float64)


def _logs(measures: NDArray[np.float32]) -> Floats:
    wide = measures.astype(np.float64)
    return np.sign(wide) * np.log1p(np.abs(wide))


def soften(probabilities: Floats, temperature: float) -> Floats:
    """Divide log-probabilities by a temperature."""
    raised = np.maximum(probabilities, SOFTEST) ** (1 / temperature)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float64)


def learn(measures: NDArray[np.float32], terms: NDArray[np.float32], classes: NDArray[np.int64]) -> Learnt:
    """Fit both parts."""
    import lightgbm
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    variants = (
        (_TREES, N_ROUNDS),
        ({**_TREES, "extra_trees": True, "feature_fraction": 0.3, "learning_rate": 0.08}, N_ROUNDS),
    )
    boosters = [lightgbm.train(p, lightgbm.Dataset(measures, classes), n) for p, n in variants]
    logs = _logs(measures)
    center, scale = logs.mean(axis=0), logs.std(axis=0) + 1e-3
    inputs = csr_matrix(np.hstack([linear_measures(measures, center, scale), TERM_WEIGHT * terms]))
    linear = LogisticRegression(C=1.0, max_iter=150).fit(inputs, classes)
    return Learnt(
        trees=tuple(booster.model_to_string() for booster in boosters),
        center=center,
        scale=scale,
        weights=linear.coef_.T,
        bias=linear.intercept_,
    )


def best_temperature(probabilities: Floats, classes: NDArray[np.int64]) -> float:
    """Return the temperature under which the true classes are likeliest; the columns must not have been learnt from."""
    rows = np.arange(len(classes))
    tried = np.arange(0.5, 2.01, 0.02)
    losses = [-np.log(soften(probabilities, t)[rows, classes]).mean() for t in tried]
    return float(tried[int(np.argmin(losses))])
