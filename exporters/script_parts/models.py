"""Functions of a training script that fit one member and score other rows, on the scale that members are blended on.

Numbers are standardised; two classes are scored as log-odds, more of them as one score for each.
"""

import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from exporters.script_parts.facts import CLASSES

Floats = NDArray[Any]
Weight = Floats | None


def lightgbm_scores(
    X: Floats, y: Floats, weight: Weight, codes: list[int], other: Floats, rounds: int, seed: int, **parameters: Any
) -> Floats:
    """Fit LightGBM, which splits on categories itself."""
    import lightgbm

    settings = {"learning_rate": 0.05, "feature_fraction": column_share(X.shape[1]), **parameters}
    settings |= {"objective": "regression" if not CLASSES else "binary" if len(CLASSES) == 2 else "multiclass"}
    settings |= {"seed": seed, "deterministic": True, "force_col_wise": True, "verbosity": -1}
    settings |= {"num_class": len(CLASSES)} if len(CLASSES) > 2 else {}
    rows = lightgbm.Dataset(X, y, weight=weight, categorical_feature=codes, params={"feature_pre_filter": False})
    booster = lightgbm.train(settings, rows, num_boost_round=rounds)
    return np.asarray(booster.predict(other, raw_score=True)).reshape(len(other), -1)


def xgboost_scores(
    X: Floats, y: Floats, weight: Weight, codes: list[int], other: Floats, rounds: int, seed: int, **parameters: Any
) -> Floats:
    """Fit XGBoost, which splits on categories itself."""
    import xgboost

    settings = {"learning_rate": 0.05, "colsample_bytree": column_share(X.shape[1]), **parameters}
    objective = "reg:squarederror" if not CLASSES else "binary:logistic" if len(CLASSES) == 2 else "multi:softprob"
    settings |= {"objective": objective, "tree_method": "hist", "seed": seed, "verbosity": 0}
    settings |= {"num_class": len(CLASSES)} if len(CLASSES) > 2 else {}
    kinds = ["c" if i in codes else "q" for i in range(X.shape[1])]
    known = [int(X[:, i].max()) for i in codes]
    other = other.copy()
    for i, last in zip(codes, known, strict=True):  # XGBoost refuses a level that it has not seen
        other[:, i] = np.where(other[:, i] > last, np.nan, other[:, i])
    rows, asked = (
        xgboost.DMatrix(values, label, weight=each, feature_types=kinds, enable_categorical=True)
        for values, label, each in ((X, y, weight), (other, None, None))
    )
    booster = xgboost.train(settings, rows, num_boost_round=rounds)
    return np.asarray(booster.predict(asked, output_margin=True)).reshape(len(other), -1)


def catboost_scores(
    X: Floats, y: Floats, weight: Weight, codes: list[int], other: Floats, rounds: int, seed: int, **parameters: Any
) -> Floats:
    """Fit CatBoost, which turns categories into statistics of the target itself."""
    from catboost import CatBoost, Pool

    def table(values: Floats) -> pd.DataFrame:
        return pd.DataFrame({i: values[:, i].astype(int) if i in codes else values[:, i] for i in range(X.shape[1])})

    settings = {"border_count": 128, "max_ctr_complexity": 1, "one_hot_max_size": 32, **parameters}
    settings |= {"loss_function": "RMSE" if not CLASSES else "Logloss" if len(CLASSES) == 2 else "MultiClass"}
    settings |= {"iterations": rounds, "random_seed": seed, "counter_calc_method": "SkipTest"}
    model = CatBoost({**settings, "allow_writing_files": False, "logging_level": "Silent"})
    model.fit(Pool(table(X), y, cat_features=codes or None, weight=weight))
    if len(CLASSES) > len(np.unique(y)) > 1:
        return as_scores(every_class(model.predict(table(other), prediction_type="Probability"), np.unique(y)))
    return np.asarray(model.predict(table(other), prediction_type="RawFormulaVal")).reshape(len(other), -1)


def extra_trees_scores(
    X: Floats, y: Floats, weight: Weight, codes: list[int], other: Floats, rounds: int, seed: int, **parameters: Any
) -> Floats:
    """Fit extra trees; the levels of a category stand in the order of their average answer."""
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

    X, other = X.copy(), other.copy()
    for i in codes:
        mean = pd.Series(y).groupby(X[:, i]).mean()
        rank = mean.rank(method="first").to_dict()
        X[:, i], other[:, i] = (pd.Series(values[:, i]).map(rank).fillna(len(rank) / 2) for values in (X, other))
    most = parameters.pop("max_leaf_nodes", 1000)
    settings = {"max_features": 1.0, **parameters, "n_estimators": rounds, "random_state": seed}
    kind = ExtraTreesClassifier if CLASSES else ExtraTreesRegressor
    forest = kind(**settings, max_leaf_nodes=most if len(y) > most else None).fit(X, y, sample_weight=weight)
    if not CLASSES:
        return np.asarray(forest.predict(other))[:, None]
    return as_scores(every_class(forest.predict_proba(other), forest.classes_), pull=1 / (2 * rounds))


def linear_scores(
    X: Floats, y: Floats, weight: Weight, _codes: list[int], other: Floats, _rounds: int, _seed: int, **_parameters: Any
) -> Floats:
    """Fit scikit-learn's linear model, which finds its strength itself, in place of Tablewright's own."""
    from sklearn.linear_model import LogisticRegressionCV, RidgeCV

    if not CLASSES:
        model = RidgeCV(alphas=np.logspace(-3, 4, 15)).fit(X, y, sample_weight=weight)
        return np.asarray(model.predict(other))[:, None]
    folds = int(min(5, np.unique(y, return_counts=True)[1].min()))
    chosen = LogisticRegressionCV(
        Cs=np.logspace(-3, 2, 6),
        l1_ratios=(0.0,),
        cv=max(2, folds),
        scoring="neg_log_loss",
        max_iter=300,
        use_legacy_attributes=False,
    ).fit(X, y, sample_weight=weight)
    return as_scores(every_class(chosen.predict_proba(other), chosen.classes_))


def network_scores(
    X: Floats, y: Floats, weight: Weight, _codes: list[int], other: Floats, rounds: int, seed: int, **parameters: Any
) -> Floats:
    """Fit scikit-learn's small neural network; Tablewright's own is trained in another way."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    warnings.simplefilter("ignore", ConvergenceWarning)  # the number of rounds is meant
    layers = (int(parameters.get("width", 128)),) * int(parameters.get("depth", 2))
    kind = MLPClassifier if CLASSES else MLPRegressor
    pull = min(1.0, 1000 / len(y))  # of the weights towards 0: scikit-learn's does not grow weaker with more rows
    model = kind(hidden_layer_sizes=layers, alpha=pull, max_iter=passes(rounds, len(y)), random_state=seed)
    model.fit(X, y, sample_weight=weight)
    if not CLASSES:
        return np.asarray(model.predict(other))[:, None]
    return as_scores(every_class(model.predict_proba(other), model.classes_))


def passes(rounds: int, n_rows: int) -> int:
    """Return how often scikit-learn should go through the rows for so many rounds of Tablewright.

    A round takes 16 to 128 steps, through few rows several times, through many only partly. scikit-learn looks at 200
    rows in each step, and its steps are smaller: it takes four for one.
    """
    rows_a_step = 64 if n_rows < 1_000 else 128 if n_rows < 2_500 else 256
    steps = 4 * rounds * min(128, max(16, n_rows // rows_a_step))
    return max(1, round(steps * min(200, n_rows) / n_rows))


def baseline_scores(
    _X: Floats,
    y: Floats,
    weight: Weight,
    _codes: list[int],
    other: Floats,
    _rounds: int,
    _seed: int,
    **_parameters: Any,
) -> Floats:
    """Say the same for every row."""
    if not CLASSES:
        return np.full((len(other), 1), np.average(y, weights=weight))
    shares = np.bincount(y.astype(int), weight, len(CLASSES)) + 0.5
    return as_scores(np.tile(shares / shares.sum(), (len(other), 1)))


def column_share(n_columns: int) -> float:
    """Return the share of columns that each tree sees."""
    return float(round(min(1.0, max(0.4, 3.2 / max(1, n_columns) ** 0.5)), 2))


def every_class(chances: Floats, present: Floats) -> Floats:
    """Return a column for each of CLASSES, also for those that the training rows lack."""
    made = np.zeros((len(chances), len(CLASSES)))
    made[:, present.astype(int)] = chances
    return made


def as_scores(chances: Floats, pull: float = 1e-6) -> Floats:
    """Turn probabilities into log-odds, or into a score for each class; drawn a little away from 0 and 1."""
    inside = (chances + pull / len(CLASSES)) / (1 + pull)
    logs = np.log(inside)
    return logs[:, 1:] - logs[:, :1] if len(CLASSES) == 2 else logs
