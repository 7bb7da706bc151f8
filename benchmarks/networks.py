"""Compares our neural network with those of scikit-learn and torch: the same features, the same width and depth.

    python -m benchmarks.networks FOLDER INDEX.json [--tables NAME,NAME] [--split 0]

Prints for each table the error on held-out rows and the seconds of five folds, on one thread: of ours, and of others
over ours. These stop early as well; torch takes part where it is installed. What ours has and they lack are waves for
numbers, mixing of its best rounds and a rate that falls: that is what is compared.
"""

import argparse
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks.rejected import World
from engine.families.family import Family, Floats, Rows, Setting, family_named
from engine.features.step import Matrix
from engine.network.training import batch_size

TABLES = "puma32H,phoneme,satimage,concrete,vehicle,credit_g,insurance,wine_quality_white"
OURS = family_named("network")
SHAPE, PATIENCE, MOST_ROUNDS, RATE = (128, 128), 12, 100, 3e-3


def main() -> None:
    """Measure table by table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("index", type=Path)
    parser.add_argument("--tables", default=TABLES)
    parser.add_argument("--split", type=int, default=0)
    options = parser.parse_args()
    index = {entry["name"]: entry for entry in json.loads(options.index.read_text(encoding="utf-8"))}
    others = {"scikit-learn": _replaced(_of_sklearn)}
    if find_spec("torch"):
        others["torch"] = _replaced(_of_torch)
    for name in options.tables.split(","):
        world = World.read(options.folder / f"{name}.csv", index[name], options.split)
        error, seconds = _measured(world, OURS)
        told = [f"{name:20} ours {error:.5g} in {seconds:.1f} s"]
        for called, family in others.items():
            other, its_seconds = _measured(world, family)
            told.append(f"{called} {other / error:.3f} in {its_seconds / seconds:.2f} of the time")
        print("; ".join(told), flush=True)


def _measured(world: World, family: Family) -> tuple[float, float]:
    begun = time.monotonic()
    with threadpool_limits(1):
        error = world.error(world.scores(family, {})[1])
    return error, time.monotonic() - begun


def _replaced(learn: Any) -> Family:
    """Return our family with another network in it."""

    def fit(
        X: Matrix,
        y: NDArray[np.generic],
        weight: Floats | None,  # noqa: ARG001
        groups: NDArray[np.generic] | None,  # noqa: ARG001
        deadline: float | None,  # noqa: ARG001
        setting: Setting,
    ) -> Any:
        assert setting.stopping is not None
        return learn(X.values, y, setting.stopping, setting)

    def raw(state: Any, X: Matrix, _rounds: int) -> Floats:
        return np.asarray(state(X.values), np.float64)

    return replace(OURS, fit=fit, raw=raw, rounds=lambda _state: 0)


def _of_sklearn(X: NDArray[np.float32], y: NDArray[np.generic], _stopping: Rows, setting: Setting) -> Any:
    """Fit scikit-learn's network, which sets stopping rows aside by itself."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    kind = MLPClassifier if setting.task.classes else MLPRegressor
    model = kind(
        hidden_layer_sizes=SHAPE,
        batch_size=batch_size(len(y)),
        early_stopping=True,
        n_iter_no_change=PATIENCE,
        max_iter=MOST_ROUNDS,
        random_state=setting.seed,
    ).fit(X, y)
    if not setting.task.classes:
        return lambda x: model.predict(x)[:, None]

    def scores(x: NDArray[np.float32]) -> Floats:
        chances = np.log(np.clip(model.predict_proba(x), 1e-9, 1.0))
        return np.asarray(chances if chances.shape[1] > 2 else (chances[:, 1] - chances[:, 0])[:, None])

    return scores


def _of_torch(X: NDArray[np.float32], y: NDArray[np.generic], stopping: Rows, setting: Setting) -> Any:
    import torch
    from torch import nn

    torch.manual_seed(setting.seed)
    torch.set_num_threads(1)
    n_outputs, task = setting.task.n_outputs, setting.task
    layers: list[nn.Module] = []
    for n_in, n_out in zip((X.shape[1], *SHAPE), SHAPE, strict=False):
        layers += [nn.Linear(n_in, n_out), nn.ReLU()]
    model = nn.Sequential(*layers, nn.Linear(SHAPE[-1], n_outputs))
    losses: Mapping[bool, Any] = {True: nn.CrossEntropyLoss(), False: nn.BCEWithLogitsLoss()}
    loss = losses[n_outputs > 1] if task.classes else nn.MSELoss()

    def wanted(values: NDArray[np.generic]) -> Any:
        if task.classes and n_outputs > 1:
            return torch.from_numpy(values.astype(np.int64))
        return torch.from_numpy(values.astype(np.float32))[:, None]

    x, target = torch.from_numpy(np.ascontiguousarray(X, np.float32)), wanted(y)
    held = torch.from_numpy(np.ascontiguousarray(stopping.X.values, np.float32)), wanted(stopping.y)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=1e-2)
    best, best_loss, since = {name: value.clone() for name, value in model.state_dict().items()}, np.inf, 0
    for _ in range(MOST_ROUNDS):
        for rows in torch.randperm(len(x)).split(batch_size(len(x))):
            optimizer.zero_grad()
            loss(model(x[rows]), target[rows]).backward()
            optimizer.step()
        with torch.no_grad():
            now = float(loss(model(held[0]), held[1]))
        since += 1
        if now < best_loss:
            best, best_loss, since = {name: value.clone() for name, value in model.state_dict().items()}, now, 0
        if since >= PATIENCE:
            break
    model.load_state_dict(best)

    def scores(values: NDArray[np.float32]) -> Floats:
        with torch.no_grad():
            return np.asarray(model(torch.from_numpy(np.ascontiguousarray(values, np.float32))).numpy(), np.float64)

    return scores


if __name__ == "__main__":
    main()
