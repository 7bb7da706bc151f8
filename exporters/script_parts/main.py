"""Functions of a training script that train the members, blend them and compare the score."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from exporters.script_parts.facts import CLASSES, HOLDOUT, MEASURED_ON, METRIC, N_ROWS, SCORE, SEED
from exporters.script_parts.features import features
from exporters.script_parts.members import MEMBERS
from exporters.script_parts.table import answers_of, hold_out, read_table, weights_of

Floats = NDArray[Any]


def predictions(train: pd.DataFrame, y: Floats, weight: Floats | None, rows: pd.DataFrame) -> Floats:
    """Train all members on some rows and return what their blend predicts for others."""
    centre, spread = (0.0, 1.0) if CLASSES else (y.mean(), y.std() or 1.0)
    total: Any = 0.0
    for member in MEMBERS:
        turned, own, back = turn(y if CLASSES else (y - centre) / spread, weight, centre, spread, member["target"])
        X, other, codes = features(member["features"], train, rows, turned)
        for copy in range(member["n_models"]):
            seed = SEED + 1000 * copy
            scores = member["scores"](X, turned, own, codes, other, member["rounds"], seed, **member["parameters"])
            total = total + member["weight"] / member["n_models"] * back(scores)
    if not CLASSES:
        return np.asarray(total[:, 0] * spread + centre)
    if len(CLASSES) == 2:
        second = 1 / (1 + np.exp(-total[:, 0]))
        return np.column_stack([1 - second, second])
    sizes = np.exp(total - total.max(axis=1, keepdims=True))
    return np.asarray(sizes / sizes.sum(axis=1, keepdims=True))


def turn(y: Floats, weight: Floats | None, centre: float, spread: float, target: dict[str, str]) -> Any:
    """Return the answers and weights that a member is fitted on, and what turns its scores back."""
    power = {"softened": 0.5, "balanced": 1.0}.get(target.get("class_weights", ""), 0.0)
    if CLASSES and power:
        shares = np.bincount(y.astype(int), weight, len(CLASSES)) / (len(y) if weight is None else weight.sum())
        heavy = np.where(shares > 0, np.maximum(shares, 1e-12) ** -power, 1.0)
        heavy = np.minimum(heavy, 100 * heavy[shares > 0].min()) / (shares @ heavy)
        logs = np.log(heavy)
        offset = logs[1:] - logs[:1] if len(CLASSES) == 2 else logs
        return y, heavy[y.astype(int)] * (1.0 if weight is None else weight), lambda scores: scores - offset
    key = target.get("transform", "plain")
    if CLASSES or key == "plain":
        return y, weight, lambda scores: scores
    ways: dict[str, Any] = {"log": (np.log, np.exp), "root": (np.sqrt, np.square)}
    if key not in ways:
        sys.exit(f"This script cannot turn the answers by {key}: write how, and the way back, in its function turn.")
    forward, inverse = ways[key]
    values = y * spread + centre
    gap = 0.01 * (np.median(values) - values.min() or values.std() or 1.0)
    origin = min(0.0, values.min() - gap)
    turned = forward(values - origin)
    middle, width = turned.mean(), turned.std() or 1.0
    low, high = max(turned.min() - 0.5 * width, forward(gap)), turned.max() + 0.5 * width

    def back(scores: Floats) -> Floats:
        sizes = np.clip(scores * width + middle, low, high)
        return np.asarray((inverse(sizes) + origin - centre) / spread)

    return (turned - middle) / width, weight, back


def score(y: Floats, said: Floats, weight: Floats | None) -> float:
    """Return the metric that the run was judged by."""
    from sklearn import metrics

    w = {"sample_weight": weight}
    if not CLASSES:
        if METRIC == "rmsle":
            return float(metrics.root_mean_squared_log_error(y, np.maximum(said, 0), **w))
        of_numbers = {
            "rmse": metrics.root_mean_squared_error,
            "mae": metrics.mean_absolute_error,
            "median_absolute_error": metrics.median_absolute_error,
            "r2": metrics.r2_score,
        }
        return float(of_numbers.get(METRIC, unknown)(y, said, **w))
    named, hit = said.argmax(axis=1), y[:, None] == np.arange(len(CLASSES))
    places = [1] if len(CLASSES) == 2 else [place for place in range(len(CLASSES)) if 0 < hit[:, place].sum() < len(y)]
    if METRIC in {"auc", "average_precision"}:
        each = metrics.roc_auc_score if METRIC == "auc" else metrics.average_precision_score
        return float(np.mean([each(hit[:, place], said[:, place], **w) for place in places]))
    if METRIC == "log_loss":
        return float(metrics.log_loss(y, said, labels=list(range(len(CLASSES))), **w))
    if METRIC == "brier":
        squares = (said - hit) ** 2
        return float(np.average(squares[:, 1] if len(CLASSES) == 2 else squares.sum(axis=1), weights=weight))
    if METRIC == "f1":
        return float(metrics.f1_score(y, named, average="binary" if len(CLASSES) == 2 else "macro", **w))
    of_named = {
        "accuracy": metrics.accuracy_score,
        "balanced_accuracy": metrics.balanced_accuracy_score,
        "mcc": metrics.matthews_corrcoef,
    }
    return float(of_named.get(METRIC, unknown)(y, named, **w))


def unknown(*_answers: Any, **_weights: Any) -> float:
    """End the program: it does not know the metric of the run."""
    sys.exit(f"This script cannot score by {METRIC}: write how in its function score.")


def asked_file() -> Path:
    """Return the table that is named on the command line; ends the program in words where there is none."""
    if len(sys.argv) != 2:
        sys.exit(f"Say which table the run has learnt from: python {Path(sys.argv[0]).name} TABLE")
    path = Path(sys.argv[1])
    if not path.is_file():
        sys.exit(f"There is no file {path}.")
    return path


def main() -> None:
    """Train on the table that is named on the command line, and print the score beside the run's."""
    path = asked_file()
    table = read_table(path)
    if len(table) != N_ROWS:
        print(f"The table has {len(table)} rows; the run saw {N_ROWS}. The scores cannot be the same.")
    y, weight = answers_of(table), weights_of(table)
    known = (y >= 0) if CLASSES else np.isfinite(y)
    usable = np.flatnonzero(known if weight is None else known & (weight > 0))
    if not len(usable):
        sys.exit(f"No row of {path} has an answer that the run knows: is it the table that the run has learnt from?")
    print(f"Training on {len(usable)} rows; this takes as long as fitting the run's models again.", flush=True)
    table, y, weight = table.iloc[usable], y[usable], None if weight is None else weight[usable]
    if HOLDOUT:
        parts = [hold_out(usable, y)]
    else:  # no rows were set aside: five parts take turns
        turns = np.random.default_rng(SEED).permutation(len(y)) % 5
        parts = [turns == part for part in range(5)]
    said: Any = None
    for held in parts:
        made = predictions(table[~held], y[~held], None if weight is None else weight[~held], table[held])
        said = np.zeros((len(y), *made.shape[1:])) if said is None else said
        said[held] = made
    judged = np.any(parts, axis=0)
    own = score(y[judged], said[judged], None if weight is None else weight[judged])
    print(f"{METRIC} of this script: {own:.5g}")
    print(f"{METRIC} of the run:     {SCORE:.5g} ({MEASURED_ON})")
